"""Law 3 on GoogleSQL, over a sample that is always the same, and over what once went wrong."""

import pytest
from hypothesis import given, note

from ..strategies import cases
from . import test_together
from .cases import Case, compile_case, from_json, to_json
from .engines import decisions_of, public_rows, reference, rows_of
from .test_regressions import CASES
from .test_spark import SAMPLE


def hold(case: Case) -> None:
    """GoogleSQL against the reference, for every campaign of the case."""
    plan = compile_case(case)
    for campaign in plan.campaigns:
        due = case.due(plan, campaign.name)
        expected = reference(plan, campaign.name, case, due)
        assert decisions_of("bigquery")(plan, campaign.name, case, due) == expected
        assert rows_of("bigquery")(plan, campaign.name, case, due) == public_rows(expected)


@pytest.mark.bigquery
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_once_went_wrong_stays_right_on_bigquery(path):
    hold(from_json(path.read_text("utf-8")))


@pytest.mark.bigquery
@SAMPLE
@given(cases())
def test_bigquery_decides_as_the_reference_does(case):
    note(to_json(case))
    hold(case)


@pytest.mark.bigquery
@SAMPLE
@given(cases(test_together.SEVERAL))
def test_bigquery_decides_all_campaigns_in_one_statement(case):
    note(to_json(case))
    test_together.hold(case, ["bigquery"])
