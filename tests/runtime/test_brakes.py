"""Campaigns that are paused, resumed and stopped: what is decided meanwhile, and what later."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from campaigner.runtime.decide.decisions import Identity
from campaigner.runtime.events.engine import Event
from campaigner.runtime.events.worker import EventWorker
from campaigner.runtime.warehouse.engines import open_warehouse
from hypothesis import given, settings
from hypothesis import strategies as st

from .houses import at
from .shops import Shop, campaign, shop

NOW = datetime(2026, 6, 1, tzinfo=UTC)
RESUMES = campaign("10 points")
LAPSES = campaign("10 points\n  while paused lapse", "lapsing")
DAILY = campaign("10 points", "daily").replace("on order", "every day at 10:00")
TWICE = """
campaign queue "queue" {
  audience yes
  trigger  on order
  reward   phone limit 1 per customer
  budget { total 5_000 CNY when exhausted waitlist }
  compliance { forbid phrase "sure" }
}
"""


def brake(house: Shop, kind: str, *names: str) -> list[str]:
    with house.ledger() as ledger:
        done = ledger.brake(names or ("gift",), kind, "a test", "me", NOW)
        assert ledger.verify() == ()
        return [one.outcome for one in done]


def order(house: Shop, key: str, when: str, who: str = "ann") -> None:
    house.order([(key, who, at(when).isoformat(), 1, None)])


def outcome(house: Shop, key: str, name: str = "gift", who: str = "ann") -> str | None:
    with house.ledger() as ledger:
        row = ledger.decision(Identity(name, "main", who, key))
        return None if row is None else row.outcome


def codes(report) -> list[str]:
    return [one.code.id for one in report.warnings if one.code.id.startswith("W76")]


def test_a_paused_campaign_decides_nothing_and_makes_up_for_it(tmp_path: Path) -> None:
    house = shop(tmp_path, RESUMES, DAILY)
    order(house, "before", "2026-01-05 09:00")
    house.run_at("2026-01-05 12:00")
    assert brake(house, "paused", "gift", "daily") == ["paused", "paused"]
    order(house, "meanwhile", "2026-01-06 09:00")
    report = house.run_at("2026-01-07 12:00")
    assert codes(report) == ["W762", "W762"]
    assert outcome(house, "meanwhile") is None
    assert len(house.grants()) == 2
    assert brake(house, "resumed", "gift", "daily") == ["resumed", "resumed"]
    assert codes(house.run_at("2026-01-08 09:00")) == []
    assert outcome(house, "meanwhile") == "granted"
    days = [f"2026-01-0{day}T10:00:00+08:00" for day in (5, 6, 7)]
    assert [outcome(house, day, "daily") for day in days] == ["granted"] * 3
    assert len(house.grants()) == 5


def test_what_comes_while_paused_lapses_where_the_campaign_says_so(tmp_path: Path) -> None:
    house = shop(tmp_path, LAPSES)
    brake(house, "paused", "lapsing")
    order(house, "meanwhile", "2026-01-06 09:00")
    house.run_at("2026-01-06 12:00")
    brake(house, "resumed", "lapsing")
    order(house, "after", "2026-01-06 13:00")
    house.run("2026-01-01", "2026-01-31")
    assert outcome(house, "meanwhile", "lapsing") == "paused"
    assert outcome(house, "after", "lapsing") == "granted"


def test_a_stopped_campaign_stays_so(tmp_path: Path) -> None:
    house = shop(tmp_path, RESUMES)
    assert brake(house, "stopped") == ["stopped"]
    assert [brake(house, one) for one in ("paused", "resumed", "stopped")] == [["is_stopped"]] * 3
    order(house, "late", "2026-01-06 09:00")
    assert codes(house.run("2026-01-01", "2026-01-31")) == ["W763"]
    assert house.grants() == []
    assert outcome(house, "late") is None


def test_outcomes_of_brakes_that_change_nothing(tmp_path: Path) -> None:
    house = shop(tmp_path, RESUMES)
    kinds = ("resumed", "paused", "paused", "resumed", "resumed")
    expected = ["not_paused", "paused", "already_paused", "resumed", "not_paused"]
    assert [brake(house, one)[0] for one in kinds] == expected
    with house.ledger() as ledger:
        assert [(one.kind, one.reason, one.author) for one in ledger.brakes("gift")] == [
            ("paused", "a test", "me"),
            ("resumed", "a test", "me"),
        ]
        assert ledger.held() == {}


def test_a_worker_holds_at_once_and_a_run_makes_up_for_it(tmp_path: Path) -> None:
    house = shop(tmp_path, RESUMES, LAPSES)
    house.run_at("2026-01-05 12:00")
    row = {"points": 1, "friend": None, "at": at("2026-01-06 09:00"), "key": "o1"}
    with house.ledger() as ledger, house.ledger() as operator:
        worker = EventWorker(
            house.plan, "plan-1", lambda: open_warehouse(house.warehouse, house.folder), ledger
        )
        operator.brake(("gift", "lapsing"), "paused", "a test", "me", NOW)
        (decided,) = worker.decide([Event("order", "ann", row)])
    assert [one.outcome for _, one in decided.results] == ["paused", "paused"]
    order(house, "o1", "2026-01-06 09:00")
    brake(house, "resumed", "gift", "lapsing")
    house.run_at("2026-01-07 12:00")
    assert outcome(house, "o1") == "granted"
    assert outcome(house, "o1", "lapsing") == "paused"


def test_nobody_of_a_waiting_list_is_served_while_it_is_paused(tmp_path: Path) -> None:
    house = shop(tmp_path, TWICE, customers=["ann", "bob"])
    order(house, "o1", "2026-01-05 09:00")
    order(house, "o2", "2026-01-05 10:00", "bob")
    house.run_at("2026-01-05 12:00")
    assert outcome(house, "o2", "queue", "bob") == "waitlisted"
    with house.ledger() as ledger:
        ledger.reverse([next(iter(ledger.grants())).number], "a test", at("2026-01-05 13:00"))
    brake(house, "paused", "queue")
    house.run_at("2026-01-07 12:00")
    assert outcome(house, "o2", "queue", "bob") == "waitlisted"
    brake(house, "resumed", "queue")
    house.run_at("2026-01-08 12:00")
    assert outcome(house, "o2", "queue", "bob") == "granted"


ACTS = st.lists(
    st.tuples(st.sampled_from(["order", "run", "paused", "resumed"]), st.integers(1, 20)),
    min_size=1,
    max_size=14,
)


def lived(folder: str, acts: list[tuple[str, int]], ignored: set[str]) -> set[tuple[str, str]]:
    """The grants at the end of these acts, each some hours after the one before."""
    house = shop(Path(folder), RESUMES, DAILY)
    moment = datetime(2026, 1, 1)
    for number, (act, hours) in enumerate(acts):
        moment += timedelta(hours=hours)
        when = moment.isoformat(" ", "minutes")
        match act:
            case "order":
                order(house, f"o{number}", when)
            case "run":
                house.run_at(when)
            case _ if act not in ignored:
                brake(house, act, "gift", "daily")
    return {(one.campaign, one.occurrence) for one in house.grants()}


@settings(max_examples=10)
@given(ACTS)
def test_a_pause_changes_when_it_is_granted_and_not_what(acts: list[tuple[str, int]]) -> None:
    whole = [("run", 1), *acts, ("resumed", 1), ("run", 1)]
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
        paused = lived(folder, whole, set())
        assert paused == lived(other, whole, {"paused", "resumed"})
