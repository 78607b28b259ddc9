"""A campaign that gives nothing: at which clause its last customers were lost."""

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from campaigner.cli.formats.nothing import Teller
from campaigner.compiler.dialects.common.dialect import Dialect
from campaigner.dsl.diagnostics.diagnostic import CannotRun, diagnose
from campaigner.runtime.codes import running
from campaigner.runtime.due.periods import Between
from campaigner.runtime.explain.funnel import Nothing
from campaigner.runtime.run.report import RunReport
from campaigner.runtime.run.run import Work, run
from campaigner.runtime.warehouse.contract import Answer
from campaigner.runtime.warehouse.engines import open_warehouse

from ..on_postgresql import copied, new_schema
from .houses import at
from .shops import Shop, campaign, shop

PEOPLE = ("ann", "bob", "cid")
STAGES = "lifecycle life { stage gold when vip  stage other when not vip }\n"


def daily(audience: str, *clauses: str, name: str = "gift", head: str = "") -> str:
    written = "".join(f"  {one}\n" for one in clauses)
    return (
        f"campaign {name} {{\n  {head}\n  audience {audience}\n  trigger every day at 10:00\n"
        f"  reward 5 points\n{written}  budget {{ total 10 CNY }}\n"
        '  compliance { forbid phrase "sure" }\n}\n'
    )


def why(report: RunReport, name: str = "gift") -> Nothing:
    (found,) = [one.nothing for one in report.campaigns if one.campaign == name]
    assert found is not None
    return found


def told(report: RunReport, name: str = "gift", language: str = "en") -> str:
    (found,) = [one for one in report.campaigns if one.campaign == name]
    return Teller(report, ZoneInfo("Asia/Shanghai"), language, "").why(found)


def left(found: Nothing) -> list[tuple[str, int]]:
    return [(one.kind, one.count) for one in found.left]


@pytest.fixture(params=["duckdb", "postgresql"])
def warehouse(request: pytest.FixtureRequest) -> str:
    return request.param


def opened(found: Shop, warehouse: str) -> Shop:
    if warehouse == "duckdb":
        return found
    return replace(found, warehouse=copied(found.folder / "shop.duckdb", new_schema()))


# --- what the warehouse is asked ----------------------------------------------------------------


def test_the_second_condition_of_the_audience(tmp_path: Path, warehouse: str) -> None:
    found = shop(tmp_path, daily("not vip\n and count(order) >= 2 and yes"), customers=PEOPLE)
    found.order([("o1", "ann", "2026-01-02", 1, None)])
    report = opened(found, warehouse).run("2026-01-10", "2026-01-10 23:00")
    assert left(why(report)) == [
        ("customers", 3), ("trigger", 3), ("audience", 3), ("audience", 0)
    ]  # fmt: skip
    lost = why(report).left[-1].origin
    assert (lost.text, lost.file, lost.line) == ("count(order) >= 2", "all.campaign", 4)
    assert told(report) == (
        "of 3 customers `count(order) >= 2` (all.campaign:4:6) let none through,"
        " at 2026-01-10T10:00+08:00"
    )
    assert told(report, language="zh") == (
        "3 位客户均未通过 `count(order) >= 2` (all.campaign:4:6)（时刻 2026-01-10T10:00+08:00）"
    )


def test_fewer_from_clause_to_clause(tmp_path: Path) -> None:
    found = shop(tmp_path, daily("count(order) >= 1 and vip"), customers=PEOPLE)
    found.order([("o1", "ann", "2026-01-02", 1, None)])
    report = found.run("2026-01-08", "2026-01-10 23:00")
    assert [count for _, count in left(why(report))] == [3, 3, 1, 0]
    assert told(report).startswith("of 3 customers 1 came as far as `vip` (all.campaign:3:")


def test_a_stage_nobody_is_in(tmp_path: Path) -> None:
    found = shop(tmp_path, STAGES, daily("yes", head="stage life.gold"), customers=PEOPLE)
    report = found.run("2026-01-10", "2026-01-10 23:00")
    assert left(why(report)) == [("customers", 3), ("trigger", 3), ("stage", 0)]
    assert "`life.gold`" in told(report) or "stage life.gold" in told(report)


def test_no_event(tmp_path: Path, warehouse: str) -> None:
    found = shop(tmp_path, campaign("coffee"), customers=PEOPLE)
    found.order([("o1", "ann", "2026-02-02", 1, None), ("o2", "nobody", "2026-01-02", 1, None)])
    report = opened(found, warehouse).run()
    assert left(why(report)) == [("customers", 3), ("trigger", 0)]
    assert told(report) == (
        "none of 3 customers had an event for `trigger on order` (all.campaign:4:3)"
        " between 2026-01-01T00:00+08:00 and 2026-01-31T00:00+08:00"
    )


def test_customers_are_counted_by_the_best_of_their_events(tmp_path: Path) -> None:
    written = campaign("event.points points", audience="not vip").replace(
        "on order", "on order where points < 5"
    )
    found = shop(tmp_path, written, customers=PEOPLE)
    found.order(
        [
            ("o1", "ann", "2026-01-02", 9, None),
            ("o2", "ann", "2026-01-03", 0, None),
            ("o3", "bob", "2026-01-03", 7, None),
        ]
    )
    report = found.run()
    assert left(why(report)) == [
        ("customers", 3), ("trigger", 2), ("trigger", 1), ("audience", 1), ("reward", 0)
    ]  # fmt: skip


def test_a_recipient_who_is_no_customer(tmp_path: Path, warehouse: str) -> None:
    found = shop(tmp_path, campaign("coffee to event.friend"), customers=PEOPLE)
    found.order([("o1", "ann", "2026-01-02", 9, "zoe"), ("o2", "bob", "2026-01-02", 9, None)])
    report = opened(found, warehouse).run()
    assert left(why(report))[-2:] == [("reward", 2), ("recipient", 0)]
    assert "`event.friend` (all.campaign:5:" in told(report)


def test_nobody_at_all(tmp_path: Path) -> None:
    found = shop(tmp_path, daily("yes"))
    found.change("DELETE FROM customers")
    report = found.run("2026-01-10", "2026-01-10 23:00")
    assert left(why(report)) == [("customers", 0)]
    assert told(report).startswith("there are no customers in `")


def test_several_campaigns_are_counted_together(tmp_path: Path) -> None:
    many = [daily("vip", name=f"gift_{n}") for n in range(3)]
    found = shop(tmp_path, *many, campaign("coffee", name="thanks"), customers=PEOPLE)
    report = found.run("2026-01-10", "2026-01-10 23:00")
    assert [why(report, f"gift_{n}").left[-1].kind for n in range(3)] == ["audience"] * 3
    assert why(report, "thanks").left[-1].kind == "trigger"


# --- what past grants and the ledger say --------------------------------------------------------


def test_past_grants(tmp_path: Path) -> None:
    written = [daily("not vip", name="early"), daily("not vip and not received(early)")]
    found = shop(tmp_path, *written, customers=PEOPLE)
    report = found.run("2026-01-10", "2026-01-10 23:00")
    assert left(why(report)) == [("eligible", 3), ("audience", 0)]
    assert "`not received(early)` (all.campaign:" in told(report)


def test_all_had_it_already(tmp_path: Path) -> None:
    found = shop(tmp_path, daily("yes"), customers=PEOPLE)
    found.run("2026-01-10", "2026-01-10 23:00")
    report = found.run("2026-01-10", "2026-01-10 23:00")
    assert left(why(report)) == [("decisions", 3), ("decided_before", 0)]
    assert told(report) == "all 3 decisions that came up had it already"


def test_the_caps_in_the_order_of_the_ledger(tmp_path: Path) -> None:
    written = daily("yes").replace("reward 5 points", "reward coffee limit 1 per customer")
    found = shop(tmp_path, written.replace("10 CNY", "60 CNY"), customers=PEOPLE)
    found.run("2026-01-10", "2026-01-10 23:00")
    report = found.run("2026-01-10", "2026-01-11 23:00")
    assert left(why(report)) == [
        ("decisions", 6), ("decided_before", 3), ("cap", 1), ("cap", 0)
    ]  # fmt: skip
    assert [one.outcome for one in why(report).left[2:]] == ["over_limit", "over_budget"]
    assert told(report) == (
        "of 6 decisions 1 came as far as `total 60 CNY` (all.campaign:6:12) (over budget),"
        " which let none through"
    )


def test_everybody_is_held_out(tmp_path: Path) -> None:
    written = daily("yes").replace("compliance {", "compliance { holdout at least 99%")
    report = shop(tmp_path, written, customers=PEOPLE).run("2026-01-10", "2026-01-10 23:00")
    assert left(why(report)) == [("decisions", 3), ("holdout", 0)]
    assert "`holdout 99%` (all.campaign:1:10) (held out)" in told(report)


# --- what is not due ----------------------------------------------------------------------------


def test_what_is_not_due(tmp_path: Path) -> None:
    begun = daily("yes", head="active 2027-01-01 to 2027-12-31")
    never = daily("yes", name="later")
    found = shop(tmp_path, begun, never)
    report = found.run("2026-01-10", "2026-01-10 09:00")
    assert why(report).reason == "not_active"
    assert told(report) == (
        "it is not active between 2026-01-10T00:00+08:00 and 2026-01-10T09:00+08:00:"
        " `active 2027-01-01 to 2027-12-31` (all.campaign:1:10)"
    )
    assert why(report, "later").reason == "not_due"
    assert told(report, "later") == (
        "`trigger every day at 10:00` (all.campaign:13:3) is not due between"
        " 2026-01-10T00:00+08:00 and 2026-01-10T09:00+08:00"
    )


def test_a_run_came_as_far_before(tmp_path: Path) -> None:
    found = shop(tmp_path, daily("yes"))
    assert found.run_at("2026-01-10 12:00").campaigns[0].nothing is None
    report = found.run_at("2026-01-10 12:00")
    assert why(report).reason == "up_to_date"
    assert told(report) == "a run before had come to 2026-01-10T12:00+08:00"


# --- what cannot be counted ---------------------------------------------------------------------


class Failing:
    """A warehouse that cannot answer any query in which these words are."""

    def __init__(self, real, words: str) -> None:
        self._real = real
        self._words = words

    def __getattr__(self, name: str):
        return getattr(self._real, name)

    @property
    def dialect(self) -> Dialect:
        return self._real.dialect

    def ask(self, sql: str, batch: int = 100) -> Answer:
        if self._words in sql:
            raise CannotRun(diagnose(running.WAREHOUSE_FAILED, None, reason="out of memory"))
        return self._real.ask(sql, batch)


@pytest.mark.parametrize(("words", "counted"), [("count_0", 0), ("met_gift_1", 2)])
def test_a_warehouse_that_fails_to_count_stops_no_run(
    tmp_path: Path, words: str, counted: int
) -> None:
    many = [daily("vip", name=f"gift_{n}") for n in range(3)]
    found = shop(tmp_path, *many, daily("yes", name="all"), customers=PEOPLE)
    with found.ledger() as ledger, open_warehouse(found.warehouse, tmp_path) as real:
        work = Work(found.plan, "plan-1", Failing(real, words), ledger)
        report = run(work, Between(at("2026-01-10"), at("2026-01-10 23:00")))
    reasons = [why(report, f"gift_{n}").reason for n in range(3)]
    assert reasons.count("lost") == counted
    assert why(report, "gift_1").reason == "not_counted"
    assert "could not be counted: " in told(report, "gift_1")
    assert len(found.grants()) == 3


def test_only_so_many_clauses_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("campaigner.compiler.sql.all.funnel.MOST", 7)
    many = [daily("vip", name=f"gift_{n}") for n in range(4)]
    found = shop(tmp_path, *many, customers=PEOPLE)
    report = found.run("2026-01-10", "2026-01-10 23:00")
    reasons = [why(report, f"gift_{n}").reason for n in range(4)]
    assert reasons == ["lost", "lost", "not_counted", "not_counted"]
    assert "too many campaigns gave nothing" in told(report, "gift_3")
