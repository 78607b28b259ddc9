"""The seeds of draws in a statement: parameters, whose values a driver binds."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from ..dialects.common.dialect import Dialect
from ..dialects.common.parameters import name_of
from .comments import noted

_OF = "campaign"


def seed(dialect: Dialect, campaign: str) -> exp.Expr:
    """The seed of a campaign, until `numbered` says which parameter that is."""
    placeholder = exp.Placeholder()
    placeholder.meta[_OF] = campaign
    return exp.cast(placeholder, dialect.text_type())


def numbered(query: exp.Select, dialect: Dialect) -> Mapping[str, str]:
    """Make each seed of the statement a parameter; the campaigns by the parameters' names.

    They are `seed_1`, `seed_2` and so on, in the order of the campaigns' names.
    """
    found = [one for one in query.find_all(exp.Placeholder) if _OF in one.meta]
    numbers = {name: place for place, name in enumerate(sorted({o.meta[_OF] for o in found}), 1)}
    for one in found:
        one.replace(dialect.seed(numbers[one.meta[_OF]]))
    first = query.args.get("with_")
    if isinstance(first, exp.With):
        for campaign, number in numbers.items():
            noted(first, f"parameter {name_of(number)}: the seed of {campaign}")
    return {name_of(number): campaign for campaign, number in numbers.items()}
