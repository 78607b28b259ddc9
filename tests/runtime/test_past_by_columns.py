"""The past that comes by columns is the past that comes by rows."""

import random
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from campaigner.runtime.events.cache.asking import Asking
from campaigner.runtime.events.cache.loading import Loading, TooMany, Wanted
from campaigner.runtime.events.engine import compile_events
from campaigner.runtime.warehouse.engines import open_warehouse
from campaigner.runtime.warehouse.rows import WarehouseRows
from hypothesis import given
from hypothesis import strategies as st

from ..laws import at_most
from .shops import shop

CAMPAIGNS = """
campaign counted "counted" {
  audience count(order in last 20 days) >= 3 and sum(order.points in last 9 days) >= 6
  trigger  on order
  reward   2 points
  budget { total 1_000_000 CNY }
  compliance { forbid phrase "sure" }
}
campaign friends "friends" {
  audience count(distinct order.friend in last 10 days) >= 2
    and count(order where friend is unknown in last 3 days) >= 1 and vip
  trigger  on order where points >= 2
  reward   1 points
  budget { total 1_000_000 CNY }
  compliance { forbid phrase "sure" }
}
"""
START = datetime(2026, 3, 1, tzinfo=UTC)
NAMES = ("a", "B", "b", "ä", "z", "張", "🙂", "a b", "'")


@cache
def _recorders(plan):
    return compile_events(plan).history().recorders


def _asked(made, by_columns: bool, most: int | None, keys: Collection[str]):
    """The tracks and keys of everybody."""
    recorders = _recorders(made.plan)
    asking = Asking()
    loading = Loading(made.plan, {"order"}, recorders, asking)
    loading._has_arrays = None if by_columns else False
    found = {}
    with open_warehouse(made.warehouse, made.folder) as warehouse:
        rows = WarehouseRows(warehouse, made.plan)
        names = asking.keep(rows, NAMES)
        wanted = Wanted({"order": START - timedelta(days=20)}, {"order": keys})
        for kind, by_customer in loading.past(rows, wanted, names, most):
            for customer, own in by_customer.items():
                tracks = {
                    number: (track.ats, track.keys, track.values)
                    for number, track in kind.tracks(own)
                }
                later = kind.later(own, START - timedelta(days=5))
                found[customer] = (tracks, [*kind.keys(own)], later)
    assert loading._has_arrays is by_columns
    return found


@at_most(20)
@given(st.randoms(use_true_random=False), st.sampled_from(["VARCHAR", "VARCHAR COLLATE NOCASE"]))
def test_columns_and_rows_give_the_same(tmp_path_factory, chance: random.Random, type_: str):
    made = shop(tmp_path_factory.mktemp("shop"), CAMPAIGNS, customers=NAMES)
    made.change(f"ALTER TABLE orders ALTER order_id TYPE {type_}")
    keys = [f"{chance.choice('aAbBäÄ張🙂')}{number}" for number in range(60)]
    made.order(
        (
            key,
            chance.choice(NAMES),
            f"{START - timedelta(days=chance.randrange(30), hours=chance.choice((0, 0, 1))):%F %T}",
            chance.choice((-3, 0, 2, 2**62)),
            chance.choice((None, *NAMES)),
        )
        for key in keys
    )
    asked = chance.sample(keys, 5)
    by_rows = _asked(made, False, None, asked)
    assert _asked(made, True, None, asked) == by_rows
    assert _asked(made, True, 60, asked) == by_rows


def test_too_many_are_too_many_either_way(tmp_path):
    made = shop(tmp_path, CAMPAIGNS, customers=NAMES)
    made.order((f"o{number}", "a", f"{START:%F %T}", 1, None) for number in range(7))
    for by_columns in (False, True):
        assert len(_asked(made, by_columns, 7, ())["a"][1]) == 7
        with pytest.raises(TooMany):
            _asked(made, by_columns, 6, ())


@pytest.mark.parametrize(
    "oddity",
    [
        "UPDATE orders SET order_id = NULL WHERE order_id = 'o3'",
        "UPDATE orders SET order_id = 'o2' WHERE order_id = 'o3'",
        "UPDATE orders SET ordered_at = 'infinity' WHERE order_id = 'o6'",
        "UPDATE orders SET friend = '' WHERE order_id = 'o1'",
    ],
)
def test_rows_that_no_check_has_left_out(tmp_path, oddity):
    made = shop(tmp_path, CAMPAIGNS, customers=NAMES)
    made.order(
        (f"o{number}", "ab"[number % 2], f"{START - timedelta(days=number):%F %T}", number, None)
        for number in range(7)
    )
    made.change("ALTER TABLE orders ALTER order_id DROP NOT NULL") if "NULL" in oddity else None
    made.change(oddity)
    found = []
    for by_columns in (False, True):
        try:
            found.append(_asked(made, by_columns, None, ()))
        except (TypeError, ValueError, OverflowError) as error:
            found.append(type(error))
    assert found[0] == found[1]
