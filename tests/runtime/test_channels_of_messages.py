"""Messages on channels of several kinds: to staff."""

import json
from dataclasses import dataclass
from pathlib import Path

import duckdb
from campaigner.runtime.delivery import FileChannel

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


def desk(folder: Path, says: str, *orders: tuple[str, str], settings: str = "") -> Desk:
    """Orders of ann: key and `month-day clock`."""
    channels = "".join(
        f'[channels.{name}]\nkind = "file"\npath = "{name}.jsonl"\n'
        + ('audience = "staff"\n' if name == "desk" else "")
        for name in NAMES
    )
    files = {
        "campaigner.toml": SETTINGS + channels + settings,
        "catalog.yaml": CATALOG,
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
