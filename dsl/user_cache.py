"""The folder in which the program keeps what it can make again, for its user alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def cache_folder(*within: str) -> Path | None:
    """The folder, or one `within` it, made if missing; `None` if others can write all there is."""
    top = _folder()
    if top is None:
        return None
    folder = top.joinpath(*within)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
    except OSError:
        return None
    if status.st_uid != os.getuid() or status.st_mode & _OTHERS:
        return None
    return folder


def _folder() -> Path | None:
    # https://specifications.freedesktop.org/basedir-spec: a relative path is to be ignored.
    stated = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if stated.is_absolute():
        return stated / "campaigner"
    try:
        return Path.home() / ".cache" / "campaigner"
    except RuntimeError:
        return None
