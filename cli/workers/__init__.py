"""`campaigner events --workers N`: one process reads the stream, N others decide it.

The parent deals lines to workers, and tells their answers in the order of the lines. A worker is a
fresh interpreter, `python -m campaigner.cli.workers`, with connections of its own to ledger and
warehouse. Parent and worker speak over one socket, in pickled messages.

- `Begin` has the plan and the settings. The worker opens the ledger, checks the warehouse, and
  answers `Began` with its warnings.
- `Given` has lines. The worker decides them in batches, and answers each batch with `Answered`.
- `Silence` lets time pass, which an empty `Answered` confirms.
- `End` lets the worker settle what has ended. Its totals are in `Ended`.

A worker that cannot go on answers `Failed`; one that dies closes its socket. In either case the
parent stops the others. A worker stops after a batch: on a signal, or when its parent is gone.

Imports go one way: `messages` ← `inbox` `in_order` `process` ← `crew` `deciding` ← `streaming`
`__main__`.
"""
