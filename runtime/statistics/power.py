"""Power: the smallest difference of two shares that a sample can show."""

from __future__ import annotations

from math import sqrt

from scipy.special import ndtri

from .proportions import normal_quantile

POWER = 0.8
"""How often a true difference of that size is found."""

LEVEL = 0.95
"""The confidence at which it is found: a two-sided test at 5%."""


def smallest_difference(one: int, other: int, share: float = 0.5) -> float:
    """Return the smallest difference, 0 to 1, that groups of these sizes show.

    `share` is the share of both without a difference; 0.5 asks the most of a sample. `inf` of an
    empty group. Source: Fleiss, Levin & Paik, Statistical Methods for Rates and Proportions (2003),
    section 4.2, with one variance for both groups.
    """
    if one <= 0 or other <= 0:
        return float("inf")
    spread = sqrt(share * (1 - share) * (1 / one + 1 / other))
    return (normal_quantile(LEVEL) + float(ndtri(POWER))) * spread
