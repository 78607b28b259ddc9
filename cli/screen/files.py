"""Writing files whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...compiler.codes import files as codes
from ...compiler.files.folder import refuse_irregular
from ...compiler.files.private import FILE
from ...dsl.diagnostics.diagnostic import CannotRun, diagnose
from ..stopping import whole

if TYPE_CHECKING:
    from ...compiler.project.settings import Settings


def replace(path: Path, content: bytes) -> None:
    """Replace the content of the file at `path`; its mode stays, a link stays a link.

    A new file is for its owner alone. Raises `OSError` with the path; then the file is as it was.
    """
    replace_all({path: content})


def replace_all(contents: Mapping[Path, bytes]) -> None:
    """`replace` for several files: no file is replaced before all new contents are on the disk.

    Raises `OSError` with the path of the file that failed.
    """
    with whole(), ExitStack() as written:
        staged: list[tuple[Path, Path, Path]] = []
        for path, content in contents.items():
            target, mode = _target(path)
            with _naming(path):
                handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
                # Gone already where it became the file; left over where something went wrong.
                written.callback(Path(name).unlink, missing_ok=True)
                _write(handle, content)
                Path(name).chmod(mode)
            staged.append((path, Path(name), target))
        for path, new, target in staged:
            with _naming(path):
                new.replace(target)


def _target(path: Path) -> tuple[Path, int]:
    """The file that a path leads to, and the mode that it has or gets."""
    target = Path(os.path.realpath(path))
    if target.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    if not path.exists():
        return target, FILE
    refuse_irregular(path, path.stat())
    return target, path.stat().st_mode & 0o7777


def _write(handle: int, content: bytes) -> None:
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def write_output(path: Path, content: bytes, project: Settings) -> None:
    """Put what a command made at `path`, the file of an option `--output`.

    `CannotRun` where the project has another use for it.
    """
    from ...compiler.files.places import use_of

    use = use_of(path, project.uses)
    if use is not None:
        raise CannotRun(diagnose(codes.OUTPUT_IN_USE, None, path=str(path), use=use))
    replace(path, content)


def hand_out(document: str, path: Path | None, project: Settings) -> None:
    """Put a document at `path`, as `write_output` does; print it if there is none."""
    if path is None:
        click.echo(document, nl=False)
    else:
        write_output(path, document.encode(), project)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Errors name the file that the user knows instead of the temporary one."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
