"""Run scenarios one after the other, each over an empty ledger of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from ...compiler.codes import scenarios as codes
from ...compiler.plan import Plan
from ...compiler.plan.steps import StepKey
from ...compiler.scenarios.model import (
    ExpectedBalance,
    ExpectedNothing,
    ExpectedStage,
    Scenario,
    Turn,
)
from ...dsl.diagnostics.diagnostic import Diagnostic, diagnose
from ..decide.grant_gate import GrantGate
from ..decide.reference import facts_of
from ..explain.clauses import Clause
from ..ledger import ledger_in_memory
from .came import Came
from .comparing import Difference, State, compared
from .coverage import Coverage
from .explaining import lost_at
from .playing import Player
from .staging import Stage, staged
from .world import FieldNeeded

_OWN = frozenset({"rewards", "alerts"})
"""Channels on which no message goes out."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The turn at which a scenario differs. `lost` has the clause that lost each customer."""

    turn: Turn
    came: tuple[Came, ...]
    difference: Difference
    lost: tuple[tuple[str, Clause], ...]


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """A scenario and what became of it: it passed, differs, or lacks a field."""

    scenario: Scenario
    failure: Failure | None = None
    needed: Diagnostic | None = None

    @property
    def passed(self) -> bool:
        """Whether all came as expected."""
        return self.failure is None and self.needed is None


def run_scenarios(
    plan: Plan,
    scenarios: Sequence[Scenario],
    channels: Collection[str],
    coverage: Coverage | None = None,
) -> Iterator[ScenarioResult]:
    """Run the scenarios of a plan; `channels` are the project's, by name.

    `coverage` notes what they reach.
    """
    names = frozenset(channels) - _OWN
    empty = ledger_in_memory(plan.project, plan.currency, names)
    stages: dict[tuple[str, str | None, str | None], Stage] = {}
    for scenario in scenarios:
        key = (scenario.campaign, scenario.prize, scenario.arm)
        if key not in stages:
            stages[key] = staged(plan, *key)
        with empty.rehearsal() as ledger:
            try:
                player = Player(stages[key], scenario, ledger, sorted(names), coverage)
                yield ScenarioResult(scenario, _first_failure(player, scenario))
            except FieldNeeded as needed:
                yield ScenarioResult(scenario, needed=_diagnosed(needed, stages[key]))


def _diagnosed(needed: FieldNeeded, stage: Stage) -> Diagnostic:
    """The field that a rule asked for, and that was not seen to be asked for before."""
    of = codes.of_event(needed.owner) if needed.owner else codes.of_customer()
    name = stage.campaign.renamed or stage.campaign.name
    code, rule = codes.FIELD_NEEDED, codes.A_RULE
    return diagnose(code, needed.place, name=needed.field, of=of, campaign=name, rule=rule)


def _first_failure(player: Player, scenario: Scenario) -> Failure | None:
    for turn in scenario.turns:
        came = player.play(turn)
        if not turn.is_checked:
            continue
        explained = {
            one.customer or scenario.customers[0].key: None
            for one in turn.expected
            if isinstance(one, ExpectedNothing) and one.because is not None
        }
        lost = {key: lost_at(player, key, turn) for key in explained}
        found = compared(turn.expected, came, _state(player, scenario, turn, lost))
        if not found.is_empty:
            whom = [one.key for one in scenario.customers]
            clauses = (
                (key, lost[key] if key in lost else lost_at(player, key, turn)) for key in whom
            )
            said = tuple((key, one) for key, one in clauses if one is not None)
            return Failure(turn, came, found, said)
    return None


def _state(player: Player, scenario: Scenario, turn: Turn, lost: dict[str, Clause | None]) -> State:
    stages: dict[tuple[str, str], str | None] = {}
    balances: dict[tuple[str, str], int] = {}
    plan = player.stage.plan
    for one in turn.expected:
        if isinstance(one, ExpectedStage):
            plain = facts_of(plan, player.world.rows, one.customer, turn.at, None)
            key = StepKey(scenario.campaign, player.stage.campaign.steps[-1].name)
            facts = GrantGate(plan, player.ledger).facts(key, "~", one.customer, plain)
            stages[one.customer, one.lifecycle] = facts.stage(one.lifecycle)
        elif isinstance(one, ExpectedBalance):
            rows = player.ledger.balances(one.customer, turn.at)
            held = {row.wallet: row.balance for row in rows}
            balances[one.customer, one.wallet] = held.get(one.wallet, 0)
    said = {key: None if one is None else one.text for key, one in lost.items()}
    first = scenario.customers[0].key
    return State(stages, balances, {**said, "": said.get(first)})
