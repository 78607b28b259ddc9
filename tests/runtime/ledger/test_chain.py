"""The bytes that are hashed: `verify` makes the same of any kept text."""

import pytest
from campaigner.runtime.ledger.chain import Chain, entry_hash, text
from hypothesis import given
from hypothesis import strategies as st

from .ledgers import DIGEST, account, ask, gift

AWKWARD = (
    'a "quoted" name',
    "back\\slash \\N \\x41 \\",
    "tab\tnew\nline\rreturn",
    "\x01\x1f\x7f\u2028\ufeff",
    "金卡 💳 é",
    "a,b{c}%s%%d?'",
    "",
)
PROJECT = gift(
    account("campaign/gift/limit per customer", "2", key="customer"),
    account("campaign/gift/limit per device", "3", key="device", period="day"),
    account("benefit/coffee/stock", "40", period="month"),
    account("campaign/gift/total", "130"),
    exhausted="waitlist",
)


@pytest.mark.parametrize("odd", AWKWARD)
def test_an_awkward_text_is_kept_and_hashed_as_it_is(ledger, odd):
    decisions = [
        made._replace(identity=made.identity._replace(recipient=odd or "-"), customer=odd)
        for made in (
            ask("x", f"2026-01-10 10:{n:02}", gives, keys={"device": odd}, values={"name": odd})
            for n, gives in enumerate(["coffee + 5 points", "video", "60 cash", "1000 cash"])
        )
    ]
    others = [ask(f"c{n}", f"2026-01-10 11:{n:02}", "coffee") for n in range(9)]
    ledger.decide(PROJECT, decisions + others, DIGEST)
    assert ledger.verify() == ()
    kept = ledger.decision(decisions[0].identity)
    assert kept is not None
    assert kept.outcome == "granted"


entries = st.recursive(
    st.text() | st.integers() | st.none(), lambda inner: st.lists(inner, max_size=4), max_leaves=20
)


@given(st.lists(entries, max_size=12))
def test_an_entry_made_of_texts_hashes_as_one_made_of_values(told):
    chain, other = Chain(0, 1, 6, b"before"), Chain(0, 1, 6, b"before")
    assert chain.link(told) == other.link_text(f"{text(told)},[],[]") == b"before"
    assert chain.hash == other.hash == entry_hash(7, b"before", told, (), ())
