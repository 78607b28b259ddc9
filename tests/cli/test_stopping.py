"""SIGTERM and SIGHUP stop a command as Ctrl-C does, at any moment, with nothing half-done."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time

import duckdb
import psycopg
import pytest
from campaigner.cli.main import invoke
from campaigner.cli.screen.files import replace
from campaigner.cli.stopping import Bell, Stopped, whole
from campaigner.runtime.events.cache import customers
from campaigner.runtime.run import run as runs
from campaigner.runtime.run.deciding import deciding
from campaigner.runtime.warehouse import bad_rows, survey

from ..warehouses import postgresql_url

PROGRAM = [sys.executable, "-m", "campaigner.cli"]
YEAR = ("--from", "2026-01-01", "--to", "2026-03-31")
CODES = {signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGINT: 130}
DECIDED_KEPT = (
    "stopped: what was decided is kept in the ledger; the same command goes on from there\n"
)
UNCHANGED = "stopped: nothing was changed\n"


def ring(number=signal.SIGTERM):
    os.kill(os.getpid(), number)


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    folder = tmp_path_factory.mktemp("started") / "shop"
    assert invoke(["init", str(folder)]) == 0
    return folder


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request, tmp_path, started):
    """A project with a ledger in each store."""
    folder = shutil.copytree(started, tmp_path / "shop")
    if request.param == "postgresql":
        schema = f"stopping_{abs(hash(request.node.name)) % 10**9}"
        with psycopg.connect(postgresql_url(), autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        url = postgresql_url()
        settings = (folder / "campaigner.toml").read_text("utf-8")
        url = f"{url}{'&' if '?' in url else '?'}schema={schema}"
        settings = settings.replace("sqlite:///var/ledger.db", url)
        assert schema in settings
        (folder / "campaigner.toml").write_text(settings, "utf-8")
    return folder


def grants(campaigner):
    told = campaigner("ledger", "grants", "shop", "--format", "json")
    assert told.returncode == 0, told.stderr
    return [
        {name: value for name, value in row.items() if name not in ("grant", "plan")}
        for row in json.loads(told.stdout)["grants"]
    ]


def lines(folder):
    with duckdb.connect(str(folder / "data/shop.duckdb"), read_only=True) as warehouse:
        rows = warehouse.execute(
            "SELECT order_id, customer_id, CAST(timezone('UTC', ordered_at) AS VARCHAR), amount,"
            " product FROM orders ORDER BY ordered_at, order_id"
        ).fetchall()
    for key, customer, at, amount, product in rows:
        fields = {"amount": str(amount), "product": product}
        yield json.dumps(
            {"event": "order", "key": key, "customer": customer, "at": f"{at}Z", "fields": fields}
        )


# --- real processes -----------------------------------------------------------------------------


def stopped(tmp_path, arguments, after, number, **more):
    """Run the program and send it a signal so many seconds after its start."""
    spill = tmp_path / "tmp"
    spill.mkdir(exist_ok=True)
    environment = {**os.environ, "TMPDIR": str(spill), "LANG": "C.UTF-8"}
    with subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    ) as running:
        time.sleep(after)
        running.send_signal(number)
        out, err = running.communicate(timeout=60)
    assert "Traceback" not in err
    assert "Exception ignored" not in err
    assert list(spill.iterdir()) == []
    return running.returncode, out, err


def test_a_run_that_is_stopped_at_random_goes_on_to_the_same_ledger(shop, tmp_path, campaigner):
    chance = random.Random(7)
    seen = set()
    for number in [*CODES, *CODES]:
        after = chance.uniform(0.1, 2.5)
        code, _, err = stopped(tmp_path, ["run", "shop", *YEAR], after, number)
        # Before anything of ours was loaded, the signal ends the process itself.
        assert code in (0, CODES[number], -number)
        if code == CODES[number]:
            assert err.endswith(("stopped: nothing was changed\n", DECIDED_KEPT))
        seen.add(code)
        assert campaigner("ledger", "verify", "shop").returncode == 0
    assert campaigner("run", "shop", *YEAR).returncode == 0
    assert campaigner("ledger", "verify", "shop").returncode == 0
    found = grants(campaigner)
    delivered = (shop / "var/outbox/push.jsonl").read_text("utf-8").splitlines()
    keys = [json.loads(line)["key"] for line in delivered]
    assert len(keys) == len(set(keys)) > 0
    assert len(found) > 0


@pytest.mark.parametrize("number", [signal.SIGTERM])
def test_a_worker_stops_after_the_lines_in_hand(shop, tmp_path, campaigner, number):
    given = "".join(f"{line}\n" for line in list(lines(shop))[:20])
    with subprocess.Popen(
        [*PROGRAM, "events", "shop", "--format", "json"],
        cwd=tmp_path,
        env={**os.environ, "LANG": "C.UTF-8"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        running.stdin.write(given)
        running.stdin.flush()
        told = [json.loads(running.stdout.readline()) for _ in range(20)]
        running.send_signal(number)
        # It waits for the next line, which never comes, and ends all the same.
        assert running.wait(timeout=20) == CODES[number]
        assert running.stderr.read().endswith(DECIDED_KEPT)
    assert [one["key"] for one in told] == [json.loads(line)["key"] for line in given.splitlines()]
    assert campaigner("ledger", "verify", "shop").returncode == 0


def test_what_a_parent_ignores_stays_ignored(tmp_path):
    script = 'trap "" HUP TERM; exec "$0" "$@"'
    with subprocess.Popen(
        ["sh", "-c", script, *PROGRAM, "fmt", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        time.sleep(1)
        running.send_signal(signal.SIGHUP)
        running.send_signal(signal.SIGTERM)
        out, _ = running.communicate("# a note\n", timeout=60)
    assert (running.returncode, out) == (0, "# a note\n")


# --- at a certain point -------------------------------------------------------------------------


def test_each_transaction_of_a_run_is_whole_or_not_at_all(shop, campaigner, monkeypatch):
    monkeypatch.setattr(deciding, "BATCH", 25)
    ask = deciding.Deciding._ask
    counted = 0

    def interrupted(self):
        nonlocal counted
        counted += 1
        ask(self)
        if counted % 3 == 0:
            ring()

    monkeypatch.setattr(deciding.Deciding, "_ask", interrupted)
    for _ in range(3):
        told = campaigner("run", "shop", *YEAR)
        assert (told.returncode, told.stdout) == (143, "")
        assert told.stderr.endswith(DECIDED_KEPT)
        assert campaigner("ledger", "verify", "shop").returncode == 0
        counted = 0
    monkeypatch.setattr(deciding.Deciding, "_ask", ask)
    assert campaigner("run", "shop", *YEAR).returncode == 0
    assert campaigner("ledger", "verify", "shop").returncode == 0


ENDLESS = "SELECT count(*) FROM range(3000000) a, range(3000000) b WHERE a.range * b.range = 7"
OF_WIN_BACK = ("--campaign", "win_back", "--customer", "c001", "--at", "2026-01-30")
ASKING = {
    "run": (("run", "shop", *YEAR), runs, "_sound", DECIDED_KEPT),
    "explain": (("explain", "shop", *OF_WIN_BACK), bad_rows, "sound", UNCHANGED),
    "status": (("status", "shop", "--plan", "plan.json"), survey, "survey", UNCHANGED),
    "check": (("check", "shop", "--warehouse"), survey, "survey", UNCHANGED),
    "events": (("events", "shop", "lines"), customers.Customers, "prepare", DECIDED_KEPT),
}


@pytest.mark.parametrize("command", ASKING)
def test_a_query_of_the_warehouse_is_stopped(shop, campaigner, monkeypatch, command):
    """DuckDB hears no signal, and makes an error of its own of what is raised inside of it."""
    arguments, owner, name, kept = ASKING[command]

    def asks(*asked):
        threading.Timer(0.5, ring).start()
        (warehouse,) = (found for one in asked if (found := _warehouse_of(one)) is not None)
        return next(iter(warehouse.ask(ENDLESS).rows()))

    monkeypatch.setattr(owner, name, asks)
    (shop.parent / "lines").write_text(next(iter(lines(shop))), "utf-8")
    assert campaigner("plan", "shop", "--output", "plan.json").returncode == 0
    told = campaigner(*arguments)
    assert (told.returncode, told.stderr) == (143, kept)
    assert campaigner("ledger", "verify", "shop").returncode == 0


def _warehouse_of(asked):
    """The warehouse, if it is what was given, or a part of that."""
    return asked if hasattr(asked, "ask") else getattr(asked, "warehouse", None)


def test_a_message_in_chinese(shop, campaigner, monkeypatch):
    monkeypatch.setattr("campaigner.cli.commands.plan.compiled", lambda *_: ring())
    told = campaigner("plan", "shop", "--lang", "zh")
    assert (told.returncode, told.stderr) == (143, "已停止：没有任何改动\n")


# --- the bell -----------------------------------------------------------------------------------


def rings(done, times):
    with Bell():
        with whole():
            for time_ in range(times):
                ring()
                done.append(time_)
        done.append("after")


@pytest.mark.parametrize("times", [1, 2, 3])
def test_work_that_is_to_be_whole_ends_first_but_a_second_signal_does_not_wait(times):
    done = []
    with pytest.raises(Stopped) as caught:
        rings(done, times)
    assert done == [0]
    assert caught.value.code == 143


def test_what_was_heard_before_is_heard_again():
    before = {one: signal.getsignal(one) for one in CODES}
    with Bell(), whole():
        pass
    assert {one: signal.getsignal(one) for one in CODES} == before


class Noisy:
    def __del__(self):
        ring()


def finalizes():
    with Bell():
        noisy = Noisy()
        del noisy
        time.sleep(5)


def test_a_signal_inside_a_finalizer_is_not_lost():
    with pytest.raises(Stopped):
        finalizes()


def test_a_file_is_whole_when_a_signal_comes(tmp_path, monkeypatch):
    sync = os.fsync

    def synced(handle):
        ring()
        sync(handle)

    monkeypatch.setattr(os, "fsync", synced)
    with pytest.raises(Stopped), Bell():
        replace(tmp_path / "a", b"whole")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"whole"]
