"""The folder into which big sorts spill: gone with the run, also with one that was killed.

A folder is in use while its process holds a lock on the file `lock` in it. The system frees the
lock of a process that died, in whatever way, and the next run removes such folders.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

_PREFIX = "campaigner-"
_LOCK = "lock"


@contextmanager
def spill_folder() -> Iterator[str]:
    """A folder for this process alone, for the `with` block."""
    _remove_stale()
    with TemporaryDirectory(prefix=_PREFIX) as folder:
        # Locked before it has its name: nobody can take it in between.
        made = Path(folder, f"{_LOCK}.new")
        with made.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            made.rename(made.with_name(_LOCK))
            yield folder


def _remove_stale() -> None:
    """Remove the folders of this user's processes that ended without doing so."""
    for folder in Path(gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):  # in use, of somebody else, or removed meanwhile
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            with (folder / _LOCK).open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
