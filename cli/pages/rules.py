"""The public rules of a campaign as a page in HTML, and as Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...compiler.wording.clauses import sentence
from ...dsl.diagnostics.diagnostic import Language, Phrase
from .page import page

if TYPE_CHECKING:
    from ...compiler.wording.public import Rules

_SIGNS = re.compile(r"([\\`*_{}\[\]#|~!])")
_BEGINNING = re.compile(r"^(?:[-+=]|(?=[0-9]+[.)]))")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def as_html(rules: Rules, language: Language) -> str:
    """The page of its own."""
    return page("rules.html", rules.title, language, rules=rules)


def as_markdown(rules: Rules, language: Language) -> str:
    """The same as Markdown, in which no text of the project becomes a link or an element."""
    lines = [f"# {escaped(rules.title)}", ""]
    if rules.state is not None:
        lines += [f"**{_said(rules.state, language)}**", ""]
    for section in rules.sections:
        lines += [f"## {_said(section.heading, language)}", ""]
        for part in section.parts:
            if part.step is not None:
                lines += [f"### {escaped(part.step)}", ""]
            lines += [*(f"- {_said(one, language)}" for one in part.sentences), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _said(phrase: Phrase, language: Language) -> str:
    return escaped(sentence(phrase, language))


def escaped(text: str) -> str:
    """The text on one line, with each sign of Markdown and HTML as itself."""
    return _BEGINNING.sub(_as_entity, inline(text))


def inline(text: str) -> str:
    """The same in the middle of a line, where nothing can begin a list."""
    return _SIGNS.sub(r"\\\1", " ".join(text.split())).translate(_ENTITIES)


def _as_entity(sign: re.Match[str]) -> str:
    """The sign that would begin a list; before a number, which would too, a joiner of no width."""
    return f"&#{ord(sign[0])};" if sign[0] else "&#8288;"
