"""Means, variances and counts of fields and behaviours, for the customers of two audiences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from sqlglot import exp

from ..dialects.common.terms import all_true, any_true, column, is_null, number, text
from ..plan import Column, Plan
from ..plan.data import KEY, SINCE
from ..plan.types import (
    BooleanType,
    DateType,
    DecimalType,
    EnumType,
    IntegerType,
    MoneyType,
    TextType,
    TimestampType,
)
from ..plan.values import Length
from ..sql.sources import Past
from ..sql.statement import Written
from .begun import Begun
from .sides import FIRST, SECOND, sides

WORDS_OF = 10
"""Customers of a word that is counted by itself, on both sides together, at least."""

Kind = Literal["number", "days", "words", "known", "any", "count", "sum"]


@dataclass(frozen=True, slots=True)
class Feature:
    """A field of the customer, or what was done in the first days.

    `number`, `days`, `count` and `sum` have means. `days` are those since a date or an instant.
    `words` have counts. `known` says whether a field is known, and `any` whether an event came.
    """

    name: str
    kind: Kind
    sensitivity: Literal["C1", "C2", "C3"]
    optional: bool
    event: str | None = None

    @property
    def is_number(self) -> bool:
        """Whether it has a mean."""
        return self.kind in ("number", "days", "count", "sum")


@dataclass(frozen=True, slots=True)
class Contrast:
    """The features of two audiences. `days`: the first days of each customer, up to `at`."""

    features: tuple[Feature, ...]
    days: int
    at: datetime


def features_of(plan: Plan) -> tuple[Feature, ...]:
    """All that can be compared: fields that the customers' table has, and every kind of event."""
    found = [_of_field(one) for one in plan.customers.fields if one.name != KEY]
    for event in plan.events:
        if event.past_of is not None:
            continue
        found.append(Feature(event.name, "any", "C1", False, event.name))
        found.append(Feature(event.name, "count", "C1", False, event.name))
        found += [
            Feature(one.name, "sum", one.sensitivity, False, event.name)
            for one in event.fields
            if isinstance(one.type, MoneyType) and one.sensitivity != "C3"
        ]
    return tuple(one for one in found if one is not None)


def _of_field(field: Column) -> Feature | None:
    kind: Kind
    match field.type:
        case _ if field.sensitivity == "C3":
            kind = "known"
        case IntegerType() | DecimalType() | MoneyType():
            kind = "number"
        case DateType() | TimestampType():
            kind = "days"
        case BooleanType() | EnumType():
            kind = "words"
        case TextType():
            # The words of a name or an address are persons.
            kind = "words" if field.sensitivity == "C1" else "known"
        case _:
            return None
    if kind == "known" and not field.optional:
        return None
    return Feature(field.name, kind, field.sensitivity, field.optional)


def contrast_query(plan: Plan, asked: Contrast, groups: Sequence[str], dialect: str) -> Written:
    """A statement with a row for each feature that has a mean, and for each frequent word.

    - `feature`: the place of the feature, -1 for all customers, -2 for those left out;
    - `word`: a word, `yes` or `no`; NULL for unknown, and of features with a mean;
    - `customers_1`, `customers_2`: customers by side, of a mean those of whom it is known;
    - `mean_1`, `mean_2`, `variance_1`, `variance_2`: NULL of words.
    """
    b = Begun.of(plan, asked.at, dialect)
    last = _counted(_long(b, asked, _facts(b, asked, groups)))
    return b.written(last, f"what sets customers of {plan.project} apart")


# --- a row a customer -----------------------------------------------------------------------------


def _facts(b: Begun, asked: Contrast, groups: Sequence[str]) -> str:
    """A row a customer on one side: the features, and whether the first days are over."""
    fields = [one.name for one in b.plan.customers.fields if one.name != KEY]
    people = b.customers(*fields)
    who = sides(b, people, groups)
    kinds = tuple(dict.fromkeys(one.event for one in asked.features if one.event is not None))
    sums = {kind: _sums(asked.features, kind) for kind in kinds}
    events = {kind: b.events(kind, *sums[kind]) for kind in kinds}
    began = _began(b, people, events)
    until = b.dialect.moved(column("began", began), Length(asked.days, "day"), 1)
    select = exp.select(column("side", who)).from_(exp.to_identifier(who))
    own = exp.EQ(this=column("customer", people), expression=column("customer", who))
    select = select.join(exp.to_identifier(people), on=own)
    started = exp.EQ(this=column("customer", began), expression=column("customer", who))
    select = select.join(exp.to_identifier(began), on=started, join_type="left")
    over = exp.LTE(this=until, expression=b.dialect.timestamp(b.at))
    is_over = exp.Case().when(over, number(1)).else_(number(0))
    select = select.select(exp.alias_(is_over, "is_over"))
    done: dict[str, str] = {}
    for kind, past in events.items():
        done[kind] = _done(b, kind, past, began, asked.days, sums[kind])
        same = exp.EQ(this=column("customer", done[kind]), expression=column("customer", who))
        select = select.join(exp.to_identifier(done[kind]), on=same, join_type="left")
    for place, one in enumerate(asked.features):
        value = _value(b, one, people, done)
        select = select.select(exp.alias_(value, _x(place)))
    alone = exp.In(this=column("side", who), expressions=[number(FIRST), number(SECOND)])
    return b.add("facts", select.where(alone), "a row a customer on one side")


def _sums(features: Sequence[Feature], event: str) -> list[str]:
    """The fields of an event that are added up."""
    return [one.name for one in features if one.event == event and one.kind == "sum"]


def _x(place: int) -> str:
    return f"x_{place}"


def _began(b: Begun, people: str, events: dict[str, Past]) -> str:
    """When each customer began: `since`, or the first event."""
    if b.plan.customers.since:
        since = exp.alias_(column(b.field(SINCE), people), "began")
        select = exp.select(column("customer", people), since).from_(exp.to_identifier(people))
        return b.add("began", select, "since when somebody is a customer")
    parts: list[exp.Query] = []
    for past in events.values():
        shown = (
            exp.alias_(column(past.customer, past.name), "customer"),
            exp.alias_(column(past.moment, past.name), "began"),
        )
        select = exp.select(*shown).from_(exp.to_identifier(past.name))
        parts.append(select.where(b.counts(past)))
    every = parts[0]
    for other in parts[1:]:
        every = exp.union(every, other, distinct=False, copy=False)
    first = exp.alias_(exp.Min(this=column("began")), "began")
    whole = exp.select(column("customer"), first)
    whole = whole.from_(exp.Subquery(this=every, alias=exp.to_identifier("moments")))
    return b.add("began", whole.group_by(column("customer")), "the first event of each customer")


def _done(b: Begun, kind: str, past: Past, began: str, days: int, sums: Sequence[str]) -> str:
    """How often each customer did it in the first days, and the sums of its amounts."""
    same = exp.EQ(this=column("customer", began), expression=column(past.customer, past.name))
    moment, start = column(past.moment, past.name), column("began", began)
    until = b.dialect.moved(start.copy(), Length(days, "day"), 1)
    kept = all_true(
        b.counts(past),
        exp.GTE(this=moment, expression=start),
        exp.LT(this=moment.copy(), expression=until),
    )
    shown: list[exp.Expr] = [
        exp.alias_(column("customer", began), "customer"),
        exp.alias_(exp.Count(this=exp.Star()), "times"),
    ]
    for name in sums:
        term = past.fields[name]
        total = b.dialect.total(column(term.expression.name, past.name), term.type)
        shown.append(exp.alias_(total, b.names.give(("total", kind, name), f"total_{name}")))
    select = exp.select(*shown).from_(exp.to_identifier(past.name))
    select = select.join(exp.to_identifier(began), on=same).where(kept)
    return b.add("done", select.group_by(column("customer", began)), "in the first days")


def _value(b: Begun, one: Feature, people: str, done: dict[str, str]) -> exp.Expr:
    """A feature of a customer: a number as DOUBLE, else a word."""
    if one.event is not None:
        relation = done[one.event]
        times = exp.Coalesce(this=column("times", relation), expressions=[number(0)])
        if one.kind == "any":
            some = exp.GT(this=times, expression=number(0))
            return exp.Case().when(some, text("yes")).else_(text("no"))
        if one.kind == "count":
            return exp.cast(times, "double")
        total = column(b.names.give(("total", one.event, one.name), f"total_{one.name}"), relation)
        return exp.cast(exp.Coalesce(this=total, expressions=[number(0)]), "double")
    found = column(b.field(one.name), people)
    field = next(f for f in b.plan.customers.fields if f.name == one.name)
    if one.kind == "number":
        return exp.cast(found, "double")
    if one.kind == "days":
        today = b.at.astimezone(ZoneInfo(b.plan.time_zone)).date()
        day = b.day(found) if isinstance(field.type, TimestampType) else found
        return exp.cast(b.dialect.days_between(day, b.dialect.date(today)), "double")
    if one.kind == "known":
        unknown = exp.Case().when(is_null(found), exp.null())
        return unknown.else_(text("known"))
    if isinstance(field.type, BooleanType):
        known = exp.Case().when(found, text("yes"))
        return known.when(exp.Not(this=found.copy()), text("no"))
    return exp.cast(found, b.dialect.text_type())


# --- a row a feature ------------------------------------------------------------------------------


def _long(b: Begun, asked: Contrast, facts: str) -> str:
    """A row a customer and feature: its word, and its number if it has one.

    One pass over the customers serves all features, also where an engine materializes nothing.
    """
    places = [[number(place)] for place in range(-2, len(asked.features))]
    table = b.add("features", b.dialect.table_of("listed", ("place",), places), "")
    place = column("place", table)
    early = exp.EQ(this=place, expression=number(-2))
    over = exp.EQ(this=column("is_over", facts), expression=number(1))
    whole = any_true(
        all_true(early, exp.Not(this=exp.Paren(this=over))),
        all_true(exp.Not(this=exp.Paren(this=early.copy())), over.copy()),
    )
    word, value, present = exp.Case(), exp.Case(), exp.Case()
    for number_, one in enumerate(asked.features):
        here = exp.EQ(this=place.copy(), expression=number(number_))
        fact = column(_x(number_), facts)
        if one.is_number:
            value = value.when(here, fact, copy=False)
            known = exp.Case().when(exp.Not(this=is_null(fact.copy())), number(1))
            present = present.when(here.copy(), known, copy=False)
        else:
            word = word.when(here, fact, copy=False)
    words = word if word.args.get("ifs") else exp.null()
    values = value if value.args.get("ifs") else exp.null()
    select = exp.select(
        exp.alias_(place.copy(), "feature"),
        exp.alias_(column("side", facts), "side"),
        exp.alias_(exp.cast(words, b.dialect.text_type()), "word"),
        exp.alias_(exp.cast(values, "double"), "measured"),
        exp.alias_(present.else_(number(1)), "present"),
    ).from_(exp.to_identifier(facts))
    select = select.join(exp.to_identifier(table), on=exp.Paren(this=whole))
    return b.add("long", select, "a row a customer and feature")


def _on(side: int, value: exp.Expr) -> exp.Expr:
    there = exp.EQ(this=column("side"), expression=number(side))
    return exp.Case().when(there, value)


def _counted(long: str) -> exp.Select:
    """A row a feature and word; of words that few have, none."""
    both = (FIRST, SECOND)
    shown: list[exp.Expr] = [column("feature"), column("word")]
    for side in both:
        count = exp.Count(this=_on(side, column("present")))
        shown.append(exp.alias_(count, f"customers_{side}"))
    for side in both:
        mean = exp.Avg(this=_on(side, column("measured")))
        shown.append(exp.alias_(mean, f"mean_{side}"))
    for side in both:
        spread = exp.Anonymous(this="VAR_SAMP", expressions=[_on(side, column("measured"))])
        shown.append(exp.alias_(spread, f"variance_{side}"))
    enough = exp.GTE(this=exp.Count(this=exp.Star()), expression=number(WORDS_OF))
    often = any_true(enough, is_null(column("word")))
    select = exp.select(*shown).from_(exp.to_identifier(long))
    return select.group_by(column("feature"), column("word")).having(often)
