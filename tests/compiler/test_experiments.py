"""Experiments: who is in which arm, and names that older projects gave to other things."""

from __future__ import annotations

import shutil
from dataclasses import replace
from decimal import Decimal
from functools import cache
from hashlib import md5
from pathlib import Path

import pytest
from campaigner.compiler.plan import Arm, Campaign, Experiment
from campaigner.compiler.plan.experiments import arm_of
from campaigner.compiler.plan.expressions import Origin
from campaigner.dsl.diagnostics.source import SourceFile
from campaigner.dsl.parsing.parser import parse
from campaigner.runtime.decide.drawing import arm_in, is_held_out
from hypothesis import given
from hypothesis import strategies as st

from ..projects import ROOT, codes, compile_folder

HERE = Origin("made.campaign", 1, 1, "")
KEYS = st.text(max_size=12)


def digits(text: str) -> int:
    return int(md5(text.encode(), usedforsecurity=False).hexdigest()[:8], 16)


def experiment(*parts: int) -> Experiment:
    """Arms `a`, `b`, … of so many parts in a million."""
    arms = tuple(
        Arm(chr(97 + place), Decimal(part) / 1_000_000, HERE) for place, part in enumerate(parts)
    )
    return Experiment("spring", Decimal(0), arms, HERE)


@cache
def web_ride() -> Campaign:
    plan = compile_folder(ROOT / "campaigns" / "bank").plan
    assert plan is not None
    return next(one for one in plan.campaigns if one.name == "web_ride")


@given(st.lists(st.integers(1, 499_999), min_size=1, max_size=4), KEYS)
def test_an_arm_is_where_the_hash_falls(cuts: list[int], key: str):
    ends = sorted({*cuts, 1_000_000})
    parts = [end - start for start, end in zip([0, *ends], ends, strict=False)]
    place = digits(f"arm/spring/{key}")
    expected = next(at for at, end in enumerate(ends) if place < int(Decimal(end) / 10**6 * 2**32))
    assert arm_of(experiment(*parts), key) == chr(97 + expected)


@given(KEYS)
def test_somebody_is_in_one_arm_or_held_out(key: str):
    of_web = replace(web_ride(), project_holdout=Decimal("0.3"))
    own = digits(f"holdout/web_ride/main/{key}") < int(2**32 * Decimal("0.1"))
    whole = digits(f"holdout//project/{key}") < int(2**32 * Decimal("0.3"))
    held = is_held_out(of_web, key)
    assert held == (own or whole)
    assert (arm_in(of_web, key, held_out=held) is None) == held


@pytest.mark.parametrize(
    "condition",
    [
        "arm is known",
        "arm is unknown",
        "anniversary of arm is today",
        "split > 5",
        "holdout = arm",
        "arm = 3 and count(split) > 2",
    ],
)
def test_names_of_older_projects_stay_names(condition: str):
    assert parse(SourceFile("old.campaign", f"audience fans {condition}")).diagnostics == ()


def test_an_event_may_be_called_arm_in_a_scenario():
    text = 'scenario "x" for y { given arm 2 days ago  given arm of ann at 2026-01-01 }'
    assert parse(SourceFile("old.campaign", text)).diagnostics == ()


def test_a_larger_holdout_of_a_policy_counts():
    assert web_ride().holdout == Decimal("0.1")  # of the experiment; the policy says 5%


def test_a_split_that_cannot_be_read_is_the_only_mistake(tmp_path: Path):
    shutil.copytree(ROOT / "campaigns" / "shop", tmp_path / "shop")
    (tmp_path / "shop" / "spring.campaign").write_text(BROKEN, "utf-8")
    assert codes(compile_folder(tmp_path / "shop")) == ["E101"]


BROKEN = """campaign spring {
  experiment spring { split a 50, b 50% }
  audience yes
  trigger every day at 10:00
  reward by { when arm is a: 5 points  otherwise: 3 points }
  message push "{{ arm }}"
  budget { total 10 USD }
  compliance { follows fair_play }
}
"""
