"""A multiple of a sum is paid once, however late events come; what is paid is what was reached."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from campaigner.runtime.decide.reference import Rows, decide
from campaigner.runtime.due.schedule import due
from hypothesis import given
from hypothesis import strategies as st

from ...laws import at_most
from ..houses import at
from ..shops import Shop, campaign, shop
from .ledgers import URL, opened


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    text = campaign("times * 10 points and 7 tokens", name="card")
    folder = tmp_path_factory.mktemp("shop")
    return shop(folder, text.replace("on order", "on order every 3 of points"))


def pay(house: Shop, url: str, batches: list[dict[int, int]]) -> tuple[list[int], int]:
    """The points of each grant, and the highest multiple that was granted."""
    seen: dict[int, int] = {}
    with TemporaryDirectory() as folder, opened(Path(folder), url=url) as ledger:
        for batch in batches:
            seen |= batch
            rows = Rows(
                {"ann": {"vip": False}},
                {"order": {"ann": [row(key, points) for key, points in seen.items()]}},
            )
            stretch = due(house.plan, "card", at("2026-01-01"), at("2026-02-01"))
            ledger.decide(house.plan, decide(house.plan, "card", rows, stretch), "plan-1")
        grants = [one for one in ledger.grants() if one.reward == "points"]
        assert ledger.verify() == ()
        return (
            [int(one.amount) for one in grants],
            max((int(one.occurrence) for one in grants), default=0),
        )


def row(hour: int, points: int) -> dict[str, object]:
    when = at(f"2026-01-05 {hour:02}:00")
    return {"at": when, "key": f"o{hour}", "points": points, "friend": None}


_BATCHES = st.lists(
    st.dictionaries(st.integers(0, 23), st.integers(-9, 20), min_size=1, max_size=4),
    min_size=1,
    max_size=4,
)


@at_most(40)
@given(_BATCHES)
def test_each_multiple_is_paid_once(house: Shop, batches: list[dict[int, int]]) -> None:
    amounts, highest = pay(house, URL, [dict(one) for one in batches])
    assert sum(amounts) == 10 * highest // 3
    assert all(amounts)


def test_the_same_on_either_store(house: Shop, url: str) -> None:
    batches = [{10: 4, 12: 9}, {9: 5, 14: 1}, {8: -3}, {15: 9}]
    # 4, 13: multiples 3 and 12; then 5, 9, 18, 19: 12 was paid, so that 18 is for two.
    # -3, 2, 6, 15, 16, 25: 15 was paid with 18, and 24 is for two.
    assert pay(house, url, batches) == ([10, 30, 20, 20], 24)
