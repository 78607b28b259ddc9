"""Safe fixes in `check`: written, shown as a difference, and counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from ..compiler.files.folder import STDIN, Contents, read_folder, read_regular
from ..dsl.diagnostics.diagnostic import CannotRun, Phrase, diagnose
from .codes.command_line import CHANGED_MEANWHILE, STEPS_KEPT
from .fixing import Fixed
from .formats.report import Report
from .projects import Checked, fixable, pointed_at, prefix_of
from .screen.difference import difference
from .screen.excerpt import safe
from .screen.files import replace_all
from .screen.terminal import Session

_FIXED = Phrase("applying.fixed")
_ONE = Phrase("applying.one")
_MANY = Phrase("applying.many")
_ONE_LEFT = Phrase("applying.one_left")
_LEFT = Phrase("applying.left")


def write_fixes(path: str, today: date, session: Session) -> None:
    """Write every safe fix to the project's files, and list them on stderr.

    Either all files are replaced or none. `CannotRun` if one changed since it was read.
    """
    before = read_folder(Path(path))
    after = fixable(before, today)
    session.kept = STEPS_KEPT
    changes = {before.opened[name]: name for name in _changed(before, after)}
    for file, name in changes.items():
        if read_regular(file) != before.files[name]:
            raise CannotRun(diagnose(CHANGED_MEANWHILE, None, path=str(file)))
    replace_all({file: after.contents.files[name] for file, name in changes.items()})
    prefix = prefix_of(before.root)
    for one in after.fixed:
        place = one.place
        where = f"{prefix}{place.file}:{place.line}:{place.column}" if place else prefix
        values = {"where": where, "code": one.code.id, "message": one.message(session.language)}
        click.echo(safe(_FIXED.say(session.language, values) or ""), err=True)
    click.echo(_counted(_ONE, _MANY, len(after.fixed), session), err=True)


def show_fixes(path: str, today: date, stdin: bytes | None) -> tuple[Checked, bool]:
    """Print what `write_fixes` would change; what would be left, and whether anything changes."""
    before = read_folder(Path(path))
    if stdin is not None:
        before = replace(before, files={**before.files, STDIN: stdin})
    after = fixable(before, today)
    prefix = prefix_of(before.root)
    changed = list(_changed(before, after))
    for name in changed:
        shown = name if name == STDIN else f"{prefix}{name}"
        click.echo(difference(shown, before.files[name], after.contents.files[name]), nl=False)
    sources = pointed_at(after.left, after.contents.files)
    return Checked(after.left, sources, prefix), bool(changed)


def tell_left(report: Report, session: Session) -> None:
    """Say on stderr how many of the mistakes that are left have a fix that needs a look."""
    count = sum(one.fix is not None for one in report.diagnostics)
    if count:
        click.echo(_counted(_ONE_LEFT, _LEFT, count, session), err=True)


def _changed(before: Contents, after: Fixed) -> Iterator[str]:
    for name, data in before.files.items():
        if after.contents.files[name] != data:
            yield name


def _counted(one: Phrase, many: Phrase, count: int, session: Session) -> str:
    return (one if count == 1 else many).say(session.language, {"count": str(count)}) or ""
