"""`campaigner help`: the page of a diagnostic's code, or the list of them all."""

from __future__ import annotations

from difflib import get_close_matches
from importlib.resources import files

import click

from ...dsl.codes import commands, compliance, logic, money, names, running, text, types
from ...dsl.diagnostics import CannotRun, Code, diagnose
from .. import options
from ..exits import FINE

_AREAS = (text, names, types, logic, money, compliance, running, commands)


@click.command("help", short_help="Explain a code such as E203, with an example.")
@click.argument("code", required=False)
@options.language
def command(code: str | None) -> int:
    """Explain CODE, a diagnostic's code such as E203; without it, list all of them."""
    known = {each.id: each for each in known_codes()}
    if code is None:
        click.echo("\n".join(f"{each.id}  {each.title}" for each in known.values()))
        return FINE
    wanted = code.strip().upper()
    if wanted not in known:
        near = get_close_matches(wanted, known, n=3, cutoff=0.5) or list(known)[:3]
        listed = ", ".join(f"`{each}`" for each in near)
        raise CannotRun(diagnose(commands.UNKNOWN_CODE, None, wanted=code, nearest=listed))
    click.echo(page(known[wanted]).rstrip("\n"))
    return FINE


def known_codes() -> tuple[Code, ...]:
    """Every code there is, errors before warnings, by number."""
    found = (value for area in _AREAS for value in vars(area).values() if isinstance(value, Code))
    return tuple(sorted(found, key=lambda code: code.id))


def page(code: Code) -> str:
    """The page of a code as Markdown; its title alone where the page has not been written."""
    text_of_page = files("campaigner.codes").joinpath(f"{code.id}.md")
    if text_of_page.is_file():
        return text_of_page.read_text(encoding="utf-8")
    return f"# {code.id}: {code.title}\n"
