"""A receiver that fails trips the brake of one campaign: it pauses, calls, and others go on."""

import json
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from ..projects import write
from ..runtime.delivery.receivers import hang, status, web

SETTINGS = """[project]
name = "shop"
language = 1
time_zone = "Asia/Shanghai"
currency = "CNY"
[warehouse]
url = "duckdb:///shop.duckdb"
[ledger]
url = "sqlite:///ledger.db"
[channels.push]
kind = "webhook"
url = "http://127.0.0.1:${PORT}/in"
secret = "${SECRET}"
attempts = 1
timeout = 1
[channels.desk]
kind = "file"
path = "desk.jsonl"
audience = "staff"
"""
CATALOG = """customer:
  table: customers
  key: customer_id
  fields:
    vip: {type: boolean}
events:
  order:
    table: orders
    key: order_id
    customer: customer_id
    at: ordered_at
"""
CAMPAIGN = """
campaign {name} "{name}" {{
  active 2026-01-01 to 2026-12-31
  audience yes
  trigger on order
  reward 10 points
  budget {{ total 10_000 CNY }}
  message push "hello"
  compliance {{ forbid phrase "sure" }}
  {more}
}}
"""
BRAKE = 'pause when failures over 50% of at least 4 within 10 minutes call "Lin"'
CAMPAIGNS = (
    CAMPAIGN.format(name="resumes", more=BRAKE)
    + CAMPAIGN.format(name="lapses", more=f"{BRAKE}\n  while paused lapse")
    + CAMPAIGN.format(name="other", more="")
)
PEOPLE = [f"c{n}" for n in range(8)]
BRAKED = ("lapses", "resumes")


@pytest.fixture
def server():
    with web() as found:
        yield found


@pytest.fixture
def house(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    files = {"campaigner.toml": SETTINGS, "catalog.yaml": CATALOG, "all.campaign": CAMPAIGNS}
    write(folder, files)
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute("CREATE TABLE customers (customer_id TEXT, vip BOOLEAN)")
        connection.executemany("INSERT INTO customers VALUES (?, false)", [[c] for c in PEOPLE])
        connection.execute(
            "CREATE TABLE orders (order_id TEXT, customer_id TEXT, ordered_at TIMESTAMP)"
        )
    return folder


def order(house: Path, day: int) -> None:
    """One order of each, at one o'clock on that day."""
    with duckdb.connect(str(house / "shop.duckdb")) as connection:
        rows = [(f"{day}/{who}", who, f"2026-01-{day:02} 01:00") for who in PEOPLE]
        connection.executemany("INSERT INTO orders VALUES (?, ?, ?)", rows)


@pytest.mark.parametrize("fails", [status(500), status(422), hang(3)], ids=["500", "422", "slow"])
def test_what_fails_is_paused_and_goes_on_as_its_file_says(campaigner, house, server, fails):
    broken = set(BRAKED)

    def answer(handler, request):
        (fails if request.told["campaign"] in broken else status(204))(handler, request)

    server.answers = [answer]
    port = server.url.rpartition(":")[2]

    def does(*words: str) -> str:
        told = campaigner(*words, cwd=house, env={"PORT": port, "SECRET": "tulip"})
        assert told.returncode in (0, 5), told.stderr
        return told.stdout

    def rows(*words: str) -> list[dict[str, str]]:
        told = json.loads(does(*words, "--format", "json"))
        return next(value for value in told.values() if isinstance(value, list))

    def granted(day: int) -> dict[str, int]:
        found = [one for one in rows("ledger", "grants") if f"{day}/" in one["occurrence"]]
        return dict(Counter(one["campaign"] for one in found))

    def delivered(name: str) -> list[str]:
        """The orders for which the receiver was asked to take a message, each once."""
        told = [one.told for one in server.requests]
        return sorted({str(one["occurrence"]) for one in told if one["campaign"] == name})

    def run(*instants: str) -> None:
        for at in instants:
            does("run", "--at", f"2026-01-{at}")

    run("05 12:00")
    order(house, 6)
    # After five failures in a row a run leaves the channel alone, so it takes some.
    run("06 12:00", "06 12:30", "06 13:00")
    brakes = rows("ledger", "brakes")
    assert [(one["campaign"], one["state"]) for one in brakes] == [(c, "paused") for c in BRAKED]
    assert all(one["reason"].startswith("failures over 50% of at least 4") for one in brakes)
    called = [json.loads(line) for line in (house / "desk.jsonl").read_text().splitlines()]
    assert [one["alert"]["paused"] for one in called] == [*BRAKED]
    assert granted(6) == dict.fromkeys((*BRAKED, "other"), 8)
    assert delivered("other") == sorted(f"6/{who}" for who in PEOPLE)
    # The others go on; of what is paused nothing is decided, and nothing sent.
    tried = [len(delivered(one)) for one in BRAKED]
    order(house, 7)
    run("07 12:00")
    assert granted(7) == {"other": 8}
    assert len(delivered("other")) == 16
    assert [len(delivered(one)) for one in BRAKED] == tried
    # Mended: one decides what came meanwhile, of the other it has lapsed.
    broken.clear()
    does("resume", "--all", "--reason", "mended")
    order(house, 8)
    run("08 12:00", "08 12:30")
    assert granted(7) == {"other": 8, "resumes": 8}
    assert granted(8) == dict.fromkeys((*BRAKED, "other"), 8)
    assert len(rows("ledger", "brakes")) == 4
    # A failed row waits for `outbox retry`; rows that only waited are sent.
    lost = [one["key"] for one in rows("outbox", "list")]
    assert len(lost) >= 8
    does("outbox", "retry")
    run("08 13:00", "08 13:30")
    assert rows("outbox", "list") == []
    for name, days in (("other", 3), ("resumes", 3), ("lapses", 2)):
        assert len(set(delivered(name))) == 8 * days
    does("ledger", "verify")
