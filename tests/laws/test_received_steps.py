"""`received(lift.bonus)` asks for grants of one step, on every engine as in the reference."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from campaigner.runtime.decide.past_grants import Received
from hypothesis import given
from hypothesis import strategies as st

from ..projects import codes, compile_folder, write
from . import at_most
from .cases import Case, Table, compile_case
from .engines import DECIDERS, ENGINES, public_rows, reference
from .test_journeys import CATALOG, FIRST, ORDERS, SETTINGS, TIERS, VISITS

OTHERS = """benefit coffee "coffee" { kind coupon value 30 CNY cost 10 CNY }
campaign lift {
  audience yes
  journey {
    step joined on order
      reward 5 points
    step bought renamed from paid on visit
      reward coffee
    step seen on visit
  }
  budget { total 900 CNY }
  compliance { forbid phrase "sure" }
}
campaign daily {
  audience yes
  tasks {
    task look daily on visit reward 1 points
    all done per week reward 5 points
  }
  budget { total 900 CNY }
  compliance { forbid phrase "sure" }
}
"""
ASKING = """campaign asking {
  audience %s
  trigger  on order
  reward   1 points
  budget { total 900 CNY }
  compliance { forbid phrase "sure" }
}
"""
STEPS = ("lift.joined", "lift.bought", "daily.look", "daily.all_done")
FORMS = (
    "received({})",
    "not received({})",
    "received({}) in last 2 days",
    "count(received({})) = 1",
    "count(received({}) in last 1 day) < 2",
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    asked = draw(st.sampled_from(FORMS)).format(draw(st.sampled_from((*STEPS, "lift", "daily"))))
    start = FIRST.replace(tzinfo=None)
    orders = [
        (f"o{n}", draw(st.sampled_from(("ann", "bob"))), start + timedelta(hours=12 * n), 1, None)
        for n in range(6)
    ]
    grants = []
    for number in range(draw(st.integers(0, 6))):
        campaign, _, step = draw(st.sampled_from(STEPS)).partition(".")
        step = {"bought": "paid"}.get(step, step)
        who, hours = draw(st.sampled_from(("ann", "bob"))), draw(st.integers(0, 12))
        lines = draw(st.sampled_from(((None,), ("coffee",), ("coffee", None))))
        occurrence, at = f"e{number // 2}", FIRST + timedelta(hours=6 * hours)
        grants += [Received(campaign, step, who, occurrence, line, at) for line in lines]
    tables = {
        "customers": Table(
            {"customer_id": "text", "level": "integer", "born": "date"},
            (("ann", 1, None), ("bob", 2, None)),
        ),
        "orders": Table(ORDERS, tuple(orders)),
        "visits": Table(VISITS, ()),
        "tiers": Table(TIERS, ()),
    }
    settings = SETTINGS.format(zone="Asia/Shanghai")
    once = {(one.campaign, one.step, one.recipient, one.occurrence): one.at for one in grants}
    same = [
        replace(one, at=once[one.campaign, one.step, one.recipient, one.occurrence])
        for one in grants
    ]
    end = FIRST + timedelta(days=4)
    text = OTHERS + ASKING % asked
    return Case(settings, CATALOG, text, tables, FIRST, end, grants=tuple(same))


@at_most(25)
@given(cases())
def test_every_engine_counts_the_grants_of_a_step(case: Case) -> None:
    plan = compile_case(case)
    due = case.due(plan, "asking")
    expected = reference(plan, "asking", case, due)
    for name, decide in DECIDERS.items():
        assert decide(plan, "asking", case, due) == expected, name
    for name, rows in ENGINES.items():
        assert rows(plan, "asking", case, due) == public_rows(expected), name


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("received(lift.bought)", []),
        ("count(received(lift.joined)) < 3", []),
        ("received(daily.all_done) this week", []),
        ("received(lift.paid)", ["E840"]),
        ("received(lift.bougth)", ["E840"]),
        ("received(coffee.bought)", ["E840"]),
        ("received(asking.main)", ["E840"]),
        ("received(lfit.bought)", ["E203"]),
        ("received(lift.seen)", ["E841"]),
    ],
)
def test_a_step_is_asked_by_its_name_in_the_file(
    tmp_path: Path, asked: str, expected: list[str]
) -> None:
    files = {
        "campaigner.toml": SETTINGS.format(zone="Asia/Shanghai"),
        "catalog.yaml": CATALOG,
        "all.campaign": OTHERS + ASKING % asked,
    }
    compiled = compile_folder(write(tmp_path, files))
    assert [one for one in codes(compiled) if one[0] == "E"] == expected
    if "bougth" in asked:
        (mistake,) = [one for one in compiled.diagnostics if one.code.id == "E840"]
        assert "`lift.bought`" in (mistake.help() or "")
    if not expected:
        assert compiled.plan is not None
        names = {getattr(one, "name", None) for one in compiled.plan.features}
        known_as = asked.replace("bought", "paid")
        assert any(name in known_as for name in names if name and "." in name)
