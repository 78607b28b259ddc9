"""A law: generated orders, refunds and purchases come to what a plain model says.

Whole and in proportion, on both stores; one by one, in slices, and in one piece. Refunds come
before their order, twice, late, for other customers' orders and for none; points are spent before.
"""

from fractions import Fraction

import pytest
from campaigner.compiler.plan import Charge
from hypothesis import given, settings
from hypothesis import strategies as st

from .ledgers import DIGEST, URL, account, ask, campaign, plan
from .model_reversing import Model
from .reversing import order, refund, takes_back

LIMIT, STOCK, TOTAL = 3, 2, 3_500
ACCOUNTS = (
    account("campaign/gift/limit per customer", str(LIMIT), key="customer"),
    account("benefit/coffee/stock", str(STOCK)),
    account("campaign/gift/total", f"{TOTAL / 100}"),
)
CHARGES = [
    Charge("campaign/gift/limit per customer"),
    Charge("benefit/coffee/stock", benefit="coffee"),
    Charge("campaign/gift/total"),
]
SHOP = plan([campaign("gift", CHARGES, event="order"), campaign("shop")], ACCOUNTS)
NAMES = ("ann", "bob")

gifts = st.fixed_dictionaries(
    {},
    optional={
        "coffee": st.just(1),
        "points": st.integers(1, 40),
        "cash": st.integers(1, 900),
    },
).filter(bool)
amounts = st.none() | st.sampled_from(["0", "7.00", "30.00", "99.99", "-5.00"])
keys = st.sampled_from(["o1", "o2", "o3", "o4"])
orders = st.tuples(st.just("order"), keys, st.sampled_from(NAMES), amounts, gifts)
refunds = st.tuples(
    st.just("refund"),
    st.sampled_from(["r1", "r2", "r3", "r4", "r5"]),
    st.sampled_from(NAMES),
    keys,
    st.sampled_from(["1.00", "3.50", "10.00", "33.33", "99.99", "0", "-2.00"]),
)
purchases = st.tuples(st.just("spend"), st.sampled_from(NAMES), st.integers(1, 40))
lives = st.lists(orders | refunds | purchases, min_size=1, max_size=14)


def requests(life):
    """The request that each makes to a ledger; an order that comes again has the same gifts."""
    first: dict[str, tuple] = {}
    for number, (kind, *rest) in enumerate(life):
        when = f"2026-01-10 10:{number:02}"
        if kind == "order":
            key, who, amount, given = first.setdefault(rest[0], tuple(rest))
            who = rest[1]
            words = " + ".join(
                "coffee"
                if name == "coffee"
                else f"{units} points"
                if name == "points"
                else f"{units / 100:.2f} cash"
                for name, units in given.items()
            )
            yield order(key, who, when, words, amount), (kind, key, who, amount, given)
        elif kind == "refund":
            key, who, of, part = rest
            yield refund(key, who, when, of, part), (kind, key, who, of, part)
        else:
            who, points = rest
            spent = ask(who, when, f"coffee for {points} points", campaign="shop")
            yield spent, (kind, who, points)


def of_model(model, said):
    match said:
        case ("order", key, who, amount, given):
            return model.order(key, who, None if amount is None else Fraction(amount), given)
        case ("refund", key, who, of, part):
            return model.refund(key, who, of, Fraction(part) if model.in_parts else Fraction(0))
        case (_, who, points):
            return model.spend(who, points)


def state(ledger, project):
    """The wallets, and what every account of the campaign has spent."""
    wallets = {row.customer: row.balance for row in ledger.balances() if row.balance}
    spent = {
        row.name.split(" ")[0] + (f" {row.key}" if row.key else ""): int(
            row.spent * (100 if row.measure == "money" else 1)
        )
        for row in ledger.budgets(project, "gift")
    }
    return wallets, {name: amount for name, amount in spent.items() if amount}


@pytest.mark.drawn
@pytest.mark.parametrize("in_parts", [False, True], ids=["whole", "in proportion"])
def test_a_ledger_comes_to_what_the_model_says(ledger, url, in_parts):
    project = takes_back(SHOP, part=in_parts)

    @settings(max_examples=40 if url == URL else 8)
    @given(life=lives, sizes=st.lists(st.integers(1, 6), min_size=14, max_size=14))
    def law(life, sizes):
        asked = list(requests(life))
        model = Model(in_parts, LIMIT, STOCK, TOTAL)
        expected = [of_model(model, said) for _, said in asked]
        wallets = {who: left for who, left in model.wallets.items() if left}
        spent = {name: amount for name, amount in model.spent.items() if amount}
        for pieces in ([1] * len(asked), sizes, [len(asked)]):
            with ledger.rehearsal() as copy:
                left, outcomes = [one for one, _ in asked], []
                for size in pieces:
                    some, left = left[:size], left[size:]
                    outcomes += [one.outcome for one in copy.carry_out(project, some, DIGEST)]
                assert outcomes == expected
                assert state(copy, project) == (wallets, spent)
                assert copy.verify() == ()

    law()
