"""Warnings about conditions whose answer needs no data: the catalog's ranges give it away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ...dsl.diagnostics.diagnostic import Code, Diagnostic, Label, Phrase, joined
from ..codes import certain as words
from ..codes import names
from ..plan import Column, Plan
from ..plan.all_expressions import Columns, Written, columns_of_plan, expressions
from ..plan.expressions import AudienceValue, Expression, Operation, walk, where
from ..proofs.intervals import Intervals
from ..proofs.outcomes import Outcomes
from ..proofs.ranges import has_range, range_words

_LOGIC = ("and", "or", "not", "holds")

_MAY_ALWAYS_HOLD = ("lifecycle", "check")
"""A first stage from 0, and what compliance demands, are meant to let everybody through."""


def certain_comparisons(made: Plan) -> Iterator[Diagnostic]:
    """A warning for each comparison that can never hold, or always does."""
    columns = columns_of_plan(made)
    conditions = {audience.name: audience.condition for audience in made.audiences}
    intervals = Intervals(columns)
    where_known = Outcomes(intervals, conditions, known=True)
    look = _Look(columns, Outcomes(intervals, conditions), where_known)
    for seen in expressions(made):
        if seen.clause != "value":
            yield from look.visit(seen.expression, seen)


@dataclass(frozen=True, slots=True)
class _Look:
    columns: Columns
    outcomes: Outcomes
    where_known: Outcomes
    found: dict[tuple[int, str], list[Diagnostic]] = field(default_factory=dict)

    def visit(self, node: Expression, seen: Written) -> list[Diagnostic]:
        """The warnings about a condition: about its parts, else about it as a whole."""
        if not isinstance(node, Operation):
            return []
        key = (id(node), seen.clause)
        if key not in self.found:
            self.found[key] = self._visit(node, seen)
        return self.found[key]

    def _visit(self, node: Operation, seen: Written) -> list[Diagnostic]:
        is_logic = node.operator in _LOGIC
        if is_logic and any(one.origin != node.origin for one in node.arguments):
            found = [one for part in node.arguments for one in self.visit(part, seen)]
            if found or node.operator not in ("and", "or"):
                return found
        outcome = self.outcomes.of(node, seen)
        if outcome.true is not None and self.where_known.of(node, seen).false is not None:
            return []
        fields = tuple(dict.fromkeys(self._fields(node, seen)))
        if outcome.true is None:
            parts = [self.outcomes.of(part, seen).true for part in node.arguments]
            if node.operator == "and" and None not in parts:
                return _warning(words.EXCLUDE_EACH_OTHER, node)
            # A declared audience that nobody can be in is reported where it is declared.
            names_one = any(isinstance(part, AudienceValue) for part in node.arguments)
            return [] if names_one else _warning(words.NEVER_HOLDS, node, fields)
        if not fields or seen.clause in _MAY_ALWAYS_HOLD:
            return []
        if outcome.false is None:
            return _warning(words.ALWAYS_HOLDS, node, fields, words.ALWAYS)
        asks = any(isinstance(one, Operation) and one.operator == "is_known" for one in walk(node))
        return [] if asks else _warning(words.ALWAYS_HOLDS, node, fields, words.WHERE_KNOWN)

    def _fields(self, node: Expression, seen: Written) -> Iterator[Column]:
        """The fields with a range that the node reads, those of a past event's aggregate too."""
        for part in walk(node):
            found = self.columns.of(part, seen)
            interval = self.outcomes.intervals.of(part, seen)
            if found is not None and has_range(found[1]):
                yield found[1]
            elif interval is not None:
                yield from interval.fields


def _warning(
    code: Code, node: Operation, fields: Sequence[Column] = (), how: Phrase = words.ALWAYS
) -> list[Diagnostic]:
    at = node.origin
    if at is None:
        return []
    said = [Phrase("certain.range", field=field.name, range=range_words(field)) for field in fields]
    ranges = joined("certain.and", said) if said else words.NO_VALUE
    labels = tuple(Label(where(field.origin), names.DECLARED_HERE) for field in fields)
    values = (("how", how), ("ranges", ranges), ("text", at.text))
    return [Diagnostic(code, where(at), values, labels)]
