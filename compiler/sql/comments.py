"""Where a piece of SQL comes from, as a comment that nothing in it can end early."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from sqlglot import exp

from ..plan.expressions import Origin

_E = TypeVar("_E", bound=exp.Expr)


def harmless(words: str) -> str:
    """The words on one line, without what begins or ends a comment in any dialect."""
    line = " ".join(words.split())
    while "*/" in line or "/*" in line:
        line = line.replace("*/", "* /").replace("/*", "/ *")
    return line


def place(origin: Origin) -> str:
    """`welcome.campaign:8`."""
    return f"{origin.file}:{origin.line}"


def places(origins: Iterable[Origin | None]) -> str:
    """Several of them, each once, in reading order."""
    known = {(origin.file, origin.line): origin for origin in origins if origin is not None}
    return ", ".join(place(known[key]) for key in sorted(known))


def noted(expression: _E, words: str) -> _E:
    """The expression with a comment; a condition has it after its last operand."""
    last: exp.Expr = expression
    while isinstance(last, exp.Binary):
        last = last.expression
    if words:
        last.add_comments([f" {harmless(words)} "])
    return expression
