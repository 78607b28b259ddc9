"""Journeys run: in one piece or in slices, with entries that come late, and with the ledger's say.

The reference works out what rules alone give. With money enough the ledger grants just that.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from campaigner.compiler.plan.due import Due
from campaigner.compiler.plan.steps import steps_of
from campaigner.runtime.decide.decisions import Identity
from campaigner.runtime.decide.reference import Rows, decide
from campaigner.runtime.due.periods import At
from campaigner.runtime.due.schedule import due
from campaigner.runtime.run.report import RunReport
from hypothesis import given, settings
from hypothesis import strategies as st

from .shops import Shop, shop

JOURNEY = """
campaign gift "gift" {{
  active   2026-01-01 to 2026-03-31
  audience yes
  journey {{
{steps}
  }}
  budget {{ total 1_000_000 CNY {budget} }}
  compliance {{ forbid phrase "sure" }}
}}
"""
FORMS = {
    "steps on events": """
    step begun on order where points >= 2
      reward 1 points
    step second on order where points >= begun.points by 3 days after begun
    step third on pick
      reward 5 points""",
    "timers and unless": """
    step begun on order
    step again on order where points > begun.points by end of month 0 after begun
      reward 2 points
    step nudge 2 days after begun at 10:00 unless again
      reward 3 points
    step last_one after again on day 5 of month 1 after begun at 08:00 if again.points >= 3
      reward 9 points""",
    "leaving": """
    step begun on order
      reward 1 points
    step soon 12 hours after begun
      reward 1 points
    step later 3 days after begun unless pick
      reward 1 points
    leave on pick where channel = "app"
    while no order where points = 4 in last 12 hours""",
    "holding on": """
    step begun on order
      reward 1 points
    step again on order where points > begun.points by 3 days after begun
      reward 5 points
    step nudge 2 days after begun unless again
    step later 4 days after begun
      reward 2 points
    step last_one after again 2 days after again
      reward 3 points
    while no pick in last 36 hours""",
    "patterns": """
    step begun on order
      reward 1 points
    step two after begun on order reaching 2 times by 5 days after begun
      reward 2 points
    step four after begun on order reaching 4 points of points by 5 days after begun
      reward 4 points""".replace("4 points of points", "4 of points"),
}
START = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 40).map(lambda steps: START + timedelta(hours=6 * steps))
CUSTOMERS = ("ann", "bob", "cat")


def campaign(form: str, budget: str = "") -> str:
    return JOURNEY.format(steps=FORMS[form], budget=budget)


Event = tuple[str, str, datetime, int]
"""Kind, customer, instant, points."""

EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["order", "order", "pick"]),
        st.sampled_from(CUSTOMERS),
        MOMENTS,
        st.integers(1, 4),
    ),
    max_size=14,
)


def rows_of(events: Sequence[Event]) -> Rows:
    histories: dict[str, dict[str, list[dict[str, object]]]] = {"order": {}, "pick": {}}
    for number, (kind, who, when, points) in enumerate(events):
        row: dict[str, object] = {"at": when, "key": f"e{number:02}"}
        row |= (
            {"points": points, "friend": None}
            if kind == "order"
            else {"benefit": None, "channel": "app" if points > 2 else "web"}
        )
        histories[kind].setdefault(who, []).append(row)
    return Rows({who: {"vip": False} for who in CUSTOMERS}, histories)  # type: ignore[arg-type]


def put(house: Shop, events: Sequence[Event], numbers: Sequence[int]) -> None:
    with duckdb.connect(str(house.folder / "shop.duckdb")) as connection:
        for number in numbers:
            kind, who, when, points = events[number]
            row = [f"e{number:02}", who, when.isoformat()]
            if kind == "order":
                connection.execute(
                    "INSERT INTO orders VALUES (?, ?, ?, ?, ?)", [*row, points, None]
                )
            else:
                channel = "app" if points > 2 else "web"
                connection.execute(
                    "INSERT INTO picks VALUES (?, ?, ?, ?, ?)", [*row, None, channel]
                )


def by_rules(house: Shop, events: Sequence[Event], end: datetime) -> dict[Identity, datetime]:
    """The decisions of all steps, as the reference has them."""
    rows, found = rows_of(events), {}
    for key, _, _ in steps_of(house.plan):
        asked: Due = due(house.plan, key.campaign, START, end, step=key.step)
        for one in decide(house.plan, key.campaign, rows, asked, step=key.step):
            found[one.identity] = one.at
    return found


def run_until(house: Shop, instant: datetime) -> RunReport:
    return house._run(At(instant), {}, dry_run=False)


def kept(house: Shop) -> dict[Identity, datetime]:
    with house.ledger() as ledger:
        assert ledger.verify() == ()
        query = "SELECT campaign, step, recipient, occurrence, at, outcome FROM decisions"
        found = {}
        for *identity, when, outcome in ledger._store.ask(query):
            assert outcome in ("granted", "reached", "left")
            found[Identity(*identity)] = datetime.fromisoformat(when)
        return found


def houses(form: str) -> Iterator[Shop]:
    with tempfile.TemporaryDirectory() as folder:
        yield shop(Path(folder), campaign(form), customers=CUSTOMERS)


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=6)
@given(EVENTS, st.lists(MOMENTS, max_size=3))
def test_a_journey_in_slices_is_the_journey_of_the_reference(
    form: str, events: list[Event], cuts: list[datetime]
) -> None:
    end = START + timedelta(days=40)
    for house in houses(form):
        put(house, events, range(len(events)))
        for cut in sorted({*cuts, end}):
            run_until(house, cut)
        wanted = by_rules(house, events, end)
        assert kept(house) == wanted
        run_until(house, end)
        assert kept(house) == wanted


@pytest.mark.parametrize("form", ["steps on events", "timers and unless", "leaving", "holding on"])
@settings(max_examples=5)
@given(EVENTS, st.sampled_from(CUSTOMERS), MOMENTS)
def test_all_that_a_late_entry_brings_about_is_made_up(
    form: str, events: list[Event], late: str, cut: datetime
) -> None:
    """The events of one customer come after a run that had passed them, or even their steps."""
    end = START + timedelta(days=40)
    own = [number for number, one in enumerate(events) if one[1] == late]
    for house in houses(form):
        put(house, events, [one for one in range(len(events)) if one not in own])
        run_until(house, cut)
        run_until(house, cut + timedelta(days=6))
        put(house, events, own)
        run_until(house, end)
        assert kept(house) == by_rules(house, events, end)


def test_what_follows_a_refused_step_is_not_reached(tmp_path: Path) -> None:
    """The budget pays one begun; only whoever was paid goes on."""
    steps = """
    step begun on order
      reward coffee
    step next_one 1 day after begun"""
    text = JOURNEY.format(steps=steps, budget="").replace("1_000_000", "30")
    house = shop(tmp_path, text, customers=CUSTOMERS)
    events = [("order", who, START + timedelta(hours=n), 1) for n, who in enumerate(CUSTOMERS)]
    put(house, events, range(3))
    report = run_until(house, START + timedelta(days=3))
    begun, following = report.campaigns
    assert begun.outcomes == {"granted": 1, "over_budget": 2}
    assert following.outcomes == {"reached": 1, "not_reached": 2}
    with house.ledger() as ledger:
        assert sorted(one.step for one in ledger.grants()) == ["begun"]


def test_what_follows_a_grant_taken_back_is_not_reached(tmp_path: Path) -> None:
    steps = """
    step begun on order
      reward coffee
    step next_one 1 day after begun
      reward 5 points"""
    house = shop(tmp_path, JOURNEY.format(steps=steps, budget=""), customers=CUSTOMERS)
    put(house, [("order", "ann", START, 1)], [0])
    run_until(house, START + timedelta(hours=1))
    with house.ledger() as ledger:
        (number,) = {one.number for one in ledger.grants()}
        ledger.reverse([number], "a mistake", START + timedelta(hours=2))
    report = run_until(house, START + timedelta(days=3))
    assert report.campaigns[1].outcomes == {"not_reached": 1}


def test_one_at_a_time_nobody_enters_twice(tmp_path: Path) -> None:
    """Inside till the last step that can come; again from then on."""
    steps = """
    step begun on order
      one at a time
      reward 1 points
    step then_on pick by 2 days after begun
      reward 1 points""".replace("then_on", "picked on")
    house = shop(tmp_path, JOURNEY.format(steps=steps, budget=""), customers=CUSTOMERS)
    hours = [0, 24, 48, 49, 60, 61]
    kinds = ["order", "order", "order", "order", "pick", "order"]
    events = [
        (kind, "ann", START + timedelta(hours=n), 1) for kind, n in zip(kinds, hours, strict=True)
    ]
    put(house, events, range(len(events)))
    run_until(house, START + timedelta(days=30))
    with house.ledger() as ledger:
        became = [
            ledger.decision(Identity("gift", "begun", "ann", f"e{n:02}")) for n in (0, 1, 2, 3, 5)
        ]
    assert [one and one.outcome for one in became] == [
        *("granted", "already_inside", "already_inside", "granted", "granted"),
    ]


def test_a_journey_ends_where_its_condition_does_not_hold(tmp_path: Path) -> None:
    steps = """
    step begun on order
      reward 1 points
    step soon 1 day after begun
      reward 1 points
    step later 2 days after begun
      reward 1 points
    while no pick in last 36 hours"""
    house = shop(tmp_path, JOURNEY.format(steps=steps, budget=""), customers=CUSTOMERS)
    events = [("order", "ann", START, 1), ("pick", "ann", START + timedelta(hours=1), 1)]
    put(house, events, range(2))
    run_until(house, START + timedelta(days=9))
    assert kept(house) == by_rules(house, events, START + timedelta(days=9))
    with house.ledger() as ledger:
        assert [one.step for one in ledger.grants()] == ["begun"]


def test_an_end_counts_only_at_a_step_that_came(tmp_path: Path) -> None:
    """By rules `bought` keeps `nudge` away. The ledger refused it, so `nudge` ends the journey."""
    steps = """
    step begun on order
    step bought on order
      reward coffee
    step nudge 1 day after begun unless bought
    step later 3 days after begun
    while no pick in last 36 hours"""
    text = JOURNEY.format(steps=steps, budget="").replace("1_000_000", "30")
    house = shop(tmp_path, text, customers=CUSTOMERS)
    hours = [(who, hour) for who in CUSTOMERS[:2] for hour in (0, 1)]
    events = [("order", who, START + timedelta(hours=n), 1) for who, n in sorted(hours, key=str)]
    events += [("pick", who, START + timedelta(hours=2), 1) for who in CUSTOMERS[:2]]
    put(house, events, range(len(events)))
    run_until(house, START + timedelta(days=9))
    with house.ledger() as ledger:
        assert ledger.verify() == ()
        kept = {
            (who, one.occurrence): {name: step.outcome for name, step in one.steps.items()}
            for who in CUSTOMERS[:2]
            for one in ledger.inside("gift", who)
        }
    assert kept["ann", "e00"] == {"begun": "reached", "bought": "granted", "later": "reached"}
    refused = {"begun": "reached", "bought": "over_budget", "nudge": "left"}
    assert kept["bob", "e02"] == refused


def test_past_grants_may_end_a_journey(tmp_path: Path) -> None:
    """The condition is false at a step that its own condition keeps away."""
    steps = """
    step begun on order
      reward 1 points
    step gift_two 1 day after begun if no pick in last 9 days
      reward 1 points
    step never 2 days after begun if no order in last 9 days
      reward 1 points
    step later 3 days after begun
      reward 1 points
    while count(received(gift)) < 2"""
    house = shop(tmp_path, JOURNEY.format(steps=steps, budget=""), customers=CUSTOMERS)
    put(house, [("order", "ann", START, 1), ("order", "bob", START, 1)], range(2))
    put(house, [*[None] * 2, ("pick", "bob", START, 1)], [2])  # type: ignore[list-item]
    run_until(house, START + timedelta(days=9))
    with house.ledger() as ledger:
        assert ledger.verify() == ()
        (ann,), (bob,) = (list(ledger.inside("gift", who)) for who in ("ann", "bob"))
    assert {name: one.outcome for name, one in ann.steps.items()} == {
        "begun": "granted",
        "gift_two": "granted",
        "never": "left",
    }
    assert {name: one.outcome for name, one in bob.steps.items()} == {
        "begun": "granted",
        "later": "granted",
    }


@pytest.mark.parametrize("limit", ["limit 1 per customer", "limit 2 per customer per month"])
def test_a_step_that_gives_nothing_has_limits_too(tmp_path: Path, limit: str) -> None:
    """The ledger adds up with them, also after it was rewound."""
    steps = f"""
    step begun on order
      {limit}
    step soon 1 day after begun
      reward 1 points"""
    house = shop(tmp_path, JOURNEY.format(steps=steps, budget=""), customers=CUSTOMERS)
    events = [("order", "ann", START + timedelta(hours=n), 1) for n in range(3)]
    put(house, events, range(3))
    most = int(limit[6])
    wanted = {"reached": most, "over_limit": 3 - most}
    assert run_until(house, START + timedelta(hours=3)).campaigns[0].outcomes == wanted
    assert house.outcomes() == wanted
    with house.ledger() as ledger:
        assert ledger.verify() == ()
        ledger.rewind(START, "a mistake")
        assert ledger.verify() == ()
    assert run_until(house, START + timedelta(days=2)).campaigns[1].outcomes["granted"] == most
    assert house.outcomes()["over_limit"] == 3 - most
    house.grants()
