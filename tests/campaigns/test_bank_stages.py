"""The stages of the bank's customers over a quarter, against plain Python."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from .happened import Events
from .ran import campaigner

LINE = ("--from", "2026-01-01", "--to", "2026-03-31", "--every", "week", "--format", "json")


def test_stages_and_moves_are_those_of_plain_python(
    bank: Path, history: Events, customers: dict[str, dict[str, Any]]
) -> None:
    told = json.loads(campaigner("lifecycle", str(bank), "retail", *LINE))
    (found,) = told["lifecycles"]
    instants = [datetime.fromisoformat(one["at"]) for one in found["customers"]]
    own: dict[str, list[datetime]] = {who: [] for who in customers}
    for one in history("investments"):
        own.setdefault(one.who, []).append(one.at)
    states = {who: [stage(own[who], at) for at in instants] for who in customers}
    for place, one in enumerate(found["customers"]):
        counted = Counter(each[place] for each in states.values())
        assert {name: count for name, count in one["stages"].items() if count} == counted
    moved = Counter(
        pair for each in states.values() for pair in pairwise(each) if pair[0] != pair[1]
    )
    edges = {(one["from"]["stage"], one["to"]["stage"]): one for one in found["edges"]}
    assert {pair: one["moves"] for pair, one in edges.items()} == moved
    assert all(
        one["moves"] <= edge["moves"] for edge in edges.values() for one in edge["campaigns"]
    )
    # The catalog has many events, and none of them is named.
    assert told["orders"] is None
    assert told["diagnostics"] == []


def test_a_stage_of_a_field_without_a_history_is_named_once(bank: Path) -> None:
    told = json.loads(campaigner("lifecycle", str(bank), "member", *LINE))
    (one,) = told["diagnostics"]
    assert one["code"] == "W650"
    assert "`level`" in one["message"]


def stage(invested: list[datetime], now: datetime) -> str:
    """The stage of a customer at an instant."""
    past = [at for at in invested if at <= now]
    if not past:
        return "prospect"
    half_a_year = now.astimezone(ZoneInfo("Asia/Shanghai")) - timedelta(days=180)
    if not any(at > half_a_year.astimezone(UTC) for at in past):
        return "dormant"
    return "growing" if len(past) < 5 else "mature"
