"""The fix of a mistake in meaning, where its message states the exact text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from ...dsl.codes import literals
from ...dsl.diagnostics.diagnostic import Code, Diagnostic, Fix, Phrase, Safety
from ...dsl.diagnostics.source import Place, Span
from ...dsl.parsing.keywords import KEYWORDS
from ..codes import types

_REPLACED = frozenset({types.TOO_FINE, types.NOT_WHOLE})
"""Their help `write …` replaces the whole node. It rounds, so the author must agree."""

_NUMBER = re.compile(r"[0-9_]+(\.[0-9]+)?")
_PLAIN = re.compile(r'[^"\\\r\n]*')


def fix_of(code: Code, span: Span, values: Mapping[str, str | Phrase]) -> Fix | None:
    """The fix of a mistake at a node, or `None` if its text cannot be known."""
    name, nearest, right = values.get("name"), values.get("nearest"), values.get("fix")
    if isinstance(name, str) and isinstance(nearest, str):
        return _renamed(span, name, nearest)
    if code in _REPLACED and isinstance(right, str):
        return Fix(span.place, right)
    if code is types.NO_CURRENCY:
        number, currency = values.get("number"), values.get("currency")
        if span.text == number and isinstance(currency, str):
            return with_currency(span.place, number, currency)
    return None


def with_currency(place: Place, number: str, currency: str) -> Fix | None:
    """`60` as `60 CNY`: the only currency that the comparison or clause can have."""
    return Fix(place, f"{number} {currency}", "safe") if _NUMBER.fullmatch(number) else None


def completed(found: Diagnostic, currency: str) -> Diagnostic:
    """The diagnostic with its fix, if that needs the project's currency: `total 60`.

    The parser knows no currency. The fix is safe where nothing but an amount can be meant.
    """
    values = dict(found.values)
    number = values.get("alone")
    if found.code is not literals.MISSING_CURRENCY or found.place is None:
        return found
    if not isinstance(number, str):
        return found
    fix = with_currency(found.place, number, currency)
    if fix is not None and "percent" in values:
        fix = replace(fix, safety="look")
    return replace(found, fix=fix)


def _renamed(span: Span, name: str, nearest: str) -> Fix | None:
    """A misspelt name as the nearest known one; safe if they differ in case alone."""
    safety: Safety = "safe" if nearest.lower() == name.lower() else "look"
    if span.text == f'"{name}"' and _PLAIN.fullmatch(nearest):
        return Fix(span.place, f'"{nearest}"', safety)
    if span.text in (name, f"`{name}`") and nearest.isidentifier():
        written = f"`{nearest}`" if nearest in KEYWORDS or span.text[0] == "`" else nearest
        return Fix(span.place, written, safety)
    return None
