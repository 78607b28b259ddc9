"""What a decision was taken from, as the ledger keeps it: JSON, in the audit chain."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..decisions import Decision, Identity, Line
from .instants import instant, instant_text

if TYPE_CHECKING:
    from .deciding import Manual

NO_FACTS = "{}"

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def facts_of(decision: Decision, manual: Manual | None = None, *, waits: bool = False) -> str:
    """`share`, `keys` and `values`, each only where there is one; `manual` where it was by hand.

    What `waits` also keeps what it asks for, so that it can be served later.
    """
    told: dict[str, object] = {}
    if decision.share is not None:
        told["share"] = decision.share
    if decision.keys:
        told["keys"] = dict(decision.keys)
    if decision.values:
        told["values"] = dict(decision.values)
    if manual is not None:
        told["manual"] = {"name": manual.name, "reason": manual.reason}
    if waits:
        told["lines"] = [_line(line) for line in decision.lines]
        told["deliver_at"] = instant_text(decision.deliver_at)
    return _encode(told) if told else NO_FACTS


def waiting(identity: Identity, customer: str, at: str, facts: str) -> Decision | None:
    """The decision that `facts_of` kept; nothing where it is from before ledgers kept that."""
    told: dict[str, Any] = json.loads(facts)
    if "lines" not in told:
        return None
    return Decision(
        identity,
        customer,
        instant(at),
        held_out=False,
        lines=tuple(map(_read_line, told["lines"])),
        fallback=(),
        deliver_at=instant(told["deliver_at"]),
        share=told.get("share"),
        keys=told.get("keys", {}),
        values=told.get("values", {}),
    )


def _line(line: Line) -> list[str | None]:
    expires = None if line.expires_at is None else instant_text(line.expires_at)
    told = [line.reward, f"{line.amount}", line.currency, f"{line.cost}", line.benefit, expires]
    return [*told, "drains"] if line.drains else told


def _read_line(told: list[Any]) -> Line:
    reward, amount, currency, cost, benefit, expires, *drains = told
    until = None if expires is None else instant(expires)
    return Line(reward, Decimal(amount), currency, Decimal(cost), benefit, until, bool(drains))
