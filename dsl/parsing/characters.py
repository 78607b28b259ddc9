"""Characters of other keyboards: their messages, and the plain characters that replace them.

A replacement has as many characters as the original, so that positions stay valid.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from unicodedata import category

from ..codes import text as codes
from ..diagnostics.diagnostic import Fix, Safety, diagnose
from ..diagnostics.fixes import in_place_of
from ..diagnostics.source import SourceFile, Span
from .literals import Report

_FULL_WIDTH = range(0xFF01, 0xFF5F)
_TO_HALF_WIDTH = 0xFF01 - 0x21
_USED = frozenset("(){}=<>%,:.+-*/!#_0123456789")

_PLAIN: Mapping[str, str] = MappingProxyType(
    {chr(code): chr(code - _TO_HALF_WIDTH) for code in _FULL_WIDTH}
    | {
        "、": ",",
        "—": "-",
        "–": "-",
        "−": "-",
        "﹣": "-",
        "【": "(",
        "】": ")",
        "〔": "(",
        "〕": ")",
    }
    | {"％": "%", "﹪": "%", "·": "."}
)
_QUOTES = frozenset("“”„‟＂«»‘’‚＇'「」『』")
_NOT_NEEDED = frozenset("。;；")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

ODD = re.compile(r"[“”„‟＂«»‘’‚＇'「」『』]")
"""A quotation mark that is not the straight double one."""

SIGNS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "==": ("EQUAL", "="),
        "===": ("EQUAL", "="),
        "<>": ("NOT_EQUAL", "!="),
        "!==": ("NOT_EQUAL", "!="),
        "≠": ("NOT_EQUAL", "!="),
        "=<": ("AT_MOST_SIGN", "<="),
        "≤": ("AT_MOST_SIGN", "<="),
        "=>": ("AT_LEAST_SIGN", ">="),
        "≥": ("AT_LEAST_SIGN", ">="),
        "&": ("AND", "and"),
        "&&": ("AND", "and"),
        "|": ("OR", "or"),
        "||": ("OR", "or"),
        "!": ("NOT", "not"),
        "[": ("OPEN_BRACKET", "("),
        "]": ("CLOSE_BRACKET", ")"),
        "×": ("STAR", "*"),
        "÷": ("SLASH", "/"),
    }
)
"""Signs of other languages, with the terminal and the text of ours."""


def is_full_width(text: str) -> bool:
    """Whether a sign is full-width and was read, with a message, as its plain form."""
    return bool(text) and all(_PLAIN.get(character) in _USED for character in text)


def quoted(text: str, span: Span, report: Report) -> str:
    """`“…”` as `"…"`."""
    right = f'"{text[1:-1]}"'
    fix = Fix(span.place, right, "look" if '"' in text[1:-1] else "safe")
    found = f"{text[0]}…{text[-1]}"
    report(diagnose(codes.WRONG_QUOTES, span.place, fix=fix, found=found))
    return right


def unclosed(text: str, span: Span, report: Report) -> str | None:
    """`"…”` with a proper closing quote; `None` if no other quotation mark closes the text."""
    match = ODD.search(text)
    if match is None:
        return None
    at = match.start()
    start = span.start + at
    place = Span(span.source, start, start + 1).place
    report(diagnose(codes.WRONG_QUOTES, place, fix=Fix(place, '"'), found=text[at]))
    return f'{text[:at]}"{text[at + 1 :]}'


def mended(text: str, span: Span, report: Report) -> str:
    """A run of odd characters, each as the plain one that is meant, or as a space."""
    source = span.source
    out: list[str] = []
    at = 0
    while at < len(text):
        kind = _kind(text[at])
        end = at + 1
        while end < len(text) and _kind(text[end]) is kind and kind is not _quote:
            end += 1
        run = Span(source, span.start + at, span.start + end)
        out.append(kind(text[at:end], run, report))
        at = end
    return "".join(out)


Mender = Callable[[str, Span, Report], str]


def _kind(character: str) -> Mender:
    if character in _QUOTES:
        return _quote
    if _PLAIN.get(character) in _USED:
        return _full_width
    if character in _NOT_NEEDED:
        return _not_needed
    if category(character) in _INVISIBLE:
        return _invisible
    return _stray


def _quote(text: str, span: Span, report: Report) -> str:
    report(diagnose(codes.WRONG_QUOTES, span.place, fix=Fix(span.place, '"'), found=text))
    return '"' * len(text)


def _full_width(text: str, span: Span, report: Report) -> str:
    right = "".join(_PLAIN[character] for character in text)
    safety: Safety = (
        "safe" if all(ord(one) in _FULL_WIDTH or one in "、％" for one in text) else "look"
    )
    fix = Fix(span.place, right, safety)
    report(diagnose(codes.FULL_WIDTH, span.place, fix=fix, found=text, right=right))
    return right


def _not_needed(text: str, span: Span, report: Report) -> str:
    if text == "。" and _between_words(span.source, span.start):
        fix = Fix(span.place, ".")
        report(diagnose(codes.FULL_WIDTH, span.place, fix=fix, found=text, right="."))
        return "."
    return _stray(text, span, report, "safe")


def _within_word(span: Span) -> bool:
    before, after = span.source.text[: span.start][-1:], span.source.text[span.end : span.end + 1]
    return (before.isalnum() or before == "_") and (after.isalnum() or after == "_")


def _between_words(source: SourceFile, at: int) -> bool:
    before, after = source.text[at - 1 : at], source.text[at + 1 : at + 2]
    return (before.isalnum() or before in ("_", ")", "）")) and (after.isalpha() or after == "_")


def _invisible(text: str, span: Span, report: Report) -> str:
    found = f"U+{ord(text[0]):04X}"
    # Within a word it may have been a space, or nothing.
    fix = Fix(span.place, "", "look" if _within_word(span) else "safe")
    report(diagnose(codes.INVISIBLE_CHARACTER, span.place, fix=fix, found=found))
    return " " * len(text)


def _stray(text: str, span: Span, report: Report, safety: Safety = "look") -> str:
    found = text if len(text) <= 10 else text[:9] + "…"
    fix = in_place_of(span, "", safety)
    report(diagnose(codes.STRAY_CHARACTER, span.place, fix=fix, found=found))
    return " " * len(text)
