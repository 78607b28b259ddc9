"""Helpers of the tests of explanations: one campaign, one customer, and how to read a page."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from campaigner.compiler.operators.build import of
from campaigner.compiler.plan import Plan
from campaigner.compiler.plan.expressions import (
    Constant,
    EventValue,
    Expression,
    FeatureValue,
    Origin,
)
from campaigner.compiler.plan.types import BOOLEAN, INTEGER, TEXT
from campaigner.runtime.decide.facts import Row
from campaigner.runtime.decide.reference import Rows
from campaigner.runtime.explain.clauses import Clause
from campaigner.runtime.explain.explain import Explanation, explain
from campaigner.runtime.ledger import Ledger

from . import plans

SHANGHAI = ZoneInfo("Asia/Shanghai")


def told(text: str, line: int = 1) -> Origin:
    return plans.origin(text, line)


def age(text: str = "age") -> FeatureValue:
    return FeatureValue("customer.age", INTEGER, optional=True, origin=told(text))


def number(value: int) -> Constant:
    return Constant(INTEGER, str(value))


def at_least(least: int, line: int = 4) -> Expression:
    return of("at_least", age(), number(least), at=told(f"age >= {least}", line))


def at_most(most: int) -> Expression:
    return of("at_most", age(), number(most), at=told(f"age <= {most}", 4))


CONSENT = FeatureValue("customer.consent", BOOLEAN, False, told("consent", 5))
AMOUNT = EventValue("amount", plans.CNY, False, told("event.amount", 7))
LARGE = of("at_least", AMOUNT, Constant(plans.CNY, "100"), at=told("event.amount >= 100 CNY", 7))
CITY = FeatureValue("customer.city", TEXT, False, told("city", 8))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def invested(when: str, key: str, amount: str = "100") -> Row:
    return {"at": at(when), "key": key, "amount": Decimal(amount), "device": None}


def rows(*past: Row, **customer: Any) -> Rows:
    row = {"age": 30, "city": "上海", "consent": True} | customer
    return Rows({"a": row}, {"invest": {"a": past}})


def made(**more: Any) -> Plan:
    """`gift`, on investments of 100 CNY and more."""
    outer = {name: more.pop(name) for name in ("accounts", "features", "customers") if name in more}
    changes = more.pop("changes", {})
    trigger = more.pop("trigger", plans.on("invest", LARGE))
    more.setdefault("reward", plans.replace(plans.give(), origin=told("reward coffee", 8)))
    one = plans.replace(plans.campaign("gift", trigger, **more), **changes)
    return plans.plan([one], **outer)


def why(
    plan: Plan, seen: Rows, ledger: Ledger, when: str = "2026-01-31 10:00", who: str = "a"
) -> Explanation:
    return explain(plan, "gift", who, at(when), seen, ledger)


def page(explanation: Explanation) -> list[str]:
    """The clauses as lines, `?` where there was nothing to ask."""
    marks = {True: "+", False: "-", None: "?"}
    return [f"{'  ' * c.depth}{marks[c.held]} {c.text}" for c in explanation.clauses]


def find(explanation: Explanation, text: str) -> Clause:
    return next(clause for clause in explanation.clauses if clause.text == text)
