"""A simulation with an edit next to that of the project as it is: a row a campaign."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from ....dsl.diagnostics.diagnostic import Phrase
from ...screen.tables import Column

if TYPE_CHECKING:
    from ....runtime.simulate.simulation import SimulatedCampaign, Simulation

Cells = tuple[str | Phrase, ...]
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Compared:
    """A campaign in both simulations; `None`: the project has no such campaign there."""

    name: str
    present: SimulatedCampaign | None
    edited: SimulatedCampaign | None

    @property
    def differs(self) -> bool:
        """Whether anything came of it otherwise."""
        return self.present != self.edited


def compared(present: Simulation, edited: Simulation) -> Iterator[Compared]:
    """Yield the campaigns of both, those of the edited project first."""
    before = {one.name: one for one in present.campaigns}
    after = {one.name: one for one in edited.campaigns}
    for name in dict.fromkeys((*after, *before)):
        yield Compared(name, before.get(name), after.get(name))


def columns(currency: str) -> tuple[Column, ...]:
    """The headings: each number as it is and with the edit."""
    return (
        Column("campaign"),
        Column("reached", number=True),
        Column("granted", number=True),
        Column(Phrase("headings.spent_in", currency=currency), number=True),
        Column("runs out"),
    )


def rows(present: Simulation, edited: Simulation) -> Iterator[Cells]:
    """Yield a row a campaign, and the sums of all."""
    for one in compared(present, edited):
        both = (one.present, one.edited)
        ends = [None if each is None else each.runs_out for each in both]
        yield (
            one.name,
            _counts(*(None if each is None else each.reached for each in both)),
            _counts(*(None if each is None else each.granted for each in both)),
            _money(*(None if each is None else each.spent for each in both)),
            _moved(*("-" if end is None else str(end) for end in ends)),
        )
    sums = [
        (
            sum(each.several.values()),
            sum(one.granted for one in each.campaigns),
            sum((one.spent for one in each.campaigns), NOTHING),
        )
        for each in (present, edited)
    ]
    (reached, granted, spent), (reached_now, granted_now, spent_now) = sums
    yield (
        Phrase("simulated.together"),
        _counts(reached, reached_now),
        _counts(granted, granted_now),
        _money(spent, spent_now),
        "",
    )


def _counts(before: int | None, after: int | None) -> str:
    """Two counts, and by how much they differ."""
    if before is None or after is None:
        return _moved(*("-" if one is None else f"{one:,}" for one in (before, after)))
    by = f" ({after - before:+,})" if after != before else ""
    return f"{_moved(f'{before:,}', f'{after:,}')}{by}"


def _money(before: Decimal | None, after: Decimal | None) -> str:
    """Two amounts, and by how much they differ."""
    if before is None or after is None:
        return _moved(*("-" if one is None else f"{one:,f}" for one in (before, after)))
    by = f" ({after - before:+,f})" if after != before else ""
    return f"{_moved(f'{before:,f}', f'{after:,f}')}{by}"


def _moved(before: str, after: str) -> str:
    return before if before == after else f"{before} → {after}"


# --- for programs -------------------------------------------------------------------------------


def differences(present: Simulation, edited: Simulation) -> list[dict[str, object]]:
    """The campaigns of which something came otherwise: each number before and after."""
    return [
        {
            "campaign": one.name,
            "before": _numbers(one.present),
            "after": _numbers(one.edited),
        }
        for one in compared(present, edited)
        if one.differs
    ]


def _numbers(one: SimulatedCampaign | None) -> dict[str, object] | None:
    if one is None:
        return None
    return {
        "reached": one.reached,
        "granted": one.granted,
        "spent": f"{one.spent:f}",
        "runs_out": None if one.runs_out is None else str(one.runs_out),
    }
