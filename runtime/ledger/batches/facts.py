"""The facts of a decision that the ledger keeps: JSON, hashed in the audit chain."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from ....compiler.plan import CHOICE, Span
from ....compiler.rewards.payouts import Choice, Option
from ...decide.decisions import Decision, Identity, Line
from ...kept import entries, kept
from ..instants import instant, instant_text

NO_FACTS = "{}"


class Manual(NamedTuple):
    """The name and the reason of a manual grant, which a reserve pays."""

    name: str
    reason: str


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def facts_of(decision: Decision, manual: Manual | None = None, *, waits: bool = False) -> str:
    """Return `share`, `keys`, `values`, `times`, `arm`, `choice` and `manual` as JSON, if present.

    With `waits`, the lines are kept too, so that the decision can be served later.
    """
    told: dict[str, object] = {}
    if decision.share is not None:
        told["share"] = decision.share
    if decision.keys:
        told["keys"] = dict(decision.keys)
    if decision.values:
        told["values"] = dict(decision.values)
    if decision.times is not None:
        told["times"] = decision.times
    if decision.arm is not None:
        told["arm"] = decision.arm
    for line in decision.lines:
        if line.choice is not None:
            told["choice"] = _choice(line.choice)
    if manual is not None:
        told["manual"] = {"name": manual.name, "reason": manual.reason}
    if waits:
        told["lines"] = [_line(line) for line in decision.lines]
        told["deliver_at"] = instant_text(decision.deliver_at)
    return _encode(told) if told else NO_FACTS


def claim_facts(chosen: Sequence[str], offer: int | None) -> str:
    """Return a claim event's choice, and the number of the claimed grant, as JSON."""
    told: dict[str, object] = {"chosen": list(chosen)}
    return _encode(told if offer is None else {**told, "offer": offer})


@kept
def read_claim(facts: str) -> tuple[tuple[str, ...], int | None]:
    """Read what `claim_facts` wrote."""
    told = entries(facts)
    return tuple(told["chosen"]), told.get("offer")


def reversal_facts(of: str | None, part: Decimal | None) -> str:
    """Return the key of the event that a reversal names, and its part of the total, as JSON."""
    told = {"of": of, "part": None if part is None else f"{part}"}
    return _encode({name: value for name, value in told.items() if value is not None})


@kept
def read_reversal(facts: str) -> tuple[str | None, Decimal | None]:
    """Read what `reversal_facts` wrote."""
    told = entries(facts)
    part = told.get("part")
    return told.get("of"), None if part is None else Decimal(part)


@kept
def read_keys(facts: str) -> dict[str, str | None]:
    """Read the `keys` that `facts_of` wrote."""
    keys: dict[str, str | None] = entries(facts).get("keys", {})
    return keys


@kept
def read_arm(facts: str) -> str | None:
    """Read the `arm` that `facts_of` wrote: that of the campaign's experiment then."""
    arm: str | None = entries(facts).get("arm")
    return arm


@kept
def waiting(identity: Identity, customer: str, at: str, facts: str) -> Decision | None:
    """Read a waitlisted decision that `facts_of` wrote; `None` for one from older formats."""
    told: dict[str, Any] = entries(facts)
    if "lines" not in told:
        return None
    choice = offered(facts)
    return Decision(
        identity,
        customer,
        instant(at),
        held_out=False,
        lines=tuple(_read_line(line, choice) for line in told["lines"]),
        fallback=(),
        deliver_at=instant(told["deliver_at"]),
        share=told.get("share"),
        keys=told.get("keys", {}),
        values=told.get("values", {}),
        times=told.get("times"),
        arm=told.get("arm"),
    )


@kept
def offered(facts: str) -> Choice | None:
    """Read the choice that `facts_of` wrote; `None` if there was none."""
    told = entries(facts).get("choice")
    if told is None:
        return None
    worth = None if told["worth"] is None else Decimal(told["worth"])
    options = tuple(_read_option(*one) for one in told["options"])
    prices = tuple((wallet, amount) for wallet, amount in told.get("prices", ()))
    return Choice(told["count"], worth, options, prices)


def _choice(choice: Choice) -> dict[str, object]:
    worth = None if choice.worth is None else f"{choice.worth}"
    told: dict[str, object] = {"count": choice.count, "worth": worth}
    told["options"] = list(map(_option, choice.options))
    if choice.prices:
        told["prices"] = list(map(list, choice.prices))
    return told


def _option(one: Option) -> list[object]:
    after = None if one.expires_after is None else [one.expires_after.count, one.expires_after.unit]
    return [one.benefit, f"{one.value}", f"{one.cost}", after, one.returns]


def _read_option(benefit: str, value: str, cost: str, after: Any, returns: bool) -> Option:  # noqa: ANN401  (JSON)
    span = None if after is None else Span(*after)
    return Option(benefit, Decimal(value), Decimal(cost), span, returns)


def _line(line: Line) -> list[object]:
    expires = None if line.expires_at is None else instant_text(line.expires_at)
    told = [line.reward, f"{line.amount}", line.currency, f"{line.cost}", line.benefit, expires]
    marks = [word for word in ("drains", "returns") if getattr(line, word)]
    return [*told, *marks]


def _read_line(told: list[Any], choice: Choice | None) -> Line:
    reward, amount, currency, cost, benefit, expires, *marks = told
    return Line(
        reward,
        Decimal(amount),
        currency,
        Decimal(cost),
        benefit,
        None if expires is None else instant(expires),
        drains="drains" in marks,
        returns="returns" in marks,
        choice=choice if reward == CHOICE and benefit is None else None,
    )
