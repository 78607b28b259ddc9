"""Decisions by columns write the rows that each decision by itself writes, on both stores."""

import os
import shutil
import tempfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from campaigner.compiler.plan import Charge, Span, SpendBrake, Within
from hypothesis import given
from hypothesis import strategies as st

from ...laws import at_most
from .kills import dies_in_a_file
from .ledgers import (
    DIGEST,
    HERE,
    URL,
    account,
    ask,
    campaign,
    clock,
    coded,
    dump,
    messages_cap,
    opened,
    plan,
)
from .reversing import refund, takes_back

CHANNELS = [(), ("push",), ("push", "rewards"), ("rewards", "alerts"), ("push", "alerts")]
CAPS = {
    "campaign/gift/limit per customer": {"key": "customer"},
    "campaign/gift/limit per device per week": {"key": "device", "period": "week"},
    "policy/rules/limit per device and customer": {"key": "device", "also": "customer.key"},
    "policy/rules/value per customer": {
        "key": "customer",
        "period": "month",
        "refusal": "over_limit",
    },
    "benefit/coffee/stock": {"period": "month"},
    "campaign/gift/first": {},
    "campaign/gift/100% total": {"alerts": (Decimal("0.5"), Decimal("0.9"))},
    "campaign/gift/spend per hour": {"period": "hour"},
    "campaign/gift/share vip": {},
    "campaign/gift/share of the others": {},
    "pool/q1/total": {},
}
"""Accounts, in the order of the checks, as `account` takes them."""

SHARES = {"campaign/gift/share vip": 0, "campaign/gift/share of the others": 1}
NAMES = ["ann", "bob", "安娜", 'q"\\', "100% {}%s", "e\u0301\u2028", "tab\t\nline", "'"]
GIVES = [
    *("10 cash", "0.05 cash", "33.33 cash", "coffee", "coffee", "coffee + coffee", "20 points"),
    *("coffee + 5 points", "20 points + 3 growth", "0 points", "video + 10 cash", "free", "-"),
    *("coffee returning until 2026-02-03", "20 points until 2026-02-02"),
    # Of these none is plain, or hardly.
    *("coffee for 15 points", "take 12 points", "choose 1 of coffee, ride"),
    *("9223372036854775807 points", "92233720368547758.07 cash", "92233720368547758.08 cash"),
]
CAMPAIGNS = ["gift"] * 4 + ["other", "note", "capped", "bought", "braked", "late"]

decisions = st.builds(
    lambda who, customer, at, gives, rare, more, key: ask(
        who, at, gives, occurrence=key, **(more | rare)
    )._replace(customer=customer or who),
    st.sampled_from(NAMES),
    st.sampled_from([None] * 5 + NAMES),
    st.sampled_from(["2026-01-31 23:59", "2026-02-01 00:00", "2026-02-01 10:00:00.5"]),
    st.sampled_from(GIVES),
    st.sampled_from(
        [{}] * 9
        + [{"held_out": True}, {"too_late": True}, {"fallback": "5 points"}, {"fallback": "free"}]
    ),
    st.fixed_dictionaries(
        {
            "campaign": st.sampled_from(CAMPAIGNS),
            "share": st.sampled_from([None, None, 0]),
            "deliver_at": st.sampled_from([None, None, "2026-02-03 00:00"]),
            "keys": st.sampled_from(
                [{}, {}, {"device": None}, {"device": "d%1"}, {"device": "unknown/安"}]
            ),
            "values": st.sampled_from([{}, {}, {"customer.city": '北京"\\'}]),
        }
    ),
    st.sampled_from(["e1", "e2", "e3", "e4", 'e"5', "e6", "e7", "e8"]),
)
batches = st.lists(
    st.one_of(
        st.lists(decisions, max_size=30).map(lambda some: ("decide", some)),
        st.lists(decisions, min_size=20, max_size=40).map(lambda some: ("decide", some)),
        st.sampled_from(["gift", "other"]).map(lambda name: ("paused", name)),
        st.sampled_from(["gift", "other"]).map(lambda name: ("resumed", name)),
        st.just(("again", None)),
        st.just(("serve", None)),
        st.sampled_from(NAMES).map(lambda who: ("refund", who)),
    ),
    max_size=6,
)


@st.composite
def projects(draw):
    """Campaigns of every kind, charged to accounts that soon have no more room."""
    caps = draw(st.lists(st.sampled_from(list(CAPS)), unique=True, max_size=5))
    caps = sorted(caps, key=list(CAPS).index)
    amounts = st.sampled_from(["1", "3", "20", "35.5", "100", "1000", "100000000000000000"])
    accounts = [account(id_, draw(amounts), **CAPS[id_]) for id_ in caps]
    cap = messages_cap("policy/rules/messages", 2, Span(2, "day"))
    charges = [
        Charge(id_, SHARES.get(id_), "coffee" if id_.startswith("benefit") else None)
        for id_ in caps
    ]
    shared = [one for one in charges if one.account.startswith(("pool", "policy"))]
    texts = [("push", "{{ customer.city }}, {{ reward.label }}")]
    exhausted = draw(st.sampled_from(["stop", "stop", "waitlist", "reward"]))
    gift = campaign(
        "gift",
        charges,
        exhausted=exhausted,
        shares=["vip"],
        messages=draw(st.sampled_from([[], texts])),
        event=draw(st.sampled_from([None, "order"])),
    )
    lapses = draw(st.sampled_from(["lapse", "resume"]))
    made = plan(
        [
            replace(gift, while_paused=lapses),
            campaign("other", shared, quiet=[("22:00", "08:00")], messages=texts),
            campaign("note", rewarded=False, messages=[("push", "hello")]),
            campaign("capped", shared, messages=texts, caps=[cap.id]),
            campaign("bought", shared, event="order"),
            replace(campaign("braked", shared), brakes=(SpendBrake(Decimal("1.5"), HERE, None),)),
            replace(
                campaign("late", shared, event="order"),
                late_events=Within(Span(1, "hour"), HERE),
            ),
        ],
        [*accounts, cap],
    )
    if draw(st.booleans()):
        made = takes_back(made, name=draw(st.sampled_from(["other", "bought"])))
    return coded(made, "video") if draw(st.booleans()) else made


def live(ledger, project, steps) -> list[object]:
    """Live the steps; return all that is answered."""
    answers, last = [ledger.take_codes("video", ["K1", "K2", "K3"])], []
    for does, what in steps:
        match does:
            case "decide":
                last = [_without_reward(one) for one in what]
                answers.append(ledger.decide(project, last, DIGEST))
            case "again":
                answers.append(ledger.decide(project, last[::-1], DIGEST))
            case "serve":
                answers.append(ledger.serve(project, DIGEST, clock("2026-02-05 10:00")))
            case "refund":
                asked = [refund("r1", what, "2026-02-04 10:00", "e1"), *last[:3]]
                answers.append(ledger.carry_out(project, asked, DIGEST))
            case _:
                answers.append(ledger.brake([what], does, "a test", "", clock("2026-02-04 10:00")))
    return answers


ORDERS = plan(
    [
        campaign(
            "gift",
            ["campaign/gift/limit per customer", "campaign/gift/total"],
            messages=[("push", "{{ reward.label }}")],
            event="order",
        ),
        campaign("note", rewarded=False, messages=[("push", "hello")]),
    ],
    [
        account("campaign/gift/limit per customer", "2", key="customer"),
        account("campaign/gift/total", "900"),
    ],
)
LONG = [
    ask(f"c{n % 90}", f"2026-01-10 10:{n % 60:02}", GIVES[n % 5], occurrence=f"e{n}")
    if n % 7
    else ask(f"c{n}", "2026-01-10 12:00", "-", campaign="note")
    for n in range(260)
]
"""Several times as many rows of each table as one statement inserts."""


@pytest.mark.repeated
@pytest.mark.skipif(not hasattr(os, "fork"), reason="asks for processes to kill")
def test_a_file_is_killed_before_any_statement(tmp_path):
    def life(root, url, begin=lambda _: None, *, plain=False):
        with opened(root, ["push", "rewards"], url=url, plain=plain) as ledger:
            begin(ledger)
            for some in (LONG[:150], LONG[100:]):
                ledger.decide(ORDERS, some, DIGEST)

    expected = dies_in_a_file(life, tmp_path, 12)
    life(tmp_path / "plain", URL, plain=True)
    assert dump(tmp_path / "plain/var/ledger.db") == expected


def _without_reward(one):
    return one._replace(lines=(), fallback=()) if one.identity.campaign == "note" else one


@given(projects(), batches, st.sampled_from(CHANNELS))
@at_most(150, deadline=None)
def test_a_file_has_the_same_rows(project, steps, channels):
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name) / one for one in ("columns", "plain")]
        # Each ledger draws a key for its hashes, so one is a copy of the other.
        opened(folders[0]).close()
        shutil.copytree(*folders)
        told = []
        for folder, plain in zip(folders, (False, True), strict=True):
            with opened(folder, channels, plain=plain) as ledger:
                told.append(live(ledger, project, steps))
                assert ledger.verify() == ()
                assert ledger.rebuild().differences == ()
        assert told[0] == told[1]
        assert dump(folders[0] / "var/ledger.db") == dump(folders[1] / "var/ledger.db")


@given(data=st.data())
@at_most(30, deadline=None)
def test_a_server_has_the_same_rows(data, schema_url):
    project, steps = data.draw(projects()), data.draw(batches)
    channels = data.draw(st.sampled_from(CHANNELS))
    told = []
    for plain in (False, True):
        with opened(Path(), channels, url=schema_url(), plain=plain) as ledger:
            answers = live(ledger, project, steps)
            assert ledger.verify() == ()
            told.append((answers, rows_of(ledger)))
    assert told[0] == told[1]


def rows_of(ledger) -> dict[str, list[tuple[object, ...]]]:
    """Every row of a server's ledger, by table, without the key of hashes and the seals."""
    connection = ledger._store.connection
    query = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
    names = {name for (name,) in connection.execute(query)} - {"hash_keys", "seals"}
    return {name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in names}
