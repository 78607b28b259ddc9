"""Repeating the draws of a run, with a seed or without, gives the same results."""

from __future__ import annotations

from campaigner.runtime.ledger.draws.odds import draws_without
from hypothesis import assume, given, note

from ..seeds import seeds_of
from ..strategies import Wanted, cases
from . import at_most
from .cases import compile_case, to_json
from .runs import house

DRAWING = Wanted(campaigns=4, depth=1, scarce=True)


@at_most(6)
@given(cases(DRAWING, late=False).filter(lambda case: "reward draw {" in case.campaigns))
def test_what_was_drawn_is_drawn_again(case):
    note(to_json(case))
    plan = compile_case(case)
    assume(any(campaign.draws for campaign in plan.campaigns))
    with house(case, plan) as lived:
        lived.carry_out(case.start, case.end)
        with lived.opened() as (_, ledger):
            assert ledger.verify() == ()
            found = ledger.redraw(seeds_of(plan), tuple(draws_without(plan)))
            kept = sum(
                count
                for (campaign, _), count in ledger.outcomes().items()
                if campaign in {one.campaign for one in found.draws}
            )
    assert [one.message() for one in found.findings] == []
    assert sum(one.left for one in found.draws) == 0
    assert sum(one.redrawn for one in found.draws) <= kept
