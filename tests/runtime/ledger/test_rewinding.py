"""A mistaken run taken back: from then on all goes as if it had not been made."""

import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from campaigner.compiler.plan import Charge, Span
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime.delivery import FileChannel, deliver
from hypothesis import given
from hypothesis import strategies as st

from ...laws import at_most
from .ledgers import (
    DIGEST,
    URL,
    account,
    ask,
    campaign,
    claims,
    clock,
    messages_cap,
    opened,
    plan,
    play,
    settle,
    unguard,
)

DAYS = [f"2026-01-{day:02}" for day in range(10, 19)]
FIRST, LAST = "2026-01-13 00:00", "2026-01-18 23:59"
GIVES = [
    *("10 cash", "coffee", "video", "20 points", "coffee for 15 points", "take 12 points"),
    *("coffee returning until 2026-01-15", "30 points until 2026-01-14 10:00"),
    *("choose 1 of coffee, video until 2026-01-15", "choose 1 of coffee, ride until 2026-01-17"),
    "choose 1 of coffee, free until 2026-01-17 for 12 points",
]
ACCOUNTS = {
    "campaign/gift/limit per customer": {"key": "customer"},
    "benefit/coffee/stock": {"period": "month"},
    "campaign/gift/spend per day": {"period": "day"},
    "campaign/gift/total": {},
    "pool/q1/total": {},
}


def project(caps, exhausted):
    accounts = [
        account(name, cap, **more) for (name, more), cap in zip(ACCOUNTS.items(), caps, strict=True)
    ]
    touches = messages_cap("policy/rules/at most", 2, Span(3, "day"))
    charges = [
        Charge(one.id, benefit=one.owner if one.owner_kind == "benefit" else None)
        for one in accounts
    ]
    push = [("push", "hello")]
    return plan(
        [
            campaign("gift", charges, messages=push, exhausted=exhausted, caps=[touches.id]),
            campaign("other", charges[-1:], messages=push),
            campaign("note", messages=push, rewarded=False, caps=[touches.id]),
        ],
        [*accounts, touches],
    )


@st.composite
def asked(draw):
    """Decisions and claims in the order of time, each once."""
    found = []
    for day in DAYS:
        for hour in draw(st.lists(st.integers(0, 23), max_size=4, unique=True)):
            at, who = f"{day} {hour:02}:30", draw(st.sampled_from(["ann", "bob", "cat"]))
            if draw(st.integers(0, 3)) == 0:
                chosen = draw(st.sampled_from(["coffee", "video", "ride", "free"]))
                found.append(claims(at, who, at, chosen))
                continue
            name = draw(st.sampled_from(["gift", "gift", "gift", "other", "note"]))
            gives = "-" if name == "note" else draw(st.sampled_from(GIVES))
            more = {"fallback": draw(st.sampled_from(["-", "free", "5 points"]))}
            more["held_out"] = draw(st.integers(0, 9)) == 0
            later = draw(st.sampled_from([at, at, max(at, "2026-01-16 00:00")]))
            found.append(ask(who, at, gives, campaign=name, deliver_at=later, **more))
    return sorted(found, key=lambda one: one.at)


CAPS = st.tuples(*(st.sampled_from(["0", "1", "2", "20", "40", "90"]) for _ in ACCOUNTS))


def run(ledger, of, rows, since, until, served=True):
    """A run in little: day by day what ends, who waits, and then what is asked."""
    since, until = clock(since), clock(until)
    turns = [clock(f"{day} 00:00") for day in DAYS]
    steps = [(at, None) for at in turns if since < at < until]
    steps += [(one.at, one) for one in rows if since < one.at <= until]
    for at, one in sorted(steps, key=lambda step: step[0]):
        if one is not None:
            ledger.carry_out(of, [one], DIGEST)
            continue
        ledger.expire(at)
        ledger.serve(of, DIGEST, at)
    ledger.expire(until)
    ledger.serve(of, DIGEST, until)
    for name in ("gift", "other", "note"):
        ledger.set_progress({name: until})


def facts(ledger, of):
    """All that is in force, without the numbers of entries."""
    return (
        [
            (
                one.campaign,
                one.recipient,
                one.occurrence,
                one.at,
                one.reward,
                one.amount,
                one.cost,
                one.expires_at,
                one.became,
                one.became_at,
                one.received_at,
                one.reversed_at,
            )
            for one in ledger.grants()
        ],
        [one for one in ledger.budgets(of) if one.spent or one.exhausted],
        [one for one in ledger.balances() if one.balance or one.pending],
        [(one.identity, one.ends) for one in ledger.offers()],
        [(one.identity, one.outcome, one.account) for one in ledger.claims()],
        ledger.outcomes(),
        sorted(
            (one.identity, one.channel, one.n, one.kind, one.deliver_at, one.state)
            for one in ledger.letters()
            if one.kind != "alert"
        ),
        [ledger.progress(name) for name in ("gift", "other", "note")],
    )


def as_if_nothing_had_been(url_of, rows, caps, exhausted, at):
    """Run to A, by mistake to B, rewind to A: the same as A; and so is all after it."""
    of = project(caps, exhausted)
    with ExitStack() as stack:

        def made():
            root = Path(stack.enter_context(TemporaryDirectory()))
            return stack.enter_context(opened(root, ["push", "rewards"], url=url_of()))

        plain, mistaken = made(), made()
        for ledger in (plain, mistaken):
            run(ledger, of, rows, "2026-01-01 00:00", at)
        run(mistaken, of, rows, at, LAST)
        mistaken.rewind(clock(at), "a year ahead")
        assert mistaken.verify() == ()
        assert facts(mistaken, of) == facts(plain, of)
        again = mistaken.rewind(clock(at), "a year ahead")
        assert (again.decisions, again.amendments) == ({}, {})
        for ledger in (plain, mistaken):
            run(ledger, of, rows, at, LAST)
            assert ledger.verify() == ()
        assert facts(mistaken, of) == facts(plain, of)


def test_points_that_paid_for_what_stays_cannot_be_taken_back(ledger):
    of = project(("9", "9", "900", "900", "900"), "stop")
    play(
        ledger,
        of,
        """
        2026-01-10 10:00 | ann | 30 points            | granted
        2026-01-12 10:00 | ann | coffee for 15 points | granted
        2026-01-14 10:00 | ann | 20 points            | granted
        """,
    )
    settle(ledger, of, "2026-01-15 10:00 | - | reverses 1 | reversed")
    with pytest.raises(CannotRun) as stopped:
        ledger.rewind(clock(FIRST), "a year ahead")
    assert stopped.value.diagnostic.message() == (
        "the customer `ann` has spent units of `points` that came after that instant"
    )
    assert [one.balance for one in ledger.balances("ann")] == [5]
    settle(ledger, of, "2026-01-15 10:00 | - | reverses 2 | reversed")
    ledger.rewind(clock(FIRST), "a year ahead")
    assert [(one.wallet, one.balance) for one in ledger.balances("ann")] == [("points", 0)]
    assert ledger.verify() == ()


ATS = st.sampled_from([f"{day} {hour}" for day in DAYS[1:-1] for hour in ("00:00", "12:00")])
LIVES = (asked(), CAPS, st.sampled_from(["stop", "waitlist", "reward"]), ATS)


@at_most(15)
@given(*LIVES)
def test_as_if_the_mistake_had_not_been_made(rows, caps, exhausted, at):
    as_if_nothing_had_been(lambda: URL, rows, caps, exhausted, at)


@pytest.mark.drawn
def test_as_if_the_mistake_had_not_been_made_on_a_server(schema_url):
    @at_most(4)
    @given(*LIVES)
    def holds(rows, caps, exhausted, at):
        as_if_nothing_had_been(schema_url, rows, caps, exhausted, at)

    holds()


OF = project(("9", "9", "900", "900", "900"), "stop")
PLAYED = """
    2026-01-10 10:00 | ann | coffee                                       | granted
    2026-01-11 10:00 | bob | coffee returning until 2026-01-15            | granted
    2026-01-12 10:00 | cat | choose 1 of coffee, video until 2026-01-20   | granted
    2026-01-14 10:00 | ann | coffee                                       | granted
    2026-01-15 10:00 | bob | 20 points                                    | granted
    2026-01-16 10:00 | cat | video                                        | granted
    """


def test_what_had_left_the_house_is_named_and_the_rest_withdrawn(tmp_path, url):
    path = tmp_path / "push.jsonl"
    channel = {"push": FileChannel("push", path, "push.jsonl")}
    with opened(tmp_path, ["push"], url=url) as ledger:
        play(ledger, OF, PLAYED)
        deliver(ledger, channel, clock("2026-01-15 12:00"))
        settle(
            ledger,
            OF,
            """
            2026-01-14 11:00 | -   | redeems 1               | redeemed
            2026-01-14 11:00 | ann | redeems 4               | redeemed
            2026-01-14 12:00 | cat | claims coffee of 3      | claimed
            """,
        )
        rehearsed, gone = ledger.rehearse_rewind(clock(FIRST))
        done = ledger.rewind(clock(FIRST), "a year ahead", "dora")
        assert done == rehearsed
        assert gone == tuple(ledger.irrevocable(done.entry))
        assert (done.decisions, done.amendments) == ({("gift", "granted"): 3}, {"claimed": 1})
        assert (done.dropped, done.irrevocable) == (1, 3)
        gone = [
            (one.identity.recipient, one.kind, one.of) for one in ledger.irrevocable(done.entry)
        ]
        assert gone == [
            ("ann", "message", "push"),
            ("ann", "redeemed", "coffee"),
            ("bob", "message", "push"),
        ]
        kept = [(row.recipient, row.reward, row.became) for row in ledger.grants()]
        assert kept == [
            ("ann", "coffee", "redeemed"),
            ("bob", "coffee", None),
            ("cat", "choice", None),
        ]
        assert [one.number for one in ledger.offers()] == [list(ledger.grants())[2].number]
        states = [(one.identity.recipient, one.state) for one in ledger.letters()]
        assert sorted(states) == [(who, "delivered") for who in ("ann", "bob", "cat")]
        assert ledger.verify() == ()
        # All of it is decided anew, and sent anew.
        play(ledger, OF, "2026-01-14 10:00 | ann | coffee | granted")
        lines = len(path.read_text().splitlines())
        deliver(ledger, channel, clock("2026-01-15 12:00"))
        assert len(path.read_text().splitlines()) == lines + 1
        assert ledger.verify() == ()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE rewinds SET author = 'eve'",
        "UPDATE rewinds SET at = '2026-01-12T17:00:00.000000Z'",
        "DELETE FROM rewinds",
        "UPDATE rewound_decisions SET customer = 'eve' WHERE recipient = 'ann'",
        "UPDATE rewound_grants SET amount = '31'",
        "DELETE FROM rewound_decisions WHERE recipient = 'ann'",
        "DELETE FROM rewound_grants",
    ],
)
def test_a_change_of_what_was_taken_back_is_found(ledger, change):
    play(ledger, OF, PLAYED)
    ledger.rewind(clock(FIRST), "a year ahead")
    assert ledger.verify() == ()
    unguard(ledger)
    connection = ledger._store.connection
    if not isinstance(connection, sqlite3.Connection):
        for table in ("rewinds", "rewound_decisions", "rewound_grants"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    connection.execute(change)
    assert {found.code.id for found in ledger.verify()} & {"E763", "E764"}


def test_who_was_at_work_meanwhile_stops(tmp_path, url):
    with (
        opened(tmp_path, url=url) as at_work,
        opened(tmp_path, url=url) as idle,
        opened(tmp_path, url=url) as other,
    ):
        play(at_work, OF, "2026-01-14 10:00 | ann | coffee | granted")
        other.rewind(clock(FIRST), "a year ahead")
        for work in (
            lambda: at_work.decide(OF, [ask("bob", "2026-01-15 10:00", "coffee")], DIGEST),
            lambda: at_work.carry_out(OF, [claims("k", "bob", "2026-01-15 10:00", "x")], DIGEST),
            lambda: at_work.set_progress({"gift": clock(LAST)}),
            lambda: at_work.mark_seen("invest", ["k"]),
            lambda: at_work.rewind(clock(FIRST), "again"),
        ):
            with pytest.raises(CannotRun) as stopped:
                work()
            assert stopped.value.diagnostic.code.id == "E779"
        assert list(other.grants()) == []
        assert other.progress("gift") is None
        play(idle, OF, "2026-01-14 10:00 | ann | coffee | granted")
        play(other, OF, "2026-01-14 11:00 | bob | coffee | granted")
        assert other.verify() == ()


def test_a_rewind_waits_for_who_is_writing_and_gives_up(tmp_path):
    with opened(tmp_path) as ledger:
        play(ledger, OF, PLAYED)
        with closing(sqlite3.connect(tmp_path / "var/ledger.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            ledger._store.connection.execute("PRAGMA busy_timeout = 10")
            with pytest.raises(CannotRun) as stopped:
                ledger.rewind(clock(FIRST), "a year ahead")
            assert stopped.value.diagnostic.code.id == "E726"
            other.execute("ROLLBACK")
        assert len(list(ledger.grants())) == 6
        assert ledger.rewind(clock(FIRST), "a year ahead").decisions


def test_a_rewind_before_all_of_it_leaves_nothing(ledger):
    play(ledger, OF, PLAYED)
    ledger.set_progress({"gift": clock(LAST), "gift/since": clock("2026-01-10 00:00")})
    ledger.rewind(clock("2026-01-01 00:00"), "all wrong")
    assert facts(ledger, OF) == ([], [], [], [], [], {}, [], [None, None, None])
    assert ledger.verify() == ()
