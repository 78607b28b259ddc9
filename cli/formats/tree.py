"""An explanation for people: the clauses as a tree, what held and what did not, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from ...dsl.diagnostics.diagnostic import Language, Phrase, in_language
from ..screen.excerpt import safe, text_width

if TYPE_CHECKING:
    from ...runtime.explain.clauses import Clause
    from ...runtime.explain.explain import Explanation

_OUTCOMES = {
    "granted": Phrase("granted", "已发放"),
    "waitlisted": Phrase("waitlisted", "候补"),
    "other_customer": Phrase(
        "the event's key belongs to another customer", "该事件的主键属于另一位客户"
    ),
    "held_out": Phrase("held out", "对照组，不发放"),
    "not_eligible": Phrase("not eligible", "不符合条件"),
    "already_granted": Phrase("already granted", "此前已发放"),
    "over_limit": Phrase("over a limit", "超出限领"),
    "insufficient_balance": Phrase("balance too low", "余额不足"),
    "out_of_stock": Phrase("out of stock", "库存不足"),
    "over_budget": Phrase("over a budget", "超出预算"),
}
_NOW = Phrase("as the ledger would decide now", "若现在由账本裁决")
_THEN = Phrase("as the ledger has it", "以账本记录为准")
_LOST = Phrase("lost at `{clause}` ({place})", "在 `{clause}`（{place}）处被排除")
_LOST_SEEING = Phrase(
    "lost at `{clause}` ({place}): {values}", "在 `{clause}`（{place}）处被排除：{values}"
)
_SIGNS = {True: ("✓", "green"), False: ("✗", "red"), None: ("·", "white")}
_ALIGNED_WIDTH = 64


def render(explanation: Explanation, language: Language, prefix: str, colour: bool) -> str:
    """The outcome in one line, then a line a clause with its values, its file and line."""
    page = "\n".join(_lines(explanation, language, prefix)) + "\n"
    return page if colour else click.unstyle(page)


def _lines(explanation: Explanation, language: Language, prefix: str) -> Iterator[str]:
    outcome = in_language(_OUTCOMES[explanation.outcome], language)
    how = in_language(_THEN if explanation.decided else _NOW, language)
    head = f"{explanation.campaign} · {explanation.customer}"
    if explanation.occurrence is not None:
        head += f" · {explanation.occurrence}"
    yield click.style(f"{safe(head)}: {outcome}", bold=True) + f" ({how})"
    if explanation.lost is not None:
        yield _lost(explanation.lost, language, prefix)
    told = [("  " * (each.depth + 1), safe(_words(each)), each) for each in explanation.clauses]
    widths = [text_width(indent + text) for indent, text, _ in told]
    widest = min(max(widths, default=0), _ALIGNED_WIDTH)
    for (indent, text, clause), width in zip(told, widths, strict=True):
        sign, fg = _SIGNS[clause.held]
        place = click.style(safe(f"{prefix}{clause.file}:{clause.line}"), fg="blue")
        yield f"{indent}{click.style(sign, fg=fg)} {text}{' ' * (widest - width)}  {place}"
        if clause.values:
            yield f"{indent}    {_values(clause)}"


def _lost(clause: Clause, language: Language, prefix: str) -> str:
    """The first clause that failed, where it was written and what it saw, as one sentence."""
    place = safe(f"{prefix}{clause.file}:{clause.line}:{clause.column}")
    said = {"clause": safe(_words(clause)), "place": place, "values": _values(clause)}
    return (_LOST_SEEING if clause.values else _LOST).say(language, said) or ""


def _words(clause: Clause) -> str:
    return " ".join(clause.text.split())


def _values(clause: Clause) -> str:
    """`age = 17, city = unknown`."""
    return safe(", ".join(f"{name} = {value}" for name, value in clause.values.items()))
