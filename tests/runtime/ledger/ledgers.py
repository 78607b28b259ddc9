"""Ledgers for tests: small projects, and decisions written as lines of a table that people read."""

import os
import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from campaigner.compiler.plan import (
    Account,
    Benefit,
    Campaign,
    Charge,
    Claims,
    CodeTable,
    CustomerTable,
    DailyTrigger,
    EventTrigger,
    Message,
    Plan,
    QuietHours,
    Reward,
    Share,
    Span,
    Step,
    WhenExhausted,
)
from campaigner.compiler.plan.expressions import Origin
from campaigner.compiler.rewards.payouts import Choice, Option
from campaigner.runtime.decide.claims import ClaimEvent, ClaimIdentity
from campaigner.runtime.decide.decisions import Decision, Identity, Line, Result
from campaigner.runtime.decide.lines import with_price
from campaigner.runtime.ledger import Ledger, open_ledger
from campaigner.runtime.ledger.contract import Expiry

ZONE = ZoneInfo("Asia/Shanghai")
HERE = Origin("some.campaign", 1, 1, "")
DIGEST = "0" * 64
URL = "sqlite:///var/ledger.db"

SOAKING = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
"""Whether this is the long test."""

COSTS = {"coffee": "12.50", "video": "9.90", "free": "0", "ride": "8"}
VALUES = {"coffee": "30", "video": "25", "free": "1", "ride": "20"}
LASTS = {"ride": Span(10, "day")}
"""How long what is chosen from an offer lasts; its value goes back then."""


def account(id_: str, cap: str, **more: object) -> Account:
    """`campaign/gift/total` and its cap; `first`, `limit …` and `stock` count grants."""
    kind, owner, name = id_.split("/", 2)
    counted = name.split(" ")[0] in {"first", "limit", "stock"}
    refusals = {"first": "out_of_stock", "stock": "out_of_stock", "limit": "over_limit"}
    settings = {
        "measure": "grants" if counted else "money",
        "period": None,
        "key": None,
        "window": None,
        "refusal": refusals.get(name.split(" ")[0], "over_budget"),
        "alerts": (),
        "origin": HERE,
    }
    return Account(
        id=id_, owner_kind=kind, owner=owner, name=name, cap=Decimal(cap), **(settings | more)
    )


def messages_cap(id_: str, cap: int, window: Span) -> Account:
    """At most so many messages a window."""
    return account(
        id_, str(cap), measure="messages", refusal="over_limit", key="customer", window=window
    )


def campaign(
    name: str,
    charges: Sequence[Charge | str] = (),
    *,
    messages: Sequence[tuple[str, str]] = (),
    rewarded: bool = True,
    exhausted: str = "stop",
    quiet: Sequence[tuple[str, str]] = (),
    caps: Sequence[str] = (),
    shares: Sequence[str] = (),
    event: str | None = None,
    claimed_on: str | None = None,
    each: bool = False,
) -> Campaign:
    """A campaign of one step, `main`; its decisions have what it gives.

    `event`: what it waits for, else it is a daily one; `each`: all of a group get something.
    """
    claims = None if claimed_on is None else Claims(claimed_on, None, "choice", HERE)
    reward = Reward((), None, None, None, HERE, each=each, claims=claims) if rewarded else None
    trigger = DailyTrigger(None, time(9), None, HERE)
    if event is not None:
        trigger = EventTrigger(event, None, None, HERE)
    made = [charge if isinstance(charge, Charge) else Charge(charge) for charge in charges]
    texts = tuple(Message(channel, text, (), HERE) for channel, text in messages)
    step = Step("main", trigger, reward, texts, tuple(made), HERE)
    hours = [
        QuietHours("policy", time.fromisoformat(start), time.fromisoformat(end), HERE)
        for start, end in quiet
    ]
    return Campaign(
        name=name,
        label=f"<{name}>",
        owner=None,
        goal=None,
        active_from=None,
        active_to=None,
        eligibility=(),
        checks=(),
        steps=(step,),
        shares=tuple(Share(audience, Decimal("0.4"), HERE) for audience in shares),
        when_exhausted=WhenExhausted(exhausted, ()),
        quiet_hours=tuple(hours),
        message_caps=tuple(caps),
        holdout=Decimal(0),
        priority=0,
        policies=(),
        appeal=None,
        settled_days=None,
        settled_working=False,
        origin=HERE,
    )


def plan(campaigns: Iterable[Campaign], accounts: Iterable[Account] = ()) -> Plan:
    """A project of these, with the benefits of `COSTS`."""
    return Plan(
        project="shop",
        language=1,
        time_zone=ZONE.key,
        currency="CNY",
        customers=CustomerTable("customers", "id", (), HERE),
        events=(),
        features=(),
        lifecycles=(),
        audiences=(),
        benefits=tuple(
            Benefit(name, name.title(), "coupon", Decimal(VALUES[name]), Decimal(cost), None, HERE)
            for name, cost in COSTS.items()
        ),
        pools=(),
        accounts=tuple(accounts),
        holidays=(),
        campaigns=tuple(campaigns),
    )


def gift(*accounts: Account, **more: object) -> Plan:
    """A project of one campaign, `gift`, charged to all of the accounts in their order."""
    charges = [
        Charge(each.id, benefit=each.owner if each.owner_kind == "benefit" else None)
        for each in accounts
        if each.measure != "messages"
    ]
    caps = [each.id for each in accounts if each.measure == "messages"]
    return plan([campaign("gift", charges, caps=caps, **more)], accounts)


def coded(made: Plan, *names: str) -> Plan:
    """The plan, in which these benefits have codes."""
    table = CodeTable("codes", "codes", "code", HERE)
    benefits = (replace(one, codes=table) if one.name in names else one for one in made.benefits)
    return replace(made, benefits=tuple(benefits))


def line(words: str) -> Line:
    """`coffee`, `60 cash`, `100 points`, `take 5 growth`, `choose 1 of coffee, video`.

    After `until 2026-02-01` it ends; `returning until …` goes back to the budget then, and so does
    an offer unless it is `forfeited until …`.
    """
    if words.startswith("take "):
        taken = line(words.removeprefix("take "))
        return replace(taken, amount=-taken.amount, drains=True)
    words, _, end = words.partition(" until ")
    words, _, word = words.partition(" ret") if " ret" in words else words.partition(" forf")
    ends = clock(f"{end} 00:00" if len(end) == 10 else end) if end else None
    if words.startswith("choose"):
        return _offer(words, ends or clock("2026-02-09 00:00"), returns=not word)
    return replace(_line(words), expires_at=ends, returns=bool(word))


def _offer(words: str, ends: datetime, *, returns: bool) -> Line:
    said = re.fullmatch(r"choose (\d) of ([^0-9]+?)(?: worth up to (\d+))?", words)
    count, names, worth = int(said[1]), said[2].split(", "), said[3]
    options = tuple(
        Option(name, Decimal(VALUES[name]), Decimal(COSTS[name]), LASTS.get(name), name in LASTS)
        for name in names
    )
    choice = Choice(count, None if worth is None else Decimal(worth), options)
    most = [sorted(getattr(one, of) for one in options)[-count:] for of in ("value", "cost")]
    value, cost = map(sum, most)
    return Line("choice", value, "CNY", cost, None, ends, returns=returns, choice=choice)


def _line(words: str) -> Line:
    number, _, unit = words.rpartition(" ")
    if not number:
        return Line(unit, Decimal(VALUES[unit]), "CNY", Decimal(COSTS[unit]), unit, None)
    if unit == "cash":
        return Line("cash", Decimal(number), "CNY", Decimal(number), None, None)
    return Line(unit, Decimal(number), unit, Decimal(0), None, None)


def lines(words: str) -> tuple[Line, ...]:
    """`coffee + 50 points`, `coffee for 500 points`, an offer with a price; `-` for nothing.

    Prices may be several: `coffee for 15 points + 3 growth + 25 points`.
    """
    given, _, prices = words.partition(" for ")
    found = () if given in {"", "-"} else tuple(line(part) for part in given.split(" + "))
    asked = [line(price) for price in prices.split(" + ")] if prices else []
    return with_price((*found, *(replace(price, amount=-price.amount) for price in asked)))


def clock(words: str) -> datetime:
    """`2026-01-10 10:00` of the project's zone."""
    return datetime.fromisoformat(words).replace(tzinfo=ZONE).astimezone(UTC)


@dataclass
class Asks:
    """Makes decisions: the customer, when, and what for."""

    campaign: str = "gift"

    def __call__(
        self,
        who: str,
        at: str,
        gives: str,
        *,
        occurrence: str | None = None,
        fallback: str = "-",
        held_out: bool = False,
        share: int | None = None,
        keys: dict[str, str | None] | None = None,
        deliver_at: str | None = None,
        values: dict[str, str] | None = None,
        campaign: str | None = None,
        step: str = "main",
        too_late: bool = False,
    ) -> Decision:
        return Decision(
            identity=Identity(campaign or self.campaign, step, who, occurrence or at),
            customer=who,
            at=clock(at),
            held_out=held_out,
            lines=lines(gives),
            fallback=lines(fallback),
            deliver_at=clock(deliver_at or at),
            share=share,
            keys=keys or {},
            values=values or {},
            too_late=too_late,
        )


ask = Asks()


def opened(root: Path, channels: Iterable[str] = (), url: str = URL, **more: object) -> Ledger:
    """The ledger of the project `shop`, in a folder unless the address is another."""
    ledger = open_ledger(url, "shop", "CNY", root=root, channels=frozenset(channels), **more)
    connection = ledger._store.connection
    if not isinstance(connection, sqlite3.Connection):
        # For the statements of tests alone: the ledger's own name their schema.
        schema = url.rpartition("schema=")[2] if "schema=" in url else "campaigner"
        connection.execute(f"SET search_path = {schema}")
    return ledger


def unguard(ledger: Ledger) -> None:
    """Takes the guards of a ledger away, as somebody would who wants to change what was decided."""
    connection = ledger._store.connection
    if isinstance(connection, sqlite3.Connection):
        guards = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        for (name,) in guards.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
    else:
        for table in ("decisions", "grants", "postings", "amendments", "settlements"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def told(result: Result) -> str:
    """A result in a word or two: `over_budget by total`, `already_granted`, `… (changed)`."""
    words = result.outcome
    if result.account is not None:
        words += f" by {result.account.split('/', 2)[2]}"
    return words + (" (changed)" if result.changed else "")


def settle(ledger: Ledger, project: Plan, table: str) -> None:
    """Plays what becomes of grants later, a line each; the outcomes must be those written.

    `2026-01-11 10:00 | ann | claims coffee of 1 | claimed`: the first grant there is, as they are
    numbered by the instant of their decision. `ann | redeems 2 | redeemed`; `- | expires | coffee`
    tells what has ended by then, `-` for nothing; `- | reverses 1 | reversed`.
    """
    written = [[cell.strip() for cell in row.split("|")] for row in table.strip().splitlines()]
    got = [
        [at, who, does, _settled(ledger, project, at, who, does)] for at, who, does, _ in written
    ]
    assert got == written
    assert ledger.verify() == ()
    assert ledger.rebuild().differences == ()


def _settled(ledger: Ledger, project: Plan, at: str, who: str, does: str) -> str:
    numbers = list(dict.fromkeys(row.number for row in ledger.grants()))
    verb, _, rest = does.partition(" ")
    of = rest.split(" ")[-1]
    number = numbers[int(of) - 1] if of.isdecimal() and int(of) <= len(numbers) else 10**9
    match verb:
        case "claims":
            chosen = rest.rpartition(" of ")[0].split(" + ")
            done = ledger.claim(project, DIGEST, number, who, chosen, clock(at))
            name = "" if done.account is None else f" by {done.account}"
            return done.outcome + name
        case "redeems":
            reward = rest.rpartition(" of ")[0] or None
            return ledger.redeem(number, clock(at), None if who == "-" else who, reward).outcome
        case "reverses":
            return ledger.reverse([number], "by mistake", clock(at))[0].outcome
        case _:
            ended = ledger.expire(clock(at))
            return ", ".join(_ended(one) for one in ended) or "-"


def _ended(one: Expiry) -> str:
    left = f" ({one.lost})" if one.lost else ""
    return f"{one.identity.recipient}'s {one.reward}{left}{'' if one.returned else ' forfeited'}"


def play(ledger: Ledger, project: Plan, table: str) -> None:
    """Plays a table, a decision a line, one batch each; the outcomes must be those written.

    `2026-01-10 10:00 | ann | coffee | granted`, then what a line needs besides: `| share=0`,
    `| fallback=free`, `| held_out`, `| too_late`, `| device=d1`, `| occurrence=e1`,
    `| campaign=other`, `| step=bought`.
    """
    written = [[cell.strip() for cell in row.split("|")] for row in table.strip().splitlines()]
    got = []
    for at, who, gives, _, *rest in written:
        (result,) = ledger.decide(project, [_decision(at, who, gives, rest)], DIGEST)
        got.append([at, who, gives, told(result), *rest])
    assert got == written
    assert ledger.verify() == ()
    assert ledger.rebuild().differences == ()


def _decision(at: str, who: str, gives: str, rest: Sequence[str]) -> Decision:
    said = dict(part.partition("=")[::2] for part in rest)
    return ask(
        who,
        at,
        gives,
        occurrence=said.get("occurrence"),
        fallback=said.get("fallback", "-"),
        held_out="held_out" in said,
        share=int(said["share"]) if "share" in said else None,
        keys={"device": said.get("device")},
        campaign=said.get("campaign"),
        step=said.get("step", "main"),
        too_late="too_late" in said,
    )


def balances(ledger: Ledger, project: Plan, campaign: str | None = None) -> list[str]:
    """Every balance as `total: 60.00 of 100.00`, with its period and key, `!` when exhausted."""
    return [
        " ".join(filter(None, [row.name, row.period, row.key]))
        + f": {row.spent} of {row.cap}"
        + (" !" if row.exhausted else "")
        for row in ledger.budgets(project, campaign)
    ]


def dump(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of a ledger's file, by table, but for the key of hashes that each ledger draws."""
    with sqlite3.connect(path) as connection:
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        names = sorted(name for (name,) in tables if name != "hash_keys")
        rows = {
            name: sorted(connection.execute(f'SELECT * FROM "{name}"'), key=repr) for name in names
        }
    return rows | {"seals": [row for row in rows.get("seals", ()) if row[0] != "hash_keys"]}


def claims(key: str, who: str, when: str, chosen: str, campaign: str = "gift") -> ClaimEvent:
    """The event `key` by which somebody claims `coffee`, or `coffee video`."""
    identity = ClaimIdentity(campaign, "main", who, key)
    return ClaimEvent(identity, clock(when), tuple(chosen.split()))
