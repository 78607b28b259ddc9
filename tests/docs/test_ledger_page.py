"""The outcomes of docs/ledger.md are all there are, in their order, each in a ledger to be read."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from campaigner.cli.formats.tree import _OUTCOMES as IN_TREES
from campaigner.runtime.decide.decisions import Outcome

from ..projects import ROOT

PAGE = (ROOT / "docs" / "ledger.md").read_text("utf-8")
TABLES = "\n".join(
    path.read_text("utf-8") for path in (ROOT / "tests" / "runtime" / "ledger").glob("test_*.py")
)
NEVER_KEPT = {"not_eligible"}
"""The outcome that never reaches a ledger: `campaigner explain` has it."""
ABOUT_KEYS = {"other_customer"}
"""About the keys of events, which tables do not show: `test_event_keys.py`."""


def outcomes() -> list[str]:
    section = PAGE.split("## Outcomes", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `(\w+)` \|", section, re.M)


def test_the_page_has_every_outcome_in_the_order_of_precedence() -> None:
    assert outcomes() == list(get_args(Outcome))


def test_each_is_told_in_words() -> None:
    assert set(IN_TREES) == set(get_args(Outcome))


@pytest.mark.parametrize("outcome", sorted(set(get_args(Outcome)) - NEVER_KEPT - ABOUT_KEYS))
def test_each_stands_in_a_table_of_decisions(outcome: str) -> None:
    assert re.search(rf"^ +20\d\d-\d\d-\d\d .*\| {outcome}\b", TABLES, re.M)


def test_what_json_says_of_outcomes_is_all_of_them() -> None:
    page = (ROOT / "docs" / "json.md").read_text("utf-8")
    rows = re.findall(r"^\| `outcome` \| (.*) \|$", page, re.M)
    told = [set(re.findall(r"`(\w+)`", row)) for row in rows]
    assert set(get_args(Outcome)) in told
