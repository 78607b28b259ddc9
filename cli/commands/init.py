"""`campaigner init`: a small project that checks and runs, with the data to run on."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from ...compiler.files.folder import SETTINGS
from ...dsl.diagnostics.diagnostic import CannotRun, Language, Phrase, diagnose, listed
from ..arguments import options
from ..codes import commands
from ..exits import FINE
from ..screen.speaking import speak
from ..screen.terminal import Session
from ..stopping import whole

_FILES = {
    "campaigner.toml": "campaigner.toml",
    "catalog.yaml": "catalog.yaml",
    "lifecycle.campaign": "lifecycle.campaign",
    "benefits.campaign": "benefits.campaign",
    "policies.campaign": "policies.campaign",
    "cash_back.campaign": "cash_back.campaign",
    "win_back.campaign": "win_back.campaign",
    "scenarios.campaign": "scenarios.campaign",
    "gitignore": ".gitignore",
}
_SHOWN_AT_MOST = 5
_STAGE = ".campaigner-init-"


@click.command("init", short_help="Start a small project that checks, runs and is commented.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@options.language
@click.pass_obj
def command(session: Session, folder: Path) -> int:
    """Start a small project in DIR, which must be empty or not exist yet."""
    _refuse_if_used(folder)
    with _existing(folder), TemporaryDirectory(dir=folder, prefix=_STAGE) as stage:
        started = Path(stage)
        _write(started, session.language)
        _put_in_place(started, folder)
    speak(Phrase("init.next", folder=str(folder)))
    return FINE


@contextmanager
def _existing(folder: Path) -> Iterator[None]:
    """DIR exists inside, and goes again if it was made for nothing; its parent is left alone."""
    if folder.exists():
        for left in folder.glob(f"{_STAGE}*"):
            shutil.rmtree(left)  # of a start that was killed
        yield
        return
    folder.mkdir()
    try:
        yield
    finally:
        with suppress(OSError):
            folder.rmdir()


def _refuse_if_used(folder: Path) -> None:
    """Say what is in the way; raise `OSError` where DIR or the folder around it cannot be used."""
    if any("\ud800" <= letter <= "\udfff" for letter in str(folder.absolute())):
        # The warehouse's engine opens no file whose name is not text.
        raise OSError(errno.EILSEQ, os.strerror(errno.EILSEQ), str(folder))
    around = folder.absolute().parent
    if not around.exists():
        raise FileNotFoundError(2, "no such folder", str(around))
    if not folder.exists():
        return
    found = sorted(entry.name for entry in folder.iterdir() if not _is_no_content(entry.name))
    if found:
        more = ["…"] if len(found) > _SHOWN_AT_MOST else []
        used = listed([f"`{name}`" for name in found[:_SHOWN_AT_MOST]] + more)
        other = f"{folder.absolute().name}-campaigns"
        code = commands.FOLDER_IN_USE
        raise CannotRun(diagnose(code, None, path=str(folder), found=used, other=other))


def _write(folder: Path, language: Language) -> None:
    from ..starter import texts, warehouse

    shipped = files("campaigner.cli.starter")
    for source, name in _FILES.items():
        text = shipped.joinpath(source).read_text(encoding="utf-8")
        (folder / name).write_bytes(texts.translated(text, name, language).encode())
    data = folder / "data"
    data.mkdir()
    warehouse.build(data / "shop.duckdb", language)


def _put_in_place(started: Path, folder: Path) -> None:
    """Move the finished project to DIR: all of it or nothing, and over nothing that is there."""
    # A folder with settings is a project, so they come last.
    entries = sorted(started.iterdir(), key=lambda entry: (entry.name == SETTINGS, entry.name))
    put: list[tuple[Path, Path]] = []
    with whole():
        try:
            for entry in entries:
                place = folder / entry.name
                if os.path.lexists(place):
                    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(place))
                entry.rename(place)
                put.append((entry, place))
        except OSError:
            for entry, place in put:
                place.rename(entry)
            raise


def _is_no_content(name: str) -> bool:
    """A new file system has `lost+found`; a start that was killed leaves its stage."""
    return name == "lost+found" or name.startswith(_STAGE)
