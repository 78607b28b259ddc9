"""A plan as the JSON document that is deployed: the same bytes for the same plan.

`compiler/deployed` reads it back.

The document has the entries of `Plan`, and `digest`: the SHA-256 of the document without it.

A field that is `unless(default)` has no entry while it has its default.

Keys are sorted and there are no blanks. Amounts are plain decimal text without needless zeros.
Instants are ISO 8601 in UTC (`2026-01-31T02:00:00Z`); dates and times of day are ISO 8601.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, cast

from ...dsl.diagnostics.diagnostic import CannotRun, diagnose
from ..codes import plans
from . import Plan
from .expressions import is_left_out


def dump(plan: Plan) -> bytes:
    """The canonical document, in UTF-8, with one line break at its end.

    `CannotRun` where a condition is nested deeper than JSON is read anywhere.
    """
    document = _document(plan)
    return _canonical({**document, "digest": digest_of(document)})


def digest(plan: Plan) -> str:
    """The digest that the document states, in hex: each row decided under the plan has it.

    `CannotRun` as `dump` raises it.
    """
    return digest_of(_document(plan))


def _document(plan: Plan) -> dict[str, object]:
    """The entries of the plan; `CannotRun` where they are nested too deep."""
    try:
        return {name: plain(getattr(plan, name)) for name in _names(plan)}
    except RecursionError as error:
        raise CannotRun(diagnose(plans.PLAN_TOO_DEEP, None)) from error


def digest_of(document: dict[str, Any]) -> str:
    """The digest of a document, which lacks it, in hex."""
    return hashlib.sha256(_canonical(document)).hexdigest()


def _canonical(document: dict[str, Any]) -> bytes:
    try:
        text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    except RecursionError as error:
        raise CannotRun(diagnose(plans.PLAN_TOO_DEEP, None)) from error
    # Half a pair of UTF-16 is in no document that `dump` wrote, but JSON can write it.
    return f"{text}\n".encode("utf-8", "surrogatepass")


def plain(value: object) -> object:
    """The value as JSON has it. Loops, as a comprehension would double the depth of the stack."""
    match value:
        case Decimal():
            return amount(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date() | time():
            return value.isoformat()
        case tuple():
            items = []
            for item in value:
                items.append(plain(item))  # noqa: PERF401
            return items
        case None | str() | int():
            return value
        case _:
            entries = {}
            for name in _names(value):
                entries[name] = plain(getattr(value, name))
            return entries


def _names(node: object) -> tuple[str, ...]:
    """The fields of a dataclass that its document has, in order."""
    return tuple(
        one.name
        for one in fields(cast(Any, node))
        if not is_left_out(one) or getattr(node, one.name) != one.default
    )


def amount(value: Decimal) -> str:
    """The one text of an amount: `60` for 60.00, `0.05` for 0.050."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
