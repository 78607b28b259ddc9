"""Each store against the model: any decisions, any batches, edits and reopenings between."""

import tempfile
from collections import Counter
from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path

import pytest
from campaigner.compiler.plan import Charge, Span
from campaigner.compiler.plan.steps import StepKey
from campaigner.runtime.decide.claims import ClaimEvent, ClaimResult
from campaigner.runtime.decide.decisions import Decision, Identity
from campaigner.runtime.decide.past_grants import Turn
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from ...laws import at_most
from .ledgers import (
    DIGEST,
    URL,
    ZONE,
    account,
    ask,
    campaign,
    claims,
    clock,
    messages_cap,
    opened,
    plan,
)
from .model import Model
from .reviewed import assert_adds_up

CUSTOMERS = ["ann", "bob", "cat"]
DAYS = ["2026-01-29", "2026-01-30", "2026-01-31", "2026-02-01", "2026-02-02"]
PLAIN = [
    *("10 cash", "25 cash", "coffee", "video", "coffee + video", "coffee + coffee", "20 points"),
    *("coffee for 15 points", "video + 3 growth for 20 points", "take 12 points", "take 2 growth"),
    *("coffee for 15 points + 10 points", "8 points for 3 growth + 9 points + 4 points"),
    *("take 9 points + take 6 points", "take 9 points + 4 points for 3 points"),
]
OFFERS = [
    *("choose 1 of coffee, video until 2026-02-03", "choose 1 of coffee, ride"),
    "choose 2 of coffee, video, ride worth up to 50 until 2026-02-02 12:00",
    "choose 1 of video, free forfeited until 2026-02-02",
    "choose 1 of coffee, free until 2026-02-03 for 15 points",
    "choose 1 of coffee, free until 2026-02-03 for 12 points + 9 points",
]
ENDING = [
    *("coffee returning until 2026-02-03", "20 points until 2026-02-02"),
    "coffee returning until 2026-02-02 + video returning until 2026-02-03 + 5 points",
    *("30 points until 2026-02-01 10:00", "10 cash returning until 2026-02-04"),
]

CAPS = {
    "campaign/gift/limit per customer": {"key": "customer"},
    "campaign/gift/limit per device per week": {"key": "device", "period": "week"},
    "policy/rules/value per customer": {
        "key": "customer",
        "period": "month",
        "refusal": "over_limit",
    },
    "benefit/coffee/stock": {"period": "month"},
    "campaign/gift/first": {},
    "campaign/gift/total": {},
    "campaign/gift/spend per day": {"period": "day"},
    "campaign/gift/share vip": {},
    "campaign/gift/share of the others": {},
    "pool/q1/total": {},
}
SHARES = {"campaign/gift/share vip": 0, "campaign/gift/share of the others": 1}

decisions = st.builds(
    lambda who, day, hour, gives, deliver_at, **more: ask(
        who,
        f"{day} {hour}",
        gives,
        **more,
        deliver_at=max(deliver_at or "", f"{day} {hour}"),
        occurrence=f"{day} {hour[:2]}",
    ),
    st.sampled_from(CUSTOMERS),
    st.sampled_from(DAYS),
    st.sampled_from(["00:00", "10:00", "10:30", "23:59"]),
    st.sampled_from(PLAIN) | st.sampled_from(OFFERS) | st.sampled_from(ENDING),
    campaign=st.sampled_from(["gift", "gift", "other", "note"]),
    fallback=st.sampled_from(["-", "video", "5 points", "video for 4 points"]),
    held_out=st.sampled_from([False] * 9 + [True]),
    share=st.sampled_from([None, 0]),
    deliver_at=st.sampled_from([None, None, "2026-02-01 00:00", "2026-02-02 10:15"]),
    keys=st.sampled_from([{}, {"device": None}, {"device": "d1"}, {"device": "d2"}]),
)
amounts = st.sampled_from(["0", "1", "2", "20", "35", "60", "100"])


SOONER_OR_LATER = st.sampled_from(
    [timedelta(minutes=-1), timedelta(0), timedelta(hours=1), timedelta(days=1), timedelta(days=9)]
)


CHOSEN = ["coffee", "video", "ride", "free", "coffee ride", "ride video"]
claim_events = st.tuples(
    st.sampled_from(["e1", "e2", "e3", "e4", "e5"]),
    st.integers(0, 50),
    st.sampled_from(["coffee", "coffee", "video", *CHOSEN, ""]),
    SOONER_OR_LATER,
)
offering = st.builds(
    lambda who, gives: ask(who, "2026-01-30 10:00", gives),
    st.sampled_from(CUSTOMERS),
    st.sampled_from(OFFERS),
)


def rest(result):
    """The result of a decision, or of a claim, without the outcome."""
    if isinstance(result, ClaimResult):
        return result.offer, result.repeated, result.changed
    return result.account, result.repeated, result.changed


def identity_of(row):
    return Identity(row.campaign, row.step, row.recipient, row.occurrence)


class Machine(RuleBasedStateMachine):
    """One ledger's life, at an address that nobody has used."""

    def __init__(self, fresh_url):
        super().__init__()
        self.url = fresh_url()

    @initialize(
        caps=st.lists(st.sampled_from(list(CAPS)), unique=True, min_size=1),
        exhausted=st.sampled_from(["stop", "waitlist", "reward"]),
        amount=amounts | st.just("1000"),
        most=st.integers(1, 3),
        first=st.lists(decisions, max_size=8),
    )
    def begin(self, caps, exhausted, amount, most, first):
        self.folder = tempfile.TemporaryDirectory()
        self.exhausted = exhausted
        self.most = most
        self.caps = {id_: amount for id_ in CAPS if id_ in caps}
        self.model = Model()
        self.ledger = opened(Path(self.folder.name), url=self.url)
        self.decide(batch=first)

    @property
    def plan(self):
        charges = [
            Charge(id_, SHARES.get(id_), "coffee" if id_.startswith("benefit") else None)
            for id_ in self.caps
        ]
        cap = messages_cap("policy/rules/messages", self.most, Span(2, "day"))
        accounts = [account(id_, cap, **CAPS[id_]) for id_, cap in self.caps.items()]
        texts = [("push", "hello"), ("sms", "hello")]
        pooled = [charge for charge in charges if charge.account.startswith("pool")]
        return plan(
            [
                campaign(
                    "gift", charges, exhausted=self.exhausted, shares=["vip"], caps=[cap.id],
                    messages=texts[:1],
                ),
                campaign("other", pooled),
                campaign("note", rewarded=False, messages=texts, caps=[cap.id]),
            ],
            [*accounts, cap],
        )  # fmt: skip

    @rule(batch=st.lists(decisions, max_size=12))
    def decide(self, batch):
        batch = [self._without_reward(one) for one in batch]
        plan = self.plan
        self.model.look(plan, batch)
        expected = [self.model.decide(plan, one) for one in batch]
        results = self.ledger.decide(plan, batch, DIGEST)
        got = [(one.outcome, one.account, one.repeated, one.changed) for one in results]
        assert got == expected

    @staticmethod
    def _without_reward(one):
        if one.identity.campaign != "note":
            return one
        when = f"{one.at.astimezone(ZONE):%Y-%m-%d %H:%M}"
        return ask(
            one.customer,
            when,
            "-",
            occurrence=one.identity.occurrence,
            campaign="note",
            held_out=one.held_out,
        )

    @rule(which=st.integers(0, len(CAPS) - 1), amount=amounts)
    def edit(self, which, amount):
        self.caps[list(self.caps)[which % len(self.caps)]] = amount

    @rule(which=st.integers(0, 50), even=st.booleans())
    def reverse(self, which, even):
        row, identity = self._one_of(list(self.ledger.grants()), which)
        if row is None:
            return
        (done,) = self.ledger.reverse([row.number], "a test", row.at, even_if_redeemed=even)
        assert done.identity == identity
        assert done.outcome == self.model.reverse(
            self.plan, identity, row.at, even_if_redeemed=even
        )

    @rule(day=st.sampled_from(DAYS))
    def serve(self, day):
        at = clock(f"{day} 12:00")
        served = [one.identity for one in self.ledger.serve(self.plan, DIGEST, at)]
        assert served == self.model.serve(self.plan, at)

    @rule(
        claims=st.lists(
            st.tuples(
                st.integers(0, 50),
                st.sampled_from(CHOSEN),
                st.sampled_from([False] * 9 + [True]),
                SOONER_OR_LATER,
            ),
            min_size=1,
            max_size=6,
        )
    )
    def claim(self, claims):
        rows = list(self.ledger.grants())
        offers = [row for row in rows if row.reward == "choice"] or rows
        for which, chosen, other, later in claims:
            row, identity = self._one_of(offers, which)
            if row is None:
                return
            by = "eve" if other else row.recipient
            plan, names, at = self.plan, chosen.split(), row.at + later
            done = self.ledger.claim(plan, DIGEST, row.number, by, names, at)
            assert done.outcome == self.model.claim(plan, identity, by, names, at)

    @rule(asked=st.lists(decisions | offering | claim_events, min_size=1, max_size=10))
    def carry_out(self, asked):
        offers = [row for row in self.ledger.grants() if row.reward == "choice"]
        asked = [
            self._without_reward(one) if isinstance(one, Decision) else self._claim(offers, *one)
            for one in asked
        ]
        plan = self.plan
        results = self.ledger.carry_out(plan, asked, DIGEST)
        numbers = {identity_of(row): row.number for row in self.ledger.grants()}
        # The model numbers nothing: `numbers` says which offer came as which.
        parts = (list(part) for _, part in groupby(asked, key=type))
        expected = [one for part in parts for one in self._expected(plan, part, numbers)]
        assert [(one.outcome, *rest(one)) for one in results] == expected

    @staticmethod
    def _claim(offers, key, which, chosen, later):
        """A claim of one of the offers that there are, or of one that may come just before."""
        if not offers or which % 4 == 0:
            who, campaign, at = CUSTOMERS[which % 3], "gift", clock("2026-01-30 10:00")
        else:
            row = offers[which % len(offers)]
            who, campaign, at = row.recipient, row.campaign, row.at
        when = f"{(at + later).astimezone(ZONE):%Y-%m-%d %H:%M}"
        return claims(key, who, when, chosen, campaign)

    def _expected(self, plan, part, numbers):
        if isinstance(part[0], ClaimEvent):
            yield from (self.model.claim_event(plan, one, numbers) for one in part)
        else:
            self.model.look(plan, part)
            yield from (self.model.decide(plan, one) for one in part)

    @rule(
        which=st.integers(0, 50),
        by=st.sampled_from(["-", "-", "its own", "eve"]),
        reward=st.sampled_from([None, None, "coffee"]),
        later=SOONER_OR_LATER,
    )
    def redeem(self, which, by, reward, later):
        row, identity = self._one_of(list(self.ledger.grants()), which)
        if row is None:
            return
        at = row.at + later
        whose = {"-": None, "its own": row.recipient, "eve": "eve"}[by]
        done = self.ledger.redeem(row.number, at, whose, reward)
        assert done.outcome == self.model.redeem(identity, whose, reward, at)

    @rule(day=st.sampled_from([*DAYS, "2026-02-03", "2026-02-28"]))
    def expire(self, day):
        at = clock(f"{day} 12:00")
        numbers = {identity_of(row): row.number for row in self.ledger.grants()}
        ended = self.ledger.expire(at)
        got = [
            (one.identity.recipient, one.reward, one.at, one.returned, one.lost) for one in ended
        ]
        assert got == self.model.expire(self.plan, at, numbers)

    @rule()
    def ask_for_balances(self):
        """Points that ended by then are gone, though nobody has settled them."""
        at = clock("2026-03-20 12:00")
        numbers = {identity_of(row): row.number for row in self.ledger.grants()}
        later = deepcopy(self.model)
        later.expire(self.plan, at, numbers)
        turn = Turn(at, StepKey("none", "main"), "", {StepKey("none", "main"): 99})
        for who in CUSTOMERS:
            for wallet in ("points", "growth"):
                assert self.ledger.balance(who, wallet, turn) == later.there(who, wallet, at)

    @staticmethod
    def _one_of(rows, which):
        if not rows:
            return None, None
        row = rows[which % len(rows)]
        return row, identity_of(row)

    @rule()
    def reopen(self):
        self.ledger.close()
        self.ledger = opened(Path(self.folder.name), url=self.url)

    @rule(batch=st.lists(decisions, max_size=3))
    def rehearse(self, batch):
        batch = [self._without_reward(one) for one in batch]
        with self.ledger.rehearsal() as copy:
            copy.decide(self.plan, batch, DIGEST)
            copy.expire(clock("2026-02-01 12:00"))
            assert copy.verify() == ()

    @invariant()
    def conserved(self):
        if not hasattr(self, "ledger"):
            return
        assert self.ledger.verify() == ()
        given = [(row.recipient, row.reward, row.amount, row.cost) for row in self.ledger.grants()]
        expected = [
            (one.decision.identity.recipient, line.reward, line.amount, line.cost)
            for one in self.model.granted
            for line in one.lines
        ]
        assert Counter(given) == Counter(expected)
        spent = {
            (row.account, row.period, row.key or ""): row.spent
            for row in self.ledger.budgets(self.plan)
            if row.spent
        }
        assert spent == {kept(slot): amount for slot, amount in self.model.spent.items() if amount}
        held = {(row.customer, row.wallet): row.balance for row in self.ledger.balances()}
        assert {of: balance for of, balance in held.items() if balance} == {
            of: balance for of, balance in self.model.wallets.items() if balance
        }
        outcomes = Counter(
            (identity.campaign, outcome) for identity, (outcome, _, _) in self.model.decided.items()
        )
        assert self.ledger.outcomes() == outcomes
        assert sum(row.cost for row in self.ledger.grants()) == sum(
            (line.cost for one in self.model.granted for line in one.lines), Decimal(0)
        )
        assert_adds_up(self.ledger, self.plan)

    def teardown(self):
        if hasattr(self, "ledger"):
            self.ledger.close()
            self.folder.cleanup()


def kept(slot):
    """A slot of the model as the ledger names it."""
    account, period, counted = slot
    for one in counted:
        return account, period, "/".join(one) if isinstance(one, tuple) else one
    return account, period, ""


def live(examples, fresh_url):
    lived = at_most(examples, stateful_step_count=12)
    run_state_machine_as_test(lambda: Machine(fresh_url), settings=lived)


@pytest.mark.drawn
def test_a_file_lives_as_the_model_does():
    live(20, lambda: URL)


@pytest.mark.drawn
def test_a_server_lives_as_the_model_does(schema_url):
    live(8, schema_url)
