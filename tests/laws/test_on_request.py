"""Law 3 on the engines of `ON_REQUEST`, over the same sample each time and what once went wrong."""

import pytest
from hypothesis import Phase, given, note, settings

from ..strategies import cases
from ..warehouses import ON_REQUEST
from .cases import Case, compile_case, from_json, to_json
from .engines import decisions_of, public_rows, reference, rows_of
from .test_regressions import CASES
from .test_together import SEVERAL
from .test_together import hold as hold_together

SAMPLE = settings(max_examples=50, derandomize=True, phases=[Phase.generate], database=None)
"""Examples are not shrunk, since these engines are slow. DuckDB and others shrink them."""

FEW = settings(SAMPLE, max_examples=10)
"""For cases with several campaigns."""


def hold(case: Case, engine: str) -> None:
    """The engine against the reference, for every campaign of the case."""
    plan = compile_case(case)
    for campaign in plan.campaigns:
        due = case.due(plan, campaign.name)
        expected = reference(plan, campaign.name, case, due)
        assert decisions_of(engine)(plan, campaign.name, case, due) == expected
        assert rows_of(engine)(plan, campaign.name, case, due) == public_rows(expected)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
@pytest.mark.parametrize("engine", ON_REQUEST)
def test_what_once_went_wrong_stays_right(path, engine):
    hold(from_json(path.read_text("utf-8")), engine)


@pytest.mark.parametrize("engine", ON_REQUEST)
@SAMPLE
@given(case=cases())
def test_it_decides_as_the_reference_does(case, engine):
    note(to_json(case))
    hold(case, engine)


@pytest.mark.parametrize("engine", ON_REQUEST)
@FEW
@given(case=cases(SEVERAL))
def test_all_campaigns_in_one_statement(case, engine):
    note(to_json(case))
    hold_together(case, (engine,))
