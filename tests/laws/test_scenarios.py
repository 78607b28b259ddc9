"""A scenario comes to what a run over a real warehouse comes to: each grant and each outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from campaigner.compiler.scenarios.model import GivenCustomer, GivenEvent, Scenario, Turn
from campaigner.dsl.diagnostics.source import Place
from campaigner.runtime.ledger import ledger_in_memory
from campaigner.runtime.ledger.contract import GrantRow, Ledger
from campaigner.runtime.scenarios.playing import Player
from campaigner.runtime.scenarios.staging import staged
from hypothesis import given, note

from ..strategies import Wanted, cases
from . import at_most
from .cases import Case, compile_case, to_json
from .runs import house

HERE = Place("made.campaign", 1, 1, 1, 1)
CHANNELS = frozenset({"push"})


def events_of(case: Case, plan) -> Iterator[GivenEvent]:
    """Every event of the case, without the pasts of fields, as a scenario gives it."""
    rows = case.rows(plan)
    for kind in (one for one in plan.events if one.past_of is None):
        names = [field.name for field in kind.fields]
        for customer, history in rows.histories[kind.name].items():
            for row in history:
                values = {name: row[name] for name in names}
                yield GivenEvent(kind.name, row["key"], customer, row["at"], values, HERE)


def scenario_of(case: Case, plan, campaign: str) -> Scenario:
    rows = case.rows(plan)
    customers = tuple(GivenCustomer(key, row, HERE) for key, row in rows.customers.items())
    earlier = tuple(one for one in events_of(case, plan) if one.at < case.start)
    nothing = (frozenset(), None, 0, (), ())
    return Scenario("made", campaign, case.start, customers, earlier, *nothing, (), HERE)


def played(case: Case, player: Player, plan) -> None:
    """Let the events of the case happen, all of an instant together, and time pass to its end."""
    for kind, histories in case.rows(plan).histories.items():
        if any(one.name == kind and one.past_of is not None for one in plan.events):
            player.world.rows.histories[kind].update(histories)
    coming = (one for one in events_of(case, plan) if case.start <= one.at <= case.end)
    in_order = sorted(coming, key=lambda one: (one.at, one.key))
    for at, together in groupby(in_order, key=lambda one: one.at):
        *first, last = together
        for event in first:
            player.world.add(event)
        player.play(Turn(last, at, (), HERE))
    player.play(Turn(None, case.end, (), HERE))


def kept(ledger: Ledger) -> tuple[list[GrantRow], Counter]:
    rows = (replace(one, plan="", number=0) for one in ledger.grants())
    return sorted(rows, key=repr), ledger.outcomes()


@at_most(12)
@given(cases(Wanted(campaigns=1, depth=1, scarce=True, timers=3, moves=3), late=False))
def test_a_scenario_comes_to_what_a_run_comes_to(case):
    note(to_json(case))
    plan = compile_case(case)
    for name in [one.name for one in plan.campaigns]:
        stage = staged(plan, name, None)
        with ledger_in_memory(plan.project, plan.currency, CHANNELS) as ledger:
            player = Player(stage, scenario_of(case, stage.plan, name), ledger, ["push"])
            played(case, player, stage.plan)
            found = kept(ledger)
        with house(case, stage.plan) as lived:
            lived.carry_out(case.start, case.end)
            with lived.opened() as (_, stored):
                assert found == kept(stored)
