"""An explanation for people: the clauses as a tree, what held and what did not, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from ...dsl.diagnostics.diagnostic import Language, Phrase, in_language, listed
from ...dsl.words.catalogue import ENGLISH
from ..screen.excerpt import safe, text_width

if TYPE_CHECKING:
    from ...runtime.explain.clauses import Clause
    from ...runtime.explain.explain import Explanation

_OUTCOMES = {
    "granted": Phrase("tree.outcomes.granted"),
    "waitlisted": Phrase("tree.outcomes.waitlisted"),
    "other_customer": Phrase("tree.outcomes.other_customer"),
    "stopped": Phrase("tree.outcomes.stopped"),
    "paused": Phrase("tree.outcomes.paused"),
    "held_out": Phrase("tree.outcomes.held_out"),
    "not_eligible": Phrase("tree.outcomes.not_eligible"),
    "already_granted": Phrase("tree.outcomes.already_granted"),
    "not_reached": Phrase("tree.outcomes.not_reached"),
    "already_inside": Phrase("tree.outcomes.already_inside"),
    "reached": Phrase("tree.outcomes.reached"),
    "left": Phrase("tree.outcomes.left"),
    "too_late": Phrase("tree.outcomes.too_late"),
    "reversed": Phrase("tree.outcomes.reversed"),
    "over_limit": Phrase("tree.outcomes.over_limit"),
    "insufficient_balance": Phrase("tree.outcomes.insufficient_balance"),
    "out_of_stock": Phrase("tree.outcomes.out_of_stock"),
    "over_budget": Phrase("tree.outcomes.over_budget"),
}
_NOW = Phrase("tree.now")
_THEN = Phrase("tree.then")
_LOST = Phrase("tree.lost")
_LOST_SEEING = Phrase("tree.lost_seeing")
_PRIVATE = Phrase("tree.values.private")
_NEVER = re.compile("none by ([-+:T0-9]+)")
"""An event or instant that has not come."""
_NAMES: tuple[Mapping[str, Phrase], ...] = (
    {"now": Phrase("tree.values.now")},
    {"instant": Phrase("tree.values.instant")},
    {
        "used": Phrase("tree.values.used"),
        "cap": Phrase("tree.values.cap"),
        "left": Phrase("tree.values.left"),
    },
    {"at": Phrase("tree.values.at"), "outcome": Phrase("tree.values.outcome")},
)
"""The names of values in clauses of the calendar, a schedule, an account and a kept step."""
_OF_STEPS = {**_OUTCOMES, "taken_back": Phrase("tree.values.taken_back")}
_SIGNS = {True: ("✓", "green"), False: ("✗", "red"), None: ("·", "white")}
_ALIGNED_WIDTH = 64


def render(explanation: Explanation, language: Language, prefix: str, colour: bool) -> str:
    """The outcome in one line, then a line a clause with its values, its file and line."""
    page = "\n".join(_lines(explanation, language, prefix)) + "\n"
    return page if colour else click.unstyle(page)


def _lines(explanation: Explanation, language: Language, prefix: str) -> Iterator[str]:
    outcome = in_language(_OUTCOMES[explanation.outcome], language)
    how = in_language(_THEN if explanation.decided else _NOW, language)
    head = f"{explanation.shown} · {explanation.customer}"
    if explanation.occurrence is not None:
        head += f" · {explanation.occurrence}"
    title = click.style(safe(head), bold=True)
    became = click.style(outcome, bold=True)
    yield in_language(Phrase("tree.head", title=title, outcome=became, basis=how), language)
    if explanation.lost is not None:
        yield _first_failure(explanation.lost, language, prefix)
    told = [("  " * (each.depth + 1), safe(_words(each)), each) for each in explanation.clauses]
    widths = [text_width(indent + text) for indent, text, _ in told]
    widest = min(max(widths, default=0), _ALIGNED_WIDTH)
    for (indent, text, clause), width in zip(told, widths, strict=True):
        sign, fg = _SIGNS[clause.held]
        place = click.style(safe(f"{prefix}{clause.file}:{clause.line}"), fg="blue")
        yield f"{indent}{click.style(sign, fg=fg)} {text}{' ' * (widest - width)}  {place}"
        if clause.values:
            yield f"{indent}    {_values(clause, language)}"


def _first_failure(clause: Clause, language: Language, prefix: str) -> str:
    """The first clause that failed, where it was written and what it saw, as one sentence."""
    place = safe(f"{prefix}{clause.file}:{clause.line}:{clause.column}")
    said = {"clause": safe(_words(clause)), "place": place, "values": _values(clause, language)}
    return (_LOST_SEEING if clause.values else _LOST).say(language, said) or ""


def _words(clause: Clause) -> str:
    return " ".join(clause.text.split())


def _values(clause: Clause, language: Language) -> str:
    """`age = 17, city = unknown`; words of the program in the language of the reader."""
    names = next((words for words in _NAMES if words.keys() == clause.values.keys()), {})
    words = _OF_STEPS if "outcome" in names else {}
    pairs = (
        f"{in_language(names.get(name, name), language)} ="
        f" {in_language(words[value], language) if value in words else _value(value, language)}"
        for name, value in clause.values.items()
    )
    return safe(in_language(listed(pairs), language))


def _value(value: str, language: Language) -> str:
    if value == in_language(_PRIVATE, ENGLISH):
        return in_language(_PRIVATE, language)
    never = _NEVER.fullmatch(value)
    return value if never is None else in_language(Phrase("tree.by_now", now=never[1]), language)
