"""An explanation as people read it."""

from dataclasses import replace
from datetime import UTC, datetime

from campaigner.cli.formats.tree import render
from campaigner.runtime.explain.clauses import Clause
from campaigner.runtime.explain.explain import Explanation

CLAUSES = (
    Clause("stage shop.dormant", "a.campaign", 5, True, {"stage": "dormant"}, 0),
    Clause("audience age >= 18 and 城市 = 上海", "a.campaign", 7, False, {}, 0),
    Clause("age >= 18", "a.campaign", 7, False, {"age": "unknown"}, 1),
    Clause("城市 = 上海", "a.campaign", 8, True, {"城市": "上海"}, 1),
    Clause("reward coffee", "a.campaign", 9, None, {}, 0),
)


def explanation(outcome="not_eligible", decided=False):
    at = datetime(2026, 3, 6, 2, tzinfo=UTC)
    occurrence = "2026-03-06T10:00:00+08:00"
    return Explanation(
        "win_back", "main", "win_back", "c017", at, occurrence, decided, outcome, CLAUSES
    )


def test_the_tree_shows_what_held_with_values_and_places():
    assert render(explanation(), "en", "shop/", colour=False) == (
        "win_back · c017 · 2026-03-06T10:00:00+08:00: not eligible"
        " (as the ledger would decide now)\n"
        "  ✓ stage shop.dormant                  shop/a.campaign:5\n"
        "      stage = dormant\n"
        "  ✗ audience age >= 18 and 城市 = 上海  shop/a.campaign:7\n"
        "    ✗ age >= 18                         shop/a.campaign:7\n"
        "        age = unknown\n"
        "    ✓ 城市 = 上海                       shop/a.campaign:8\n"
        "        城市 = 上海\n"
        "  · reward coffee                       shop/a.campaign:9\n"
    )


def test_in_chinese_and_in_colour():
    assert "不符合条件" in render(explanation(), "zh", "", colour=False)
    assert "\x1b[" in render(explanation("granted", decided=True), "en", "", colour=True)


def test_the_outcome_of_a_step_is_said_in_the_language():
    values = {"at": "2026-03-06T10:00:00+08:00", "outcome": "granted"}
    step = replace(explanation(), clauses=(Clause("step bonus", "a.campaign", 9, True, values, 0),))
    assert "时刻 = 2026-03-06T10:00:00+08:00、结果 = 已发放" in render(step, "zh", "", colour=False)
    back = replace(
        step, clauses=(replace(step.clauses[0], values={**values, "outcome": "taken_back"}),)
    )
    assert "outcome = taken back" in render(back, "en", "", colour=False)
    # A customer's own value stays as it is, whatever it says.
    other = replace(step, clauses=(replace(step.clauses[0], values={"status": "granted"}),))
    assert "status = granted" in render(other, "zh", "", colour=False)
