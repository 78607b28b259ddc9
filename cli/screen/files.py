"""Writing files whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ...compiler.codes import files as codes
from ...compiler.files.folder import refuse_irregular
from ...compiler.files.private import FILE
from ...dsl.diagnostics.diagnostic import CannotRun, diagnose
from ..stopping import whole

if TYPE_CHECKING:
    from ...compiler.project.project import Project


def replace(path: Path, content: bytes) -> None:
    """Put `content` in the place of what `path` holds; its mode stays, a link stays a link.

    A new file is for its owner alone. Raises `OSError` with the path; then the file is as it was.
    """
    target = Path(os.path.realpath(path))
    if target.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    mode = FILE
    if path.exists():
        refuse_irregular(path, path.stat())
        mode = path.stat().st_mode & 0o7777
    try:
        with whole():
            _write(target, content, mode)
    except OSError as error:
        raise _about(error, path) from error


def _write(target: Path, content: bytes, mode: int) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(target)
    finally:
        # Gone already where it became the file; left over where something went wrong.
        Path(name).unlink(missing_ok=True)


def write_output(path: Path, content: bytes, project: Project) -> None:
    """Put what a command made at `path`, the file of an option `--output`.

    `CannotRun` where the project has another use for it.
    """
    from ...compiler.files.places import use_of

    use = use_of(path, project.uses)
    if use is not None:
        raise CannotRun(diagnose(codes.OUTPUT_IN_USE, None, path=str(path), use=use))
    replace(path, content)


def _about(error: OSError, path: Path) -> OSError:
    """The same error, naming the file that the user knows instead of the temporary one."""
    return OSError(error.errno, error.strerror, str(path))
