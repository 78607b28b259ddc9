"""`campaigner fmt`: campaign files in the one canonical layout."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from ...dsl.diagnostics.diagnostic import Diagnostic, Phrase, has_errors
from ...dsl.diagnostics.source import SourceFile
from ..arguments import options
from ..arguments.usage import incomplete
from ..codes.command_line import STEPS_KEPT
from ..codes.usage import STDIN_ALONE
from ..exits import FINDINGS, FINE
from ..failures import tell_all
from ..projects import prefix_of
from ..screen import files
from ..screen.difference import difference
from ..screen.speaking import speak
from ..screen.terminal import Session

_STDIN = "-"


@dataclass(frozen=True, slots=True)
class _Page:
    """A file as it is, and as it should be; `None` if it does not parse."""

    path: str
    before: bytes
    source: SourceFile | None
    after: bytes | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def changes(self) -> bool:
        return self.after is not None and self.after != self.before


@click.command("fmt", short_help="Write campaign files in the one canonical layout.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--check", "only_check", is_flag=True, help="Change nothing; list what would.")
@click.option("--diff", "only_diff", is_flag=True, help="Change nothing; print what would.")
@options.language
@click.pass_obj
def command(session: Session, paths: tuple[str, ...], only_check: bool, only_diff: bool) -> int:
    """Format the campaign files at PATH, files or folders; left out, those of the project.

    With - for PATH a campaign is read from stdin and printed.
    """
    if _STDIN in paths:
        if len(paths) > 1:
            raise incomplete(STDIN_ALONE)
        return _from_stdin(session, only_check, only_diff)
    from ...compiler.files.folder import read_regular

    session.kept = None if only_check or only_diff else STEPS_KEPT
    found = 0
    counts = {True: 0, False: 0}
    for path in _campaign_files(paths):
        page = _read(str(path), read_regular(path))
        found += _report(page, session)
        counts[page.changes] += 1
        if only_check and page.changes:
            click.echo(page.path)
        if only_diff:
            click.echo(_difference(page), nl=False)
        if not only_check and not only_diff and page.after is not None and page.changes:
            files.replace(path, page.after)
    changed, left = str(counts[True]), str(counts[False])
    if only_check or only_diff:
        speak(Phrase("fmt.would_change", changed=changed, left=left))
    else:
        speak(Phrase("fmt.changed", changed=changed, left=left))
    return FINDINGS if found or (only_check and counts[True]) else FINE


def _from_stdin(session: Session, only_check: bool, only_diff: bool) -> int:
    from ...compiler.files.folder import STDIN, read_bounded

    page = _read(STDIN, read_bounded(sys.stdin.buffer, STDIN))
    if _report(page, session):
        return FINDINGS
    if only_diff:
        click.echo(_difference(page), nl=False)
    elif only_check and page.changes:
        click.echo(page.path)
    elif not only_check and page.after is not None:
        click.echo(page.after, nl=False)
    return FINDINGS if only_check and page.changes else FINE


def _campaign_files(paths: tuple[str, ...]) -> Iterator[Path]:
    """The files named, and those below the folders named, each once, in order of their paths."""
    from ...compiler.files.folder import find_root

    starts = [Path(path) for path in paths] or [Path(prefix_of(find_root(Path())))]
    found: dict[Path, None] = {}
    for start in starts:
        found |= dict.fromkeys(sorted(_below(start)) if start.is_dir() else [start])
    yield from found


def _below(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*.campaign"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden:
            yield path


def _read(path: str, content: bytes) -> _Page:
    from ...dsl.decoding import decode
    from ...dsl.formatting.formatter import format_tree
    from ...dsl.parsing.parser import parse

    source, diagnostics = decode(content, path)
    if source is None:
        return _Page(path, content, None, None, diagnostics)
    parsed = parse(source)
    if has_errors(parsed.diagnostics):
        return _Page(path, content, source, None, parsed.diagnostics)
    return _Page(path, content, source, format_tree(parsed).encode("utf-8"), ())


def _report(page: _Page, session: Session) -> bool:
    """Tell why a file is left alone; whether there was something to tell."""
    session.sources = {} if page.source is None else {page.path: page.source}
    tell_all(page.diagnostics, session)
    return page.after is None


def _difference(page: _Page) -> str:
    return "" if page.after is None else difference(page.path, page.before, page.after)
