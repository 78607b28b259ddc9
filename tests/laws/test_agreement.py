"""Law 3: every engine decides as the reference does, decision by decision."""

from hypothesis import given, note

from ..strategies import Wanted, cases
from . import at_most
from .cases import Case, compile_case, to_json
from .engines import DECIDERS, ENGINES, public_rows, reference


def hold(case: Case) -> None:
    """Every engine against the reference, for every campaign of the case."""
    plan = compile_case(case)
    for campaign in plan.campaigns:
        due = case.due(plan, campaign.name)
        expected = reference(plan, campaign.name, case, due)
        for name, decide in DECIDERS.items():
            assert decide(plan, campaign.name, case, due) == expected, name
        for name, rows in ENGINES.items():
            assert rows(plan, campaign.name, case, due) == public_rows(expected), name


@at_most(100)
@given(cases(Wanted(timers=4, moves=3)))
def test_all_engines_decide_as_the_reference_does(case):
    note(to_json(case))
    hold(case)
