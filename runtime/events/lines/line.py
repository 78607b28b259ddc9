"""A line of a file or a pipe, as bytes."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST = 1_000_000
"""The most bytes of a line."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it came. `content` is `None` if the line was too long."""

    number: int
    content: bytes | None
