"""A progress bar for a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from ...dsl.diagnostics.diagnostic import Phrase, in_language
from .speaking import language_now
from .terminal import shows_progress


@contextmanager
def progress(start: datetime | None, end: datetime) -> Iterator[Callable[[int, datetime], None]]:
    """Yield a function to call after each batch: decisions so far, and the last one's instant.

    Decisions come in the order of time, so the bar fills from `start` to `end`. Without `start`, it
    begins at the first instant. Without a terminal, or in CI, nothing is shown.
    """
    if not shows_progress():
        yield lambda _done, _at: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.fields[day]}"),
        BarColumn(),
        TextColumn("{task.fields[decisions]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("run", total=1.0, day="", decisions=_decisions(0))
        first = start

        def advance(done: int, at: datetime) -> None:
            nonlocal first
            first = first or at
            whole = (end - first).total_seconds()
            share = (at - first).total_seconds() / whole if whole > 0 else 1.0
            day, decisions = at.date().isoformat(), _decisions(done)
            bar.update(task, completed=share, day=day, decisions=decisions)

        yield advance


def _decisions(count: int) -> str:
    return in_language(Phrase("progress.decisions", count=f"{count:,}"), language_now())
