"""Renamed campaigns: one that names its former name decides what the former one would have."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given, note

from ..strategies import Wanted, cases
from . import at_most
from .cases import compile_case, to_json
from .runs import house

SCARCE = Wanted(campaigns=2, depth=1, scarce=True)


@at_most(6)
@given(cases(SCARCE, late=False))
def test_a_campaign_that_was_renamed_gives_nobody_anything_again(case):
    note(to_json(case))
    plan = compile_case(case)
    first = plan.campaigns[0].name
    later = replace(case, campaigns=_renamed(case.campaigns, first, "another_name"))
    assume("received" not in first)
    with house(case, plan) as lived:
        lived.carry_out(case.start, case.end)
        grants, outcomes = lived.kept()
        renamed = replace(lived, case=later, plan=compile_case(later))
        renamed.carry_out(case.start, case.end)
        again, counted = renamed.kept()
    assert renamed.plan.campaigns[0].renamed == "another_name"
    assert [_of(one) for one in again] == [_of(one) for one in grants]
    assert counted == outcomes


def _of(grant):
    return (grant.campaign, grant.recipient, grant.occurrence, grant.reward, grant.amount)


def _renamed(text: str, old: str, new: str) -> str:
    """The project with a campaign renamed, in its declaration and wherever it is named."""
    renamed = text.replace(f"received({old})", f"received({new})")
    renamed = renamed.replace(f"received({old} ", f"received({new} ")
    renamed = renamed.replace(f"exclusive with {old}\n", f"exclusive with {new}\n")
    head = f'campaign {old} "Gift" {{\n'
    assert head in renamed
    return renamed.replace(head, f'campaign {new} "Gift" {{\n  renamed from {old}\n')
