"""Dead letters: a file of JSON lines with the unreadable messages, each with its reason.

A letter is on disk before the ledger moves past its message. If a crash comes between the two, the
message comes again, and the letter that is there is kept.
"""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from ...compiler.files.reasons import phrase_of
from ...dsl.diagnostics.diagnostic import CannotRun, Diagnostic, diagnose
from ..codes.events import EVENT_LINE, LETTERS_UNWRITTEN
from .messages import Message

_TAIL = 4_000_000
"""Bytes at the end of the file in which letters of messages that come again are looked for."""


class Letters:
    """Appends to a file that only its owner may read: a message may hold private values.

    `again`: the source brings messages again that were not decided.
    """

    def __init__(self, path: Path, source: str, *, again: bool) -> None:
        self._path = path
        self._source = source
        self._written = set(self._last()) if again else set()

    def write(self, letters: Iterable[tuple[Message, Diagnostic]]) -> None:
        """Append a letter for each message that has none, and wait until all are on disk.

        Raise `CannotRun` if the file cannot be written.
        """
        fresh = {
            (message.part, message.number): _letter(self._source, message, problem)
            for message, problem in letters
            if (message.part, message.number) not in self._written
        }
        if not fresh:
            return
        try:
            self._append(b"".join(fresh.values()))
        except OSError as fault:
            path, reason = str(self._path), phrase_of(os.strerror(fault.errno or 0))
            raise CannotRun(diagnose(LETTERS_UNWRITTEN, None, path=path, reason=reason)) from fault
        self._written |= fresh.keys()

    def _append(self, letters: bytes) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        with open(descriptor, "r+b") as file:
            file.seek(_end_of_whole_lines(file))
            file.truncate()
            file.write(letters)
            file.flush()
            os.fsync(file.fileno())

    def forget(self, after: Mapping[int, int]) -> None:
        """Forget the letters of messages that the ledger has moved past."""
        self._written = {one for one in self._written if one[1] >= after.get(one[0], 0)}

    def _last(self) -> Iterator[tuple[int, int]]:
        try:
            file = self._path.open("rb")
        except FileNotFoundError:
            return
        with file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL))
            lines = file.read().split(b"\n")[size > _TAIL : -1]
        for line in lines:
            with suppress(ValueError, TypeError, KeyError):
                found = json.loads(line)
                if found["source"] == self._source:
                    yield int(found["part"]), int(found["number"])


def _end_of_whole_lines(file: BinaryIO) -> int:
    """Where a line begins that a crash has cut off, or the end."""
    at = file.seek(0, os.SEEK_END)
    while at:
        start = max(0, at - 65_536)
        file.seek(start)
        cut = file.read(at - start).rfind(b"\n")
        if cut >= 0:
            return start + cut + 1
        at = start
    return 0


def _letter(source: str, message: Message, problem: Diagnostic) -> bytes:
    reason = dict(problem.values).get("reason") if problem.code is EVENT_LINE else None
    said = None if reason is None or isinstance(reason, str) else reason.say("en")
    letter = {
        "source": source,
        "part": message.part,
        "number": message.number,
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "code": problem.code.id,
        "reason": said or problem.message(),
        **_raw(message.content),
    }
    return json.dumps(letter, ensure_ascii=True).encode() + b"\n"


def _raw(content: bytes | None) -> dict[str, str | None]:
    """The text of a message; other bytes in base64; `null` for a line that was too long to keep."""
    if content is None:
        return {"raw": None}
    try:
        return {"raw": content.decode()}
    except UnicodeDecodeError:
        return {"raw_base64": b64encode(content).decode()}
