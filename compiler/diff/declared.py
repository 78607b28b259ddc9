"""The facets of what a project declares outside of its campaigns."""

from __future__ import annotations

from collections.abc import Iterator

from ..plan import Account, Benefit, Column, EventTable, Plan
from ..plan.plan_json import amount, plain
from ..plan.types import ValueType
from .clauses import Clause, Facet, conditions, settings, text_of, value_clause, written
from .kinds import Kind, Owner, Subject
from .normal import Normals, digest

Facets = dict[tuple[Subject, Kind], Facet]


def declared(plan: Plan, normals: Normals) -> Facets:
    """The facets of the project, its data, and all that campaigns share."""
    found: Facets = {}
    _project(found, plan)
    _data(found, plan)
    for lifecycle in plan.lifecycles:
        stages = [
            Clause(
                digest((one.name, normals.key(one.condition))),
                f"{one.name}: {text_of(one.condition)}",
                about=one.condition,
            )
            for one in lifecycle.stages
        ]
        found[Subject("lifecycle", lifecycle.name), "lifecycle"] = Facet(tuple(stages), True)
    for audience in plan.audiences:
        clauses = tuple(conditions(normals, audience.condition, audience.name))
        parts = normals.parts(audience.condition)
        found[Subject("audience", audience.name), "audience"] = Facet(clauses, whole=parts)
    for benefit in plan.benefits:
        found[Subject("benefit", benefit.name), "benefit"] = Facet(tuple(_benefit(benefit)))
    for pool in plan.pools:
        parent = settings([("from pool", pool.parent)])
        found[Subject("pool", pool.name), "budget"] = Facet(
            (Clause("pool", f"pool {pool.name}"), *parent)
        )
    for account in plan.accounts:
        _add(found, account_subject(account), account_kind(account), _account(normals, account))
    return found


def _add(found: Facets, subject: Subject, kind: Kind, one: Clause) -> None:
    before = found.get((subject, kind), Facet(()))
    found[subject, kind] = Facet((*before.clauses, one), before.ordered)


def _project(found: Facets, plan: Plan) -> None:
    seed = "seed" if plan.seeded else None
    pairs = (
        ("name", plan.project),
        ("time_zone", plan.time_zone),
        ("currency", plan.currency),
        ("chance", seed),
    )
    found[Subject("project", plan.project), "project"] = Facet(tuple(settings(pairs)))
    for holiday in plan.holidays:
        day = value_clause(holiday.festival, holiday.day)
        _add(found, Subject("project", plan.project), "calendar", day)


def _data(found: Facets, plan: Plan) -> None:
    customers = plan.customers
    table = (("table", customers.table), ("key", customers.key), ("since", customers.since))
    found[Subject("field", "customer"), "data"] = Facet(tuple(settings(table)))
    for column in customers.fields:
        found[Subject("field", f"customer.{column.name}"), "data"] = Facet((_column(column),))
    for event in plan.events:
        found[Subject("field", event.name), "data"] = Facet(tuple(_event(event)))
        for column in event.fields:
            found[Subject("field", f"{event.name}.{column.name}"), "data"] = Facet(
                (_column(column),)
            )


def _event(event: EventTable) -> Iterator[Clause]:
    pairs = (
        ("table", event.table),
        ("key", event.key),
        ("customer", event.customer),
        ("at", event.at.column),
        ("zone", event.at.zone),
        ("past of", event.past_of),
    )
    return settings(pairs)


def _column(column: Column) -> Clause:
    """A field: its label and its bounds decide nothing."""
    parts = [column.column, _type(column.type)]
    parts += ["optional"] if column.optional else []
    parts += [] if column.zone is None else [column.zone]
    parts += [] if column.sensitivity == "C1" else [column.sensitivity]
    parts += ["shared"] if column.shared else []
    return Clause(digest(tuple(parts)), ", ".join(parts))


def _type(type_: ValueType) -> str:
    words = getattr(type_, "values", ())
    currency = getattr(type_, "currency", "")
    return " ".join(one for one in (type_.kind, currency, "|".join(sorted(words))) if one)


def _benefit(benefit: Benefit) -> Iterator[Clause]:
    pairs = (
        ("label", benefit.label),
        ("kind", benefit.form),
        ("value", amount(benefit.value)),
        ("cost", amount(benefit.cost)),
        ("expires after", _span(benefit.expires_after)),
        ("computed", benefit.computed),
        ("codes from", benefit.codes and f"{benefit.codes.table} {benefit.codes.column}"),
    )
    yield from settings(pairs)
    if benefit.returns is not None:
        yield value_clause("returns", "yes" if benefit.returns else "no")


def _span(span: object) -> str | None:
    if span is None:
        return None
    entries = plain(span)
    assert isinstance(entries, dict)
    return f"{entries['count']} {entries['unit']}"


# --- accounts -----------------------------------------------------------------------------------


def account_kind(account: Account) -> Kind:
    """The kind of change that an account belongs to."""
    if account.owner_kind == "policy":
        return "policy"
    return "budget" if account.measure == "money" else "cap"


def account_subject(account: Account) -> Subject:
    """The subject whose cap it is."""
    owner: Owner = account.owner_kind
    return Subject(owner, account.owner)


def _account(normals: Normals, account: Account) -> Clause:
    unit = "" if account.measure == "money" else f" {account.measure}"
    return written(normals, account, f"{amount(account.cap)}{unit}")
