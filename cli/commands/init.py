"""`campaigner init`: a small project that checks and runs, with the data to run on."""

from __future__ import annotations

import shutil
import tempfile
from importlib.resources import files
from pathlib import Path

import click

from ...dsl.codes import commands
from ...dsl.diagnostics import CannotRun, diagnose
from .. import options
from ..exits import FINE

_FILES = {
    "campaigner.toml": "campaigner.toml",
    "catalog.yaml": "catalog.yaml",
    "lifecycle.campaign": "lifecycle.campaign",
    "benefits.campaign": "benefits.campaign",
    "policies.campaign": "policies.campaign",
    "cash_back.campaign": "cash_back.campaign",
    "win_back.campaign": "win_back.campaign",
    "gitignore": ".gitignore",
}
_SHOWN_AT_MOST = 5

_NEXT = """\
Started a project in `{folder}`. What to do next:

  campaigner check {folder}
  campaigner run {folder} --from 2026-01-01 --to 2026-03-31
  campaigner ledger budgets {folder}

Then change a number in cash_back.campaign and check again."""


@click.command("init", short_help="Start a small project that checks, runs and is commented.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@options.language
def command(folder: Path) -> int:
    """Start a small project in DIR, which must be empty or not exist yet."""
    _refuse_if_used(folder)
    started = Path(tempfile.mkdtemp(dir=folder.absolute().parent, prefix=".campaigner-init-"))
    try:
        _write(started)
        _put_in_place(started, folder)
    finally:
        shutil.rmtree(started, ignore_errors=True)
    click.echo(_NEXT.format(folder=folder), err=True)
    return FINE


def _refuse_if_used(folder: Path) -> None:
    """Say what is in the way; raise `OSError` where DIR or the folder around it cannot be used."""
    around = folder.absolute().parent
    if not around.exists():
        raise FileNotFoundError(2, "no such folder", str(around))
    if not folder.exists():
        return
    found = sorted(entry.name for entry in folder.iterdir())
    if found:
        listed = ", ".join(f"`{name}`" for name in found[:_SHOWN_AT_MOST])
        more = "" if len(found) <= _SHOWN_AT_MOST else ", …"
        other = f"{folder.absolute().name}-campaigns"
        code = commands.FOLDER_IN_USE
        raise CannotRun(diagnose(code, None, path=str(folder), found=listed + more, other=other))


def _write(folder: Path) -> None:
    from ..starter import warehouse

    shipped = files("campaigner.cli.starter")
    for source, name in _FILES.items():
        (folder / name).write_bytes(shipped.joinpath(source).read_bytes())
    data = folder / "data"
    data.mkdir()
    warehouse.build(data / "shop.duckdb")


def _put_in_place(started: Path, folder: Path) -> None:
    """Move the finished project to DIR, in one step where DIR does not exist yet."""
    if folder.exists():
        # A shell may stand in it: its place is kept, and only what is in it arrives.
        for entry in sorted(started.iterdir()):
            entry.rename(folder / entry.name)
        return
    # What mkdtemp makes is for its owner alone; a project has the mode of any new folder.
    started.chmod((started / "data").stat().st_mode)
    started.rename(folder)
