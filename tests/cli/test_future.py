"""Instants that the clock has not reached: refused, unless asked for."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from campaigner.cli.arguments.instants import moment, period_of_options, refuse_period_ahead
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime.due.schedule import end_of_day
from hypothesis import given
from hypothesis import strategies as st

ZONES = st.sampled_from(["Asia/Shanghai", "America/New_York", "UTC", "Pacific/Apia"])
NOWS = st.datetimes(datetime(2012, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
GAPS = st.timedeltas(timedelta(days=-400), timedelta(days=400))


def refused(at, start, end, zone, now):
    try:
        refuse_period_ahead(period_of_options(at, start, end, zone), at, end, zone, now)
    except CannotRun as stopped:
        return stopped.diagnostic.code.id == "E766"
    return False


@given(ZONES, NOWS, GAPS)
def test_an_instant_is_refused_just_where_the_clock_has_not_reached_it(key, now, gap):
    zone, instant = ZoneInfo(key), now + gap
    text = instant.isoformat()
    assert refused(text, None, None, zone, now) == (instant > now)
    assert refused(None, "2010-01-01", text, zone, now) == (instant > now)
    assert moment(text, zone, now, even_ahead=True) == instant
    if instant > now:
        with pytest.raises(CannotRun):
            moment(text, zone, now, even_ahead=False)
    else:
        assert moment(text, zone, now, even_ahead=False) == instant


@given(ZONES, NOWS, st.integers(-3, 3))
def test_a_whole_day_may_be_today_on_the_calendar_of_the_project(key, now, days):
    zone = ZoneInfo(key)
    day = now.astimezone(zone).date() + timedelta(days=days)
    assert refused(None, "2010-01-01", day.isoformat(), zone, now) == (days > 0)
    assert end_of_day(zone, now) >= now


@pytest.fixture
def shop(campaigner, tmp_path):
    campaigner("init", "shop")
    return tmp_path / "shop"


def later(**gap):
    return (datetime.now(UTC) + timedelta(**gap)).isoformat()


def test_a_run_a_year_ahead_is_refused_and_keeps_nothing(campaigner, shop):
    for period in (("--at", later(days=365)), ("--from", "2026-01-01", "--to", later(days=365))):
        told = campaigner("run", "shop", *period)
        assert told.returncode == 2
        assert told.stderr.startswith("error[E766]: `")
        assert not (shop / "var" / "ledger.db").exists()
        assert campaigner("run", "shop", *period, "--dry-run").returncode == 0
    ahead = campaigner("run", "shop", "--at", later(days=1), "--even-in-the-future")
    assert ahead.returncode == 0


def test_today_is_a_day_to_run_to(campaigner, shop):
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
    assert campaigner("run", "shop", "--from", "2026-01-01", "--to", today).returncode == 0


@pytest.mark.parametrize(
    "what", [("claim", "1", "--choose", "coffee", "--by", "c001"), ("redeem", "1"), ("expire",)]
)
def test_what_settles_is_refused_ahead_of_the_clock(campaigner, shop, what):
    command = ("ledger", "shop", *what, "--at", later(minutes=2))
    told = campaigner(*command)
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.startswith("error[E766]: `")
    assert "E766" not in campaigner(*command, "--even-in-the-future").stderr


def test_a_line_of_the_future_is_passed_over_and_the_others_go_on(campaigner, shop, tmp_path):
    def line(key, at):
        fields = {"amount": "250.00", "product": "bread"}
        whole = {"event": "order", "key": key, "customer": "c001", "at": at, "fields": fields}
        return json.dumps(whole) + "\n"

    skewed, ahead = later(minutes=4), later(minutes=6)
    text = line("a", ahead) + line("b", skewed) + line("c", "2026-03-05T10:00:00+08:00")
    (tmp_path / "lines.jsonl").write_text(text)
    told = campaigner("events", "shop", "lines.jsonl", "--format", "json")
    assert told.returncode == 1
    first, *others = map(json.loads, told.stdout.splitlines())
    assert (first["line"], first["code"]) == (1, "E767")
    assert ["code" in one for one in others] == [False, False]
    assert campaigner("events", "shop", "lines.jsonl", "--even-in-the-future").returncode == 0
