"""When a number would pretend: the sentences that take its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from ...compiler.plan import Campaign
from ...compiler.plan.calendar import local_clock
from ...dsl.diagnostics.diagnostic import Phrase
from ..statistics.sample_ratio import LEAST as LEAST_RATIO
from ..statistics.sample_ratio import sample_ratio
from .exposures import Crowd
from .results import HELD_OUT, Refusal

LEAST = 100
"""Customers of a variant from whom on it is compared."""
LEAST_EVENTS = 10
"""Customers of both variants who did it from whom on, and who did not, shares are compared."""
NOISE = 0.01
"""So much more of those held out may be reached by another campaign than of those exposed."""


def refusals(crowd: Crowd, zone: ZoneInfo, *, closed_only: bool) -> Iterator[Refusal]:
    """Why no measure of a campaign can be shown."""
    if not crowd.counts and not crowd.open:
        yield Refusal("nobody", Phrase("measure.nobody"))
        return
    if crowd.open and not (closed_only and crowd.counts) and crowd.closes is not None:
        values = {"count": f"{crowd.open:,}", "until": shown(crowd.closes, zone)}
        yield Refusal("window_open", Phrase("measure.window_open", **values))
    yield from _assignment(crowd)
    if crowd.given_all_the_same:
        count = f"{crowd.given_all_the_same:,}"
        yield Refusal("given_all_the_same", Phrase("measure.given_all_the_same", count=count))
    yield from _contaminated(crowd)


def shown(at: datetime, zone: ZoneInfo) -> str:
    """An instant on the project's clock."""
    return f"{local_clock(zone, at):%Y-%m-%d %H:%M}"


def _assignment(crowd: Crowd) -> Iterator[Refusal]:
    """The sample ratio: as many were held out, and fell to each arm, as the shares say."""
    total, campaign = sum(crowd.counts.values()), crowd.campaign
    held, experiment = held_part(campaign), campaign.experiment
    arms = () if experiment is None else experiment.arms
    parts = [one.part for one in arms] or [Decimal(1)]
    shares = [held, *((1 - held) * one for one in parts)]
    names = ["held_out", *([one.name for one in arms] or ["reached"])]
    counts = [crowd.counts[number] for number in range(len(shares))]
    if not held:
        shares, names, counts = shares[1:], names[1:], counts[1:]
    if sample_ratio(counts, [float(one) for one in shares]) < LEAST_RATIO:
        found = zip(names, counts, shares, strict=True)
        listed = ", ".join(f"{name} {count:,} ({total * part:,.0f})" for name, count, part in found)
        yield Refusal("assignment_off", Phrase("measure.assignment_off", counts=listed))


def held_part(campaign: Campaign) -> Decimal:
    """The part of customers who are held out by the campaign or by the project."""
    return 1 - (1 - campaign.holdout) * (1 - campaign.project_holdout)


def _contaminated(crowd: Crowd) -> Iterator[Refusal]:
    """Campaigns that reached more of those held out than of those exposed."""
    held = crowd.counts[HELD_OUT]
    others = sum(crowd.counts.values()) - held
    reached: dict[str, list[int]] = {}
    for (variant, name), count in sorted(crowd.others.items()):
        reached.setdefault(name, [0, 0])[variant != HELD_OUT] += count
    for name, (of_held, of_others) in reached.items():
        share = of_held / held if held else 0.0
        if held and of_held and share > (of_others / others if others else 0.0) + NOISE:
            values = {"count": f"{of_held:,}", "held": f"{held:,}", "campaign": name}
            values["others"] = f"{of_others:,}"
            values["total"] = f"{others:,}"
            yield Refusal("contaminated", Phrase("measure.contaminated", **values))


def comparison(counts: Mapping[int, int], variant: int, against: int | None) -> Refusal | None:
    """Why a variant cannot be compared with another; `None` if it can."""
    if against is None:
        return Refusal("nobody_held_out", Phrase("measure.nobody_held_out"))
    for one in (variant, against):
        if not counts.get(one, 0):
            says = Phrase("measure.nobody_there") if one else Phrase("measure.none_held_out")
            return Refusal("variant_empty", says)
    smallest = min(counts[variant], counts[against])
    if smallest < LEAST:
        values = {"count": f"{smallest:,}", "least": f"{LEAST:,}"}
        return Refusal("too_small", Phrase("measure.too_small", **values))
    return None


def too_few(did: int, customers: int) -> Refusal | None:
    """Why two shares cannot be compared: hardly anybody did it, or hardly anybody did not."""
    fewest = min(did, customers - did)
    if fewest >= LEAST_EVENTS:
        return None
    values = {"count": f"{did:,}", "total": f"{customers:,}", "least": f"{LEAST_EVENTS:,}"}
    return Refusal("too_few_events", Phrase("measure.too_few_events", **values))


def notes(crowd: Crowd, before: Sequence[int]) -> Iterator[Phrase]:
    """Remarks on what does not count."""
    happened = sum(before)
    if happened:
        yield Phrase("measure.before", count=f"{happened:,}")
    named: dict[str, int] = {}
    for (_, name), count in crowd.others.items():
        named[name] = named.get(name, 0) + count
    if named:
        most = sorted(named, key=lambda one: (-named[one], one))[:3]
        listed = ", ".join(f"{one} ({named[one]:,})" for one in most)
        yield Phrase("measure.others", campaigns=listed)
