"""Whole runs: what the ledger keeps is what a plain model of the rules and the caps says."""

from __future__ import annotations

from collections import Counter
from functools import cache

from hypothesis import given, note
from hypothesis import strategies as st

from ..on_postgresql import new_schema
from ..strategies import Wanted, cases
from . import at_most
from .cases import Case, compile_case, to_json
from .runs import house, modelled

SCARCE = Wanted(campaigns=2, depth=1, scarce=True, timers=3, moves=3)


def told(case: Case) -> Case:
    note(to_json(case))
    return case


@at_most(15)
@given(cases(SCARCE, late=False))
def test_a_run_comes_to_what_the_rules_and_the_caps_say(case):
    comes_to_what_is_said(told(case), None)


@at_most(6)
@given(cases(SCARCE, late=False))
def test_a_run_on_a_server_comes_to_what_the_rules_and_the_caps_say(case):
    comes_to_what_is_said(told(case), schema())


@cache
def schema():
    return new_schema()


def comes_to_what_is_said(case: Case, schema: str | None) -> None:
    plan = compile_case(case)
    expected = modelled(plan, case)
    with house(case, plan, schema) as lived:
        lived.carry_out(case.start, case.end)
        with lived.opened() as (_, ledger):
            for identity, became in expected.items():
                kept = ledger.decision(identity)
                assert kept is not None, identity
                assert (kept.outcome, kept.account) == (became.outcome, became.account), identity
        grants, outcomes = lived.kept()
    assert outcomes == Counter(
        (identity.campaign, became.outcome) for identity, became in expected.items()
    )
    given_ = {
        (identity, line.reward, line.amount, line.cost, line.expires_at)
        for identity, became in expected.items()
        for line in became.lines
    }
    assert given_ == {
        (
            type(identity)(grant.campaign, grant.step, grant.recipient, grant.occurrence),
            grant.reward,
            grant.amount,
            grant.cost,
            grant.expires_at,
        )
        for grant in grants
        for identity in [next(iter(expected))]
    }


@at_most(8)
@given(cases(SCARCE, late=False), st.data())
def test_a_period_in_pieces_comes_to_the_same_and_twice_is_once(case, data):
    plan = compile_case(told(case))
    middle = data.draw(
        st.datetimes(case.start.replace(tzinfo=None), case.end.replace(tzinfo=None))
    ).replace(tzinfo=case.start.tzinfo)
    with house(case, plan) as lived:
        lived.carry_out(case.start, case.end)
        whole, sent = lived.kept(), lived.outbox()
        lived.carry_out(case.start, case.end)
        assert lived.kept() == whole
        assert lived.outbox() == sent
    with house(case, plan) as lived:
        lived.carry_out(case.start, middle)
        lived.carry_out(middle, case.end)
        assert lived.kept() == whole


@at_most(8)
@given(cases(SCARCE, late=False), st.randoms(use_true_random=False))
def test_the_order_of_rows_means_nothing(case, random):
    plan = compile_case(told(case))
    with house(case, plan) as lived:
        lived.carry_out(case.start, case.end)
        kept, sent = lived.kept(), lived.outbox()

    def turned(rows):
        random.shuffle(rows)
        return rows

    other = case.permuted(turned)
    with house(other, plan) as lived:
        lived.carry_out(case.start, case.end)
        assert (lived.kept(), lived.outbox()) == (kept, sent)
