"""Values that take long to compute, cached between processes in the user's cache folder.

Reading a file runs its content (pickle), so nobody else may write to the folder. A
file that is cut off, damaged or of another name is ignored. Without a usable folder nothing is
cached, and the program goes on.
"""

from __future__ import annotations

import hashlib
import pickle
from contextlib import suppress
from pathlib import Path

from ...dsl.user_cache import cache_folder
from ..files.folder import read_regular
from .cache import forget, put

KEPT = 256
"""The number of values that are cached for a user."""

_FOLDER = "kept"
_DIGEST = hashlib.sha256().digest_size
_UNREADABLE = (
    AttributeError,
    EOFError,
    ImportError,
    IndexError,
    KeyError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    pickle.UnpicklingError,
)


def read_kept(key: str) -> object | None:
    """The value of the key; `None` if there is none."""
    folder = cache_folder(_FOLDER)
    if folder is None:
        return None
    try:
        data = read_regular(folder / key)
        if data[:_DIGEST] != _digest(key, data[_DIGEST:]):
            return None
        kept: object = pickle.loads(data[_DIGEST:])  # noqa: S301  (written by this user alone)
    except _UNREADABLE:
        return None
    return kept


def keep(key: str, value: object) -> None:
    """Keep a value under a key, whole or not at all; the oldest make room."""
    folder = cache_folder(_FOLDER)
    if folder is None:
        return
    with suppress(OSError, RecursionError):
        data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        put(Path(folder, key), _digest(key, data) + data)
        forget(folder, KEPT)


def _digest(key: str, data: bytes) -> bytes:
    return hashlib.sha256(key.encode() + data).digest()
