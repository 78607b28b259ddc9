"""The samples of experiments before launch: who could take part, and what they can show."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from campaigner.runtime.preview.samples import Sample, hopeless, samples
from campaigner.runtime.statistics.power import smallest_difference
from campaigner.runtime.warehouse.engines import open_warehouse
from hypothesis import given
from hypothesis import strategies as st

from .shops import CAMPAIGN, shop

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SIZES = st.integers(1, 10_000_000)


@pytest.mark.parametrize(("one", "other"), [(400, 400), (200, 1_800), (5_000, 45_000)])
def test_the_smallest_difference_is_found_four_times_out_of_five(one: int, other: int) -> None:
    """Two-sided tests at 5% over simulated samples around a share of one half."""
    difference, random = smallest_difference(one, other), np.random.default_rng(14)
    low = random.binomial(one, 0.5 - difference / 2, 20_000) / one
    high = random.binomial(other, 0.5 + difference / 2, 20_000) / other
    pooled = (low * one + high * other) / (one + other)
    spread = np.sqrt(pooled * (1 - pooled) * (1 / one + 1 / other))
    found = np.mean(np.abs(high - low) > 1.959964 * spread)
    assert 0.78 <= found <= 0.83


@given(SIZES, SIZES, st.floats(0.01, 0.99))
def test_larger_samples_show_less(one: int, other: int, share: float) -> None:
    found = smallest_difference(one, other, share)
    assert found == pytest.approx(smallest_difference(other, one, share))
    assert found > smallest_difference(one * 2, other, share)
    assert found <= smallest_difference(one, other)


def test_an_empty_group_shows_nothing() -> None:
    assert smallest_difference(0, 100) == float("inf")


def sampled(folder: Path, clauses: str, *, vips: int, others: int) -> tuple[Sample, ...]:
    names = [f"c{number}" for number in range(vips + others)]
    text = CAMPAIGN.format(name="gift", reward="coffee", audience="vip", budget="")
    made = shop(folder, text.replace("  trigger", f"{clauses}\n  trigger"), customers=names)
    made.change(f"UPDATE customers SET vip = CAST(substr(customer_id, 2) AS INTEGER) < {vips}")
    with open_warehouse(made.warehouse, made.folder) as warehouse:
        return samples(made.plan, warehouse, NOW, Decimal("0.01"))


@pytest.mark.parametrize(
    ("clauses", "least"),
    [
        ("  experiment spring { holdout 20% }", 400),
        ("  experiment spring { holdout 90% }", 200),
        ("  measure { conversion on pick within 7 days }\n  experiment s { holdout 10% }", 200),
    ],
)
def test_a_sample_is_of_those_whom_the_audience_has(
    tmp_path: Path, clauses: str, least: int
) -> None:
    (found,) = sampled(tmp_path, clauses, vips=2_000, others=500)
    assert (found.customers, found.least) == (2_000, least)
    assert found.smallest == smallest_difference(least, 2_000 - least)
    assert found.is_hopeless is (found.smallest >= 0.1)


def test_a_small_sample_is_warned_of_and_no_comparison_asks_nothing(tmp_path: Path) -> None:
    small = sampled(tmp_path / "a", "  experiment spring { holdout 20% }", vips=300, others=0)
    assert [one.code.id for one in hopeless(small)] == ["W614"]
    assert sampled(tmp_path / "b", "", vips=300, others=0) == ()
