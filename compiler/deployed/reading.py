"""The plan in a document. `CannotRun` names the reason where there is none of this version."""

from __future__ import annotations

import json
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import TypeAdapter, ValidationError

from ...dsl.diagnostics.diagnostic import CannotRun, Code, Phrase, diagnose
from ..codes import plans
from ..invariants import check_invariants
from ..plan import FORMAT_VERSION, LANGUAGE, Plan
from ..plan.plan_json import digest_of, plain

_NO_JSON = Phrase("plan_json.no_json")
_NO_PLAN = Phrase("plan_json.no_plan")
_CHANGED = Phrase("plan_json.changed")
_EMPTY = Phrase("plan_json.empty")
_CUT = Phrase("plan_json.cut")


def load(data: bytes) -> Plan:
    """The plan in a document; `CannotRun` if engines cannot carry it out.

    They rely on the invariants, so that a document that breaks one is refused.
    """
    plan = restored(data)
    for broken in check_invariants(plan):
        raise _malformed(Phrase("plan_json.broken", place=broken.place, found=broken.found))
    return plan


def restored(data: bytes) -> Plan:
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
    if stated != digest_of(document):
        raise CannotRun(diagnose(plans.PLAN_CHANGED, None))
    try:
        plan = adapter().validate_python(document)
    except (ValidationError, RecursionError) as error:
        raise _malformed(_where(error)) from error
    if plain(plan) != document:
        raise _malformed(_CHANGED)
    _require_zone(plan.time_zone)
    return plan


@cache
def adapter() -> TypeAdapter[Plan]:
    """The model of a plan, which takes long to build."""
    return TypeAdapter(Plan)


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


def _where(error: ValidationError | RecursionError) -> Phrase:
    if isinstance(error, RecursionError):
        return _NO_PLAN
    first = error.errors(include_url=False, include_input=False)[0]["loc"]
    return _entry(".".join(str(part) for part in first))


def _entry(path: str) -> Phrase:
    return Phrase("plan_json.entry", path=path)


def _malformed(reason: Phrase) -> CannotRun:
    return CannotRun(diagnose(plans.PLAN_MALFORMED, None, reason=reason))
