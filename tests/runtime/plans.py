"""Small plans for the tests of the runtime: customers, one event, and one-step campaigns."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from campaigner.compiler.plan import (
    Account,
    Benefit,
    BenefitLine,
    Branch,
    Campaign,
    Charge,
    Check,
    Column,
    CustomerField,
    CustomerTable,
    DeliveryDay,
    Eligibility,
    EventTable,
    EventTrigger,
    Feature,
    Holiday,
    Message,
    Plan,
    Pool,
    Reward,
    RewardLine,
    Share,
    Step,
    Trigger,
    WhenExhausted,
)
from campaigner.compiler.plan.expressions import Expression, Origin
from campaigner.compiler.plan.types import BOOLEAN, INTEGER, TEXT, TIMESTAMP, MoneyType, ValueType

CNY = MoneyType("CNY")


__all__ = [
    "CNY",
    "COFFEE",
    "CUSTOMERS",
    "FIELDS",
    "INVEST",
    "DeliveryDay",
    "account",
    "campaign",
    "column",
    "give",
    "on",
    "origin",
    "plan",
    "replace",
]


def origin(text: str = "", line: int = 1, file: str = "some.campaign") -> Origin:
    """A place in a file that does not exist."""
    return Origin(file, line, 1, text)


def column(
    name: str,
    type_: ValueType,
    *,
    optional: bool = False,
    zone: str | None = None,
    line: int = 1,
    column: str | None = None,
) -> Column:
    """A field, kept in the column of its own name unless another is given."""
    place = origin(name, line, "catalog.yaml")
    return Column(name, column or name, type_, optional, zone, None, "C1", place)


CUSTOMERS = CustomerTable(
    "customers",
    "customer_id",
    (
        column("age", INTEGER, optional=True, line=5),
        column("city", TEXT, line=6),
        column("consent", BOOLEAN, line=7),
    ),
    origin("customers", 2, "catalog.yaml"),
)

INVEST = EventTable(
    "invest",
    "investments",
    "investment_id",
    "customer_id",
    column("at", TIMESTAMP, column="invested_at", line=14),
    (column("amount", CNY, line=16), column("device", TEXT, optional=True, line=17)),
    origin("investments", 10, "catalog.yaml"),
)

FIELDS: tuple[Feature, ...] = tuple(
    CustomerField(f"customer.{field.name}", field.name, field.type, field.optional)
    for field in CUSTOMERS.fields
)

COFFEE = Benefit("coffee", "咖啡", "coupon", Decimal(30), Decimal("12.50"), None, origin())


def on(event: str, where: Expression | None = None) -> EventTrigger:
    """`on EVENT where …`."""
    return EventTrigger(event, where, None, origin(f"on {event}"))


def give(*lines: RewardLine, recipient: Expression | None = None) -> Reward:
    """A reward of one bundle."""
    bundle = lines or (BenefitLine("coffee", origin()),)
    return Reward((Branch(None, bundle),), recipient, None, None, origin())


def account(
    owner: str,
    name: str,
    cap: str,
    *,
    key: str | None = None,
    measure: str = "money",
    **more: object,
) -> Account:
    """A cap of a campaign: over_budget for money, over_limit for grants."""
    refusal = "over_budget" if measure == "money" else "over_limit"
    settings: dict[str, object] = {"period": None, "window": None, "owner_kind": "campaign"} | more
    kind = settings.pop("owner_kind")
    return Account(
        f"{kind}/{owner}/{name}",
        kind,
        owner,
        name,
        measure,
        Decimal(cap),
        settings["period"],
        key,
        settings["window"],
        refusal,
        (),
        origin(),
    )


def campaign(
    name: str,
    trigger: Trigger,
    *,
    reward: Reward | None = None,
    charges: Sequence[str] = (),
    active: tuple[datetime | None, datetime | None] = (None, None),
    eligibility: Sequence[Expression] = (),
    checks: Sequence[Check] = (),
    messages: Sequence[Message] = (),
    shares: Sequence[Share] = (),
    exhausted: WhenExhausted | None = None,
    priority: int = 0,
) -> Campaign:
    """A campaign of one step, `main`, that everybody is eligible for by default."""
    step = Step(
        "main",
        trigger,
        reward or give(),
        tuple(messages),
        tuple(Charge(name) for name in charges),
        origin(),
    )
    return Campaign(
        name=name,
        label=name,
        owner=None,
        goal=None,
        active_from=active[0],
        active_to=active[1],
        eligibility=tuple(Eligibility("audience", held, origin()) for held in eligibility),
        checks=tuple(checks),
        steps=(step,),
        shares=tuple(shares),
        when_exhausted=exhausted or WhenExhausted("stop", ()),
        quiet_hours=(),
        message_caps=(),
        holdout=Decimal(0),
        priority=priority,
        policies=(),
        appeal=None,
        settled_days=None,
        settled_working=False,
        origin=origin(name),
    )


def plan(
    campaigns: Sequence[Campaign] = (),
    *,
    accounts: Sequence[Account] = (),
    features: Sequence[Feature] = FIELDS,
    holidays: Sequence[Holiday] = (),
    pools: Sequence[Pool] = (),
    time_zone: str = "Asia/Shanghai",
    customers: CustomerTable = CUSTOMERS,
    events: Sequence[EventTable] = (INVEST,),
) -> Plan:
    """A project with one benefit, `coffee`, that costs 12.50."""
    return Plan(
        project="test",
        language=1,
        time_zone=time_zone,
        currency="CNY",
        customers=customers,
        events=tuple(events),
        features=tuple(features),
        lifecycles=(),
        audiences=(),
        benefits=(COFFEE,),
        pools=tuple(pools),
        accounts=tuple(accounts),
        holidays=tuple(holidays),
        campaigns=tuple(sorted(campaigns, key=lambda campaign: campaign.name)),
    )
