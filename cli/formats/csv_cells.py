"""Cells of CSV: every reader gets the rows that were written, and nothing in them is a formula."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_NUMBER = re.compile(r"-\d+(\.\d+)?")
# What a spreadsheet takes for the start of a formula (OWASP, "CSV Injection"), full-width forms
# and what it skips before them too.
_FORMULA = frozenset("=+-@")
_SKIPPED = frozenset(("Cc", "Cf", "Zl", "Zp", "Zs"))
_UNWRITABLE = re.compile("[\0\ud800-\udfff]")
_PLAIN = re.compile(r"[^\s\x00-\x20\x7f-\x9f\ufeff\"',;]+( [^\s\x00-\x20\x7f-\x9f\ufeff\"',;]+)*")


def line(cells: Sequence[str]) -> str:
    """A line with its end (RFC 4180, but a line feed alone)."""
    if list(cells) == [""]:
        return '""\n'  # readers skip empty lines
    return ",".join(map(_quoted, cells)) + "\n"


def harmless(text: str) -> str:
    """The text, behind an apostrophe if a spreadsheet would take it for a formula.

    Text that begins with an apostrophe gets another: `original` undoes both. NUL and halves of
    surrogate pairs, which no text file can hold, become U+FFFD.
    """
    text = _UNWRITABLE.sub("\ufffd", text)
    if text.startswith("'") or (_begins_formula(text) and not _NUMBER.fullmatch(text)):
        return f"'{text}"
    return text


def original(cell: str) -> str:
    """The text of a cell that `harmless` made: without one apostrophe at its beginning."""
    return cell.removeprefix("'")


def _begins_formula(text: str) -> bool:
    if text.startswith(("\t", "\r", "\n")):
        return True
    first = next((one for one in text if unicodedata.category(one) not in _SKIPPED), "")
    return unicodedata.normalize("NFKC", first)[:1] in _FORMULA


def _quoted(cell: str) -> str:
    """In quotes unless every reader takes it as one cell of one line as it is."""
    if not cell or _PLAIN.fullmatch(cell):
        return cell
    escaped = cell.replace('"', '""')
    return f'"{escaped}"'
