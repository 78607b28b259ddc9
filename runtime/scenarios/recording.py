"""A scenario from a real decision: the fields that its rules ask, with personal values replaced."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from ...compiler.plan import Campaign, Column, GrantCount, Plan
from ...compiler.plan.data import KEY
from ...compiler.plan.steps import StepKey
from ...compiler.plan.types import BooleanType, EnumType, MoneyType, TextType
from ...compiler.plan.values import Value, decode
from ...compiler.rewards.table import kind_of
from ...compiler.scenarios.needs import asked_fields, kinds_asked, ledger_asked
from ...compiler.scenarios.reading import scenarios
from ...dsl.diagnostics.source import SourceFile
from ...dsl.formatting.formatter import format_source
from ...dsl.formatting.literals import quoted
from ...dsl.parsing.keywords import KEYWORDS
from ...dsl.parsing.parser import parse
from ..decide.facts import CustomerRows, Row, moment, named
from ..decide.received import Ranks
from ..explain.cases import Case, find_case
from ..ledger import ledger_in_memory
from ..ledger.contract import Ledger
from .explaining import lost_at
from .playing import Player
from .staging import staged
from .writing import written

_BEFORE = timedelta(minutes=1)
_MOST_EVENTS = 200
"""The latest events of a kind that are recorded."""


@dataclass(frozen=True, slots=True)
class Recording:
    """The text of a scenario that passes. `outcome` is what the ledger kept, if it kept anything.

    `came` are the outcomes of the scenario itself.
    """

    text: str
    outcome: str | None
    came: tuple[str, ...]


def recorded(
    plan: Plan,
    campaign: str,
    customer: str,
    at: datetime,
    rows: CustomerRows,
    ledger: Ledger,
    channels: Collection[str],
) -> Recording:
    """Record the customer's latest decision of a campaign up to an instant."""
    chosen, row = named(plan.campaigns, campaign), rows.customer(customer)
    assert row is not None
    case = find_case(plan, chosen, None, customer, row, at, rows, ledger)
    kept = None if case.identity is None else ledger.decision(case.identity)
    lines = list(_lines(plan, case, customer, row, rows, ledger))
    name = chosen.renamed or chosen.name
    title = quoted(f"{name} {case.facts.clock.now.astimezone(ZoneInfo(plan.time_zone)):%Y-%m-%d}")
    head = f"scenario {title} for {_name(name)} {{\n"
    expected, came = _expected(plan, campaign, head + "\n".join(lines) + "\n}\n", channels)
    text = head + "\n".join([*lines, *expected]) + "\n}\n"
    formatted = format_source(SourceFile("recorded", text)) or text
    return Recording(formatted, None if kept is None else kept.outcome, came)


# --- what is given ------------------------------------------------------------------------------


def _lines(
    plan: Plan, case: Case, customer: str, row: Row, rows: CustomerRows, ledger: Ledger
) -> Iterator[str]:
    zone, now, campaign = ZoneInfo(plan.time_zone), case.facts.clock.now, case.campaign
    trigger = case.step.trigger
    own = trigger.event if case.came and trigger.event is not None else None
    begins = now if own is not None else now - _BEFORE
    asked = asked_fields(plan, campaign)
    yield f"given now {_instant(begins, zone)}"
    known = [column for column in plan.customers.fields if ("", column.name) in asked]
    yield f"given customer {{ {_fields(known, row, zone)} }}"
    for kind in sorted(kinds_asked(plan, campaign)):
        table = named(plan.events, kind)
        columns = [column for column in table.fields if (kind, column.name) in asked]
        past = [one for one in rows.events(kind, customer) if moment(one)[0] < begins]
        for one in sorted(past, key=moment)[-_MOST_EVENTS:]:
            when = _instant(moment(one)[0], zone)
            yield f"given {_name(kind)} at {when} {{ {_fields(columns, one, zone)} }}"
    yield from _of_ledger(plan, case, customer, begins, ledger)
    yield from _spent(plan, case, ledger)
    yield from _prize(case, ledger)
    if own is None:
        yield "after 1 minute"
        return
    table = named(plan.events, own)
    columns = [column for column in table.fields if (own, column.name) in asked]
    values = {column.name: case.facts.event(column.name) for column in columns}
    yield f"when {_name(own)} {{ {_fields(columns, values, zone)} }}"


def _of_ledger(
    plan: Plan, case: Case, customer: str, begins: datetime, ledger: Ledger
) -> Iterator[str]:
    """Yield the wallets and past grants that the campaign asks for, as they were."""
    zone, wallets, counts = ZoneInfo(plan.time_zone), set[str](), list[GrantCount]()
    for feature in ledger_asked(plan, case.campaign):
        if isinstance(feature, GrantCount):
            counts.append(feature)
        else:
            wallets.add(feature.wallet)
    wallets |= set(_paid(case.campaign))
    for wallet in sorted(wallets):
        ranks = Ranks(plan)
        turn = ranks.turn(begins, _first(case), "")
        held = ledger.balance(customer, wallet, turn)
        if held > 0:
            yield f"given balance({_name(wallet)}) = {held}"
    names = {(one.of, one.name) for one in counts}
    if _has_limit(plan, case.campaign):
        names.add(("campaign", case.campaign.name))
    seen: set[tuple[str, ...]] = set()
    for grant in ledger.received() if names else ():
        if grant.recipient != customer or grant.at >= begins:
            continue
        if ("campaign", grant.campaign) in names:
            decision = (grant.campaign, grant.step, grant.occurrence)
            if decision in seen:
                continue
            seen.add(decision)
            shown = named(plan.campaigns, grant.campaign).renamed or grant.campaign
            yield f"given received {_name(shown)} at {_instant(grant.at, zone)}"
        elif grant.benefit is not None and ("benefit", grant.benefit) in names:
            yield f"given received {_name(grant.benefit)} at {_instant(grant.at, zone)}"


def _has_limit(plan: Plan, campaign: Campaign) -> bool:
    """Whether earlier grants of the campaign count for its own limits by the customer."""
    accounts = {one.id: one for one in plan.accounts}
    charged = (accounts[one.account] for one in campaign.steps[0].charges)
    return any(one.measure == "grants" and one.key is not None for one in charged)


def _spent(plan: Plan, case: Case, ledger: Ledger) -> Iterator[str]:
    """Yield what its totals, and those of its pools, had spent when the decision was made.

    A scenario has one amount for all of them, so that the least that was left is left.
    """
    totals = [
        one
        for one in plan.accounts
        if one.measure == "money" and not one.keys and one.period is None and one.window is None
    ]
    kept = None if case.identity is None else ledger.decision(case.identity)
    charging: dict[str, set[str]] = {one.id: set() for one in totals}
    for campaign in plan.campaigns:
        for charge in (one for step in campaign.steps for one in step.charges):
            if charge.share is None and charge.account in charging:
                charging[charge.account].add(campaign.name)
    own = [one for one in totals if case.campaign.name in charging[one.id]]
    if not own:
        return
    by_campaign: dict[str, Decimal] = defaultdict(Decimal)
    for grant in ledger.grants():
        is_before = kept is None or grant.number < kept.number
        if is_before and grant.reversed_at is None:
            by_campaign[grant.campaign] += grant.cost
    left = min(one.cap - sum(by_campaign[name] for name in charging[one.id]) for one in own)
    spent = min(one.cap for one in own) - left
    if spent > 0:
        yield f"given spent {spent:f} {plan.currency}"


def _first(case: Case) -> StepKey:
    return StepKey(case.campaign.name, case.step.name)


def _paid(campaign: Campaign) -> Iterator[str]:
    for step in campaign.steps:
        for branch in () if step.reward is None else step.reward.branches:
            for line in branch.lines:
                wallet = kind_of(line).wallet(line)
                if wallet is not None and kind_of(line).does(line) != "give":
                    yield wallet


def _prize(case: Case, ledger: Ledger) -> Iterator[str]:
    """Yield the prize that was drawn; without one the first of the draw."""
    reward = case.step.reward
    if reward is None or not reward.draws:
        if case.campaign.draws:
            yield "given no prize"
        return
    names = [
        kind_of(line).name(line)
        for branch in reward.branches
        for line in branch.lines
        if kind_of(line).does(line) == "give"
    ]
    drawn = [] if case.identity is None else [one for one, *_ in ledger.lines(case.identity)]
    yield f"given prize {_name(next((one for one in drawn if one in names), names[0]))}"


# --- values -------------------------------------------------------------------------------------


def _fields(columns: Collection[Column], row: Row, zone: ZoneInfo) -> str:
    known = ((one, row.get(one.name)) for one in columns if one.name != KEY)
    shown = ((one, _replaced(one, value)) for one, value in known if value is not None)
    return ", ".join(f"{_name(one.name)}: {_literal(one, value, zone)}" for one, value in shown)


def _replaced(column: Column, value: Value) -> Value:
    """The value, or one that says nothing in place of a personal one (C2 and C3)."""
    if column.sensitivity == "C1":
        return value
    if column.minimum is not None:
        return decode(column.type, column.minimum)
    match value:
        case bool():
            return False
        case int():
            return 1
        case Decimal():
            return Decimal(1)
        case datetime():
            return datetime(2000, 1, 1, tzinfo=value.tzinfo)
        case date():
            return date(2000, 1, 1)
        case time():
            return time(12)
        case _:
            return column.type.values[0] if isinstance(column.type, EnumType) else "x"


def _literal(column: Column, value: Value, zone: ZoneInfo) -> str:
    match column.type:
        case BooleanType():
            return "yes" if value else "no"
        case MoneyType(currency):
            return f"{value:f} {currency}"
        case TextType() | EnumType():
            return quoted(str(value))
        case _:
            pass
    if isinstance(value, datetime):
        return _instant(value, zone)
    if isinstance(value, Decimal):
        whole = f"{value:f}"
        return whole if "." in whole else f"{whole}.0"
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _instant(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone).replace(tzinfo=None, microsecond=0)
    return local.isoformat(" ", "seconds")


def _name(text: str) -> str:
    return f"`{text}`" if text in KEYWORDS or not text.isidentifier() else text


# --- what came ----------------------------------------------------------------------------------


def _expected(
    plan: Plan, campaign: str, text: str, channels: Collection[str]
) -> tuple[list[str], tuple[str, ...]]:
    """The lines of what the scenario comes to, and the outcomes of its decisions."""
    source = SourceFile("recorded", text)
    read, _ = scenarios(plan, [parse(source).tree])
    if not read:
        return [], ()
    (scenario,) = read
    names = frozenset(channels) - {"rewards", "alerts"}
    zone = ZoneInfo(plan.time_zone)
    with ledger_in_memory(plan.project, plan.currency, names) as ledger:
        stage = staged(plan, campaign, scenario.prize, scenario.arm)
        player = Player(stage, scenario, ledger, sorted(names))
        turn = scenario.turns[-1]
        came = player.play(turn)
        said = [written(one, zone, several=False, timed=False) for one in came]
        if said:
            return [f"then {one}" for one in dict.fromkeys(said)], tuple(
                one.outcome if hasattr(one, "outcome") else "granted" for one in came
            )
        lost = lost_at(player, scenario.customers[0].key, turn)
        why = "" if lost is None else f" because {quoted(' '.join(lost.text.split()))}"
        return [f"then nothing{why}"], ()
