"""A plan as the JSON document that is deployed: the same bytes for the same plan, and back.

Keys are sorted and there are no blanks; amounts are plain decimal text without needless zeros,
instants are ISO 8601 in UTC (`2026-01-31T02:00:00Z`), dates and times of day are ISO 8601.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.json_schema import GenerateJsonSchema

from ...dsl.diagnostics.diagnostic import CannotRun, Phrase, diagnose
from ..codes import plans
from . import FORMAT_VERSION, Plan

_NO_JSON = Phrase("plan_json.no_json")
_NO_PLAN = Phrase("plan_json.no_plan")
_CHANGED = Phrase("plan_json.changed")


def dump(plan: Plan) -> bytes:
    """The canonical document, in UTF-8, with one line break at its end.

    `CannotRun` where a condition is nested deeper than JSON is read anywhere.
    """
    try:
        text = json.dumps(_plain(plan), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    except RecursionError as error:
        raise CannotRun(diagnose(plans.PLAN_TOO_DEEP, None)) from error
    return f"{text}\n".encode()


def load(data: bytes) -> Plan:
    """The plan that `dump` wrote, whatever blanks and order of keys it has been given since.

    `CannotRun` where it is of another version of the format, or no plan at all.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _malformed(_NO_JSON) from error
    if not isinstance(document, dict) or "format_version" not in document:
        raise _malformed(_NO_PLAN)
    version = document["format_version"]
    if version != FORMAT_VERSION or isinstance(version, bool):
        found = json.dumps(version, ensure_ascii=False)
        values = {"found": found[:20], "expected": str(FORMAT_VERSION)}
        raise CannotRun(diagnose(plans.PLAN_VERSION, None, labels=(), fix=None, **values))
    try:
        plan = _adapter().validate_python(document)
    except (ValidationError, RecursionError) as error:
        raise _malformed(_where(error)) from error
    if _plain(plan) != document:
        raise _malformed(_CHANGED)
    return plan


def digest(plan: Plan) -> str:
    """The SHA-256 of the document, as hex: what every row decided under the plan names."""
    return hashlib.sha256(dump(plan)).hexdigest()


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the document; plan.schema.json beside is this."""
    found = _adapter().json_schema(mode="serialization", schema_generator=_Untitled)
    for part in (found, *found["$defs"].values()):
        if "properties" in part:
            part["additionalProperties"] = False
            part["required"] = sorted(part["properties"])
    found["properties"]["format_version"] = {"const": FORMAT_VERSION}
    found["title"] = "Campaigner plan"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


class _Untitled(GenerateJsonSchema):
    """Without titles that say no more than the names they stand under."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002  (always)
        return False


def schema_text() -> str:
    """The schema as plan.schema.json holds it."""
    return json.dumps(schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


@cache
def _adapter() -> TypeAdapter[Plan]:
    return TypeAdapter(Plan)


def _plain(value: object) -> object:
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
                items.append(_plain(item))  # noqa: PERF401
            return items
        case None | str() | int():
            return value
        case _:
            entries = {}
            for name in _names(value):
                entries[name] = _plain(getattr(value, name))
            return entries


def _names(node: object) -> tuple[str, ...]:
    """The fields of a dataclass, in order."""
    return tuple(getattr(node, "__dataclass_fields__"))  # noqa: B009  (no name that types know)


def amount(value: Decimal) -> str:
    """The one text of an amount: `60` for 60.00, `0.05` for 0.050."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _where(error: ValidationError | RecursionError) -> Phrase:
    if isinstance(error, RecursionError):
        return _NO_PLAN
    first = error.errors(include_url=False, include_input=False)[0]["loc"]
    path = ".".join(str(part) for part in first)
    return Phrase("plan_json.entry", path=path)


def _malformed(reason: Phrase) -> CannotRun:
    return CannotRun(diagnose(plans.PLAN_MALFORMED, None, reason=reason))
