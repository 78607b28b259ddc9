"""References: every name that a part of the plan gives of another part leads there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import assert_never

from ..plan import (
    Account,
    AllDoneTrigger,
    Campaign,
    CancelledBy,
    Charge,
    Claims,
    Conversion,
    CustomerField,
    EventAggregate,
    EventPick,
    EventTable,
    EventTrigger,
    GrantCount,
    Guard,
    Moment,
    Plan,
    Pool,
    Proportion,
    RevenuePart,
    Reversal,
    RewardLine,
    Schedule,
    Share,
    Target,
    Unless,
    account_id,
)
from ..plan.expressions import AudienceValue, FeatureValue, StageValue
from ..rewards.table import kind_of
from .walking import Broken, Part, Walked

Names = Mapping[str, frozenset[str]]


def resolve(walked: Walked) -> Iterator[Broken]:
    """Every name of another part is one of the plan's."""
    names = _names(walked.plan)
    for part in walked.parts:
        for kind, name in _named(part.node):
            if name not in names[kind]:
                yield part.broken(f"`{name}` is not among the {kind}")
    yield from _fields(walked)
    yield from _of_campaigns(walked.plan, names)


def _names(plan: Plan) -> Names:
    return {
        "accounts": frozenset(one.id for one in plan.accounts),
        "audiences": frozenset(one.name for one in plan.audiences),
        "benefits": frozenset(one.name for one in plan.benefits),
        "campaigns": frozenset(one.name for one in plan.campaigns),
        "customer's fields": frozenset(one.name for one in plan.customers.fields),
        "events": frozenset(one.name for one in plan.events),
        "features": frozenset(one.id for one in plan.features),
        "festivals": frozenset(one.festival for one in plan.holidays),
        "lifecycles": frozenset(one.name for one in plan.lifecycles),
        "pools": frozenset(one.name for one in plan.pools),
    }


def _named(node: object) -> tuple[tuple[str, str], ...]:
    """The names that a part gives of others, each with the list that it should be in."""
    if isinstance(node, RewardLine):
        return tuple(("benefits", name) for name in kind_of(node).benefits(node))
    match node:
        case EventTrigger(event=name) | EventAggregate(event=name) | EventPick(event=name):
            return (("events", name),)
        case AllDoneTrigger(events=events):
            return tuple(("events", name) for name in events)
        case (
            Claims(event=name)
            | Unless(event=name)
            | Reversal(event=name)
            | CancelledBy(event=name)
            | Conversion(event=name)
            | Guard(event=name)
            | RevenuePart(event=name)
        ):
            return (("events", name),)
        case Target(event=str(name)):
            return (("events", name),)
        case Moment(event=str(name)):
            return (("events", name),)
        case Moment(event=None, field=str(name)):
            return (("customer's fields", name),)
        case Schedule(festivals=names):
            return tuple(("festivals", name) for name in names)
        case CustomerField(field=name):
            return (("customer's fields", name),)
        case FeatureValue(feature=name):
            return (("features", name),)
        case AudienceValue(audience=name) | Share(audience=name):
            return (("audiences", name),)
        case StageValue(lifecycle=name):
            return (("lifecycles", name),)
        case GrantCount(campaign=str(name)):
            return (("campaigns", name),)
        case Pool(parent=str(name)):
            return (("pools", name),)
        case Charge(account=account, benefit=benefit):
            given = () if benefit is None else (("benefits", benefit),)
            return (("accounts", account), *given)
        case _:
            return ()


def _fields(walked: Walked) -> Iterator[Broken]:
    """Fields that are named on their own: picks, groups, claims, and keys of accounts."""
    events = {event.name: event for event in walked.plan.events}
    for part in walked.parts:
        match part.node:
            case (
                EventPick(event=event, field=field)
                | Claims(event=event, field=field)
                | CancelledBy(event=event, field=field)
            ):
                yield from _missing(part, events.get(event), field)
            case Target(event=str(event), field=str(field)):
                yield from _missing(part, events.get(event), field)
            case Reversal(event=event, field=field, proportion=proportion):
                yield from _missing(part, events.get(event), field)
                if proportion is not None:
                    yield from _missing(part, events.get(event), proportion.part)
            case Campaign(reversal=Reversal(proportion=Proportion(whole=whole)), steps=steps):
                for step in steps:
                    yield from _missing(part, events.get(step.trigger.event or ""), whole)
            case RevenuePart(event=event, field=str(field)):
                yield from _missing(part, events.get(event), field)
            case EventTrigger(event=event, group=group) if group is not None:
                yield from _missing(part, events.get(event), group.field)
            case Moment(event=str(event), field=str(field)):
                yield from _missing(part, events.get(event), field)
            case EventTrigger(event=event, pattern=pattern) if pattern and pattern.field:
                yield from _missing(part, events.get(event), pattern.field)
            case Account() as account:
                known = _counted(walked)
                for key in account.keys:
                    if key not in known:
                        yield part.broken(f"`{key}` is not a field of any event, or of customers")
            case _:
                pass


def _counted(walked: Walked) -> set[str]:
    """All that an account may count by."""
    fields = {field.name for event in walked.plan.events for field in event.fields}
    fields |= {f"customer.{field.name}" for field in walked.plan.customers.fields}
    fields |= {f"customer.{event.past_of}" for event in walked.plan.events if event.past_of}
    return fields | {"customer", "customer.key", "event.key"}


def _missing(part: Part, event: EventTable | None, field: str) -> Iterator[Broken]:
    known = {"at", "key"} if event is None else {"at", "key", *(one.name for one in event.fields)}
    if field not in known:
        yield part.broken(f"`{field}` is not a field of the event")


def _of_campaigns(plan: Plan, names: Names) -> Iterator[Broken]:
    for account in plan.accounts:
        place = f"accounts/{account.id}"
        if account.id != account_id(account.owner_kind, account.owner, account.name):
            yield Broken(place, "its id is not its owner's kind, its owner and its name")
        owners = _owners(account, names)
        if owners is not None and account.owner not in owners:
            yield Broken(place, f"its owner `{account.owner}` is not in the plan")
    counted = {one.id for one in plan.accounts if one.measure == "messages"}
    for campaign in plan.campaigns:
        place = f"campaigns/{campaign.name}"
        for name in campaign.message_caps:
            if name not in counted:
                yield Broken(f"{place}/message_caps", f"`{name}` is no account of messages")
        for step in campaign.steps:
            for charge in step.charges:
                # The index after the last share is that of all other customers.
                if charge.share is not None and not 0 <= charge.share <= len(campaign.shares):
                    yield Broken(f"{place}/steps/{step.name}", f"no share {charge.share}")


def _owners(account: Account, names: Names) -> frozenset[str] | None:
    """The names among which the owner is; `None` for a policy, which is not in the plan."""
    match account.owner_kind:
        case "campaign":
            return names["campaigns"]
        case "pool":
            return names["pools"]
        case "benefit":
            return names["benefits"]
        case "policy":
            return None
        case _:
            assert_never(account.owner_kind)


# --- circles ------------------------------------------------------------------------------------


def no_circles(walked: Walked) -> Iterator[Broken]:
    """No pool draws from itself; no audience or lifecycle asks itself, at whatever distance."""
    parents = {
        pool.name: () if pool.parent is None else (pool.parent,) for pool in walked.plan.pools
    }
    yield from _circles("pools", parents)
    asked: dict[str, set[str]] = {}
    for part in walked.parts:
        owner = "/".join(part.place.split("/")[:2])
        match part.node:
            case AudienceValue(audience=name):
                asked.setdefault(owner, set()).add(f"audiences/{name}")
            case StageValue(lifecycle=name):
                asked.setdefault(owner, set()).add(f"lifecycles/{name}")
            case FeatureValue(feature=name):
                asked.setdefault(owner, set()).add(f"features/{name}")
            case _:
                pass
    yield from _circles("", {owner: tuple(sorted(names)) for owner, names in asked.items()})


def _circles(place: str, asked: Mapping[str, tuple[str, ...]]) -> Iterator[Broken]:
    for name in asked:
        if _reaches(name, lambda one: asked.get(one, ())):
            yield Broken(f"{place}/{name}".strip("/"), "it leads back to itself")


def _reaches(name: str, following: Callable[[str], tuple[str, ...]]) -> bool:
    """Whether a walk from the name comes back to it."""
    waiting, known = list(following(name)), set[str]()
    while waiting:
        one = waiting.pop()
        if one == name:
            return True
        if one not in known:
            known.add(one)
            waiting.extend(following(one))
    return False
