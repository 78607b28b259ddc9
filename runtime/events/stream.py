"""Lines from a file or a pipe, in batches.

A batch ends when it is full, or when the sender has been silent for a moment.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from select import select

from .lines import LONGEST, Line

SILENCE = 0.2
"""Seconds without input after which a batch is decided: the sender may wait for an answer."""

ROOM = 16_000_000
"""The most bytes of a batch, without its last line: a thousand long lines would be a gigabyte."""

_CHUNK = 1 << 16

Ready = Callable[[int, float | None], bool]
"""Waits for input on a descriptor, for so many seconds at most; returns whether there is some."""


def is_ready(descriptor: int, patience: float | None) -> bool:
    """Wait for input, and do nothing else meanwhile."""
    return bool(select([descriptor], [], [], patience)[0])


def batches(
    descriptor: int,
    size: int,
    silence: float = SILENCE,
    idle: float | None = None,
    ahead: int = 1,
    ready: Ready = is_ready,
) -> Iterator[list[Line]]:
    """Yield the lines of an open file in batches, numbered from 1, without empty lines.

    A batch has at most `size` lines and about `ROOM` bytes. A line longer than `LONGEST` comes
    without content. After `idle` seconds without a line, an empty batch comes. With `ahead`, up to
    so many full batches come as one, if they are there: nobody waits for more of them.
    """
    pieces = _Pieces()
    waiting, room = list[Line](), 0
    while True:
        is_full = len(waiting) >= size
        patience = 0.0 if is_full else silence if waiting else idle
        chunk = os.read(descriptor, _CHUNK) if ready(descriptor, patience) else None
        if chunk is None:
            ready_lines = len(waiting) // size * size if is_full else len(waiting)
            yield waiting[:ready_lines]
            waiting = waiting[ready_lines:]
            room = _bytes(waiting)
            continue
        more = pieces.last() if not chunk else pieces.cut(chunk)
        waiting += more
        room += _bytes(more)
        while len(waiting) >= size * ahead or room >= ROOM:
            yield waiting[: size * ahead]
            waiting = waiting[size * ahead :]
            room = _bytes(waiting)
        if not chunk:
            break
    if waiting:
        yield waiting


def _bytes(lines: list[Line]) -> int:
    return sum(len(line.content or b"") for line in lines)


class _Pieces:
    """Joins chunks of bytes into lines."""

    def __init__(self) -> None:
        self._rest = b""
        self._too_long = False
        self._number = 0

    def cut(self, chunk: bytes) -> list[Line]:
        """Return the lines that end in this chunk."""
        *whole, rest = (self._rest + chunk).split(b"\n")
        lines = [line for line in map(self._line, whole) if line is not None]
        self._too_long = self._too_long or len(rest) > LONGEST
        self._rest = b"" if self._too_long else rest
        return lines

    def last(self) -> list[Line]:
        """Return the last line, which may lack a line break."""
        line = self._line(self._rest)
        return [] if line is None else [line]

    def _line(self, content: bytes) -> Line | None:
        self._number += 1
        if self._too_long or len(content) > LONGEST:
            self._too_long = False
            return Line(self._number, None)
        return Line(self._number, content) if content.strip() else None
