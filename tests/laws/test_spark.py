"""Databricks is Spark: one SQL for both."""

from campaigner.compiler.sql.campaign import candidates, decisions
from hypothesis import given

from ..strategies import cases
from .cases import compile_case
from .test_on_request import SAMPLE


@SAMPLE
@given(cases())
def test_databricks_gets_the_sql_that_spark_executes(case):
    plan = compile_case(case)
    for campaign in plan.campaigns:
        due = case.due(plan, campaign.name)
        for written in (decisions, candidates):
            sparks = written(plan, campaign.name, due, "spark")
            assert written(plan, campaign.name, due, "databricks") == sparks
