"""`campaigner events --workers N`: the answers and the ledger of one worker, whoever is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from ..runtime.test_event_workers import (
    CAMPAIGNS,
    SCARCE,
    grants,
    ledger_url,
    lines,
    orders,
    shop,
)

ROWS = list(orders(2_600))
CAMPAIGN = """
campaign {name} "{name}" {{
  active 2026-01-01 to 2026-12-31
  audience {audience}
  {does}
  budget {{ total 1_000_000 CNY }}
  compliance {{ forbid phrase "sure" }}
}}
"""
JOURNEY = """journey {
    step started on order where event.amount >= 50 CNY
      reward 1 points
    step second 2 days after started at 10:00
      reward coffee
  }"""
DUE = (
    ("lapsed", "yes", "trigger 3 days after order unless order\n  reward 5 points"),
    (
        "weekly",
        "count(order in last 7 days) >= 2",
        "trigger every monday at 10:00\n  reward coffee",
    ),
    ("path", "not vip", JOURNEY),
)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A shop whose warehouse has a part of the orders, and the file of all."""
    folder = shop(tmp_path_factory.mktemp("shop"), CAMPAIGNS + SCARCE, ROWS[:400])
    (folder / "all.jsonl").write_text("".join(lines(ROWS)))
    return folder


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    return ledger_url() if request.param == "postgresql" else f"sqlite:///{tmp_path}/ledger.db"


@contextmanager
def begun(house, url, *options):
    """The command, of which no process is left."""
    # A shell has what it starts in the background ignore ctrl-c, and so would the command.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [sys.executable, "-m", "campaigner.cli", "events", str(house), *map(str, options)],
        env={**os.environ, "LEDGER": url},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    signal.signal(signal.SIGINT, before)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ended(house, url, *options, given=None):
    with begun(house, url, *options) as process:
        out, err = process.communicate(given)
        return process.returncode, out, err.decode()


def children(process) -> list[int]:
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(one) for one in path.read_text().split()]


def is_gone(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


def but_cakes(found):
    """Without what is short: who gets it rests on the order of commits."""
    return [one for one in found if one[0] != "cakes"]


def whole(found) -> None:
    """No stock is overdrawn, and none is left where it is short."""
    months = Counter((one[3] + timedelta(hours=8)).month for one in found if one[0] == "cakes")
    assert set(months.values()) == {10}


def test_answers_are_those_of_one_worker(house, tmp_path):
    """Bad lines, strangers and keys of others among them; also the table, and in Chinese."""
    good = list(lines(ROWS[:2_300]))
    # In the order of time: where batches end, a late line is decided after those before it.
    at = json.loads(good[799])["at"]
    first, other = ({**json.loads(line), "at": at} for line in good[5:7])
    assert first["customer"] != other["customer"]
    odd = ["not json\n", "\n", '{"event": "order"}\n', '{"key": 1}\n', f"{'x' * 1_000_001}\n"]
    odd += [json.dumps({**first, "customer": f"c{n:02}"}) + "\n" for n in range(6)]
    odd += [json.dumps({**first, "key": 7, "customer": n}) for n in (1, 2, 1)]
    odd[-3:] = [f"{one}\n" for one in odd[-3:]]
    # The first line of a key is bad, and leaves it to the next customer's.
    bad = {**other, "key": "fresh", "fields": {"amount": "many"}}
    odd += [json.dumps(bad) + "\n"]
    odd += [json.dumps({**other, "key": "fresh", "customer": f"c{n:02}"}) + "\n" for n in range(4)]
    mixed = [*good[:800], *odd, *good[800:]]
    (tmp_path / "mixed.jsonl").write_text("".join(mixed))
    found = []
    for count in (1, 2, 3):
        url = f"sqlite:///{tmp_path}/{count}.db"
        asked = (house, url, tmp_path / "mixed.jsonl", "--workers", count)
        status, out, err = ended(*asked, "--format", "json")
        again = ended(*asked, "--lang", "zh")
        answers = [json.loads(line) for line in out.splitlines()]
        for one in answers:
            of = one.get("decisions", ())
            one["decisions"] = [decision for decision in of if decision["campaign"] != "cakes"]
        problems = [line for line in err.splitlines() if "E744" in line]
        found.append((status, answers, problems, again[:2], but_cakes(grants(house, url))))
        whole(grants(house, url))
    assert found[0] == found[1] == found[2]
    assert found[0][0] == 1
    assert [one["line"] for one in found[0][1]] == [
        number for number, line in enumerate(mixed, 1) if line.strip()
    ]


def test_a_worker_that_is_killed_ends_all_and_nothing_is_lost(house, url, tmp_path):
    expected = f"sqlite:///{tmp_path}/expected.db"
    assert ended(house, expected, house / "all.jsonl")[0] == 0
    options = ("--workers", 2, "--format", "json")
    given = [line.encode() for line in lines(ROWS)]
    with begun(house, url, *options) as process:
        process.stdin.writelines(given[:900])
        process.stdin.flush()
        told = [process.stdout.readline() for _ in range(900)]
        killed, left = children(process)
        os.kill(killed, signal.SIGKILL)
        try:
            process.stdin.writelines(given[900:])
            process.stdin.flush()
        except BrokenPipeError:
            pass
        out, err = process.communicate()
        assert process.returncode == 2
        assert b"error[E849]: worker 1 of 2 ended before its work was done: it was killed" in err
        assert is_gone(left)
    numbers = [json.loads(line)["line"] for line in (*told, *out.splitlines())]
    assert numbers == list(range(1, len(numbers) + 1))
    status, out, err = ended(house, url, house / "all.jsonl", *options, "--plain")
    assert (status, len(out.splitlines())) == (0, len(ROWS)), err
    assert but_cakes(grants(house, url)) == but_cakes(grants(house, expected))
    whole(grants(house, url))


@pytest.fixture(scope="module")
def due(tmp_path_factory):
    """A shop with a timer, a schedule and a journey, and one worker's grants."""
    text = "".join(
        CAMPAIGN.format(name=name, audience=audience, does=does) for name, audience, does in DUE
    )
    folder = shop(tmp_path_factory.mktemp("due"), CAMPAIGNS + text, ROWS[:200])
    (folder / "all.jsonl").write_text("".join(lines(ROWS[:900])))
    url = f"sqlite:///{folder}/expected.db"
    status, _, err = ended(folder, url, folder / "all.jsonl")
    assert status == 0, err
    expected = grants(folder, url)
    assert {one[0] for one in expected} >= {name for name, *_ in DUE}
    return folder, expected


def test_what_falls_due_is_decided_by_the_workers_of_its_customers(due, url):
    """A worker is killed, and all begin again with the whole stream."""
    folder, expected = due
    with begun(folder, url, "--workers", 2, "--format", "json") as process:
        process.stdin.writelines(line.encode() for line in lines(ROWS[:600]))
        process.stdin.flush()
        process.stdout.readline()
        os.kill(children(process)[1], signal.SIGKILL)
        process.communicate()
        assert process.returncode == 2
    status, _, err = ended(folder, url, folder / "all.jsonl", "--workers", 2)
    assert status == 0, err
    assert grants(folder, url) == expected


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_batches_end(house, tmp_path, number):
    url = f"sqlite:///{tmp_path}/ledger.db"
    with begun(house, url, "--workers", 2, "--format", "json") as process:
        process.stdin.writelines(line.encode() for line in lines(ROWS[:300]))
        process.stdin.flush()
        told = [json.loads(process.stdout.readline()) for _ in range(300)]
        workers = children(process)
        process.send_signal(number)
        out, err = process.communicate()
        assert (process.returncode, out) == (128 + number, b"")
        assert b"stopped: the decisions so far are kept" in err.lower() or b"kept" in err
        assert all(map(is_gone, workers))
    kept = {one[2] for one in grants(house, url)}
    granted = {
        one["key"] for one in told for each in one["decisions"] if each["outcome"] == "granted"
    }
    assert granted == kept


def test_workers_end_when_their_parent_is_gone(house, tmp_path):
    url = f"sqlite:///{tmp_path}/ledger.db"
    with begun(house, url, "--workers", 3, "--format", "json") as process:
        process.stdin.writelines(line.encode() for line in lines(ROWS[:200]))
        process.stdin.flush()
        process.stdout.readline()
        workers = children(process)
        process.kill()
    until = time.monotonic() + 30
    while not all(map(is_gone, workers)) and time.monotonic() < until:
        time.sleep(0.05)
    assert all(map(is_gone, workers))


def test_a_pipe_is_answered_without_its_end(house, tmp_path):
    url = f"sqlite:///{tmp_path}/ledger.db"
    with begun(house, url, "-", "--workers", 2, "--format", "json") as process:
        for number, line in enumerate(lines(ROWS[:3]), 1):
            process.stdin.write(line.encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["line"] == number
            time.sleep(1.2)
        out, _ = process.communicate()
        assert (process.returncode, out) == (0, b"")


@pytest.mark.parametrize("count", ["0", "-1", "65", "two", "1.5"])
def test_an_absurd_number_is_refused(house, tmp_path, count):
    url = f"sqlite:///{tmp_path}/ledger.db"
    status, out, err = ended(house, url, house / "all.jsonl", "--workers", count)
    assert (status, out) == (2, b"")
    assert "error[E666]: --workers is a whole number from 1 to 64" in err


def test_a_warehouse_that_is_gone_is_said_once(house, tmp_path):
    url = f"sqlite:///{tmp_path}/ledger.db"
    (house / "shop.duckdb").rename(house / "away.duckdb")
    try:
        found = [ended(house, url, house / "all.jsonl", "--workers", n) for n in (1, 2)]
    finally:
        (house / "away.duckdb").rename(house / "shop.duckdb")
    assert found[0] == found[1]
    assert found[0][0] == 2
    assert found[0][2].count("error[") == 1
