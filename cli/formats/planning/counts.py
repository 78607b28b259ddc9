"""The counts of a preview: tables for people, a document or rows for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ....dsl.diagnostics.diagnostic import Phrase
from ...screen.tables import Column
from ..csv_cells import harmless, line
from .phrases import CLAUSES

if TYPE_CHECKING:
    from ....compiler.plan.expressions import Origin
    from ....runtime.preview.counting import Line
    from ....runtime.preview.preview import GroupPreview, Preview, StepPreview

FORMAT_VERSION = 1

Cells = Sequence[str | Phrase]

# --- for people ---------------------------------------------------------------------------------


def columns(*, keys: bool) -> tuple[Column, ...]:
    """The headings of a funnel."""
    more = (Column("first keys"),) if keys else ()
    return (
        Column("campaign"),
        Column("clause"),
        Column("words"),
        Column("left", number=True),
        Column("lost here", number=True),
        *more,
    )


def rows(found: Preview, currency: str, *, keys: bool) -> Iterator[Cells]:
    """A row a clause, campaign by campaign in the order of the plan."""
    for step in found.steps:
        for place, one in enumerate(step.lines):
            yield _cells(step.shown if not place else "", one, _words(step, one, currency), keys)


def group_rows(found: GroupPreview, *, keys: bool) -> Iterator[Cells]:
    """A row a condition of an audience or a stage."""
    for place, one in enumerate(found.lines):
        yield _cells(found.group.name if not place else "", one, _text(one), keys)


def _cells(name: str, one: Line, words: str | Phrase, keys: bool) -> Cells:
    lost = "" if not one.lost else f"-{one.lost:,}"
    more = (", ".join(one.keys),) if keys else ()
    return (name, CLAUSES[one.kind], words, f"{one.left:,}", lost, *more)


def _words(step: StepPreview, one: Line, currency: str) -> str | Phrase:
    """The clause; of what is granted, the cost."""
    if one.kind == "granted":
        return Phrase("preview.cost", cost=f"{step.cost:,f}", currency=currency)
    return _text(one)


def _text(one: Line) -> str:
    if one.kind in ("customers", "decisions", "decided_before", "reached"):
        return ""
    text = " ".join(one.origin.text.split())
    shown = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return f"{one.policy}: {shown}" if one.policy else shown


_LONGEST = 60


def sizes(groups: Iterable[GroupPreview]) -> list[Cells]:
    """A row a stage and a row an audience: how many are in it."""
    return [(CLAUSES[one.group.kind], one.group.name, f"{one.size:,}") for one in groups]


SIZES = (Column("kind of group"), Column("name"), Column("customers", number=True))
OVERLAPS = (Column("campaigns"), Column("customers", number=True))


def overlaps(found: Preview, most: int) -> list[Cells]:
    """A row for each two campaigns that some get something of, the most first."""
    return [(", ".join(one.campaigns), f"{one.customers:,}") for one in found.overlaps[:most]]


# --- for programs -------------------------------------------------------------------------------


def as_json(found: Preview, zone: str) -> str:
    """One document, in the shape of docs/json.md."""
    document = {
        "format_version": FORMAT_VERSION,
        "from": _instant(found.start, zone),
        "to": _instant(found.end, zone),
        "customers": found.customers,
        "campaigns": [_step(one) for one in found.steps],
        "groups": [group(one) for one in found.groups],
        "several": found.several,
        "overlaps": [
            {"campaigns": list(one.campaigns), "customers": one.customers} for one in found.overlaps
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def group_as_json(found: GroupPreview, at: datetime, zone: str) -> str:
    """The document of one audience or stage."""
    document = {"format_version": FORMAT_VERSION, "at": _instant(at, zone), **group(found)}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def group(found: GroupPreview) -> dict[str, object]:
    """An audience or a stage as an object."""
    return {
        "kind": found.group.kind,
        "name": found.group.name,
        "label": found.group.label,
        "customers": found.size,
        "clauses": [_line(one) for one in found.lines],
    }


def _step(step: StepPreview) -> dict[str, object]:
    nothing = step.nothing
    return {
        "campaign": step.key.campaign,
        "step": step.key.step,
        "label": step.label,
        "clauses": [_line(one) for one in step.lines],
        "granted": step.granted,
        "reached": step.reached,
        "cost": f"{step.cost:f}",
        "nothing": None if nothing is None else nothing.reason,
    }


def _line(one: Line) -> dict[str, object]:
    return {
        "kind": one.kind,
        "policy": one.policy,
        "account": one.account,
        **_place(one.origin),
        "of": one.of,
        "left": one.left,
        "lost": one.lost,
        "keys": list(one.keys),
    }


def _place(origin: Origin) -> dict[str, object]:
    return {
        "text": " ".join(origin.text.split()),
        "file": origin.file,
        "line": origin.line,
        "column": origin.column,
    }


def _instant(at: datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).isoformat()


def as_csv(found: Preview) -> Iterator[str]:
    """A line a clause with its count."""
    yield line(("campaign", "step", "clause", "text", "of", "left", "lost", "cost"))
    for step in found.steps:
        for one in step.lines:
            cost = f"{step.cost:f}" if one.kind == "granted" else ""
            lost = "" if one.lost is None else str(one.lost)
            shown = harmless(" ".join(one.origin.text.split()))
            yield line((*step.key, one.kind, shown, one.of, str(one.left), lost, cost))


def keys_as_csv(found: Preview) -> Iterator[str]:
    """A line a customer who would get something, and nothing of the customer but the key."""
    yield line(("campaign", "step", "customer"))
    seen = sorted({(row.campaign, row.step, row.recipient) for row in found.grants})
    for campaign, step, recipient in seen:
        yield line((campaign, step, harmless(recipient)))


def group_as_csv(found: GroupPreview) -> Iterator[str]:
    """A line a condition with its count."""
    yield line(("name", "clause", "text", "left", "lost"))
    for one in found.lines:
        lost = "" if one.lost is None else str(one.lost)
        shown = harmless(" ".join(one.origin.text.split()))
        yield line((found.group.name, one.kind, shown, str(one.left), lost))


def group_keys_as_csv(found: GroupPreview) -> Iterator[str]:
    """A line a customer of the group, and nothing of the customer but the key."""
    yield line(("name", "customer"))
    for key in found.lines[-1].keys:
        yield line((found.group.name, harmless(key)))
