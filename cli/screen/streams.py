"""The standard streams, whatever the parent did to them: closed, full, or left by their reader."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from pathlib import Path


def prepare() -> None:
    """Make all three streams usable: UTF-8, and messages that cannot stop the work."""
    # Closed streams are opened from the lowest number up, so that no other file gets it.
    for name, mode in (("stdin", "r"), ("stdout", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115
    known = os.open(os.devnull, os.O_WRONLY) if sys.stderr is None else sys.stderr.fileno()
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Campaigns speak every language, whatever the terminal was set to.
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(_Unstoppable(known)),
        encoding="utf-8",
        errors="replace",
        line_buffering=True,
    )


def discard_output() -> None:
    """Drop what stdout still holds: it cannot be written, and Python would try again at exit."""
    with suppress(OSError), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
    with suppress(OSError, ValueError):
        sys.stdout.flush()


class _Unstoppable(io.FileIO):
    """stderr: a message that nobody can receive is dropped, and the work goes on."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor, "w", closefd=False)

    def write(self, data: object) -> int:
        """Write what can be written; the length of `data` in any case."""
        content = memoryview(data)  # type: ignore[arg-type]
        try:
            return super().write(content)
        except OSError:
            return content.nbytes
