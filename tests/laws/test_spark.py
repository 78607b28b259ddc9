"""Law 3 on Spark, over a sample that is the same on every run, and over what once went wrong."""

import pytest
from campaigner.compiler.sql.query import candidates, decisions
from hypothesis import Phase, given, note, settings

from ..strategies import cases
from .cases import Case, compile_case, from_json, to_json
from .engines import decisions_of, public_rows, reference, rows_of
from .test_regressions import CASES

SAMPLE = settings(max_examples=50, derandomize=True, phases=[Phase.generate], database=None)
"""Nothing is reduced: each attempt takes Spark seconds. DuckDB and its like see the same cases."""


def hold(case: Case) -> None:
    """Spark against the reference, for every campaign of the case."""
    plan = compile_case(case)
    for campaign in plan.campaigns:
        due = case.due(plan, campaign.name)
        expected = reference(plan, campaign.name, case, due)
        assert decisions_of("spark")(plan, campaign.name, case, due) == expected
        assert rows_of("spark")(plan, campaign.name, case, due) == public_rows(expected)


@pytest.mark.spark
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_once_went_wrong_stays_right_on_spark(path):
    hold(from_json(path.read_text("utf-8")))


@pytest.mark.spark
@SAMPLE
@given(cases())
def test_spark_decides_as_the_reference_does(case):
    note(to_json(case))
    hold(case)


@SAMPLE
@given(cases())
def test_databricks_gets_the_sql_that_spark_executes(case):
    plan = compile_case(case)
    for campaign in plan.campaigns:
        due = case.due(plan, campaign.name)
        for written in (decisions, candidates):
            sparks = written(plan, campaign.name, due, "spark")
            assert written(plan, campaign.name, due, "databricks") == sparks
