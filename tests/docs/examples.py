"""The examples of meaning on docs/language.md: what is known, and to whom a clause then gives.

    now 2026-03-31 10:00
    ann  risk_level 4
    order 7 of ann at 2026-03-01 09:00, amount 60 CNY
    120 points of ann at 2026-03-01 09:00

    audience risk_level >= 3                    -> ann
    trigger on order  reward coffee             -> order 7 coffee
    trigger on order  budget total 10 CNY       => order 7 over_budget

A line `cancelled_by: {…}` adds that entry to the event `order` of the catalog.

After `->` come the results of a query, after `=>` what the ledger then makes of each. Between
several is a comma, or `then` where their order counts. The page itself is the project: its
settings, its catalog and its declarations. Clauses may take several lines, the answer last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from campaigner.compiler.plan import Column, Plan
from campaigner.compiler.plan.data import KEY
from campaigner.runtime.decide.claimers import claimers
from campaigner.runtime.decide.claims import ClaimEvent
from campaigner.runtime.decide.decisions import Decision, Identity, Line
from campaigner.runtime.decide.past_grants import WalletMove
from campaigner.runtime.decide.reversing.events import ReversalEvent
from campaigner.runtime.decide.reversing.reversers import reversers

from ..laws.cases import Case, Table, compile_case
from ..projects import ROOT

PAGE = (ROOT / "docs" / "language.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\S+)(?: (\S+))?\n(.*?)^```$", PAGE, re.M | re.S)
CLAUSES = (
    *("active", "experiment", "audience", "trigger", "reward", "reversed", "budget"),
    "compliance",
)

OF_AN_EVENT = re.compile(r"on (?!(?:first|second|third|fourth|last|day|festival) )")
"""How a trigger on an event begins."""

NOBODY = frozenset({"nobody", "nothing"})


def blocks(kind: str) -> list[tuple[str, str]]:
    """The fenced blocks of a kind: the words after its name, and the text."""
    return [(argument, text) for name, argument, text in BLOCKS if name == kind]


@dataclass(frozen=True)
class Event:
    """`order 7 of ann at 2026-03-01 09:00, amount 60 CNY`."""

    name: str
    key: str
    customer: str
    at: str
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Example:
    """A line with its answer, and what its block says is known."""

    line: str
    customers: Mapping[str, Mapping[str, str]]
    events: tuple[Event, ...]
    zone: str = "Asia/Shanghai"
    now: str = "2026-03-31 10:00"
    period: tuple[str, str] | None = None
    moves: tuple[tuple[str, str, str, str], ...] = ()
    cancels: str | None = None

    @property
    def clauses(self) -> dict[str, str]:
        """The clauses of the campaign, by the words that they begin with."""
        said = re.split(r"[-=]>", self.line)[0]
        parts = re.split(rf"(?:^|\s\s+)({'|'.join(CLAUSES)}) ", said.strip())
        return dict(zip(parts[1::2], (one.strip() for one in parts[2::2]), strict=True))

    @property
    def is_for_the_ledger(self) -> bool:
        """Whether the answer is what the ledger makes of it."""
        return "=>" in self.line

    @property
    def answer(self) -> list[str]:
        """The expected grants, or outcomes."""
        told = re.split(r"[-=]>", self.line)[-1].split("#")[0].strip()
        return [] if told in NOBODY else re.split(r", | then ", told)

    @property
    def is_in_order(self) -> bool:
        """Whether the answer says so."""
        return " then " in self.line

    def instant(self, text: str) -> datetime:
        """An instant, on the project's clock where it has no offset (aware, UTC)."""
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(self.zone))).astimezone(
            UTC
        )


def examples() -> Iterator[Example]:
    """Every line that has an answer."""
    for _, text in blocks("example"):
        yield from _of_block(text)


def _of_block(text: str) -> Iterator[Example]:
    known, begun = Example("", {}, ()), ""
    for line in filter(None, (one.split("#")[0].strip() for one in text.splitlines())):
        if re.search(r"[-=]>", line):
            yield replace(known, line=f"{begun}  {line}".strip())
            begun = ""
        elif line.startswith(CLAUSES):
            begun = f"{begun}  {line}"
        else:
            known = _with(known, line)


def known_of(text: str) -> Example:
    """The facts that the lines of a block without an answer say."""
    known = Example("", {}, ())
    for line in filter(None, (one.split("#")[0].strip() for one in text.splitlines())):
        if "->" not in line:
            known = _with(known, line)
    return known


def _with(known: Example, line: str) -> Example:
    word, _, rest = line.partition(" ")
    moved = re.fullmatch(r"(-?\d+) (\w+) of (\w+) at ([\d: -]+)", line)
    if moved:
        amount, wallet, customer, at = moved.groups()
        moves = (*known.moves, (customer, wallet, amount, at))
        return replace(known, moves=moves, customers={customer: {}, **known.customers})
    event = re.fullmatch(r"(\w+) (\S+) of (\w+) at ([\d: T+-]+)(?:, (.*))?", line)
    if event:
        name, key, customer, at, fields = event.groups()
        found = Event(name, key, customer, at.strip(), _fields(fields or ""))
        customers = {customer: {}, **known.customers}
        return replace(known, events=(*known.events, found), customers=customers)
    cancels = re.fullmatch(r"cancelled_by: (.*)", line)
    if cancels:
        return replace(known, cancels=cancels[1])
    match word:
        case "now":
            return replace(known, now=rest)
        case "zone":
            return replace(known, zone=rest)
        case "period":
            start, end = rest.split(" to ")
            return replace(known, period=(start, end))
        case _:
            return replace(known, customers={**known.customers, word: _fields(rest)})


def _fields(text: str) -> dict[str, str]:
    pairs = (one.strip().partition(" ") for one in text.split(",") if one.strip())
    return {name: value.strip() for name, _, value in pairs}


# --- as a project with tables -------------------------------------------------------------------

_USUAL: dict[str, Any] = {
    "integer": 0,
    "money": Decimal(0),
    "text": "x",
    "boolean": False,
    "enum": "mass",
    "timestamp": datetime(2020, 1, 1),
}


def case_of(example: Example) -> tuple[Plan, Case]:
    """The project with a campaign of these clauses, and tables of what is known."""
    settings = blocks("toml")[0][1].replace("Asia/Shanghai", example.zone)
    written = "\n".join(text for _, text in blocks("campaign")) + _campaign(example)
    start, end = example.period or (example.now, example.now)
    if OF_AN_EVENT.match(example.clauses.get("trigger", "")) and not example.period:
        start = "2020-01-01"
    period = example.instant(start), example.instant(end)
    catalog = blocks("yaml")[0][1]
    if example.cancels is not None:
        entry = f"  order:\n    cancelled_by: {example.cancels}\n"
        catalog = catalog.replace("  order:\n", entry)
    case = Case(settings, catalog, written, {}, *period)
    plan = compile_case(case)
    moves = tuple(
        WalletMove(customer, wallet, int(amount), example.instant(at))
        for customer, wallet, amount, at in example.moves
    )
    return plan, replace(case, tables=dict(_tables(example, plan)), moves=moves)


def _campaign(example: Example) -> str:
    clauses = {
        "audience": "consent_marketing",
        "trigger": f"at {example.now}",
        "reward": "1 points",
        "budget": "total 600_000 CNY",
        "compliance": 'forbid phrase "sure"',
        **example.clauses,
    }
    bracketed = ("budget", "compliance")
    lines = (
        f"  {name} {{ {text} }}" if name in bracketed else f"  {name} {text}"
        for name, text in clauses.items()
    )
    return "\ncampaign example {\n" + "\n".join(lines) + "\n}\n"


def _tables(example: Example, plan: Plan) -> Iterator[tuple[str, Table]]:
    customers = plan.customers
    kinds = {one.column: one.type.kind for one in customers.fields if one.name != KEY}
    people = [
        (key, *(_cell(example, one, fields) for one in customers.fields if one.name != KEY))
        for key, fields in example.customers.items()
    ]
    yield customers.table, Table({customers.key: "text", **kinds}, tuple(people))
    for event in plan.events:
        kinds = {one.column: one.type.kind for one in event.fields}
        zone = ZoneInfo(event.at.zone or "UTC")
        happened = [
            (
                one.key,
                one.customer,
                example.instant(one.at).astimezone(zone).replace(tzinfo=None),
                *(_cell(example, field, one.fields) for field in event.fields),
            )
            for one in example.events
            if one.name == event.name
        ]
        ids = {event.key: "text", event.customer: "text", event.at.column: "timestamp"}
        yield event.table, Table({**ids, **kinds}, tuple(happened))


def _cell(example: Example, field: Column, given: Mapping[str, str]) -> Any:
    text = given.get(field.name, "unknown")
    if text == "unknown":
        if field.name == "consent_marketing":
            return True
        return None if field.optional else _USUAL[field.type.kind]
    match field.type.kind:
        case "integer":
            return int(text)
        case "money" | "decimal":
            return Decimal(text.split(" ")[0])
        case "boolean":
            return text == "yes"
        case "date":
            return date.fromisoformat(text)
        case "time":
            return time.fromisoformat(text)
        case "timestamp":
            return example.instant(text).replace(tzinfo=None)
        case _:
            return text.strip('"')


def claims_of(plan: Plan, example: Example) -> list[ClaimEvent]:
    """The claims of the example's events."""
    found = []
    for claimer in claimers(plan):
        kind = next(one for one in plan.events if one.name == claimer.claims.event)
        for event in (one for one in example.events if one.name == kind.name):
            fields = {one.name: _cell(example, one, event.fields) for one in kind.fields}
            row = {**fields, "key": event.key, "at": example.instant(event.at)}
            found.append(claimer.read(event.customer, row))
    return [claim for claim in found if claim is not None]


def reversals_of(plan: Plan, example: Example) -> list[ReversalEvent]:
    """The reversals of the example's events."""
    found = []
    for reverser in (one for one in reversers(plan) if one.key.campaign == "example"):
        kind = next(one for one in plan.events if one.name == reverser.event)
        for event in (one for one in example.events if one.name == kind.name):
            fields = {one.name: _cell(example, one, event.fields) for one in kind.fields}
            row = {**fields, "key": event.key, "at": example.instant(event.at)}
            found.append(reverser.read(event.customer, row))
    return [one for one in found if one is not None]


# --- a decision as the page has it --------------------------------------------------------------


def told(example: Example, decision: Decision, outcome: str | None = None) -> str:
    """A decision as an answer tells it."""
    clauses, who = example.clauses, decision.identity
    trigger = clauses.get("trigger", "at")
    if OF_AN_EVENT.match(trigger):
        words = [trigger.split()[1], who.occurrence]
    elif trigger.startswith("at"):
        words = [who.recipient]
    else:
        words = [who.recipient, who.occurrence]
    if outcome is not None:
        return " ".join([*words, outcome])
    if "reward" in clauses:
        words.append(" and ".join(_given(line) for line in decision.lines))
    return " ".join(words)


def _given(line: Line) -> str:
    if line.benefit is not None:
        return line.benefit
    if line.currency.isupper():
        return f"{line.amount:.2f} {line.currency}"
    return format(line.amount.normalize(), "f")


def told_claim(plan: Plan, claim: Identity, outcome: str) -> str:
    """The same of a claim."""
    (claimer,) = (one for one in claimers(plan) if one.key.campaign == claim.campaign)
    return f"{claimer.claims.event} {claim.occurrence} {outcome}"
