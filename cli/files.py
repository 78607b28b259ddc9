"""Writing files whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def replace(path: Path, content: bytes) -> None:
    """Put `content` in the place of what `path` holds; its mode stays, a link stays a link.

    Raises `OSError` with the path; then the file is as it was.
    """
    target = path.resolve()
    mode = target.stat().st_mode & 0o7777 if target.exists() else None
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise _about(error, path) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode if mode is not None else 0o666 & ~_umask())
        Path(name).replace(target)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise _about(error, path) from error
    except KeyboardInterrupt:
        Path(name).unlink(missing_ok=True)
        raise


def _about(error: OSError, path: Path) -> OSError:
    """The same error, naming the file that the user knows instead of the temporary one."""
    return OSError(error.errno, error.strerror, str(path))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
