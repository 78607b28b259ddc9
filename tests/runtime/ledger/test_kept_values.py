"""On both stores: private values become hashes, late events get nothing, channels follow."""

from dataclasses import replace

from campaigner.compiler.plan import Column, CustomerTable, Span, Within
from campaigner.compiler.plan.types import TEXT
from campaigner.runtime.ledger import Ledger
from hypothesis import given, settings
from hypothesis import strategies as st

from .ledgers import DIGEST, HERE, account, ask, campaign, clock, gift, opened, plan

EMAIL = Column("email", "email", TEXT, True, None, None, "C2", HERE)
LIMIT = account("campaign/gift/limit per customer.email", "1", key="customer.email")
PRIVATE = replace(
    gift(LIMIT, account("campaign/gift/total", "1000000")),
    customers=CustomerTable("customers", "id", (EMAIL,), HERE),
)


def decided(ledger: Ledger, project, asked) -> list[str]:
    return [result.outcome for result in ledger.decide(project, asked, DIGEST)]


def test_a_private_value_counts_and_is_in_no_row(ledger: Ledger):
    asked = [
        ask(who, f"2026-01-10 10:0{n}", "coffee", keys={"customer.email": mail})
        for n, (who, mail) in enumerate([("ann", "a@x.org"), ("bob", "a@x.org"), ("cat", None)])
    ]
    assert decided(ledger, PRIVATE, asked) == ["granted", "over_limit", "granted"]
    tables = ("accounts", "decisions")
    kept = [str(row) for name in tables for row in ledger._store.ask(f"SELECT * FROM {name}")]
    assert kept
    assert not any("a@x.org" in row for row in kept)
    assert decided(ledger, PRIVATE, asked) == ["already_granted", "over_limit", "already_granted"]
    assert ledger.verify() == ()


@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(("ann", "bob", "a/b")),
            st.sampled_from((None, "ann", "bob", "a/b", "unknown/ann", "sha256/x", "x" * 300)),
        ),
        max_size=12,
    )
)
def test_a_limit_is_a_set_of_what_was_seen(tmp_path_factory, seen):
    """One grant for each value, and for each customer without one; the charges add up to them."""
    with opened(tmp_path_factory.mktemp("limit")) as ledger:
        asked = [
            ask(
                who, "2026-01-10 10:00", "coffee", occurrence=f"e{n}", keys={"customer.email": mail}
            )
            for n, (who, mail) in enumerate(seen)
        ]
        before: set[tuple[str, str | None]] = set()
        for one, outcome in zip(asked, decided(ledger, PRIVATE, asked), strict=True):
            mail = one.keys["customer.email"]
            value = (one.customer, None) if mail is None else ("", mail)
            assert outcome == ("over_limit" if value in before else "granted")
            before.add(value)
        spent = [row.spent for row in ledger.budgets(PRIVATE) if row.account == LIMIT.id]
        assert sum(spent) == len(before)
        assert ledger.verify() == ()


def test_an_event_that_no_run_has_read_is_too_late(ledger: Ledger):
    late = replace(campaign("gift", event="order"), late_events=Within(Span(2, "day"), HERE))
    project = plan([late])
    asked = [
        ask("ann", f"2026-01-{day:02} 10:00", "5 points", occurrence=f"o{day}") for day in (7, 8, 9)
    ]
    ledger.set_progress({"gift": clock("2026-01-10 10:00")})
    ledger.mark_seen("order", ["o7"])
    again = ask("bob", "2026-01-07 10:00", "5 points", occurrence="o6")
    assert decided(ledger, project, [*asked, again]) == ["granted"] * 3 + ["too_late"]
    ledger.set_progress({"gift": clock("2026-03-10 10:00")})
    repeated = decided(ledger, project, [*asked, again])
    assert repeated == ["already_granted"] * 3 + ["too_late"]
    with ledger.rehearsal() as copy:
        assert decided(copy, project, [ask("cat", "2026-01-01 10:00", "5 points")]) == ["too_late"]
    assert ledger.verify() == ()


def test_the_next_channel_waits_where_the_first_gave_up(ledger: Ledger):
    says = campaign("gift", messages=(("push", "hello"), ("sms", "hello")), rewarded=False)
    step = says.steps[0]
    both = (step.messages[0], replace(step.messages[1], otherwise=True))
    project = plan([replace(says, steps=(replace(step, messages=both),))])
    when = clock("2026-01-10 10:00")
    assert decided(ledger, project, [ask("ann", "2026-01-10 10:00", "-")]) == ["granted"]
    with ledger.outbox() as outbox:
        outbox.fail([(row, "no such", None) for row in outbox.waiting("push", when, 9)], when)
        assert [row.body for row in outbox.waiting("sms", when, 9)] == ["hello"]
    with ledger.outbox() as outbox:
        outbox.revive(list(ledger.letters()))
        assert outbox.waiting("push", when, 9) == []
    assert ledger.verify() == ()
