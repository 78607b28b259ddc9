"""Writing files whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ..compiler.folder import refuse_irregular
from ..compiler.private import FILE
from ..dsl.codes import files as codes
from ..dsl.diagnostics import CannotRun, diagnose

if TYPE_CHECKING:
    from ..compiler.project import Project


def replace(path: Path, content: bytes) -> None:
    """Put `content` in the place of what `path` holds; its mode stays, a link stays a link.

    A new file is for its owner alone. Raises `OSError` with the path; then the file is as it was.
    """
    target = path.resolve()
    mode = FILE
    if target.exists():
        refuse_irregular(path, target.stat())
        mode = target.stat().st_mode & 0o7777
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise _about(error, path) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(target)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise _about(error, path) from error
    except KeyboardInterrupt:
        Path(name).unlink(missing_ok=True)
        raise


def write_output(path: Path, content: bytes, project: Project) -> None:
    """Put what a command made at `path`, the file of an option `--output`.

    `CannotRun` where the project has another use for it.
    """
    from ..compiler.places import use_of

    use = use_of(path, project.uses)
    if use is not None:
        raise CannotRun(diagnose(codes.OUTPUT_IN_USE, None, path=str(path), use=use))
    replace(path, content)


def _about(error: OSError, path: Path) -> OSError:
    """The same error, naming the file that the user knows instead of the temporary one."""
    return OSError(error.errno, error.strerror, str(path))
