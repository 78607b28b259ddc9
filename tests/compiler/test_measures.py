"""Measures in the plan and in words: nothing of what is owed changes, and each change shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from campaigner.compiler.deployed.reading import load
from campaigner.compiler.diff.changes import changes
from campaigner.compiler.plan import Conversion, Guard, Plan, Revenue, RevenuePart, Span, Success
from campaigner.compiler.plan.due import Due
from campaigner.compiler.plan.plan_json import dump
from campaigner.compiler.sql.campaign import decisions
from campaigner.compiler.wording.campaigns import clauses
from campaigner.compiler.wording.names import names_of

from ..docs.test_codes import BLOCK
from ..projects import ROOT, codes, compile_folder, write

CAMPAIGN = """
campaign again "Again" {{
  audience consent_marketing
  trigger  every day at 10:00
  reward   coffee limit 1 per customer
  budget   {{ total 1_000 CNY }}
  {measure}
  compliance {{ follows cn_retail }}
}}
"""
ALL = """measure {
    conversion on order where amount > 10 CNY within 14 days
    revenue 2 * (0.5% of sum(order.amount) - 1 CNY * count(refund where reason = broken))
      within 3 months
    success when stage becomes shop.stable within 30 days
    guard at most 0.5% refund within 2 weeks
  }"""
ONE_LINE = "measure { success when stage becomes shop.stable within 30 days }"


@pytest.fixture(scope="module")
def base() -> dict[str, str]:
    blocks = BLOCK.findall((ROOT / "docs" / "language.md").read_text("utf-8"))
    return {
        "campaigner.toml": next(found for kind, found in blocks if kind == "toml"),
        "catalog.yaml": next(found for kind, found in blocks if kind == "yaml"),
        "page.campaign": "\n".join(found for kind, found in blocks if kind == "campaign"),
    }


def plan_of(folder: Path, base: dict[str, str], measure: str) -> Plan:
    files = {**base, "again.campaign": CAMPAIGN.format(measure=measure)}
    compiled = compile_folder(write(folder, files))
    assert compiled.plan is not None, codes(compiled)
    assert "W630" not in codes(compiled)
    return compiled.plan


def of(plan: Plan):
    return next(one for one in plan.campaigns if one.name == "again")


def test_the_plan_has_each_measure_as_it_is_meant(tmp_path, base) -> None:
    plan = plan_of(tmp_path, base, ALL)
    conversion, revenue, success, guard = of(plan).measures
    assert isinstance(conversion, Conversion)
    assert (conversion.event, conversion.within) == ("order", Span(14, "day"))
    assert isinstance(revenue, Revenue)
    assert [(one.event, one.field, one.factor) for one in revenue.parts] == [
        ("order", "amount", Decimal("0.01")),
        ("refund", None, Decimal(-2)),
    ]
    assert all(isinstance(one, RevenuePart) for one in revenue.parts)
    assert isinstance(success, Success)
    assert isinstance(guard, Guard)
    assert guard.most == Decimal("0.005")
    assert load(dump(plan)) == plan


def test_a_measure_changes_nothing_of_what_is_owed(tmp_path, base) -> None:
    without, measured = (
        plan_of(tmp_path / name, base, text) for name, text in (("a", ""), ("b", ALL))
    )
    due = Due(*(datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2)))
    assert b'"measures"' not in dump(
        replace(without, campaigns=tuple(one for one in without.campaigns if one.name == "again"))
    )
    assert decisions(without, "again", due) == decisions(measured, "again", due)
    (change,) = changes(without, measured)
    assert (change.kind, change.what, change.before) == ("measure", "changed", ())
    assert change.after[2] == "success when stage becomes shop.stable within 30 days"
    other = plan_of(tmp_path / "c", base, ONE_LINE.replace("30 days", "31 days"))
    (change,) = changes(plan_of(tmp_path / "d", base, ONE_LINE), other)
    assert change.before != change.after


@pytest.mark.parametrize(
    ("language", "first", "last"),
    [
        (
            "en",
            "Measured: who does",
            "Guarded: at most 0.5% of the customers may do",
        ),
        ("zh", "衡量：触达后 14 天内", "护栏：触达后 2 周内"),
    ],
)
def test_each_measure_is_a_sentence(tmp_path, base, language, first, last) -> None:
    plan = plan_of(tmp_path, base, ALL)
    found = [
        one.say(language) for one in clauses(names_of(plan), of(plan)) if one.kind == "measure"
    ]
    assert len(found) == 4
    assert found[0].startswith(first)
    assert found[-1].startswith(last)
