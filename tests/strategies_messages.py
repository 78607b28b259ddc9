"""Messages that ask much: templates over typed values, and values that are hard to write."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal

from campaigner.compiler.messages.filters import FILTERS
from campaigner.compiler.plan.types import (
    BOOLEAN,
    DATE,
    DECIMAL,
    INTEGER,
    TEXT,
    TIME,
    TIMESTAMP,
    EnumType,
    MoneyType,
    ValueType,
)
from campaigner.compiler.plan.values import Value
from campaigner.compiler.project.channels import LONGEST
from hypothesis import strategies as st

TYPES: Mapping[str, ValueType] = {
    "customer.name": TEXT,
    "customer.bio": TEXT,
    "customer.tier": EnumType(("gold", "silver")),
    "customer.age": INTEGER,
    "customer.rate": DECIMAL,
    "customer.vip": BOOLEAN,
    "event.amount": MoneyType("CNY"),
    "event.born": DATE,
    "event.seen": TIMESTAMP,
    "event.clock": TIME,
}
"""The variables of a template, and of what type each is."""

HOSTILE_TEXTS = (
    "",
    " ",
    "Ann",
    "{{ customer.bio }}",
    "{% if true %}",
    "{# #}",
    "{{",
    "%}",
    "\u202eann",
    "\u200b",
    "e" + "\u0301" * 300,
    "\ufeff",
    "\r\n.\r\n",
    "\x1b[2J",
    "\x7f\x80",
    "<script>alert(1)</script>",
    "&lt;&#0;&#xD800;",
    "İıſßﬀ",
    "ß" * 40_000,
    "𒐫" * 20_000,
    "x" * 65_536,
    "x" * 65_537,
    "y" * 1_000_000,
    "%s %n {0}",
)
_TEXTS = st.sampled_from(HOSTILE_TEXTS)
_VALUES: Mapping[str, st.SearchStrategy[Value]] = {
    "text": _TEXTS,
    "enum": st.sampled_from(("gold", "silver")),
    "integer": st.sampled_from((0, -1, 7, 2**63 - 1, -(2**63))),
    "decimal": st.sampled_from(
        tuple(map(Decimal, ("0E-10", "0.5", "-0.0000000001", "999999999999999999.9999999999")))
    ),
    "boolean": st.booleans(),
    "money": st.sampled_from(tuple(map(Decimal, ("0.00", "-3.00", "999999999999999999.99")))),
    "date": st.sampled_from((date(1, 1, 1), date(2026, 2, 28), date(9999, 12, 31))),
    "timestamp": st.sampled_from(
        (datetime(102, 1, 1, tzinfo=UTC), datetime(9898, 12, 31, 23, 59, tzinfo=UTC))
    ),
    "time": st.sampled_from((time(0), time(23, 59, 59, 999_999))),
}


def values() -> st.SearchStrategy[dict[str, Value | None]]:
    """A value for each variable, or `None` where it is unknown."""
    return st.fixed_dictionaries(
        {name: st.none() | _VALUES[type_.kind] for name, type_ in TYPES.items()}
    )


_LITERALS = st.sampled_from(
    ("0", "1", "-1", "7", "10**9", "1e300", "0.1", "'a'", "''", '"Ann"', "true", "none", "9" * 28)
)
_ARGUMENTS = st.sampled_from(
    (
        "",
        "()",
        "(0)",
        "(1)",
        "(-1)",
        "(10)",
        "(11)",
        "(1000000000)",
        f"({LONGEST})",
        "('a')",
        "('', 'x')",
        "('x', '')",
        f"('x', '{'y' * 1_000}')",
        "('a', 'b')",
        "('-', true)",
        "(true)",
        "(1.5)",
        "(length=3)",
        "(*customer.bio)",
    )
)
_ODD_FILTERS = ("random", "center", "join", "map", "attr", "format", "wordwrap", "indent", "list")


def _combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    names = st.sampled_from((*sorted(FILTERS), *_ODD_FILTERS))
    signs = st.sampled_from(("==", "!=", "<", "<=", ">", ">=", "in", "not in", "or", "and", "~"))
    return (
        st.builds("({} | {}{})".format, inner, names, _ARGUMENTS)
        | st.builds("({} | {})".format, inner, st.sampled_from(sorted(FILTERS)))
        | st.builds("({} {} {})".format, inner, signs, inner)
        | st.builds("(not {})".format, inner)
    )


_CALLS = {
    "replace": ("('x', 'yyyy')", "('y', '')", "('a', '{{ b }}')"),
    "truncate": ("", "(1)", f"({LONGEST})"),
    "default": ("('-')", "('x', true)"),
    "d": ("('')",),
    "round": ("", "(0)", "(10)"),
}


def _fitting(takes: str, kinds: tuple[str, ...]) -> st.SearchStrategy[str]:
    """A variable of these kinds, put through filters that take it."""
    names = [name for name, type_ in TYPES.items() if type_.kind in kinds]
    calls = [
        name + call
        for name, row in FILTERS.items()
        if row.takes in (takes, "any") and row.gives in (takes, "any")
        for call in _CALLS.get(name, ("",))
        if not (takes == "number" and name in ("default", "d"))
    ]
    chain = st.lists(st.sampled_from(calls), max_size=3).map(lambda found: " | ".join(["", *found]))
    return st.builds("{}{}".format, st.sampled_from(names), chain)


_FITTING = _fitting("text", ("text", "enum")) | _fitting("number", ("integer", "decimal", "money"))
_ANY = st.recursive(st.sampled_from(sorted(TYPES)) | _LITERALS, _combined, max_leaves=5)
TERMS = _FITTING | _FITTING | _FITTING | _ANY


def templates() -> st.SearchStrategy[str]:
    """A text that may be a template, and often is one that `check` lets pass."""
    shown = st.builds("{{{{ {} }}}}".format, TERMS)
    words = st.sampled_from(("Hello ", "你好", "{", "}}", "{#", "\n", "sure", "x" * 500))
    chosen = st.builds(
        "{{% if {} %}}{}{{% else %}}{}{{% endif %}}".format, TERMS, shown, shown | words
    )
    return st.lists(shown | chosen | words, min_size=1, max_size=4).map("".join)
