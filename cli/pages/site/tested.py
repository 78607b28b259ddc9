"""The scenarios of each campaign: whether they pass, and what none of them reaches."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ....dsl.diagnostics.diagnostic import Phrase
from ...formats.scenarios.coverage import KINDS

if TYPE_CHECKING:
    from ....compiler.plan import Plan
    from ....compiler.scenarios.model import Scenario
    from ....runtime.scenarios.coverage import Coverage, Item


@dataclass(frozen=True, slots=True)
class Tested:
    """The scenarios of a campaign. `percent` of its steps, clauses and branches are reached."""

    scenarios: tuple[tuple[str, Phrase], ...] = ()
    percent: int = 0
    missed: tuple[tuple[Phrase, str], ...] = ()


def tested(
    plan: Plan, scenarios: Sequence[Scenario], channels: Collection[str]
) -> dict[str, Tested]:
    """Run all scenarios of a project in memory; campaigns without one have an entry too."""
    from ....runtime.scenarios.coverage import Coverage
    from ....runtime.scenarios.testing import run_scenarios

    coverage = Coverage(plan)
    results: dict[str, list[tuple[str, Phrase]]] = {}
    for one in run_scenarios(plan, scenarios, channels, coverage):
        told = Phrase("site.passes") if one.passed else Phrase("site.fails")
        results.setdefault(one.scenario.campaign, []).append((one.scenario.title, told))
    return _by_campaign(plan, coverage, results)


def _by_campaign(
    plan: Plan, coverage: Coverage, results: Mapping[str, list[tuple[str, Phrase]]]
) -> dict[str, Tested]:
    from ....runtime.scenarios.coverage import COUNTED, items_of

    found = {}
    for campaign in plan.campaigns:
        items = list(items_of(plan, campaign))
        counted = [item in coverage.reached for item in items if item.kind in COUNTED]
        missed = tuple(_words(item) for item in items if item not in coverage.reached)
        percent = 100 * sum(counted) // len(counted) if counted else 100
        found[campaign.name] = Tested(tuple(results.get(campaign.name, ())), percent, missed)
    return found


def _words(item: Item) -> tuple[Phrase, str]:
    return KINDS[item.kind], " ".join(item.text.split())
