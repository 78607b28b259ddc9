"""Messages on channels of several kinds: to staff, and to the next channel where one cannot."""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime.delivery import FileChannel
from campaigner.runtime.due.periods import Between
from campaigner.runtime.run.run import Work, run
from campaigner.runtime.warehouse.engines import open_warehouse

from ..projects import compile_folder, write
from .houses import at
from .shops import CATALOG, SETTINGS, Shop

NAMES = ("push", "sms", "desk")
POLICY = """policy rules {
  require vip
  quiet hours 21:00 to 08:00
  at most 1 messages per 7 days
}
"""


def campaign(says: str, gives: str = "") -> str:
    return f"""campaign gift {{
  audience yes
  trigger  on order
  {gives}
  {says}
  compliance {{ follows rules }}
}}
"""


@dataclass
class Desk:
    """A shop with a file for each channel."""

    shop: Shop

    def run(self, start: str = "2026-01-01", end: str = "2026-01-31") -> None:
        channels = {
            name: FileChannel(name, self.shop.folder / f"{name}.jsonl", f"{name}.jsonl")
            for name in NAMES
        }
        self.shop.run(start, end, channels)

    def decide_only(self) -> None:
        """Decide, and deliver on no channel."""
        found = compile_folder(self.shop.folder).plan
        assert found is not None
        where = open_warehouse(self.shop.warehouse, self.shop.folder)
        with self.shop.ledger(NAMES) as ledger, where as warehouse:
            work = Work(found, "plan-1", warehouse, ledger)
            with pytest.raises(CannotRun):
                run(work, Between(at("2026-01-01"), at("2026-01-31")))

    def lines(self, name: str) -> list[str]:
        """`occurrence instant` of all that went out on a channel, on the clock of Shanghai."""
        path = self.shop.folder / f"{name}.jsonl"
        text = path.read_text("utf-8") if path.exists() else ""
        found = (json.loads(line) for line in text.splitlines())
        return [f"{one['occurrence']} {one['deliver_at'][5:16]}" for one in found]

    def outbox(self) -> list[str]:
        """`occurrence channel state reason` of every row."""
        with self.shop.ledger(NAMES) as ledger:
            assert ledger.verify() == ()
            return [
                f"{one.identity.occurrence} {one.channel} {one.state} {one.reason or ''}".strip()
                for one in ledger.letters()
            ]


def desk(folder: Path, says: str, *orders: tuple[str, str], consent: bool = False) -> Desk:
    """Orders of ann: key and `month-day clock`. `consent`: `push` asks `customer.app`."""
    channels = "".join(
        f'[channels.{name}]\nkind = "file"\npath = "{name}.jsonl"\n'
        + ('audience = "staff"\n' if name == "desk" else "")
        + ('consent = "customer.app"\n' if consent and name == "push" else "")
        for name in NAMES
    )
    files = {
        "campaigner.toml": SETTINGS + channels,
        "catalog.yaml": CATALOG.replace(
            "    vip: {type: boolean}\n",
            "    vip: {type: boolean}\n" + "    app: {type: boolean, optional: true}\n" * consent,
        ),
        "all.campaign": POLICY + campaign(says),
    }
    compiled = compile_folder(write(folder, files))
    assert compiled.plan is not None, [one.message() for one in compiled.diagnostics]
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute("CREATE TABLE customers (customer_id TEXT, vip BOOLEAN)")
        connection.execute("INSERT INTO customers VALUES ('ann', true)")
        connection.execute(
            "CREATE TABLE orders (order_id TEXT, customer_id TEXT, ordered_at TIMESTAMPTZ,"
            " points BIGINT, friend TEXT)"
        )
        for key, when in orders:
            row = (key, "ann", at(f"2026-{when}").isoformat(), 1, None)
            connection.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", row)
    return Desk(Shop(folder, compiled.plan))


def test_staff_hear_of_everything_at_once_and_count_for_no_cap(tmp_path: Path) -> None:
    """One evening and the next morning: the customer hears once, after the quiet hours."""
    both = 'message push "hello"\n  message desk "call ann"'
    house = desk(tmp_path, both, ("1", "01-05 22:00"), ("2", "01-06 10:00"))
    house.run()
    assert house.lines("desk") == ["1 01-05T14:00", "2 01-06T02:00"]
    assert house.lines("push") == ["1 01-06T00:00"]
    assert [row for row in house.outbox() if "desk" in row] == [
        "1 desk delivered",
        "2 desk delivered",
    ]


def test_a_campaign_for_staff_alone_is_refused_by_no_cap(tmp_path: Path) -> None:
    house = desk(tmp_path, 'message desk "call"', ("1", "01-05 22:00"), ("2", "01-05 22:01"))
    house.run()
    assert len(house.lines("desk")) == 2
    assert house.shop.outcomes() == {"granted": 2}


def test_staff_hear_of_customers_who_withdrew_meanwhile(tmp_path: Path) -> None:
    both = 'message push "hello"\n  message desk "call ann"'
    house = desk(tmp_path, both, ("1", "01-05 22:00"))
    house.run("2026-01-05 21:00", "2026-01-05 22:00")
    house.shop.change("UPDATE customers SET vip = false")
    house.run("2026-01-06", "2026-01-07")
    assert house.outbox() == ["1 desk delivered", "1 push suppressed not_allowed_at_delivery"]


OTHERWISE = 'message push "hello" otherwise sms "hello by sms"'


def asking(folder: Path, agrees: str, *orders: tuple[str, str]) -> Desk:
    """The channel `push` asks a consent of its own."""
    house = desk(folder, OTHERWISE, *orders, consent=True)
    house.shop.change("ALTER TABLE customers ADD COLUMN app BOOLEAN")
    house.shop.change(f"UPDATE customers SET app = {agrees}")
    return house


@pytest.mark.parametrize(
    ("agrees", "channel"), [("true", "push"), ("false", "sms"), ("NULL", "sms")]
)
def test_one_of_two_channels_goes_out(tmp_path: Path, agrees: str, channel: str) -> None:
    """It counts once: the second order of the week is capped on whichever channel it would take."""
    house = asking(tmp_path, agrees, ("1", "01-05 10:00"), ("2", "01-06 10:00"))
    house.run()
    assert {name: house.lines(name) for name in ("push", "sms")} == {
        "push": ["1 01-05T02:00"] if channel == "push" else [],
        "sms": ["1 01-05T02:00"] if channel == "sms" else [],
    }
    assert house.shop.outcomes() == {"granted": 1, "over_limit": 1}
    house.run()
    assert len(house.lines("push")) + len(house.lines("sms")) == 1


def rows_of(house: Desk) -> list[str]:
    return [row.removeprefix("1 ") for row in house.outbox()]


@pytest.mark.parametrize(
    ("minutes", "left"),
    [
        (60, ["push suppressed otherwise", "sms waiting"]),
        (61, ["push dead", "sms suppressed otherwise/push/0"]),
    ],
)
def test_a_dead_letter_goes_on_within_an_hour_of_its_first_failure(
    tmp_path: Path, minutes: int, left: list[str]
) -> None:
    house = desk(tmp_path, OTHERWISE, ("1", "01-05 10:00"))
    first, second = at("2026-01-05 12:00"), at("2026-01-05 12:00") + timedelta(minutes=minutes)
    house.decide_only()
    for when, again in ((first, second), (second, None)):
        with house.shop.ledger(NAMES) as ledger, ledger.outbox() as outbox:
            outbox.fail([(row, "no", again) for row in outbox.waiting("push", second, 9)], when)
    assert rows_of(house) == left
    with house.shop.ledger(NAMES) as ledger, ledger.outbox() as outbox:
        outbox.revive([one for one in ledger.letters() if one.channel == "push"])
    assert (rows_of(house)[0] == "push waiting") == (minutes > 60)


def test_a_grant_that_was_taken_back_goes_on_nowhere(tmp_path: Path) -> None:
    house = desk(tmp_path, OTHERWISE, ("1", "01-05 10:00"))
    house.decide_only()
    when = at("2026-01-05 12:00")
    with house.shop.ledger(NAMES) as ledger:
        with ledger.outbox() as outbox:
            rows = outbox.waiting("push", when, 9)
        ledger.reverse([rows[0].decision], "no", when)
        with ledger.outbox() as outbox:
            outbox.fail([(row, "no", None) for row in rows], when)
    assert rows_of(house)[1] == "sms suppressed otherwise/push/0"
