"""`campaigner help`: the page of a diagnostic's code, or the list of them all."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING

import click

from ...dsl.codes import by_id
from ...dsl.diagnostics.diagnostic import (
    CannotRun,
    Code,
    Language,
    Phrase,
    diagnose,
    in_language,
    names_listed,
)
from ...dsl.words.catalogue import ENGLISH, text
from ..arguments import options
from ..codes import AREAS, commands
from ..exits import FINE
from ..screen.terminal import Session

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_WRONG = Phrase("help.wrong")
_RIGHT = Phrase("help.right")
_HEADING = re.compile(r"^## (.+)\n", re.MULTILINE)
_EXAMPLE = re.compile(r"^```(\S*)\n.*?^```$", re.MULTILINE | re.DOTALL)


@click.command("help", short_help="Explain a code such as E203, with an example.")
@click.argument("code", required=False)
@options.language
@click.pass_obj
def command(session: Session, code: str | None) -> int:
    """Explain CODE, a diagnostic's code such as E203; without it, list all of them."""
    known, language = by_id(AREAS), session.language
    if code is None:
        click.echo(
            "\n".join(f"{each.id}  {in_language(each.title, language)}" for each in known.values())
        )
        return FINE
    wanted = code.strip().upper()
    if wanted not in known:
        near = sorted(known, key=lambda id_: _distance(id_, wanted))[:3]
        raise CannotRun(
            diagnose(commands.UNKNOWN_CODE, None, wanted=code, nearest=names_listed(near))
        )
    click.echo(page(known[wanted], language).rstrip("\n"))
    return FINE


def _distance(one: str, wanted: str) -> tuple[bool, int, str]:
    """How far a code is from what was typed: another letter, then the difference of the numbers."""
    letter, digits = wanted[:1], wanted.lstrip("EW")
    number = (
        int(digits.ljust(3, "0"))
        if digits.isascii() and digits.isdecimal() and len(digits) < 9
        else 0
    )
    return letter in ("E", "W") and one[0] != letter, abs(int(one[1:]) - number), one


def page(code: Code, language: Language) -> str:
    """The page of a code as Markdown.

    `docs/codes/CODE.md` is the English page; `docs/codes/LANGUAGE/CODE.md` has the words of another
    language, and the examples in which the program answers. Other examples are the English page's.
    In a language without that file, the code's own texts come before the English page.
    """
    pages = files("campaigner.codes")
    english = _read(pages / f"{code.id}.md")
    if language == ENGLISH and english:
        return english
    translated = _read(pages / language / f"{code.id}.md")
    if english and translated:
        return with_examples(translated, english, language)
    title = f"# {code.id}: {in_language(code.title, language)}\n"
    templates = [text(one.key, language) for one in (code.message, *code.helps)]
    lines = "".join(f"\n- {one}".replace("{{", "{").replace("}}", "}") for one in templates)
    return f"{title}{lines}\n\n{english}"


def with_examples(translated: str, english: str, language: Language) -> str:
    """The translated page, completed by the examples of the English one that it does not have."""
    words, *sections = _HEADING.split(translated)
    explained = dict(zip(sections[::2], sections[1::2], strict=True))
    _, _, wrong, _, right = _HEADING.split(english)
    parts = [words.strip()]
    for phrase, section in ((_WRONG, wrong), (_RIGHT, right)):
        heading = in_language(phrase, language)
        prose = explained.get(heading, "").strip()
        translated_kinds = set(_EXAMPLE.findall(prose))
        examples = [
            block[0] for block in _EXAMPLE.finditer(section) if block[1] not in translated_kinds
        ]
        parts += [f"## {heading}", prose, *examples]
    return "\n\n".join(part for part in parts if part) + "\n"


def _read(shipped: Traversable) -> str:
    return shipped.read_text(encoding="utf-8") if shipped.is_file() else ""
