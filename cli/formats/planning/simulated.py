"""A simulation as tables for people, and as JSON in the shape of docs/json.md."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from ....dsl.diagnostics.diagnostic import Diagnostic, Language, Phrase, in_language
from ...screen.headings import OWNERS
from ...screen.tables import Column
from ..json import FORMAT_VERSION, record
from ..outcome import refused
from . import compared

if TYPE_CHECKING:
    from ....compiler.plan import Plan
    from ....runtime.decide.decisions import Outcome
    from ....runtime.simulate.simulation import Cap, Day, Overlap, SimulatedCampaign, Simulation

SHOWN = 20
"""Overlaps of a table, at most; JSON has all."""

Cells = tuple[str | Phrase, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A simulation with its plan and its warnings. `edit` is the edit of the project in words.

    `present` is the simulation of the project as it is, if that can be had.
    """

    simulation: Simulation
    plan: Plan
    warnings: tuple[Diagnostic, ...] = ()
    edit: Phrase | None = None
    present: Simulation | None = None


class Grid(NamedTuple):
    """A table: its heading, its columns and its rows."""

    title: Phrase
    columns: tuple[Column, ...]
    rows: Sequence[Cells]


def grids(shown: Shown) -> Iterator[Grid]:
    """Yield the tables that have rows: campaigns, steps, caps, overlaps."""
    simulation = shown.simulation
    if shown.present is not None:
        yield side_by_side(shown.present, simulation, shown.plan.currency)
    yield of_campaigns(simulation, shown.plan.currency)
    steps = [row for one in simulation.campaigns if one.is_journey for row in _steps(one)]
    if steps:
        yield Grid(Phrase("simulated.steps"), _STEPS, steps)
    caps = (
        of_caps(cap for one in simulation.campaigns for cap in one.caps),
        of_caps(simulation.shared),
    )
    rows = [row for grid in caps for row in grid.rows]
    if rows:
        yield Grid(Phrase("simulated.caps"), _CAPS, rows)
    if simulation.overlaps:
        yield of_overlaps(simulation.overlaps)


def side_by_side(present: Simulation, edited: Simulation, currency: str) -> Grid:
    """A row a campaign: as it is, with the edit, and by how much they differ."""
    title, columns = Phrase("simulated.side_by_side"), compared.columns(currency)
    return Grid(title, columns, list(compared.rows(present, edited)))


def of_campaigns(simulation: Simulation, currency: str) -> Grid:
    """A row a campaign: whom it reached, what it granted and spent, when its money is gone."""
    columns = (
        Column("campaign"),
        Column("reached", number=True),
        Column("granted", number=True),
        Column("refused"),
        Column(Phrase("headings.spent_in", currency=currency), number=True),
        Column("runs out"),
    )
    rows = [
        (
            one.name,
            f"{one.reached:,}",
            f"{one.granted:,}",
            refused(_outcomes(one)),
            f"{one.spent:,f}",
            _or_dash(one.runs_out),
        )
        for one in simulation.campaigns
    ]
    return Grid(Phrase("simulated.campaigns"), columns, rows)


_STEPS = (
    Column("step"),
    Column("came", number=True),
    Column("granted", number=True),
    Column("refused"),
)
_CAPS = (
    Column("of"),
    Column("cap"),
    Column("measure"),
    Column("limit", number=True),
    Column("spent", number=True),
    Column("left", number=True),
    Column("runs out"),
)
_OVERLAPS = (Column("campaign"), Column("and"), Column("customers", number=True))


def of_steps(campaign: SimulatedCampaign) -> Grid:
    """A row a step of one campaign."""
    return Grid(Phrase("simulated.steps"), _STEPS, list(_steps(campaign)))


def _steps(campaign: SimulatedCampaign) -> Iterator[Cells]:
    for step in campaign.steps:
        moments = step.outcomes.get("reached", 0) + step.outcomes.get("left", 0)
        came = f"{step.granted + moments:,}"
        yield step.shown, came, f"{step.granted:,}", refused(step.outcomes)


def of_caps(caps: Iterable[Cap]) -> Grid:
    """A row a cap; of one for each day, month, … how many of those were used up."""
    rows = [
        (
            Phrase("simulated.owner", kind=OWNERS[cap.owner_kind], name=cap.owner),
            cap.name,
            cap.measure,
            f"{cap.cap:,f}",
            f"{cap.spent:,f}",
            f"{cap.left:,f}" if not cap.periods else "-",
            _end(cap),
        )
        for cap in caps
    ]
    return Grid(Phrase("simulated.caps"), _CAPS, rows)


def _end(cap: Cap) -> str | Phrase:
    if not cap.periods:
        return _or_dash(cap.runs_out)
    if not cap.periods_used_up:
        return "-"
    known = {"count": f"{cap.periods_used_up:,}", "of": f"{cap.periods:,}"}
    return Phrase("simulated.periods_used_up", **known)


def of_cut_off(campaign: SimulatedCampaign) -> Grid:
    """A row for each outcome and cap that refused decisions of a campaign."""
    columns = (Column("outcome"), Column("cap"), Column("decisions", number=True))
    own = f"campaign/{campaign.ledger_name}/"
    rows = [
        (one.outcome, (one.account or "-").removeprefix(own), f"{one.count:,}")
        for one in campaign.cut_off
    ]
    return Grid(Phrase("simulated.cut_off"), columns, rows)


def of_overlaps(overlaps: Sequence[Overlap]) -> Grid:
    """The pairs of campaigns with the most common recipients."""
    rows = [(one.one, one.other, f"{one.customers:,}") for one in overlaps[:SHOWN]]
    return Grid(Phrase("simulated.overlaps"), _OVERLAPS, rows)


def notes(shown: Shown) -> Iterator[Phrase]:
    """Yield a line for each result that no table shows."""
    simulation = shown.simulation
    if shown.edit is not None:
        yield shown.edit
        if shown.present is None:
            yield Phrase("simulated.no_present")
    more = len(simulation.overlaps) - SHOWN
    if more > 0:
        yield Phrase("simulated.more_overlaps", count=f"{more:,}")
    for table in simulation.left_out:
        yield Phrase(
            "outcome.left_out", table=table.table, count=f"{table.count:,}", rows=f"{table.rows:,}"
        )
    yield Phrase("simulated.kept_nothing")


def _outcomes(campaign: SimulatedCampaign) -> Mapping[Outcome, int]:
    found: dict[Outcome, int] = {}
    for one in campaign.cut_off:
        found[one.outcome] = found.get(one.outcome, 0) + one.count
    return found


def _or_dash(value: object) -> str:
    return "-" if value is None else str(value)


# --- JSON ---------------------------------------------------------------------------------------


def as_json(shown: Shown, language: Language) -> str:
    """One JSON document."""
    simulation = shown.simulation
    document = {
        "format_version": FORMAT_VERSION,
        "from": simulation.start.isoformat(),
        "to": simulation.end.isoformat(),
        "with": None if shown.edit is None else in_language(shown.edit, language),
        "differences": None
        if shown.present is None
        else compared.differences(shown.present, simulation),
        "with_ledger": simulation.with_ledger,
        "campaigns": [_campaign(one) for one in simulation.campaigns],
        "shared_caps": [_cap(cap) for cap in simulation.shared],
        "overlaps": [
            {"campaigns": [one.one, one.other], "customers": one.customers}
            for one in simulation.overlaps
        ],
        "customers_by_campaigns": {
            str(count): customers for count, customers in sorted(simulation.several.items())
        },
        "days": [_day(day) for day in simulation.days],
        "left_out": [
            {"table": one.table, "count": one.count, "rows": one.rows}
            for one in simulation.left_out
        ],
        "diagnostics": [record(one, language) for one in shown.warnings],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _campaign(one: SimulatedCampaign) -> dict[str, object]:
    return {
        "campaign": one.name,
        "label": one.label,
        "reached": one.reached,
        "granted": one.granted,
        "spent": _money(one.spent),
        "runs_out": None if one.runs_out is None else str(one.runs_out),
        "steps": [
            {
                "step": step.step,
                "reached": step.reached,
                "granted": step.granted,
                "spent": _money(step.spent),
                "outcomes": dict(step.outcomes),
            }
            for step in one.steps
        ],
        "days": [_day(day) for day in one.days],
        "cut_off": [
            {"outcome": each.outcome, "account": each.account, "count": each.count}
            for each in one.cut_off
        ],
        "caps": [_cap(cap) for cap in one.caps],
    }


def _day(day: Day) -> dict[str, object]:
    return {"day": str(day.day), "granted": day.granted, "spent": _money(day.spent)}


def _cap(cap: Cap) -> dict[str, object]:
    return {
        "account": cap.account,
        "of": cap.owner_kind,
        "name": cap.owner,
        "measure": cap.measure,
        "cap": _money(cap.cap),
        "spent": _money(cap.spent),
        "left": None if cap.periods else _money(cap.left),
        "runs_out": None if cap.runs_out is None else str(cap.runs_out),
        "periods": cap.periods,
        "periods_used_up": cap.periods_used_up,
    }


def _money(amount: Decimal) -> str:
    return f"{amount:f}"
