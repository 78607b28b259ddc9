"""The file channel: lines are appended, each exactly once."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ....compiler.files.folder import refuse_irregular
from ....compiler.files.places import Use
from ....compiler.files.private import FILE, make_folder
from ....compiler.files.reasons import phrase_of
from ....dsl.diagnostics.diagnostic import CannotRun, diagnose
from ...codes import delivery as codes
from ..lines import key_of

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True, slots=True)
class FileChannel:
    """`kind = "file"`. `shown` is its path in messages; `used` are the project's other paths."""

    name: str
    path: Path
    shown: str
    used: tuple[Use, ...] = ()


class OpenFile:
    """A channel's file, open for appending. Its faults are raised as `CannotRun`."""

    def __init__(self, channel: FileChannel, descriptor: int) -> None:
        self._channel = channel
        self._descriptor = descriptor

    def size(self) -> int:
        """Return the file's size in bytes."""
        with _faults_named(self._channel):
            return os.fstat(self._descriptor).st_size

    def begin(self) -> int:
        """Prepare a file that others wrote to: end its last line, and return its size."""
        with _faults_named(self._channel):
            size = os.fstat(self._descriptor).st_size
            if size and os.pread(self._descriptor, 1, size - 1) != b"\n":
                self._write(b"\n", size)
                size += 1
            return size

    def recover(self, known: int) -> tuple[frozenset[str], int]:
        """Return the keys of whole lines past `known` bytes, which a killed run left, and the size.

        A torn last line is cut off. A file shorter than `known` was rotated; then all of it is
        read.
        """
        with _faults_named(self._channel):
            size = os.fstat(self._descriptor).st_size
            start = known if known <= size else 0
            tail = self._read(start, size)
            whole = tail[: tail.rfind(b"\n") + 1]
            if len(whole) < len(tail):
                os.ftruncate(self._descriptor, start + len(whole))
            keys = (key_of(line) for line in whole.splitlines())
            return frozenset(key for key in keys if key is not None), start + len(whole)

    def _read(self, start: int, end: int) -> bytes:
        """Return the bytes from `start` to `end`; one read may return fewer."""
        parts = []
        while start < end and (part := os.pread(self._descriptor, end - start, start)):
            parts.append(part)
            start += len(part)
        return b"".join(parts)

    def append(self, data: bytes, size: int) -> None:
        """Append `data` to the `size` bytes of the file, durably, all of it or nothing."""
        with _faults_named(self._channel):
            self._write(data, size)

    def _write(self, data: bytes, size: int) -> None:
        written = 0
        try:
            while written < len(data):
                written += os.write(self._descriptor, data[written:])
            os.fsync(self._descriptor)
        except OSError:
            if written:
                os.ftruncate(self._descriptor, size)
            raise


@contextmanager
def opened(channel: FileChannel) -> Iterator[OpenFile]:
    """Open the channel's file, creating it and its folder if missing."""
    with _faults_named(channel):
        make_folder(channel.path.parent)
        if channel.path.exists():
            refuse_irregular(channel.path, channel.path.stat())
        # A pipe that replaced the file since the check must not block.
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
        descriptor = os.open(channel.path, flags, FILE)
    try:
        _refuse_other_use(channel, os.fstat(descriptor))
        yield OpenFile(channel, descriptor)
    finally:
        os.close(descriptor)


def _refuse_other_use(channel: FileChannel, status: os.stat_result) -> None:
    """Check the open file, since links may have changed after the project was checked."""
    with _faults_named(channel):
        refuse_irregular(channel.path, status)
    for use in channel.used:
        if any(_is(path, status) for path in (use.path, *use.beside)):
            code, name, shown = codes.CHANNEL_IN_USE, channel.name, channel.shown
            raise CannotRun(diagnose(code, None, channel=name, path=shown, other=use.what))


def _is(path: Path, status: os.stat_result) -> bool:
    try:
        return os.path.samestat(path.stat(), status)
    except OSError:  # it is not there
        return False


@contextmanager
def _faults_named(channel: FileChannel) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        if fault.errno in _FULL:
            diagnostic = diagnose(
                codes.CHANNEL_DISK_FULL, None, channel=channel.name, path=channel.shown
            )
        else:
            diagnostic = diagnose(
                codes.CHANNEL_UNWRITABLE,
                None,
                channel=channel.name,
                path=channel.shown,
                reason=phrase_of((fault.strerror or str(fault)).lower()),
            )
        raise CannotRun(diagnostic) from fault
