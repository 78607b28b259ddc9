"""Sample ratio: whether customers fell into variants as often as they were meant to."""

from __future__ import annotations

from collections.abc import Sequence

from scipy.special import chdtrc

LEAST = 0.001
"""A smaller probability says that the assignment is off. Source: Fabijan et al., KDD 2019."""


def sample_ratio(counts: Sequence[int], shares: Sequence[float]) -> float:
    """The probability of counts as far from these shares as found, or farther.

    It is Pearson's chi-square test. Shares need not add up to 1; 1.0 of fewer than two variants.
    A count where the share is 0 has the probability 0.
    """
    total, whole = sum(counts), sum(shares)
    pairs = [(count, share / whole) for count, share in zip(counts, shares, strict=True) if whole]
    if any(count and share <= 0 for count, share in pairs):
        return 0.0
    meant = [(count, total * share) for count, share in pairs if share > 0]
    if len(meant) < 2 or not total:
        return 1.0
    chi = sum((count - expected) ** 2 / expected for count, expected in meant)
    return float(chdtrc(len(meant) - 1, chi))
