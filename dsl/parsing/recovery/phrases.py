"""A phrase where none can stand: the names that its words are in `reward each month`.

A form that joins the language takes no name from a project that had it. Its phrase is one only
where it may stand. Elsewhere its words are what they were before.
"""

from __future__ import annotations

import re

from ..keywords import LATER_WORDS, PHRASES, WORDS
from ..tokens import Token
from .machine import Machine

_COMMENT = re.compile(r"#[^\r\n]*")
_WORD = re.compile(r"\w+")


def names_instead(tokens: list[Token], at: int, machine: Machine) -> list[Token] | None:
    """The words of the phrase at `at` and the token behind it, if they fit; `None` if not."""
    token, *after = tokens[at : at + 2]
    if token.type not in PHRASES and token.text not in LATER_WORDS:
        return None
    if not after or not all(word.isidentifier() for word in token.text.split()):
        return None
    words = _words(token)
    behind = [*after, after[0]._replace(type="LABEL")] if after[0].type == "TEXT" else after
    if not machine.accepts(words[0].type):
        return None
    kinds = [word.type for word in words]
    fits = (one for one in behind if machine.accepts(*kinds, one.type))
    return next(([*words, one] for one in fits), None)


def _words(token: Token) -> list[Token]:
    text = _COMMENT.sub(lambda found: " " * len(found[0]), token.span.text)
    words = []
    for number, found in enumerate(_WORD.finditer(text)):
        start, end = token.start + found.start(), token.start + found.end()
        is_kept = found[0] in WORDS and found[0] not in LATER_WORDS
        kind = found[0].upper() if is_kept else "NAME"
        starts_line = token.starts_line if number == 0 else "\n" in text[: found.start()]
        words.append(Token(kind, found[0], token.source, start, end, starts_line))
    return words
