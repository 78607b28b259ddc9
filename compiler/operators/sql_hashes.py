"""Hashes by which all engines order and choose: see `compiler/plan/chance.py`."""

from __future__ import annotations

from sqlglot import exp

from ..dialects.common.dialect import Dialect
from ..dialects.common.terms import number, text
from ..plan.chance import DIGITS, ESCAPES
from ..plan.types import TEXT


def digits_of(dialect: Dialect, hashed: exp.Expr) -> exp.Expr:
    """The first digits of a hash, as text that is compared in the order of its characters."""
    first = exp.Substring(this=hashed, start=number(1), length=number(DIGITS))
    return dialect.ordered(first, TEXT)


def hashed_text(dialect: Dialect, begin: exp.Expr, *of: exp.Expr) -> exp.Expr:
    """The MD5 of a text that ends in a slash, and of parts as `chance.joined` joins them."""
    pieces: list[exp.Expr] = [begin]
    for one in of[:-1]:
        pieces += [_escaped(one), text("/")]
    return dialect.md5(dialect.joined(*pieces, of[-1].copy()))


def _escaped(part: exp.Expr) -> exp.Expr:
    for found, written in ESCAPES:
        part = exp.func("REPLACE", part.copy(), text(found), text(written))
    return part
