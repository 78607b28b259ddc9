"""The facts that a campaign's query needs, with their dependencies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, assert_never

from . import (
    Account,
    Audience,
    Benefit,
    Campaign,
    CustomerField,
    EventAggregate,
    EventPick,
    EventTable,
    Feature,
    GrantCount,
    LedgerFeature,
    Lifecycle,
    Plan,
    SinceWindow,
    Step,
    TimerTrigger,
    WalletBalance,
)
from .expressions import (
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
    conjuncts,
    walk,
)
from .steps import checks_of, eligibility_of, held_open_by, step_of

Key = tuple[str, str]
"""The kind and name of a fact: `("event", "amount")`, `("stage", "retail")`, …"""


def key_of(expression: Expression) -> Key | None:
    """The key of an expression that is looked up; `None` for others."""
    match expression:
        case FeatureValue():
            return ("feature", expression.feature)
        case EventValue():
            return ("event", expression.field)
        case RowValue():
            return ("row", expression.field)
        case StageValue():
            return ("stage", expression.lifecycle)
        case AudienceValue():
            return ("audience", expression.audience)
        case Constant() | Clock() | Operation():
            return None
        case _:
            assert_never(expression)


@dataclass(frozen=True, slots=True)
class Index:
    """The parts of a plan by their names."""

    plan: Plan
    features: dict[str, Feature] = field(init=False)
    lifecycles: dict[str, Lifecycle] = field(init=False)
    audiences: dict[str, Audience] = field(init=False)
    events: dict[str, EventTable] = field(init=False)
    benefits: dict[str, Benefit] = field(init=False)
    campaigns: dict[str, Campaign] = field(init=False)
    known: dict[Key, tuple[Key, ...]] = field(init=False, default_factory=dict, compare=False)
    """The basis of facts that it was asked for before: many campaigns rest upon the same."""

    def __post_init__(self) -> None:
        plan = self.plan
        object.__setattr__(self, "features", {one.id: one for one in plan.features})
        object.__setattr__(self, "lifecycles", {one.name: one for one in plan.lifecycles})
        object.__setattr__(self, "audiences", {one.name: one for one in plan.audiences})
        object.__setattr__(self, "events", {one.name: one for one in plan.events})
        object.__setattr__(self, "benefits", {one.name: one for one in plan.benefits})
        object.__setattr__(self, "campaigns", {one.name: one for one in plan.campaigns})

    def campaign(self, name: str) -> Campaign:
        """The campaign of that name; `LookupError` where there is none."""
        found = self.campaigns.get(name)
        if found is None:
            raise LookupError(f"the plan has no campaign {name}")
        return found

    # --- what rests upon what -------------------------------------------------------------------

    def keys(self, expression: Expression) -> Iterator[Key]:
        """The keys that an expression reads directly, without the fields of past events."""
        for node in walk(expression):
            key = key_of(node)
            if key is not None and key[0] != "row":
                yield key

    def basis(self, key: Key) -> tuple[Key, ...]:
        """The facts that this fact depends on."""
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = self._basis(key)
        return found

    def _basis(self, key: Key) -> tuple[Key, ...]:
        kind, name = key
        match kind:
            case "feature":
                expressions = feature_expressions(self.features[name])
            case "stage":
                expressions = tuple(stage.condition for stage in self.lifecycles[name].stages)
            case "audience":
                expressions = (self.audiences[name].condition,)
            case _:
                expressions = ()
        return tuple(key for expression in expressions for key in self.keys(expression))

    def closure(self, expressions: Iterable[Expression]) -> tuple[Key, ...]:
        """Everything the expressions need, each once, and before the facts that depend on it."""
        return self.with_basis(key for one in expressions for key in self.keys(one))

    def with_basis(self, keys: Iterable[Key]) -> tuple[Key, ...]:
        """These, and before them everything that they rest upon."""
        found: dict[Key, None] = {}

        def visit(key: Key) -> None:
            if key not in found:
                for below in self.basis(key):
                    visit(below)
                found[key] = None

        for key in keys:
            visit(key)
        return tuple(found)

    def events_read(self, expressions: Iterable[Expression]) -> tuple[str, ...]:
        """The kinds of events that the expressions rest upon, and those that cancel them.

        The past of a field does not count as one.
        """
        keys = self.closure(expressions)
        features = (self.features[name] for kind, name in keys if kind == "feature")
        read = {one.event for one in features if isinstance(one, EventAggregate | EventPick)}
        events = [self.events[name] for name in read]
        read |= {one.cancelled_by.event for one in events if one.cancelled_by is not None}
        return tuple(sorted(name for name in read if self.events[name].past_of is None))

    def pasts_read(self, expressions: Iterable[Expression]) -> tuple[str, ...]:
        """The histories of fields that the expressions rest upon."""
        keys = self.closure(expressions)
        features = (self.features[name] for kind, name in keys if kind == "feature")
        read = {one.event for one in features if isinstance(one, EventAggregate | EventPick)}
        return tuple(sorted(name for name in read if self.events[name].past_of is not None))

    def is_field(self, key: Key) -> bool:
        """Whether it is a field of the customer."""
        kind, name = key
        return kind == "feature" and isinstance(self.features[name], CustomerField)

    def asks_ledger(self, expression: Expression) -> bool:
        """Whether past grants or wallets have a say in it."""
        return any(
            kind == "feature" and isinstance(self.features[name], LedgerFeature)
            for kind, name in self.closure([expression])
        )


def feature_expressions(feature: Feature) -> tuple[Expression, ...]:
    """The expressions that a feature is made of."""
    match feature:
        case CustomerField():
            return ()
        case EventAggregate():
            parts = (feature.value, feature.where)
        case EventPick():
            parts = (feature.where, None)
        case GrantCount() | WalletBalance():
            parts = (None, None)
        case _:
            assert_never(feature)
    start = feature.window.start if isinstance(feature.window, SinceWindow) else None
    return tuple(part for part in (*parts, start) if part is not None)


# --- conditions ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Demand:
    """One condition that a decision must meet, and every place that demands it."""

    clause: Literal["trigger", "stage", "audience", "exclusive", "while", "if", "compliance"]
    condition: Expression
    origins: tuple[Origin, ...]


def demands(index: Index, campaign: Campaign, step: Step) -> tuple[Demand, ...]:
    """All conditions of a decision, split at every `and`, without duplicates.

    A declared audience is replaced by its own conditions.
    """
    found: dict[Expression, Demand] = {}

    def enter(clause: Demand, condition: Expression, origin: Origin) -> None:
        for part in conjuncts(condition):
            place = part.origin or origin
            if isinstance(part, AudienceValue):
                enter(clause, index.audiences[part.audience].condition, place)
                continue
            before = found.get(part)
            origins = before.origins if before else ()
            first = before.clause if before else clause.clause
            found[part] = Demand(first, part, (*origins, place))

    for demand in _clauses(campaign, step):
        enter(demand, demand.condition, demand.origins[0])
    return tuple(found.values())


def _clauses(campaign: Campaign, step: Step) -> Iterator[Demand]:
    trigger = step.trigger
    # A later step of a journey is an event that met it already; a timer without it has no instant.
    is_met = step.follows is not None or isinstance(trigger, TimerTrigger)
    if trigger.where is not None and not is_met:
        yield Demand("trigger", trigger.where, (trigger.origin,))
    for clause in eligibility_of(campaign, step):
        yield Demand(clause.clause, clause.condition, (clause.origin,))
    for check in checks_of(campaign, step):
        yield Demand("compliance", check.condition, (check.origin,))


def counted_fields(accounts: Iterable[Account], step: Step) -> list[str]:
    """The fields by which limits of the step count, as `Account.key` names them, sorted.

    The keys of events and customers are no fields. Of a pattern, a task or a later step of a
    journey the event's key is one: its occurrence is something else.
    """
    charged = {charge.account for charge in step.charges}
    keys = {key for account in accounts if account.id in charged for key in account.keys}
    known = {"customer", "customer.key"}
    is_keyed = step.trigger.is_keyed and step.follows is None
    return sorted(keys - (known | {"event.key"} if is_keyed else known))


def kept_fields(accounts: Iterable[Account], campaign: Campaign, step: Step) -> list[str]:
    """The fields that a decision keeps: `counted_fields`, and those that reversals go by.

    A later step of a journey keeps the key of its event, since its occurrence is the entry's.
    """
    kept = set(counted_fields(accounts, step))
    reversal = campaign.reversal
    if reversal is not None and reversal.proportion is not None:
        kept.add(f"event.{reversal.proportion.whole}")
    if reversal is not None and step.trigger.pattern is not None:
        kept.add("event.key")
    if step.follows is not None and step.trigger.event is not None:
        kept.add("event.key")
    return sorted(kept)


def field_key(counted: str) -> Key:
    """The key of one of `counted_fields`."""
    owner, dot, name = counted.partition(".")
    if owner == "event" and dot:
        return ("event", name)
    return ("feature", name) if dot else ("event", owner)


def ending(plan: Plan, campaign: str, step: str) -> tuple[Expression, ...]:
    """The conditions of `while` at a step that the warehouse cannot answer: see `residual`."""
    index = Index(plan)
    chosen = index.campaign(campaign)
    during = held_open_by(chosen, step_of(chosen, step))
    return tuple(one for one in during if index.asks_ledger(one))


def residual(plan: Plan, campaign: str, step: str | None = None) -> tuple[Expression, ...]:
    """The conditions of a step that the warehouse cannot answer, as past grants have a say in them.

    `candidates` leaves them out. A decision must meet them all; the features and fields that they
    need are columns of the candidates.
    """
    index = Index(plan)
    chosen = index.campaign(campaign)
    return tuple(
        demand.condition
        for demand in demands(index, chosen, step_of(chosen, step))
        if index.asks_ledger(demand.condition)
    )
