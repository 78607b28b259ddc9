"""Reading the ledger: grants, budgets, what was received, how far a run came."""

from datetime import timedelta
from decimal import Decimal

import pytest
from campaigner.compiler.plan import Span
from campaigner.runtime.decide.decisions import Identity
from campaigner.runtime.ledger import Ledger, Stretch

from .ledgers import (
    DIGEST,
    account,
    ask,
    balances,
    campaign,
    clock,
    gift,
    messages_cap,
    plan,
    play,
    settle,
    unguard,
)

TOTAL = account("campaign/gift/total", "100")
MICROSECOND = timedelta(microseconds=1)


def test_a_grant_has_a_row_for_each_line(ledger):
    asked = ask("ann", "2026-01-10 10:00", "coffee + 50 points", deliver_at="2026-02-05 00:00")
    ledger.decide(gift(TOTAL), [asked], DIGEST)
    rows = list(ledger.grants("gift"))
    assert [(row.reward, f"{row.amount}", row.currency, f"{row.cost}") for row in rows] == [
        ("coffee", "30.00", "CNY", "12.50"),
        ("points", "50", "points", "0.00"),
    ]
    assert {(row.recipient, row.at, row.deliver_at, row.plan) for row in rows} == {
        ("ann", clock("2026-01-10 10:00"), clock("2026-02-05 00:00"), DIGEST)
    }
    assert list(ledger.grants("other")) == []


def test_grants_come_by_instant_however_late_they_were_decided(ledger):
    for who, at in [("ann", "2026-01-12 10:00"), ("bob", "2026-01-10 10:00")]:
        ledger.decide(gift(TOTAL), [ask(who, at, "coffee")], DIGEST)
    assert [row.recipient for row in ledger.grants()] == ["bob", "ann"]


def test_a_decision_as_it_stands(ledger):
    project = gift(account("campaign/gift/total", "5"))
    ledger.decide(project, [ask("ann", "2026-01-10 10:00", "coffee", occurrence="e1")], DIGEST)
    row = ledger.decision(Identity("gift", "main", "ann", "e1"))
    assert (row.outcome, row.account, row.customer) == ("over_budget", TOTAL.id, "ann")
    assert (row.at, row.plan, row.fallback) == (clock("2026-01-10 10:00"), DIGEST, False)
    assert ledger.decision(Identity("gift", "main", "bob", "e1")) is None


def test_budgets_show_accounts_that_nothing_was_charged_to(ledger):
    project = gift(
        account("campaign/gift/limit per customer", "1", key="customer"),
        account("campaign/gift/spend per day", "20", period="day"),
        TOTAL,
        messages_cap("policy/rules/messages", 2, Span(7, "day")),
    )
    assert balances(ledger, project) == [
        "limit per customer: 0 of 1",
        "spend per day: 0.00 of 20.00",
        "total: 0.00 of 100.00",
    ]
    ledger.decide(project, [ask("ann", "2026-01-10 10:00", "coffee")], DIGEST)
    day = ledger.budgets(project)[1]
    assert (day.owner_kind, day.owner, day.period, day.key) == (
        "campaign",
        "gift",
        "2026-01-10",
        None,
    )
    assert (day.left, day.exhausted) == (Decimal("7.50"), False)
    assert ledger.budgets(project)[0].key == "ann"


def test_received_counts_grants_of_a_campaign_and_of_a_benefit_from_end_to_end(ledger):
    project = plan([campaign("gift"), campaign("note", messages=[("sms", "hi")], rewarded=False)])
    ledger.decide(
        project,
        [
            ask("ann", "2026-01-10 10:00", "coffee + coffee"),
            ask("ann", "2026-01-11 10:00", "video"),
            ask("bob", "2026-01-11 10:00", "coffee", held_out=True),
            ask("ann", "2026-01-12 10:00", "-", campaign="note"),
        ],
        DIGEST,
    )
    first, last = clock("2026-01-10 10:00"), clock("2026-01-11 10:00")
    asked = [
        Stretch("ann", None, last),
        Stretch("ann", first, last),
        Stretch("ann", first + MICROSECOND, last),
        Stretch("ann", None, last - MICROSECOND),
        Stretch("bob", None, last),
    ]
    assert ledger.received_counts("campaign", "gift", asked) == [2, 2, 1, 1, 0]
    assert ledger.received_counts("benefit", "coffee", asked) == [2, 2, 0, 2, 0]
    assert ledger.received_counts("campaign", "gift.main", asked) == [2, 2, 1, 1, 0]
    assert ledger.received_counts("campaign", "gift.other", asked) == [0] * 5
    assert ledger.received_counts("campaign", "note", [Stretch("ann", None, last)]) == [0]
    told = [(one.campaign, one.recipient, one.benefit) for one in ledger.received()]
    assert told == [
        ("gift", "ann", "coffee"),
        ("gift", "ann", "coffee"),
        ("gift", "ann", "video"),
        ("note", "ann", None),
    ]


def test_progress_goes_forward_only_and_seen_events_are_kept_once(ledger):
    assert ledger.progress("gift") is None
    ledger.set_progress({"gift": clock("2026-01-10 10:00")})
    ledger.set_progress({"gift": clock("2026-01-09 10:00"), "other": clock("2026-01-09 10:00")})
    assert ledger.progress("gift") == clock("2026-01-10 10:00")
    assert ledger.progress("other") == clock("2026-01-09 10:00")
    ledger.mark_seen("invest", ["e2", "e1"])
    ledger.mark_seen("invest", ["e1", "e3"])
    assert list(ledger.events_read("invest")) == ["e1", "e2", "e3"]
    assert list(ledger.events_read("order")) == []


def test_each_plan_is_kept_once_and_the_last_one_is_known(ledger):
    assert ledger.kept_plan() is None
    for turn, name in enumerate("abbac"):
        document = f'{{"plan": "{name}"}}'.encode()
        asked = []
        ledger.keep_plan(name, lambda made=document, asked=asked: asked.append(1) or made)
        assert asked == ([] if turn in (2, 3) else [1])
        assert ledger.kept_plan() == document
        with ledger.rehearsal() as copy:
            copy.keep_plan("d", lambda: b"{}")
            assert copy.kept_plan() == b"{}"
        assert ledger.kept_plan() == document
    assert ledger.kept_plan("b") == b'{"plan": "b"}'
    assert ledger.kept_plan("d") is None
    assert ledger.verify() == ()


def test_a_rehearsal_leaves_no_trace(tmp_path, ledger):
    asked = [ask("ann", "2026-01-10 10:00", "coffee")]
    with ledger.rehearsal() as copy:
        assert copy.decide(gift(TOTAL), asked, DIGEST)[0].outcome == "granted"
        copy.set_progress({"gift": clock("2026-01-10 10:00")})
        assert len(list(copy.grants())) == 1
    assert list(ledger.grants()) == []
    assert ledger.progress("gift") is None
    assert ledger.decide(gift(TOTAL), asked, DIGEST)[0].repeated is False


def test_what_was_decided_can_be_neither_changed_nor_deleted(ledger):
    ledger.decide(gift(TOTAL), [ask("ann", "2026-01-10 10:00", "coffee")], DIGEST)
    connection = ledger._store.connection
    for statement in (
        "UPDATE grants SET cost = 0",
        "DELETE FROM postings",
        "UPDATE decisions SET outcome = 'held_out'",
        "DELETE FROM decisions",
        "UPDATE accounts SET spent = cap + 1",
        "UPDATE accounts SET spent = -1",
    ):
        with pytest.raises(Exception, match=r"never|CHECK|check"):
            connection.execute(statement)
    assert ledger.verify() == ()


def test_verify_finds_what_does_not_add_up(ledger):
    project = gift(TOTAL)
    ledger.decide(project, [ask("ann", "2026-01-10 10:00", "coffee")], DIGEST)
    ledger._store.connection.execute("UPDATE accounts SET spent = spent - 1")
    (found,) = ledger.verify()
    assert found.code.id == "E760"
    assert found.message() == (
        "the account `campaign/gift/total` says 1249, and its entries come to 1250"
    )
    unguard(ledger)
    ledger._store.connection.execute("UPDATE postings SET amount = amount - 1")
    assert [one.code.id for one in ledger.verify()] == ["E761", "E763"]


# --- messages that a policy caps ----------------------------------------------------------------


def capped(most, **more):
    cap = messages_cap("policy/rules/messages", most, Span(7, "day"))
    texts = [("push", "hello")]
    return plan(
        [
            campaign("gift", messages=texts, caps=[cap.id]),
            campaign("note", rewarded=False, messages=texts, caps=[cap.id]),
            campaign("both", rewarded=False, messages=texts * 2, caps=[cap.id]),
        ],
        [cap],
    )


def test_a_campaign_of_messages_alone_is_refused_and_a_reward_is_given_without_its_message(ledger):
    project = capped(2)
    play(
        ledger,
        project,
        """
        2026-01-01 10:00 | ann | -      | granted                | campaign=note
        2026-01-02 10:00 | ann | coffee | granted
        2026-01-08 09:59 | ann | -      | over_limit by messages | campaign=note
        2026-01-08 09:59 | ann | coffee | granted
        2026-01-08 10:00 | ann | -      | granted                | campaign=note
        2026-01-08 10:00 | bob | -      | granted                | campaign=note
        """,
    )
    rows = ledger._store.connection.execute("SELECT state, reason FROM outbox ORDER BY decision")
    assert rows.fetchall() == [
        ("waiting", None),
        ("waiting", None),
        ("suppressed", "policy/rules/messages"),
        ("waiting", None),
        ("waiting", None),
    ]


def test_all_messages_of_a_campaign_go_out_or_none(ledger):
    play(
        ledger,
        capped(2),
        """
        2026-01-01 10:00 | ann | - | granted                | campaign=note
        2026-01-02 10:00 | ann | - | over_limit by messages | campaign=both
        2026-01-03 10:00 | ann | - | granted                | campaign=note
        """,
    )


def test_a_late_message_counts_in_the_windows_that_come_after_it(ledger):
    play(
        ledger,
        capped(1),
        """
        2026-01-10 10:00 | ann | - | granted                | campaign=note
        2026-01-05 10:00 | ann | - | over_limit by messages | campaign=note
        2026-01-03 10:00 | ann | - | granted                | campaign=note
        """,
    )


def test_what_had_waited_came_when_it_was_served(ledger: Ledger):
    def project(total: str):
        return gift(account("campaign/gift/total", total), exhausted="waitlist")

    play(ledger, project("5"), "2026-01-10 10:00 | ann | coffee | waitlisted by total")
    served = clock("2026-01-15 00:00")
    assert len(ledger.serve(project("50"), DIGEST, served)) == 1
    assert [one.at for one in ledger.received()] == [served]
    assert [one.received_at for one in ledger.grants()] == [served]
    before, after = clock("2026-01-10 10:00"), clock("2026-01-16 00:00")
    asked = [Stretch("ann", None, before), Stretch("ann", served, after)]
    for of, name in (("campaign", "gift"), ("benefit", "coffee")):
        assert ledger.received_counts(of, name, asked) == [0, 1]


def test_what_was_chosen_came_when_it_was_claimed(ledger: Ledger):
    project = gift(account("campaign/gift/total", "99"))
    play(ledger, project, "2026-01-10 10:00 | ann | choose 1 of coffee, video | granted")
    settle(ledger, project, "2026-01-12 09:00 | ann | claims coffee of 1 | claimed")
    offered, claimed = clock("2026-01-10 10:00"), clock("2026-01-12 09:00")
    assert [one.at for one in ledger.received()] == [offered, claimed]
    asked = [Stretch("ann", None, offered), Stretch("ann", claimed, claimed)]
    assert ledger.received_counts("campaign", "gift", asked) == [1, 0]
    assert ledger.received_counts("benefit", "coffee", asked) == [0, 1]


def test_who_stops_reading_grants_stops_in_silence(ledger):
    """As `campaigner ledger grants | head` does: the ledger is closed before all rows are read."""
    for who in ("ann", "bob"):
        ledger.decide(gift(TOTAL), [ask(who, "2026-01-10 10:00", "10 points")], DIGEST)
    rows = ledger._store.stream("SELECT id FROM decisions")
    assert next(rows)
    ledger.close()
    rows.close()
