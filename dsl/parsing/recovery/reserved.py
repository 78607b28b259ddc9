"""A keyword that was meant as a name: `count > 3`, where the catalog has a field `count`."""

from __future__ import annotations

from types import MappingProxyType

from ..keywords import PHRASES, VALUES, WORDS, spelled
from ..tokens import Token
from .blocks import STARTS
from .machine import Machine


def meant_as_name(tokens: list[Token], at: int, machine: Machine) -> str | None:
    """The word at `at`, or just before it, that could go on there if it were a name."""
    token = tokens[at]
    name = _last_word(token, machine, _kinds(tokens[at + 1 : at + 2]), forgotten=0)
    if name is None and at:
        name = _before(tokens, at, machine)
    if name is None and machine.accepts("NAME") and not token.starts_line:
        name = _first_word(token)
    return name


def _before(tokens: list[Token], at: int, machine: Machine) -> str | None:
    """The same of the word before it."""
    token, before = tokens[at], tokens[at - 1]
    if machine.values and machine.values[-1] is before:
        name = _last_word(before, machine, _kinds([token]), forgotten=1)
        if name is not None:
            return name
    if at > 1 and tokens[at - 2].type == "NO" and before.text in WORDS:
        return before.text
    is_amount = machine.accepts("AS")
    if before.type == "NO" and not is_amount and _first_word(token) is not None:
        return _first_word(token)
    return before.text if before.text in VALUES or _starts_late(before) else None


def _starts_late(word: Token) -> bool:
    """Whether a clause begins with it in the middle of a line."""
    return word.type in STARTS and not word.starts_line


def _first_word(token: Token) -> str | None:
    first = token.text.partition(" ")[0]
    return first if first in WORDS else None


def _last_word(
    token: Token, machine: Machine, after: tuple[str, ...], forgotten: int
) -> str | None:
    """The last word of a keyword or phrase, where it fits as a name behind what is before it."""
    if token.type not in PHRASES and token.text not in WORDS:
        return None
    *words, name = token.text.split()
    lead = _BY_WORDS.get(" ".join(words))
    if (words and lead is None) or not name.isidentifier():
        return None
    kinds = [] if lead is None else [lead]
    fits = any(machine.accepts(*kinds, "NAME", kind, forgotten=forgotten) for kind in after)
    return name if fits else None


def _kinds(tokens: list[Token]) -> tuple[str, ...]:
    """The kinds of the tokens; a text after a name may be a label."""
    return tuple(kind for one in tokens for kind in (one.type, *_LABEL.get(one.type, ())))


_LABEL = MappingProxyType({"TEXT": ("LABEL",)})
_BY_WORDS = {spelled(kind): kind for kind in sorted({*PHRASES, *(word.upper() for word in WORDS)})}
