"""`run` up to now, `run --watch` with a virtual clock, and what `status` says of both."""

import io
import json
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest
from campaigner.cli.main import invoke
from campaigner.cli.screen.terminal import Session
from campaigner.compiler.compile import compile_project
from campaigner.compiler.project.project import load_project
from campaigner.runtime.due.schedule import due
from campaigner.runtime.due.upcoming import upcoming
from hypothesis import given, settings
from hypothesis import strategies as st

FRIDAY = datetime(2026, 3, 27, 2, tzinfo=UTC)
"""10:00 in Shanghai, when `win_back` falls due."""


class Clock:
    """A clock that moves where the program waits, and sends SIGTERM at its end."""

    def __init__(self, start, end, between=lambda _: None):
        self.at, self.end, self.between = start, end, between
        self.passes = [start]

    def now(self):
        return self.at

    def pause(self, seconds):
        assert 0 <= seconds <= 60
        self.at += timedelta(seconds=seconds)
        self.between(self.at)
        if self.at >= self.end:
            signal.raise_signal(signal.SIGTERM)
        self.passes.append(self.at)


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    folder = tmp_path_factory.mktemp("started") / "shop"
    assert invoke(["init", str(folder)]) == 0
    return folder


@pytest.fixture
def shop(tmp_path, started):
    return shutil.copytree(started, tmp_path / "shop")


def watched(shop, clock, monkeypatch, *more):
    """The exit code of `run --watch`, and what it wrote to stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    session = Session("en", now=clock.now, pause=clock.pause)
    code = invoke(["run", str(shop), "--watch", *more], session)
    return code, out.getvalue(), err.getvalue()


def run_at(shop, at, *more):
    return invoke(["run", str(shop), *more], Session("en", now=lambda: at))


def grants(shop, capsys):
    capsys.readouterr()
    assert invoke(["ledger", "grants", str(shop), "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)["grants"]
    return sorted((row["campaign"], row["recipient"], row["occurrence"], row["at"]) for row in rows)


def made(shop):
    """The option that names the project's plan, for a `status` before the first run."""
    file = shop.parent / "plan.json"
    assert invoke(["plan", str(shop), "--output", str(file)]) == 0
    return "--plan", str(file)


def status(shop, at, capsys, *options):
    capsys.readouterr()
    words = ["status", str(shop), "--format", "json", *options]
    assert invoke(words, Session("en", now=lambda: at)) == 0
    return json.loads(capsys.readouterr().out)


def test_a_run_without_an_instant_is_up_to_now(shop, tmp_path, capsys):
    other = shutil.copytree(shop, tmp_path / "other")
    assert run_at(shop, FRIDAY) == 0
    assert invoke(["run", str(other), "--at", FRIDAY.isoformat()]) == 0
    assert grants(shop, capsys) == grants(other, capsys) != []


@pytest.mark.parametrize(
    "more", [("--at", "2026-01-30"), ("--dry-run",), ("--from", "2026-01-01", "--to", "2026-01-02")]
)
def test_watching_goes_with_no_instant(shop, capsys, more):
    assert invoke(["run", str(shop), "--watch", *more]) == 2
    assert "E186" in capsys.readouterr().err


@pytest.mark.parametrize("more", [("--from", "2026-01-01"), ("--at", "2026-01-01", "--to", "now")])
def test_a_half_period_is_refused(shop, capsys, more):
    assert invoke(["run", str(shop), *more]) == 2
    assert "E186" in capsys.readouterr().err


def test_a_query_needs_an_instant(shop, capsys):
    assert invoke(["sql", str(shop), "--campaign", "win_back"]) == 2
    assert "give either --at INSTANT" in capsys.readouterr().err


def test_schedules_fall_due_at_their_instant(shop, tmp_path, monkeypatch, capsys):
    clock = Clock(FRIDAY - timedelta(seconds=90), FRIDAY + timedelta(seconds=130))
    code, out, err = watched(shop, clock, monkeypatch)
    assert code == 143
    assert [(at - FRIDAY).total_seconds() for at in clock.passes] == [-90, -30, 0, 60, 120]
    assert "stopped" in err
    assert len(out.splitlines()) == 2, "passes that did nothing say nothing"
    monkeypatch.undo()
    other = shutil.copytree(shop, tmp_path / "other", ignore=shutil.ignore_patterns("var"))
    assert run_at(other, FRIDAY - timedelta(seconds=90)) == 0
    assert run_at(other, FRIDAY + timedelta(seconds=120)) == 0
    found = grants(shop, capsys)
    assert found == grants(other, capsys)
    assert {row[0] for row in found} == {"cash_back", "win_back"}


def test_passes_are_lines_of_json(shop, monkeypatch):
    clock = Clock(FRIDAY, FRIDAY + timedelta(minutes=2))
    _, out, _ = watched(shop, clock, monkeypatch, "--format", "json")
    (document,) = map(json.loads, out.splitlines())
    assert datetime.fromisoformat(document["to"]) == FRIDAY
    assert sum(one["granted"] for one in document["campaigns"]) > 0


def test_two_at_once_do_no_harm(shop, tmp_path, monkeypatch, capsys):
    other = shutil.copytree(shop, tmp_path / "other")
    inner = Clock(FRIDAY - timedelta(seconds=45), FRIDAY + timedelta(seconds=45))

    def second(at):
        if at == FRIDAY:
            with pytest.MonkeyPatch.context() as patch:
                assert watched(shop, inner, patch)[0] == 143

    outer = Clock(FRIDAY - timedelta(seconds=60), FRIDAY + timedelta(seconds=90), second)
    assert watched(shop, outer, monkeypatch)[0] == 143
    monkeypatch.undo()
    assert run_at(other, FRIDAY + timedelta(seconds=60)) == 0
    assert grants(shop, capsys) == grants(other, capsys)
    assert invoke(["ledger", "verify", str(shop)]) == 0


def test_a_warehouse_that_is_away_is_tried_again(shop, monkeypatch, capsys):
    file = shop / "data" / "shop.duckdb"

    def away(at):
        if at == FRIDAY:
            file.rename(file.with_suffix(".away"))
        elif not file.exists():
            file.with_suffix(".away").rename(file)

    clock = Clock(FRIDAY - timedelta(seconds=60), FRIDAY + timedelta(seconds=90), away)
    code, _, err = watched(shop, clock, monkeypatch)
    assert code == 143
    assert err.count("error[") == 1
    monkeypatch.undo()
    assert {row[0] for row in grants(shop, capsys)} == {"cash_back", "win_back"}


def test_a_first_pass_that_cannot_be_made_ends_the_command(shop, monkeypatch):
    (shop / "data" / "shop.duckdb").unlink()
    clock = Clock(FRIDAY, FRIDAY + timedelta(minutes=2))
    assert watched(shop, clock, monkeypatch)[0] == 2
    assert clock.passes == [FRIDAY]


def test_status_reads_the_heartbeat_and_what_is_due_next(shop, monkeypatch, capsys):
    before = status(shop, FRIDAY - timedelta(minutes=5), capsys, *made(shop))
    assert before["watched"] is None
    assert [one["next_due"] for one in before["campaigns"]] == [None, FRIDAY.isoformat()]
    watched(shop, Clock(FRIDAY, FRIDAY + timedelta(seconds=90)), monkeypatch)
    monkeypatch.undo()
    after = status(shop, FRIDAY + timedelta(minutes=5), capsys)
    assert datetime.fromisoformat(after["watched"]) == FRIDAY + timedelta(seconds=60)
    week = FRIDAY + timedelta(days=7)
    assert [one["next_due"] for one in after["campaigns"]] == [None, week.isoformat()]
    assert invoke(["ledger", "verify", str(shop)]) == 0


TIMERS = """campaign nudge {
  audience consent_marketing
  trigger  3 days after order unless order where amount > 1 CNY
  message  push "back soon"
  compliance { follows rules }
}
campaign thanks {
  audience consent_marketing
  trigger  2 days after order at 09:00
  message  push "thanks"
  compliance { follows rules }
}
"""


def test_status_lists_the_timers_that_come_next(shop, capsys):
    policy = (shop / "policies.campaign").read_text("utf-8").split("policy ")[1].split(" ")[0]
    text = TIMERS.replace("follows rules", f"follows {policy}")
    (shop / "timers.campaign").write_text(text, "utf-8")
    plan = made(shop)
    assert status(shop, FRIDAY + timedelta(days=900), capsys, *plan)["timers"] == []
    with duckdb.connect(str(shop / "data" / "shop.duckdb")) as warehouse:
        orders = warehouse.execute("SELECT customer_id, ordered_at FROM orders").fetchall()
    zone = ZoneInfo("Asia/Shanghai")
    placed = [(who, at.replace(tzinfo=UTC)) for who, at in orders]
    ended = {
        (who, at)
        for who, at in placed
        if any(who == one and at < other <= at + timedelta(days=3) for one, other in placed)
    }
    nudges = [at + timedelta(days=3) for who, at in placed if (who, at) not in ended]
    thanks = [
        datetime.combine(at.astimezone(zone).date() + timedelta(days=2), time(9), tzinfo=zone)
        for _, at in placed
    ]
    now = min(nudges) + timedelta(days=20)
    found = {one["step"]: one for one in status(shop, now, capsys, *plan)["timers"]}
    for name, instants in (("nudge", nudges), ("thanks", thanks)):
        later = [at for at in instants if at > now]
        assert datetime.fromisoformat(found[name]["at"]) == min(later)
        assert found[name]["count"] == later.count(min(later))
        assert found[name]["waiting"] == len(later)


def test_status_names_budgets_near_their_end(shop, capsys):
    assert status(shop, FRIDAY, capsys, *made(shop))["budgets"] == []
    assert run_at(shop, datetime(2026, 3, 31, tzinfo=UTC)) == 0
    found = status(shop, datetime(2026, 3, 31, tzinfo=UTC), capsys)["budgets"]
    assert [one["account"] for one in found] == ["campaign/cash_back/total"]


def test_what_cannot_be_delivered_has_a_code_of_its_own(shop, capsys):
    toml = shop / "campaigner.toml"
    remote = 'kind = "webhook"\nurl = "http://127.0.0.1:9/x"\nsecret = "${S}"'
    text = toml.read_text("utf-8")
    toml.write_text(
        text.replace('kind = "file"\npath = "var/outbox/rewards.jsonl"', remote), "utf-8"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("S", "a secret that is long enough")
        assert run_at(shop, FRIDAY) == 5
        (found,) = status(shop, FRIDAY + timedelta(days=1), capsys)["undelivered"]
    assert found["channel"] == "rewards"
    assert found["waiting"] > 0


def test_sigterm_ends_a_watching_process_and_nothing_is_lost(shop):
    command = [sys.executable, "-m", "campaigner.cli", "run", str(shop), "--watch"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        first = running.stdout.readline()
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=60) == 143
    assert b"granted" in first
    assert invoke(["ledger", "verify", str(shop)]) == 0


@settings(max_examples=30)
@given(
    st.datetimes(datetime(2025, 12, 1), datetime(2036, 2, 1)).map(lambda at: at.replace(tzinfo=UTC))
)
def test_the_next_instant_is_the_first_that_falls_due(started, at):
    plan = compile_project(load_project(started)).plan
    for key, instant in upcoming(plan, at).items():
        end = at + timedelta(days=30) if instant is None else instant
        found = due(plan, key.campaign, at + timedelta(microseconds=1), end, step=key.step)
        assert found.instants == (() if instant is None else (instant,))
