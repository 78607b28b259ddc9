"""A mistaken run taken back: from then on all goes as if it had not been made."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from campaigner.compiler.plan import Charge, Span
from campaigner.dsl.diagnostics import CannotRun
from hypothesis import given, settings
from hypothesis import strategies as st

from .ledgers import (
    DIGEST,
    SOAKING,
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


@settings(max_examples=1000 if SOAKING else 60, deadline=None)
@given(*LIVES)
def test_as_if_the_mistake_had_not_been_made(rows, caps, exhausted, at):
    as_if_nothing_had_been(lambda: URL, rows, caps, exhausted, at)


def test_as_if_the_mistake_had_not_been_made_on_a_server(schema_url):
    @settings(max_examples=100 if SOAKING else 12, deadline=None)
    @given(*LIVES)
    def holds(rows, caps, exhausted, at):
        as_if_nothing_had_been(schema_url, rows, caps, exhausted, at)

    holds()
