"""The file that caches the parser's tables between processes.

Building them costs about 0.4 s of CPU per process, and reading 0.08 s (`bench/startup.py`). lark
reuses tables only for the same grammar and options, and the same versions of lark and Python. It
rebuilds them if the file cannot be read.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def kept_tables() -> Path | None:
    """The file in the user's cache folder; `None` if there is no folder that others cannot write.

    Reading tables runs what the file says (pickle), so that nobody else may have written it.
    """
    folder = _cache_folder()
    if folder is None:
        return None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
    except OSError:
        return None
    if status.st_uid != os.getuid() or status.st_mode & _OTHERS:
        return None
    return folder / "grammar.tables"


def _cache_folder() -> Path | None:
    # https://specifications.freedesktop.org/basedir-spec: a relative path is to be ignored.
    stated = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if stated.is_absolute():
        return stated / "campaigner"
    try:
        return Path.home() / ".cache" / "campaigner"
    except RuntimeError:
        return None
