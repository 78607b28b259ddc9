"""A review as facts, sentences and tables for people, and as JSON in the shape of docs/json.md."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ....compiler.wording.campaigns import target_words
from ....compiler.wording.names import names_of
from ....compiler.wording.values import first_instant, last_instant
from ....dsl.diagnostics.diagnostic import Language, Phrase, in_language
from ...screen.headings import OWNERS, REASONS
from ...screen.tables import Column
from . import measured
from .sheet import FORMAT_VERSION, Grid

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from ....compiler.plan import Plan
    from ....runtime.review.model import Phase, Review, Use

Fact = tuple[Phrase, str]
PHASES = {
    "warm_up": Phrase("review.warm_up"),
    "peak": Phrase("review.peak"),
    "close": Phrase("review.close"),
    "all": Phrase("review.all"),
}
_BY = {
    "file": Phrase("review.by_file"),
    "spend": Phrase("review.by_spend"),
    "grants": Phrase("review.by_grants"),
    "nothing": Phrase("review.by_nothing"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A review with its plan."""

    review: Review
    plan: Plan

    @property
    def zone(self) -> ZoneInfo:
        """The project's zone."""
        return ZoneInfo(self.plan.time_zone)


def title(shown: Shown) -> Phrase:
    """The heading of the report."""
    return Phrase("review.title", campaign=shown.review.label or shown.review.name)


def facts(shown: Shown) -> Iterator[Fact]:
    """The numbers that are read first."""
    found, currency = shown.review, shown.plan.currency
    yield Phrase("headings.reached"), f"{found.whole.customers:,}"
    yield Phrase("headings.granted"), f"{found.whole.granted:,}"
    yield Phrase("headings.spent_in", currency=currency), f"{found.whole.spent:,f}"
    if found.reaching is not None and found.reaching.part is not None:
        yield Phrase("review.goal_reached"), f"{found.reaching.part:.1%}"


def sentences(shown: Shown) -> Iterator[Phrase]:
    """The state of the campaign, its goal, and what the report cannot say."""
    found, zone = shown.review, shown.zone
    at = found.at.astimezone(zone).isoformat(" ", "minutes")
    if not found.in_plan:
        yield Phrase("review.removed")
    else:
        yield from _state(shown)
    yield Phrase("review.as_of", at=at)
    if not found.decisions:
        yield Phrase("review.no_decisions")
    elif not found.whole.granted:
        yield Phrase("review.no_grants")
    if found.decisions:
        yield _BY[found.phases_by]
    yield from _goal(shown)
    if found.measured is not None:
        yield from measured.sentences(found.measured, shown.plan.currency)
    elif found.in_plan:
        yield Phrase("review.no_measures")


def _state(shown: Shown) -> Iterator[Phrase]:
    found, zone = shown.review, shown.zone
    start, end = found.active
    match found.state:
        case "not_begun" if start is not None:
            yield Phrase("review.not_begun", start=first_instant(start, zone))
        case "over" if end is not None:
            yield Phrase("review.over", end=last_instant(end, zone))
        case _ if end is not None:
            yield Phrase("review.running_until", end=last_instant(end, zone))
        case _:
            yield Phrase("review.running")


def _goal(shown: Shown) -> Iterator[Phrase]:
    found = shown.review
    if found.reaching is None:
        if found.in_plan:
            yield Phrase("review.no_target")
        return
    told = target_words(names_of(shown.plan), found.reaching.target)
    if found.reaching.reached is None or found.reaching.part is None:
        yield Phrase("review.target_unknown", target=told)
        return
    reached, part = f"{found.reaching.reached:,f}", f"{found.reaching.part:.1%}"
    yield Phrase("review.target_reached", target=told, reached=reached, part=part)


# --- tables -------------------------------------------------------------------------------------


def grids(shown: Shown) -> Iterator[Grid]:
    """The tables that have rows."""
    every = (
        _phases(shown),
        _measured(shown),
        _refused(shown),
        _uses(shown),
        _codes(shown),
        _posted(shown),
        _became(shown),
        _complaints(shown),
        _brakes(shown),
    )
    yield from (one for one in every if one.rows)


def _phases(shown: Shown) -> Grid:
    columns = (
        Column(Phrase("review.phase")),
        Column(Phrase("review.from")),
        Column(Phrase("review.to")),
        Column(Phrase("review.new_customers"), number=True),
        Column("granted", number=True),
        Column("refused", number=True),
        Column(Phrase("headings.spent_in", currency=shown.plan.currency), number=True),
    )
    every = (*shown.review.phases, shown.review.whole)
    rows = [_phase_row(one) for one in every] if shown.review.decisions else []
    return Grid(Phrase("review.phases"), columns, rows)


def _phase_row(one: Phase) -> tuple[str | Phrase, ...]:
    return (
        PHASES[one.name],
        _or_dash(one.first),
        Phrase("review.goes_on", day=str(one.last)) if one.is_open else _or_dash(one.last),
        f"{one.customers:,}",
        f"{one.granted:,}",
        f"{one.refused:,}",
        f"{one.spent:,f}",
    )


def _measured(shown: Shown) -> Grid:
    found, currency = shown.review.measured, shown.plan.currency
    rows = [] if found is None else measured.rows(found, currency)
    return Grid(Phrase("review.measured"), measured.COLUMNS, rows)


def _refused(shown: Shown) -> Grid:
    columns = (Column("outcome"), Column("cap"), Column("decisions", number=True))
    own = f"campaign/{shown.review.kept}/"
    rows = [
        (one.outcome, (one.account or "-").removeprefix(own), f"{one.count:,}")
        for one in shown.review.refused
    ]
    return Grid(Phrase("review.refused"), columns, rows)


def _uses(shown: Shown) -> Grid:
    columns = (
        Column("of"),
        Column("cap"),
        Column("measure"),
        Column("limit", number=True),
        Column(Phrase("review.own"), number=True),
        Column(Phrase("review.used"), number=True),
        Column("left", number=True),
        Column("runs out"),
    )
    rows = [_use_row(shown, one) for one in shown.review.uses]
    return Grid(Phrase("review.caps"), columns, rows)


def _use_row(shown: Shown, one: Use) -> tuple[str | Phrase, ...]:
    end: str | Phrase = "-" if one.ran_out is None else _moment(shown, one.ran_out)
    if one.periods_out:
        end = Phrase("review.periods_out", count=f"{one.periods_out:,}", first=end)
    return (
        Phrase("simulated.owner", kind=OWNERS[one.owner_kind], name=one.owner),
        one.name,
        one.measure,
        f"{one.cap:,f}",
        f"{one.own:,f}",
        f"{one.used:,f}",
        "-" if one.left is None else f"{one.left:,f}",
        end,
    )


def _codes(shown: Shown) -> Grid:
    columns = (
        Column("benefit"),
        Column("free", number=True),
        Column("given", number=True),
        Column("burnt", number=True),
        Column("withdrawn", number=True),
    )
    rows = [
        (one.benefit, *(f"{n:,}" for n in (one.free, one.given, one.burnt, one.withdrawn)))
        for one in shown.review.codes
    ]
    return Grid(Phrase("review.codes"), columns, rows)


def _posted(shown: Shown) -> Grid:
    columns = (
        Column("channel"),
        Column("kind"),
        Column("state"),
        Column("reason"),
        Column("rows", number=True),
    )
    rows = [
        (one.channel, one.kind, one.state, _reason(one.reason), f"{one.count:,}")
        for one in shown.review.posted
    ]
    return Grid(Phrase("review.delivery"), columns, rows)


def _reason(reason: str | None) -> str | Phrase:
    if reason is None:
        return "-"
    return REASONS.get(reason.partition("/")[0], reason.partition("/")[0])


def _became(shown: Shown) -> Grid:
    columns = (Column("became"), Column("decisions", number=True))
    rows = [(one.kind, f"{one.count:,}") for one in shown.review.became]
    return Grid(Phrase("review.became"), columns, rows)


def _complaints(shown: Shown) -> Grid:
    columns = (
        Column(Phrase("review.event")),
        Column("came", number=True),
        Column("customers", number=True),
    )
    rows = [(one.event, f"{one.events:,}", f"{one.customers:,}") for one in shown.review.complaints]
    return Grid(Phrase("review.complaints"), columns, rows)


def _brakes(shown: Shown) -> Grid:
    columns = (Column("at"), Column("kind"), Column("why"), Column("author"))
    rows = [
        (_moment(shown, one.at), one.kind, one.reason, one.author) for one in shown.review.brakes
    ]
    return Grid(Phrase("review.brakes"), columns, rows)


def _moment(shown: Shown, at: datetime) -> str:
    return at.astimezone(shown.zone).strftime("%Y-%m-%d %H:%M")


def _or_dash(value: object) -> str:
    return "-" if value is None else str(value)


# --- JSON ---------------------------------------------------------------------------------------


def as_json(shown: Shown, language: Language) -> str:
    """One JSON document."""
    found = shown.review
    document = {
        "format_version": FORMAT_VERSION,
        "campaign": found.name,
        "at": found.at.isoformat(),
        "in_plan": found.in_plan,
        "state": found.state,
        "currency": shown.plan.currency,
        "phases_by": found.phases_by,
        "phases": [_phase(one) for one in found.phases],
        "whole": _phase(found.whole),
        "goal": _goal_json(shown),
        "outcomes": dict(found.outcomes),
        "refused": [_plain(one) for one in found.refused],
        "days": [_plain(one) for one in found.days],
        "caps": [_use(one) for one in found.uses],
        "codes": [_plain(one) for one in found.codes],
        "outbox": [_plain(one) for one in found.posted],
        "became": {one.kind: one.count for one in found.became},
        "complaints": [_plain(one) for one in found.complaints],
        "brakes": [_plain(one) for one in found.brakes],
        "measured": _measured_json(shown, language),
        "notes": [in_language(one, language) for one in sentences(shown)],
        "warnings": [one.message(language) for one in found.warnings],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _plain(one: DataclassInstance) -> dict[str, object]:
    """The fields of a value: amounts as exact text, days and instants in ISO 8601."""
    return {each.name: _cell(getattr(one, each.name)) for each in fields(one)}


def _cell(value: object) -> object:
    match value:
        case Decimal():
            return _exact(value)
        case date():
            return value.isoformat()
        case _:
            return value


def _measured_json(shown: Shown, language: Language) -> dict[str, object] | None:
    found = shown.review.measured
    if found is None:
        return None
    return measured.result_object(found, shown.plan.time_zone, language)


def _phase(one: Phase) -> dict[str, object]:
    return {
        "phase": one.name,
        "first": _day(one.first),
        "last": _day(one.last),
        "open": one.is_open,
        "customers": one.customers,
        "granted": one.granted,
        "refused": one.refused,
        "spent": _exact(one.spent),
    }


def _goal_json(shown: Shown) -> dict[str, object]:
    found = shown.review
    target = None if found.reaching is None else found.reaching.target
    reached = None if found.reaching is None else found.reaching.reached
    return {
        "name": found.goal,
        "of": None if target is None else target.of,
        "event": None if target is None else target.event,
        "field": None if target is None else target.field,
        "currency": None if target is None else target.currency,
        "target": None if target is None else _exact(target.amount),
        "reached": None if reached is None else _exact(reached),
    }


def _use(one: Use) -> dict[str, object]:
    return {
        "account": one.account,
        "name": one.name,
        "measure": one.measure,
        "cap": _exact(one.cap),
        "own": _exact(one.own),
        "used": _exact(one.used),
        "left": None if one.left is None else _exact(one.left),
        "ran_out": None if one.ran_out is None else one.ran_out.isoformat(),
        "periods_out": one.periods_out,
        "curve": [{"day": str(day), "used": _exact(value)} for day, value in one.curve],
    }


def _exact(value: Decimal) -> str:
    return f"{value:f}"


def _day(value: date | None) -> str | None:
    return None if value is None else str(value)
