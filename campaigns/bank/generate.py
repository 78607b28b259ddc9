"""Make data/bank.duckdb: a bank's customers and two years of what they did, the same every time.

20,000 customers between 2024-12-01 and 2026-11-30, Shanghai time. Nobody in it is real. Hard
cases are in it on purpose:

- unknown ages, risk levels and birth dates, and customers born on 29 February
- employees, withdrawn consent, and customers who never did anything
- events in the same second, and amounts of one cent
- phones that must never reach a message
"""

from __future__ import annotations

import csv
import sys
import tempfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb

HERE = Path(__file__).resolve().parent
CUSTOMERS = 20_000
SEED = 20_260_101
FIRST, LAST = datetime(2024, 11, 30, 16, tzinfo=UTC), datetime(2026, 11, 30, 16, tzinfo=UTC)
NEW_YEAR, SPRING = datetime(2025, 12, 31, 16, tzinfo=UTC), datetime(2026, 3, 31, 16, tzinfo=UTC)
RECENTLY = NEW_YEAR - timedelta(days=20)
FLASH = datetime(2026, 3, 8, 2, tzinfo=UTC)
CITIES = ("上海", "北京", "深圳", "杭州", "成都", "武汉", "西安", 'O\'Hare "city"')
PRODUCTS = (("money_fund", 1), ("bond_90d", 2), ("balanced", 3), ("equity", 4), ("futures", 5))
SOURCES = ("app_store", "search", "branch", "friend", None, "leaflet")
PARTS, COSTS = (30, 25, 20, 15, 10, 0), (700, 900, 350, 0, 0, 40)
"""The channels of customers: parts of a hundred, and the cost of a day, about."""
PACKS = ("coffee, ride", "ride、video_month", "video_month,coffee", "ride")
ACCOUNTS = ("debit_card", "e_cny_wallet", "pension", "credit_card")
LEVELS = (
    0, 1_000, 5_000, 10_000, 50_000, 100_000, 200_000, 300_000, 500_000, 800_000,
    1_000_000, 2_000_000, 3_000_000, 5_000_000, 10_000_000, 30_000_000,
)  # fmt: skip

TABLES = {
    "customers": """customer_id VARCHAR, age INTEGER, aum DECIMAL(18, 2), level INTEGER,
        risk_level INTEGER, city VARCHAR, segment VARCHAR, consent_marketing BOOLEAN,
        employee BOOLEAN, registered_at TIMESTAMP, birth_date DATE, phone VARCHAR,
        source VARCHAR""",
    "accounts": "account_id VARCHAR, customer_id VARCHAR, product VARCHAR, opened_at TIMESTAMP",
    "investments": """investment_id VARCHAR, customer_id VARCHAR, product VARCHAR,
        product_risk INTEGER, amount DECIMAL(18, 2), matures_on DATE, invested_at TIMESTAMP,
        renews VARCHAR""",
    "logins": "login_id VARCHAR, customer_id VARCHAR, channel VARCHAR, logged_in_at TIMESTAMP",
    "asset_days": """snapshot_id VARCHAR, customer_id VARCHAR, assets DECIMAL(18, 2),
        measured_at TIMESTAMP""",
    "claims": """claim_id VARCHAR, customer_id VARCHAR, device_id VARCHAR, gift VARCHAR,
        claimed_at TIMESTAMP""",
    "tasks": """task_id VARCHAR, customer_id VARCHAR, product VARCHAR, team_id VARCHAR,
        referrer_id VARCHAR, new_customer BOOLEAN, done_at TIMESTAMP""",
    "mobiles": """mobile_id VARCHAR, customer_id VARCHAR, referrer_id VARCHAR,
        opened_at TIMESTAMP""",
    "visits": """visit_id VARCHAR, customer_id VARCHAR, purpose VARCHAR, manager_id VARCHAR,
        visited_at TIMESTAMP""",
    "orders": """order_id VARCHAR, customer_id VARCHAR, item VARCHAR, amount DECIMAL(18, 2),
        referrer_id VARCHAR, device_id VARCHAR, ordered_at TIMESTAMP""",
    "feedings": "feeding_id VARCHAR, customer_id VARCHAR, fed_at TIMESTAMP",
    "exchanges": """exchange_id VARCHAR, customer_id VARCHAR, gift VARCHAR, channel VARCHAR,
        asked_at TIMESTAMP""",
    "choices": """choice_id VARCHAR, customer_id VARCHAR, offer VARCHAR, benefits VARCHAR,
        chosen_at TIMESTAMP""",
    "tickets": "ticket_id VARCHAR, customer_id VARCHAR, level INTEGER, claimed_at TIMESTAMP",
    "level_changes": """change_id VARCHAR, customer_id VARCHAR, new_level INTEGER,
        changed_at TIMESTAMP""",
    "checkins": "checkin_id VARCHAR, customer_id VARCHAR, checked_in_at TIMESTAMP",
    "helps": """help_id VARCHAR, customer_id VARCHAR, bargain_id VARCHAR, owner_id VARCHAR,
        helped_at TIMESTAMP""",
    "closings": "closing_id VARCHAR, customer_id VARCHAR, closed_at TIMESTAMP",
    "acquisition_costs": "source VARCHAR, spent_on DATE, cost DECIMAL(18, 2)",
}

Row = tuple[Any, ...]


class Bank:
    """The rows of every table, drawn in one fixed order from one seed."""

    def __init__(self, seed: int, customers: int) -> None:
        self.random = Random(seed)  # noqa: S311  (data, not secrets)
        self.rows: dict[str, list[Row]] = {table: [] for table in TABLES}
        keys = [f"c{number:05d}" for number in range(1, customers + 1)]
        for number, key in enumerate(keys, start=1):
            self._customer(key, number)
        self._quarter(keys, seed)
        self._choices(seed)
        self._lifts(seed)
        self._newcomers()
        self._moves(seed)
        self._sources(seed)

    def _quarter(self, keys: list[str], seed: int) -> None:
        """Events of groups, at the counter, in the shop and with pets, early in 2026."""
        self.random = Random(f"{seed} quarter")  # noqa: S311  (what is above stays as it is)
        levels = {row[0]: row[3] for row in self.rows["customers"]}
        self._teams(keys)
        for key in keys:
            draw = self.random
            if draw.random() < 0.05:
                referrer = None if draw.random() < 0.3 else draw.choice(keys[: len(keys) // 50])
                self._add("mobiles", key, referrer, self._moment(NEW_YEAR, SPRING))
            if draw.random() < 0.03:
                purpose = draw.choice(("credit_card", "credit_card", "advice"))
                manager = f"m{draw.randrange(12):02d}"
                self._add("visits", key, purpose, manager, self._moment(NEW_YEAR, SPRING))
            self._orders(key, keys)
            self._pet(key)
            self._exchanges(key, levels[key])

    def _teams(self, keys: list[str]) -> None:
        """Teams of two to five who take from minutes to a week; some do the task twice."""
        draw = self.random
        for number in range(len(keys) // 40):
            begun = self._moment(NEW_YEAR, SPRING)
            hours = draw.choice((2, 30, 60, 160))
            team = None if draw.random() < 0.1 else f"t{number:04d}"
            for who in draw.sample(keys, draw.randint(2, 5)):
                for _ in range(draw.choice((1, 1, 1, 2))):
                    product = draw.choice(("trial_fund", "trial_fund", "trial_fund", "deposit"))
                    referrer = draw.choice(keys[:80]) if draw.random() < 0.4 else None
                    at = begun + timedelta(seconds=draw.randrange(hours * 3600))
                    self._add("tasks", who, product, team, referrer, draw.random() < 0.5, at)

    def _orders(self, key: str, keys: list[str]) -> None:
        draw = self.random
        for _ in range(draw.choices((0, 1, 2, 5), (80, 12, 5, 3))[0]):
            sale = draw.random() < 0.3
            if sale:
                at = FLASH + timedelta(seconds=int(draw.expovariate(1 / 40)))
            else:
                at = self._moment(datetime(2026, 2, 1, tzinfo=UTC), SPRING)
            amount = 9.9 if sale else round(draw.lognormvariate(4.5, 1), 2)
            referrer = draw.choice(keys) if draw.random() < 0.2 else None
            device = self._device(0.95)
            item = "flash_pot" if sale else draw.choice(("rice", "oil", "tea"))
            self._add("orders", key, item, amount, referrer, device, at)

    def _pet(self, key: str) -> None:
        """Some feed a pet for a while, not each day, some days twice."""
        draw = self.random
        if draw.random() >= 0.01:
            return
        day = self._moment(NEW_YEAR, SPRING)
        for _ in range(draw.randrange(1, 40)):
            day += timedelta(hours=draw.choice((3, 24, 24, 24, 50)))
            if day < SPRING:
                self._add("feedings", key, day)
                if draw.random() < 0.1:
                    at = day + timedelta(minutes=5)
                    self._add("exchanges", key, "pet_hat", "app", at)

    def _exchanges(self, key: str, level: int) -> None:
        draw = self.random
        if level >= 12 and draw.random() < 0.5:
            for _ in range(draw.randint(1, 3)):
                self._add("exchanges", key, "lounge", "app", self._moment(NEW_YEAR, SPRING))
        if draw.random() < 0.15:
            for _ in range(draw.randint(1, 4)):
                gift = draw.choice(("coffee", "box", "box", "pack", "ride"))
                channel = draw.choice(("app", "app", "web"))
                self._add("exchanges", key, gift, channel, self._moment(NEW_YEAR, SPRING))

    def _choices(self, seed: int) -> None:
        """Choices from offers: soon or too late, sometimes twice, sometimes not offered."""
        self.random = draw = Random(f"{seed} choices")  # noqa: S311  (what is above stays as it is)
        for _, key, gift, _, at in list(self.rows["exchanges"]):
            for _ in range(draw.choice((0, 1, 1, 1, 2)) if gift == "pack" else 0):
                named, later = draw.choice(PACKS), timedelta(seconds=draw.randrange(16 * 86_400))
                self._add("choices", key, "gift_pack", named, at + later)
        for key, _, _, level, *_ in self.rows["customers"]:
            for month in (1, 2, 3):
                if level >= 8 and draw.random() < 0.5:
                    opens = datetime(2026, month, 1, 1, tzinfo=UTC)
                    at = opens + timedelta(seconds=draw.randrange(20 * 86_400))
                    named = draw.choice(("coffee", "ride", "ride", "tablet"))
                    self._add("choices", key, "points_menu", named, at)

    def _lifts(self, seed: int) -> None:
        """Tickets, levels that rise and fall around them, and some who close their account."""
        self.random = draw = Random(f"{seed} lifts")  # noqa: S311  (what is above stays as it is)
        for key, _, _, level, *_ in self.rows["customers"]:
            for _ in range(draw.choices((0, 1, 2, 3), (70, 20, 6, 4))[0]):
                at = self._moment(NEW_YEAR, SPRING)
                self._add("tickets", key, level, at)
                for _ in range(draw.choice((0, 1, 1, 2))):
                    moved = min(16, max(1, level + draw.randint(-2, 4)))
                    changed = at + timedelta(seconds=draw.randrange(-3 * 86_400, 80 * 86_400))
                    self._add("level_changes", key, moved, changed)
            if draw.random() < 0.03:
                self._add("closings", key, self._moment(NEW_YEAR, SPRING))

    def _newcomers(self) -> None:
        """Most who have a new card invest some weeks later, many of them again."""
        draw = self.random
        for _, key, product, opened in list(self.rows["accounts"]):
            at, until = opened, opened + timedelta(days=100)
            if product != "debit_card" or not NEW_YEAR <= opened < SPRING or draw.random() < 0.3:
                continue
            for _ in range(draw.choice((1, 2, 2, 3))):
                at = self._moment(at, until)
                name, risk = draw.choice(PRODUCTS[:3])
                amount = draw.choice((500, 1_000, 2_000, 5_000))
                self._add("investments", key, name, risk, amount, None, at, None)

    def _moves(self, seed: int) -> None:
        """Renewals, long terms, check-ins, friends who help, and some who come back."""
        self.random = draw = Random(f"{seed} moves")  # noqa: S311  (what is above stays as it is)
        for renewed, key, product, risk, amount, matures, *_ in list(self.rows["investments"]):
            soon = datetime.combine(matures, time(), tzinfo=UTC) if matures else LAST
            if NEW_YEAR <= soon < SPRING + timedelta(days=10) and draw.random() < 0.2:
                at = soon - timedelta(seconds=draw.randrange(12 * 86_400))
                self._add("investments", key, product, risk, amount, None, at, renewed)
        keys = [row[0] for row in self.rows["customers"]]
        for key in (row[0] for row in self.rows["customers"] if row[2] >= 200_000):
            for _ in range(draw.choice((0, 0, 0, 5))):
                at = self._moment(NEW_YEAR - timedelta(days=60), SPRING)
                amount, days = draw.choice((2_000, 20_000, 80_000)), draw.choice((60, 120, 365))
                matures = (at + timedelta(days=days)).date()
                self._add("investments", key, "bond_90d", 2, amount, matures, at, None)
        for key in draw.sample(keys, len(keys) // 50):
            day = self._moment(NEW_YEAR, SPRING)
            for _ in range(draw.randrange(4, 40)):
                day += timedelta(hours=draw.choice((3, 24, 24, 24, 24, 24, 24, 24, 50)))
                if day < SPRING:
                    self._add("checkins", key, day)
        for number in range(len(keys) // 150):
            owner, begun = draw.choice(keys), self._moment(SPRING - timedelta(days=31), SPRING)
            for _ in range(draw.choice((5, 40, 60))):
                at = begun + timedelta(seconds=draw.randrange(20 * 3600))
                helper = owner if draw.random() < 0.02 else draw.choice(keys)
                self._add("helps", helper, f"b{number:03d}", owner, at)
        self._returns({row[1] for row in self.rows["logins"] if row[-1] > RECENTLY})

    def _returns(self, active: set[str]) -> None:
        """Some of those who had not logged in for long buy again, most of them once."""
        draw = self.random
        for key in (row[0] for row in self.rows["customers"]):
            if key in active or draw.random() < 0.7:
                continue
            at = self._moment(NEW_YEAR + timedelta(days=40), SPRING)
            for _ in range(draw.choice((1, 1, 2, 4, 7))):
                amount = round(draw.lognormvariate(4, 1), 2)
                self._add("orders", key, "tea", amount, None, None, at)
                at += timedelta(hours=draw.choice((2, 50, 120, 200)))

    def _sources(self, seed: int) -> None:
        """The channel of each customer, unknown of some, and what channels cost day by day.

        Friends cost nothing that is written down, and leaflets brought nobody.
        """
        draw = Random(f"{seed} sources")  # noqa: S311  (what is above stays as it is)
        customers, costs = self.rows["customers"], self.rows["acquisition_costs"]
        customers[:] = [(*row, draw.choices(SOURCES, PARTS)[0]) for row in customers]
        for number in range((LAST - FIRST).days):
            day = (FIRST + timedelta(hours=8, days=number)).date()
            for name, cost in zip(SOURCES, COSTS, strict=True):
                if cost and draw.random() < 0.8:
                    costs.append((name, day, round(cost * draw.uniform(0.5, 1.5), 2)))

    def _device(self, known: float) -> str | None:
        """A device, known of a part of the customers."""
        return f"d{self.random.randrange(9000):04d}" if self.random.random() < known else None

    def _customer(self, key: str, number: int) -> None:
        draw = self.random
        registered = self._moment(FIRST - timedelta(days=900), LAST)
        rich = draw.choices((0, 1, 2), (80, 15, 5))[0]
        has_assets = draw.random() > 0.08
        aum = round(draw.lognormvariate((8.5, 12.2, 15.2)[rich], 1.2), 2) if has_assets else 0
        level = max(index for index, floor in enumerate(LEVELS) if aum >= floor) + 1
        birth = self._birthday(number)
        self.rows["customers"].append(
            (
                key,
                None if draw.random() < 0.12 else (2026 - birth.year if birth else 30),
                aum,
                level,
                None if draw.random() < 0.25 else draw.randint(1, 5),
                draw.choice(CITIES),
                ("mass", "affluent", "private")[rich],
                draw.random() < 0.82,
                draw.random() < 0.01,
                registered,
                birth,
                f"138{draw.randrange(10**8):08d}",
            )
        )
        self._events(key, max(registered, FIRST), float(aum), level)

    def _birthday(self, number: int) -> date | None:
        if number % 400 == 0:
            return date(1996, 2, 29)
        if self.random.random() < 0.2:
            return None
        return date(1950, 1, 1) + timedelta(days=self.random.randrange(20_000))

    def _moment(self, start: datetime, end: datetime) -> datetime:
        """A second between the two; one in fifty falls on a full hour, so that some tie."""
        seconds = self.random.randrange(max(1, int((end - start).total_seconds())))
        if self.random.random() < 0.02:
            seconds -= seconds % 3600
        return start + timedelta(seconds=seconds)

    def _events(self, key: str, start: datetime, aum: float, level: int) -> None:
        draw = self.random
        until = LAST if draw.random() < 0.7 else self._moment(start, LAST)
        for product in ACCOUNTS:
            if draw.random() < (0.5, 0.2, 0.1, 0.15)[ACCOUNTS.index(product)]:
                opened = min(start + timedelta(days=draw.expovariate(1 / 40)), LAST)
                self._add("accounts", key, product, opened)
        for _ in range(min(60, int(draw.expovariate(1 / 14)))):
            self._add("logins", key, draw.choice(("app", "web")), self._moment(start, until))
        if aum > 0:
            for _ in range(draw.choices((0, 1, 2, 4, 8), (45, 25, 15, 10, 5))[0]):
                self._invest(key, self._moment(start, until), aum)
            self._assets(key, start, aum)
        if level >= 4:
            self._claims(key, start)

    def _invest(self, key: str, at: datetime, aum: float) -> None:
        product, risk = self.random.choice(PRODUCTS)
        amount = max(0.01, round(self.random.random() ** 2 * aum / 3, 2))
        days = self.random.choice((30, 90, 180))
        matures = None if product == "money_fund" else (at + timedelta(days=days)).date()
        self._add("investments", key, product, risk, amount, matures, at, None)

    def _assets(self, key: str, start: datetime, aum: float) -> None:
        """The balance on the first of each month; one in eight lost more than half on the way."""
        leaves = self.random.random() < 0.125
        month = datetime(2025, 1, 1, tzinfo=UTC)
        while month < LAST:
            if month >= start:
                part = self.random.uniform(0.7, 1.1) * (0.3 if leaves and month.year == 2026 else 1)
                self._add("asset_days", key, round(aum * part, 2), month - timedelta(hours=8))
            month = (month + timedelta(days=32)).replace(day=1)

    def _claims(self, key: str, start: datetime) -> None:
        """Some try for the monthly gift at ten sharp on the tenth, some later, some twice."""
        for year, month in ((2026, 1), (2026, 2), (2026, 3)):
            opens = datetime(year, month, 10, 2, tzinfo=UTC)
            if opens < start or self.random.random() < 0.4:
                continue
            for _ in range(self.random.choices((1, 2), (9, 1))[0]):
                at = opens + timedelta(seconds=int(self.random.expovariate(1 / 90)) - 5)
                self._add("claims", key, self._device(0.97), "video_month", at)

    def _add(self, table: str, key: str, *values: Any) -> None:  # noqa: ANN401  (a row's cells)
        number = len(self.rows[table]) + 1
        self.rows[table].append((f"{table[:3]}{number:07d}", key, *values))


def cell(value: object) -> object:
    """An instant in UTC without a zone, to the second; anything else as it is."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return value


def write(bank: Bank, target: Path) -> dict[str, int]:
    """Write the warehouse anew; the rows of each table. A half-written file never stays."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    part.unlink(missing_ok=True)
    with duckdb.connect(str(part)) as warehouse, tempfile.TemporaryDirectory() as folder:
        for table, columns in TABLES.items():
            file = Path(folder) / f"{table}.csv"
            with file.open("w", encoding="utf-8", newline="") as out:
                csv.writer(out).writerows(map(cell, row) for row in bank.rows[table])
            warehouse.execute(f"CREATE TABLE {table} ({columns})")
            warehouse.execute(
                f"INSERT INTO {table} SELECT * FROM read_csv(?, header=false, all_varchar=true, "  # noqa: S608
                "nullstr='', quote='\"', escape='\"')",
                [str(file)],
            )
    part.replace(target)
    return {table: len(rows) for table, rows in bank.rows.items()}


def main() -> int:
    """Generate once; a warehouse that is there already is left alone."""
    target = HERE / "data" / "bank.duckdb"
    if target.exists():
        print(f"{target} is there already")
        return 0
    for table, count in write(Bank(SEED, CUSTOMERS), target).items():
        print(f"{table:12} {count:>10,}")
    print(f"written to {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
