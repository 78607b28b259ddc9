"""Effect sizes against published figures, and their errors against simulated groups."""

from __future__ import annotations

from math import isclose

import numpy as np
from campaigner.runtime.statistics.effects import (
    Sample,
    difference_of_means,
    difference_of_shares,
    holm,
)
from hypothesis import given
from hypothesis import strategies as st


def test_the_interval_of_shares_is_the_published_one() -> None:
    """Newcombe 1998, table II: 56/70 and 48/80, method 10."""
    found = difference_of_shares(56, 70, 48, 80, 0.95)
    assert found is not None
    assert isclose(found.size, 0.2)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)


def test_the_correction_is_the_one_of_holm() -> None:
    """Four values: each by as many as are not smaller, and never below one before."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == [0.03, 0.06, 0.06, 0.02]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), max_size=20))
def test_a_correction_keeps_the_order_and_never_helps(values: list[float]) -> None:
    found = holm(values)
    assert all(before <= after <= 1 for before, after in zip(values, found, strict=True))
    ranked = sorted(range(len(values)), key=lambda one: values[one])
    assert [found[one] for one in ranked] == sorted(found)


def test_groups_without_spread_have_no_effect() -> None:
    assert difference_of_means(Sample(5, 1.0, 0.0), Sample(5, 1.0, 0.0), 0.95) is None
    assert difference_of_shares(0, 0, 1, 2, 0.95) is None
    same = difference_of_shares(3, 3, 4, 4, 0.95)
    assert same is not None
    assert (same.size, same.p) == (0.0, 1.0)


def test_intervals_cover_a_known_difference_as_often_as_they_say() -> None:
    random = np.random.default_rng(14)
    means = shares = 0
    for _ in range(1_000):
        one, other = random.normal(1.0, 2.0, 150), random.normal(0.0, 2.0, 250)
        samples = [Sample(len(x), float(x.mean()), float(x.var(ddof=1))) for x in (one, other)]
        found = difference_of_means(samples[0], samples[1], 0.95)
        assert found is not None
        means += found.low <= 0.5 <= found.high
        x, y = int(random.binomial(150, 0.3)), int(random.binomial(250, 0.1))
        share = difference_of_shares(x, 150, y, 250, 0.95)
        assert share is not None
        shares += share.low <= 0.2 <= share.high
    assert 930 <= means <= 970
    assert 930 <= shares <= 970
