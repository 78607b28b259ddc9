"""Plans by hand over the tables of a small shop: expressions, features, and a campaign `gift`."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from campaigner.compiler.operators import table
from campaigner.compiler.plan import (
    Audience,
    Benefit,
    BenefitLine,
    Branch,
    Campaign,
    CashLine,
    Check,
    Column,
    CustomerField,
    CustomerTable,
    DailyTrigger,
    Eligibility,
    EventAggregate,
    EventPick,
    EventTable,
    EventTrigger,
    Feature,
    Lifecycle,
    Opening,
    Plan,
    Reward,
    RewardLine,
    Stage,
    Step,
    Trigger,
    WalletLine,
    WhenExhausted,
    Window,
)
from campaigner.compiler.plan.expressions import (
    AudienceValue,
    Clock,
    Constant,
    EventValue,
    Expression,
    FeatureValue,
    Operation,
    Origin,
    RowValue,
    StageValue,
    may_be_unknown,
)
from campaigner.compiler.plan.types import (
    BOOLEAN,
    DATE,
    DECIMAL,
    DURATION,
    INTEGER,
    TEXT,
    TIMESTAMP,
    EnumType,
    MoneyType,
    ValueType,
)
from campaigner.compiler.plan.values import Length, Value, encode

CNY = MoneyType("CNY")
RETAIL = EnumType(("new", "growing", "loyal"))
HERE = Origin("some.campaign", 8, 3, "a condition")


def origin(line: int, file: str = "some.campaign") -> Origin:
    return Origin(file, line, 1, "some words")


# --- expressions --------------------------------------------------------------------------------


def is_(value: Value | int, type_: ValueType | None = None) -> Constant:
    """A literal; its type is guessed where it can be."""
    guesses: dict[type, ValueType] = {
        bool: BOOLEAN,
        int: INTEGER,
        Decimal: DECIMAL,
        str: TEXT,
        date: DATE,
        datetime: TIMESTAMP,
        Length: DURATION,
    }
    return Constant(type_ or guesses[type(value)], encode(value), HERE)


def cny(text: str) -> Constant:
    return Constant(CNY, text, HERE)


def days(count: int, unit: str = "day") -> Constant:
    return Constant(DURATION, f"{count} {unit}", HERE)


def op(key: str, *arguments: Expression) -> Operation:
    """An operation with the type and the doubts that the checker would give it."""
    row = table.find(key, tuple(argument.type for argument in arguments))
    assert row is not None, (key, [argument.type for argument in arguments])
    optional = row.may_be_unknown([may_be_unknown(argument) for argument in arguments])
    type_ = row.result(tuple(argument.type for argument in arguments))
    return Operation(key, arguments, type_, optional, HERE)


NOW, TODAY = Clock("now", TIMESTAMP), Clock("today", DATE)


# --- the shop -----------------------------------------------------------------------------------


def column(
    name: str, type_: ValueType, *, optional: bool = False, zone: str | None = None
) -> Column:
    return Column(name, name, type_, optional, zone, None, "C1", origin(1, "catalog.yaml"))


CUSTOMERS = CustomerTable(
    "customers",
    "id",
    (
        column("age", INTEGER, optional=True),
        column("city", TEXT),
        column("consent", BOOLEAN),
        column("vip", BOOLEAN, optional=True),
        column("wealth", CNY),
        column("rate", DECIMAL, optional=True),
        column("registered_at", TIMESTAMP, optional=True),
        column("born", DATE, optional=True),
    ),
    origin(2, "catalog.yaml"),
)
ORDER = EventTable(
    "order",
    "orders",
    "order_id",
    "customer_id",
    column("at", TIMESTAMP, zone="Asia/Shanghai"),
    (
        column("amount", CNY),
        column("quantity", INTEGER, optional=True),
        column("product", TEXT, optional=True),
        column("friend", TEXT, optional=True),
    ),
    origin(20, "catalog.yaml"),
)
LOGIN = EventTable(
    "login",
    "logins",
    "login_id",
    "customer_id",
    column("at", TIMESTAMP),
    (),
    origin(30, "catalog.yaml"),
)
COFFEE = Benefit("coffee", "咖啡", "coupon", Decimal("30"), Decimal("12.50"), None, origin(1))
RIDE = Benefit("ride", "打车券", "coupon", Decimal("20"), Decimal("20"), None, origin(2))

FIELDS: tuple[Feature, ...] = tuple(
    CustomerField(f"customer.{field.name}", field.name, field.type, field.optional)
    for field in CUSTOMERS.fields
)


def customer(name: str) -> FeatureValue:
    field = next(one for one in CUSTOMERS.fields if one.name == name)
    return FeatureValue(f"customer.{name}", field.type, field.optional, HERE)


def event(name: str) -> EventValue:
    if name in ("at", "key"):
        return EventValue(name, TIMESTAMP if name == "at" else TEXT, optional=False)
    field = next(one for one in ORDER.fields if one.name == name)
    return EventValue(name, field.type, field.optional, HERE)


def row(name: str) -> RowValue:
    seen = event(name)
    return RowValue(name, seen.type, seen.optional, HERE)


def of(feature: Feature) -> FeatureValue:
    return FeatureValue(feature.id, feature.type, feature.optional, HERE)


def aggregate(
    id_: str,
    function: str,
    value: Expression | None = None,
    *,
    where: Expression | None = None,
    window: Window | None = None,
    of_event: str = "order",
) -> EventAggregate:
    """A count, a sum, … of the shop's events."""
    counts = function in ("count", "count_distinct")
    type_ = INTEGER if counts or value is None else value.type
    if function == "average" and type_ == INTEGER:
        type_ = DECIMAL
    optional = function in ("average", "min", "max")
    return EventAggregate(id_, of_event, function, value, where, window, type_, optional, HERE)


def pick(
    id_: str,
    which: str,
    field: str,
    *,
    where: Expression | None = None,
    window: Window | None = None,
) -> EventPick:
    return EventPick(id_, "order", which, field, where, window, row(field).type, True, HERE)


def stage_is(*names: str) -> Operation:
    choices = [Constant(RETAIL, name) for name in names]
    return op("in", StageValue("retail", RETAIL, True, HERE), *choices)


def member(name: str) -> AudienceValue:
    return AudienceValue(name, BOOLEAN, HERE)


# --- campaigns ----------------------------------------------------------------------------------


def on_order(where: Expression | None = None, opening: Opening | None = None) -> EventTrigger:
    return EventTrigger("order", where, opening, origin(5))


def every_day() -> DailyTrigger:
    return DailyTrigger(None, time(10), None, origin(5))


def coffee() -> BenefitLine:
    return BenefitLine("coffee", origin(6))


def ride() -> BenefitLine:
    return BenefitLine("ride", origin(6))


def points(amount: Expression) -> WalletLine:
    return WalletLine("points", amount, origin(6))


def cash(amount: Expression, cap: str | None = None) -> CashLine:
    return CashLine(amount, None if cap is None else Decimal(cap), "CNY", origin(6))


def give(*lines: RewardLine, to: Expression | None = None) -> Reward:
    return Reward((Branch(None, lines),), to, None, None, origin(6))


def by(*branches: tuple[Expression | None, Sequence[RewardLine]]) -> Reward:
    found = tuple(Branch(held, tuple(lines)) for held, lines in branches)
    return Reward(found, None, None, None, origin(6))


def campaign(
    trigger: Trigger,
    reward: Reward | None,
    *,
    stage: Expression | None = None,
    audience: Expression | None = None,
    checks: Sequence[Expression] = (),
    **more: Any,
) -> Campaign:
    """The campaign `gift`; `more` are its other fields, and its step's `messages`, `charges`."""
    step = Step(
        "main", trigger, reward, more.pop("messages", ()), more.pop("charges", ()), origin(4)
    )
    clauses = [
        Eligibility(name, held, origin(line))
        for name, held, line in (("stage", stage, 2), ("audience", audience, 3))
        if held is not None
    ]
    policy = [Check("rules", held, None, origin(9, "policies.campaign")) for held in checks]
    plain = Campaign(
        name="gift",
        label="见面礼",
        owner=None,
        goal=None,
        active_from=None,
        active_to=None,
        eligibility=tuple(clauses),
        checks=tuple(policy),
        steps=(step,),
        shares=(),
        when_exhausted=WhenExhausted("stop", ()),
        quiet_hours=(),
        message_caps=(),
        holdout=Decimal(0),
        priority=0,
        policies=(),
        appeal=None,
        settled_days=None,
        settled_working=False,
        origin=origin(1),
    )
    return replace(plain, **more)


def plan(
    chosen: Campaign,
    *features: Feature,
    audiences: Sequence[Audience] = (),
    stages: Sequence[tuple[str, Expression]] = (),
    time_zone: str = "Asia/Shanghai",
    **more: Any,
) -> Plan:
    """A project of one campaign, with the customer's fields and the features that it needs."""
    found = tuple(Stage(name, name, held, origin(3)) for name, held in stages)
    lifecycles = (Lifecycle("retail", "零售", found, origin(2)),) if found else ()
    plain = Plan(
        project="shop",
        language=1,
        time_zone=time_zone,
        currency="CNY",
        customers=CUSTOMERS,
        events=(LOGIN, ORDER),
        features=(*FIELDS, *features),
        lifecycles=lifecycles,
        audiences=tuple(audiences),
        benefits=(COFFEE, RIDE),
        pools=(),
        accounts=(),
        holidays=(),
        campaigns=(chosen,),
    )
    return replace(plain, **more)


def audience(name: str, condition: Expression) -> Audience:
    return Audience(name, name, condition, origin(7, "audiences.campaign"))
