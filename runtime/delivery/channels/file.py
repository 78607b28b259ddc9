"""A channel that is a file: lines are appended, each once, whatever happens in between."""

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
from ....dsl.diagnostics.diagnostic import CannotRun, diagnose
from ...codes import delivery as codes
from ..lines import key_of

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True, slots=True)
class FileChannel:
    """`kind = "file"`: where its lines go; `shown` is the path as people should read it.

    `used` is what else the project uses paths for.
    """

    name: str
    path: Path
    shown: str
    used: tuple[Use, ...] = ()


class OpenFile:
    """A channel's file, open for appending. Every fault of it is a `CannotRun`."""

    def __init__(self, channel: FileChannel, descriptor: int) -> None:
        self._channel = channel
        self._descriptor = descriptor

    def size(self) -> int:
        """Bytes in it."""
        with _faults_named(self._channel):
            return os.fstat(self._descriptor).st_size

    def begin(self) -> int:
        """Readies a file that may hold what others wrote: its last line is ended. Its size then."""
        with _faults_named(self._channel):
            size = os.fstat(self._descriptor).st_size
            if size and os.pread(self._descriptor, 1, size - 1) != b"\n":
                self._write(b"\n", size)
                size += 1
            return size

    def recover(self, known: int) -> tuple[frozenset[str], int]:
        """What a killed run left past `known` bytes: the keys of its whole lines, and the size.

        A torn line at the end is cut off. A file shorter than that was taken away meanwhile
        (rotated): then all of it is looked at.
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
        """The bytes from `start` to `end`; a read may bring fewer than it is asked for."""
        parts = []
        while start < end and (part := os.pread(self._descriptor, end - start, start)):
            parts.append(part)
            start += len(part)
        return b"".join(parts)

    def append(self, data: bytes, size: int) -> None:
        """Adds `data` to the `size` bytes that are there, durably, all of it or nothing."""
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
    """The channel's file, made with its folder where there is none."""
    with _faults_named(channel):
        make_folder(channel.path.parent)
        if channel.path.exists():
            refuse_irregular(channel.path, channel.path.stat())
        # What came in its place since must not block.
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
        descriptor = os.open(channel.path, flags, FILE)
    try:
        _refuse_other_use(channel, os.fstat(descriptor))
        yield OpenFile(channel, descriptor)
    finally:
        os.close(descriptor)


def _refuse_other_use(channel: FileChannel, status: os.stat_result) -> None:
    """Links may have changed since the project was checked, so the open file is asked."""
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
                reason=(fault.strerror or str(fault)).lower(),
            )
        raise CannotRun(diagnostic) from fault
