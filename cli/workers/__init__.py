"""`campaigner events --workers N`: one process reads the stream, N others decide it.

The parent deals lines to workers, and tells their answers in the order of the lines. A worker is a
fresh interpreter, `python -m campaigner.cli.workers`, with connections of its own to ledger and
warehouse. Parent and worker speak over one socket, in pickled messages.

- `Begin` has the plan and the settings. The worker opens the ledger, checks the warehouse, and
  answers `Began` with its warnings.
- `Given` has lines. The worker decides them in batches, and answers each batch with `Answered`.
- `From` names the day with which schedules and timers begin, where there are any.
- `Pass` lets all workers decide what falls due without an event, once all lines so far are decided:
  in a silence, and at the end. A worker answers `Passed`, with how far it has come.
- `Settle` lets one worker then keep in the ledger how far all of them have come, and settle what
  has ended. It answers `Settled`.
- `End` ends a worker. Its totals are in `Ended`.

A worker that cannot go on answers `Failed`; one that dies closes its socket. In either case the
parent stops the others. A worker stops after a batch: on a signal, or when its parent is gone.

Imports go one way: `messages` ← `inbox` `in_order` `process` ← `crew` `deciding` ← `streaming`
`__main__`.
"""
