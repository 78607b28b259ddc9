"""The words of each operator of the table of meaning."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ...dsl.diagnostics.diagnostic import Phrase

PREDICATES: Mapping[str, tuple[Phrase, Phrase]] = MappingProxyType(
    {
        "is_known": (Phrase("wording.is_known"), Phrase("wording.is_unknown")),
        "equal": (Phrase("wording.equal"), Phrase("wording.not_equal")),
        "not_equal": (Phrase("wording.not_equal"), Phrase("wording.equal")),
        "less": (Phrase("wording.less"), Phrase("wording.at_least")),
        "at_most": (Phrase("wording.at_most"), Phrase("wording.greater")),
        "greater": (Phrase("wording.greater"), Phrase("wording.at_most")),
        "at_least": (Phrase("wording.at_least"), Phrase("wording.less")),
        "in": (Phrase("wording.in"), Phrase("wording.not_in")),
        "contains": (Phrase("wording.contains"), Phrase("wording.contains_not")),
        "starts_with": (Phrase("wording.starts_with"), Phrase("wording.starts_not_with")),
        "within_last": (Phrase("wording.within_last"), Phrase("wording.not_within_last")),
        "within_next": (Phrase("wording.within_next"), Phrase("wording.not_within_next")),
        "anniversary_today": (Phrase("wording.anniversary"), Phrase("wording.no_anniversary")),
        "anniversary_within": (
            Phrase("wording.anniversary_within"),
            Phrase("wording.no_anniversary_within"),
        ),
    }
)
"""By operator, what it says, and what its denial says: of `left`, and of `right` if it has two."""

VALUES: Mapping[str, Phrase] = MappingProxyType(
    {
        "add": Phrase("wording.add"),
        "subtract": Phrase("wording.subtract"),
        "multiply": Phrase("wording.multiply"),
        "divide": Phrase("wording.divide"),
        "negate": Phrase("wording.negate"),
        "bounded_add": Phrase("wording.add"),
        "bounded_subtract": Phrase("wording.subtract"),
        "bounded_multiply": Phrase("wording.multiply"),
        "bounded_divide": Phrase("wording.divide"),
        "bounded_negate": Phrase("wording.negate"),
        "else": Phrase("wording.else"),
        "least": Phrase("wording.least"),
        "greatest": Phrase("wording.greatest"),
        "date_of": Phrase("wording.date_of"),
        "days_since": Phrase("wording.days_since"),
        "days_until": Phrase("wording.days_until"),
        "floor": Phrase("wording.floor"),
        "ceil": Phrase("wording.ceil"),
        "round": Phrase("wording.round"),
        "whole_times": Phrase("wording.whole_times"),
        "folded": Phrase("wording.folded"),
        "arm": Phrase("wording.arm"),
    }
)

LOGIC = frozenset({"and", "or", "not", "holds"})
"""Operators that only join conditions."""

AS_IT_IS = frozenset({"within"})
"""Operators that guard an engine and mean nothing to a reader."""

OPERATORS_SAID = LOGIC | AS_IT_IS | PREDICATES.keys() | VALUES.keys()
"""The operators that have words."""

ARITHMETIC = VALUES.keys() & {
    *("add", "subtract", "multiply", "divide", "negate", "bounded_add", "bounded_subtract"),
    *("bounded_multiply", "bounded_divide", "bounded_negate"),
}
"""Operators that a reader wants in brackets inside another."""
