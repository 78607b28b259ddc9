"""A plan as the JSON document that is deployed: the same bytes for the same plan, and back.

The document has the entries of `Plan`, and `digest`: the SHA-256 of the document without it.

A field that is `unless(default)` has no entry while it has its default.

Keys are sorted and there are no blanks. Amounts are plain decimal text without needless zeros.
Instants are ISO 8601 in UTC (`2026-01-31T02:00:00Z`); dates and times of day are ISO 8601.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import Field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import TypeAdapter, ValidationError
from pydantic.json_schema import GenerateJsonSchema

from ...dsl.diagnostics.diagnostic import CannotRun, Code, Phrase, diagnose
from ..codes import plans
from . import FORMAT_VERSION, LANGUAGE, Plan
from .expressions import LEFT_OUT, is_left_out

_NO_JSON = Phrase("plan_json.no_json")
_NO_PLAN = Phrase("plan_json.no_plan")
_CHANGED = Phrase("plan_json.changed")
_EMPTY = Phrase("plan_json.empty")
_CUT = Phrase("plan_json.cut")


def dump(plan: Plan) -> bytes:
    """The canonical document, in UTF-8, with one line break at its end.

    `CannotRun` where a condition is nested deeper than JSON is read anywhere.
    """
    document = _document(plan)
    return _canonical({**document, "digest": _digest(document)})


def load(data: bytes) -> Plan:
    """The plan that `dump` wrote, whatever blanks and order of keys it has been given since.

    `CannotRun` if it is of another version of the format or of the language, was changed since, or
    is not a plan at all.
    """
    document = _read(data)
    _require_version(plans.PLAN_VERSION, document, "format_version", FORMAT_VERSION)
    _require_version(plans.PLAN_LANGUAGE, document, "language", LANGUAGE)
    stated = document.pop("digest", None)
    if not isinstance(stated, str):
        raise _malformed(_entry("digest"))
    if stated != _digest(document):
        raise CannotRun(diagnose(plans.PLAN_CHANGED, None))
    try:
        plan = _adapter().validate_python(document)
    except (ValidationError, RecursionError) as error:
        raise _malformed(_where(error)) from error
    if _plain(plan) != document:
        raise _malformed(_CHANGED)
    _require_zone(plan.time_zone)
    return plan


def digest(plan: Plan) -> str:
    """The digest that the document states, in hex: each row decided under the plan has it.

    `CannotRun` as `dump` raises it.
    """
    return _digest(_document(plan))


def _read(data: bytes) -> dict[str, Any]:
    """The entries of the document; `CannotRun` if it has none."""
    if not data.strip():
        raise _malformed(_EMPTY)
    try:
        document = json.loads(data)
    except RecursionError as error:
        raise _malformed(_NO_JSON) from error
    except json.JSONDecodeError as error:
        is_cut = data.lstrip().startswith(b"{") and not data[_offset(error) :].strip()
        raise _malformed(_CUT if is_cut else _NO_JSON) from error
    except ValueError as error:  # no UTF-8, or a number of more digits than Python reads
        raise _malformed(_NO_JSON) from error
    if not isinstance(document, dict) or "format_version" not in document:
        raise _malformed(_NO_PLAN)
    return document


def _offset(error: json.JSONDecodeError) -> int:
    """The byte at which reading JSON stopped; at a text that is not closed, its end."""
    if error.msg.startswith("Unterminated string"):
        return len(error.doc.encode())
    return len(error.doc[: error.pos].encode())


def _require_version(code: Code, document: dict[str, Any], entry: str, known: int) -> None:
    """`CannotRun` if the document's entry is another number than the one this program knows."""
    version = document.get(entry)
    if version == known and type(version) is int:
        return
    found = json.dumps(version, ensure_ascii=False)[:20]
    values = {"found": found, "expected": str(known)}
    if type(version) is int and version > known:
        values["newer"] = found
    raise CannotRun(diagnose(code, None, labels=(), fix=None, **values))


def _require_zone(name: str) -> None:
    """`CannotRun` if this machine does not know the time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _malformed(_entry("time_zone")) from error


def _document(plan: Plan) -> dict[str, object]:
    """The entries of the plan; `CannotRun` where they are nested too deep."""
    try:
        return {name: _plain(getattr(plan, name)) for name in _names(plan)}
    except RecursionError as error:
        raise CannotRun(diagnose(plans.PLAN_TOO_DEEP, None)) from error


def _digest(document: dict[str, Any]) -> str:
    return hashlib.sha256(_canonical(document)).hexdigest()


def _canonical(document: dict[str, Any]) -> bytes:
    try:
        text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    except RecursionError as error:
        raise CannotRun(diagnose(plans.PLAN_TOO_DEEP, None)) from error
    # Half a pair of UTF-16 is in no document that `dump` wrote, but JSON can write it.
    return f"{text}\n".encode("utf-8", "surrogatepass")


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the document; plan.schema.json in this folder holds it."""
    found = _adapter().json_schema(mode="serialization", schema_generator=_Untitled)
    for part in (found, *found["$defs"].values()):
        if "properties" in part:
            part["additionalProperties"] = False
            part["required"] = _always(part["properties"])
    found["properties"]["format_version"] = {"const": FORMAT_VERSION}
    found["properties"]["language"] = {"const": LANGUAGE}
    found["properties"]["digest"] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    found["required"] = sorted(found["properties"])
    found["title"] = "Campaigner plan"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def _always(properties: dict[str, dict[str, Any]]) -> list[str]:
    """The entries that stand in every document; the mark of the others is taken off."""
    return sorted(name for name, one in properties.items() if not one.pop(LEFT_OUT, False))


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
    """The fields of a dataclass that its document has, in order."""
    # No name that types know.
    found: dict[str, Field[Any]] = getattr(node, "__dataclass_fields__")  # noqa: B009
    return tuple(
        name
        for name, one in found.items()
        if not is_left_out(one) or getattr(node, name) != one.default
    )


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
    return _entry(".".join(str(part) for part in first))


def _entry(path: str) -> Phrase:
    return Phrase("plan_json.entry", path=path)


def _malformed(reason: Phrase) -> CannotRun:
    return CannotRun(diagnose(plans.PLAN_MALFORMED, None, reason=reason))
