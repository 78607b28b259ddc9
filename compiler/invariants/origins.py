"""Origins: each part that an author wrote has its place in a file of the project."""

from __future__ import annotations

from collections.abc import Iterator

from ..plan.expressions import Origin
from .walking import Broken, Walked


def complete(walked: Walked) -> Iterator[Broken]:
    """An origin names a file by a relative path, and a line and a column from 1 on."""
    for part, origin in walked.of(Origin):
        if not origin.file or origin.file.startswith("/"):
            yield part.broken(f"`{origin.file}` is not a file of the project")
        if origin.line < 1 or origin.column < 1:
            yield part.broken(f"line {origin.line}, column {origin.column}")
