"""A key of an event pays one customer, whichever worker or run comes first."""

import json
from contextlib import ExitStack
from threading import Barrier, Thread

import pytest
from campaigner.runtime.decide.decisions import Identity
from campaigner.runtime.due.periods import Between
from campaigner.runtime.events.lines import Line, Lines
from campaigner.runtime.events.worker import EventWorker
from campaigner.runtime.explain.explain import explain
from campaigner.runtime.ledger import open_ledger
from campaigner.runtime.run.run import Work, run
from campaigner.runtime.warehouse.engines import open_warehouse
from campaigner.runtime.warehouse.rows import WarehouseRows
from hypothesis import example, given
from hypothesis import strategies as st

from ..laws import at_most
from ..on_postgresql import new_schema, postgresql_url
from .houses import at
from .shops import campaign, shop

WHO = ["ann", "bob", "cat"]
TEAM = """
campaign team "team" {
  audience yes
  trigger on order reaching 2 customers per friend
  reward 7 points to each
  budget { total 1_000_000 CNY }
  compliance { forbid phrase "sure" }
}
"""
CAMPAIGNS = (
    campaign("10 CNY as cash", "gift"),
    # Of the third order on: whoever is refused a key has not ordered.
    campaign("1 points", "third", audience="count(order in last 30 days) >= 3"),
    campaign("choose 1 of coffee, phone claimed on pick by event.benefit", "offer"),
)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request):
    if request.param == "sqlite":
        return "sqlite:///ledger.db"
    url = postgresql_url()
    return f"{url}{'&' if '?' in url else '?'}schema=ledger_{new_schema()}"


class Workers:
    """Workers of one ledger, each with a connection of its own."""

    def __init__(self, house, url, stack):
        self.house, self.url, self.stack = house, url, stack
        self.read = Lines(house.plan, "events").read

    def ledger(self):
        opened = open_ledger(self.url, "test", "CNY", root=self.house.folder)
        return self.stack.enter_context(opened)

    def worker(self):
        def opens():
            return open_warehouse("duckdb:///shop.duckdb", self.house.folder)

        return EventWorker(self.house.plan, "plan", opens, self.ledger())

    def told(self, worker, *events):
        """`None` of another's key, else the outcomes of each event (kind, key, customer, more)."""
        lines = []
        for kind, key, customer, *more in events:
            when, friend = more or ("2026-01-05T10:00:00", None)
            fields = {"points": 1, "friend": friend}
            if kind == "pick":
                fields = {"benefit": "coffee", "channel": "app"}
            line = {"event": kind, "key": key, "customer": customer, "at": when, "fields": fields}
            lines.append(self.read(Line(1, json.dumps(line).encode())))
        return [
            None
            if one.is_of_another
            else [result.outcome for _, result in one.results] + [c.outcome for c in one.claims]
            for one in worker.decide(lines)
        ]


@pytest.fixture
def workers(tmp_path, url):
    house = shop(tmp_path, *CAMPAIGNS, TEAM, customers=WHO)
    with ExitStack() as stack:
        yield Workers(house, url, stack)


def test_of_two_workers_and_one_that_begins_anew(workers):
    first, second = workers.worker(), workers.worker()
    assert workers.told(first, ("order", "k1", "ann")) == [["granted", "granted"]]
    assert workers.told(second, ("order", "k1", "bob"), ("order", "k2", "bob")) == [
        None,
        ["granted", "granted"],
    ]
    again = workers.worker()
    assert workers.told(again, ("order", "k2", "ann"), ("order", "k1", "ann")) == [
        None,
        ["already_granted", "already_granted"],
    ]
    assert workers.told(again, ("pick", "p1", "ann")) == [["claimed"]]
    assert workers.told(first, ("pick", "p1", "bob")) == [None]


def test_a_key_that_another_worker_took_in_between_is_nobodys_past(workers):
    """The ledger refuses it in the transaction; then it counts for nothing of that customer."""
    fast, slow = workers.worker(), workers.worker()
    workers.told(slow, ("order", "b1", "bob"))
    carry_out = slow._ledger.carry_out

    def late(*asked):
        slow._ledger.carry_out = carry_out
        assert workers.told(fast, ("order", "k1", "ann")) == [["granted", "granted"]]
        return carry_out(*asked)

    slow._ledger.carry_out = late
    assert workers.told(slow, ("order", "k1", "bob")) == [None]
    # Two orders are bob's, and the third would be one too many.
    assert workers.told(slow, ("order", "b2", "bob")) == [["granted", "granted"]]
    assert workers.told(slow, ("order", "b3", "bob")) == [["granted", "granted", "granted"]]
    assert workers.told(slow, ("order", "k1", "ann")) == [["already_granted", "already_granted"]]


def test_a_run_counts_the_rows_of_keys_that_belong_to_others(workers):
    assert workers.told(workers.worker(), ("order", "k1", "ann"))
    workers.house.order([("k1", "bob", "2026-01-05 10:00", 1, None)])
    workers.house.order([("k2", "bob", "2026-01-05 09:00", 1, None)])
    ledger = workers.ledger()
    with open_warehouse("duckdb:///shop.duckdb", workers.house.folder) as warehouse:
        rows = WarehouseRows(warehouse, workers.house.plan)
        when = at("2026-01-06")
        report = run(
            Work(workers.house.plan, "plan", warehouse, ledger),
            Between(at("2026-01-01"), at("2026-01-31")),
        )
        assert {one.campaign: dict(one.outcomes) for one in report.campaigns} == {
            "gift": {"other_customer": 1, "granted": 1},
            "offer": {"other_customer": 1, "granted": 1},
            "team": {},
            "third": {},
        }
        found = explain(workers.house.plan, "gift", "bob", when, rows, ledger)
        assert (found.occurrence, found.outcome, found.decided) == ("k1", "other_customer", False)
    assert {row.occurrence: row.recipient for row in ledger.grants()} == {"k1": "ann", "k2": "bob"}
    assert ledger.verify() == ()


def test_a_group_is_paid_for_the_event_of_one_of_them(workers):
    moment = "2026-01-05T10:00:00"
    first, second = workers.worker(), workers.worker()
    told = workers.told(
        first, ("order", "k1", "ann", moment, "t1"), ("order", "k2", "bob", moment, "t1")
    )
    assert [one.count("granted") for one in told] == [2, 4]
    assert workers.told(second, ("order", "k2", "ann", moment, "t1")) == [None]


def test_a_run_pays_no_group_for_a_key_of_another(workers):
    moment = "2026-01-05T10:00:00"
    told = workers.told(
        workers.worker(), ("order", "k1", "ann", moment, "t1"), ("order", "k2", "bob", moment, "t1")
    )
    assert [one.count("granted") for one in told] == [2, 4]
    # The warehouse has one of these keys, and one of its own, for another group.
    rows = [("j3", "ann", "t2"), ("k2", "cat", "t2"), ("k4", "ann", "t3"), ("k5", "cat", "t3")]
    workers.house.order([(key, who, "2026-01-06 10:00", 1, team) for key, who, team in rows])
    with (
        workers.ledger() as ledger,
        open_warehouse("duckdb:///shop.duckdb", workers.house.folder) as warehouse,
    ):
        report = run(
            Work(workers.house.plan, "plan", warehouse, ledger),
            Between(at("2026-01-01"), at("2026-01-31")),
        )
        team = next(one for one in report.campaigns if one.campaign == "team")
        paid = sorted((one.occurrence, one.recipient) for one in ledger.grants("team"))
        assert ledger.verify() == ()
    assert dict(team.outcomes) == {"other_customer": 2, "granted": 2}
    assert paid == [("k2", "ann"), ("k2", "bob"), ("k5", "ann"), ("k5", "cat")]


def test_workers_at_once(workers):
    keys = [f"k{n}" for n in range(40)]
    found, start = {}, Barrier(3)
    workers.ledger()

    def work(number, who):
        mine = keys[number * 7 :] + keys[: number * 7]
        with ExitStack() as stack:
            here = Workers(workers.house, workers.url, stack)
            worker = here.worker()
            start.wait()
            for first in range(0, len(mine), 8):
                some = mine[first : first + 8]
                told = here.told(worker, *(("order", key, who) for key in some))
                found.update(zip([(who, key) for key in some], told, strict=True))

    threads = [Thread(target=work, args=one) for one in enumerate(WHO)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    ledger = workers.ledger()
    paid = {(row.occurrence, row.recipient) for row in ledger.grants("gift")}
    assert sorted(key for key, _ in paid) == sorted(keys)
    assert ledger.verify() == ()
    assert len(found) == len(WHO) * len(keys)
    for (who, key), outcomes in found.items():
        assert (outcomes is None) == ((key, who) not in paid)


class Listening:
    """A ledger that keeps each result of the run, also of decisions that are not kept."""

    def __init__(self, ledger):
        self.results, self._carry_out = {}, ledger.carry_out
        ledger.carry_out = self.carry_out

    def carry_out(self, plan, asked, digest, *fires):
        results = self._carry_out(plan, asked, digest, *fires)
        self.results.update((one.identity, one.outcome) for one in results)
        return results


TAKEN = st.lists(st.tuples(st.sampled_from(["k1", "k2", "k3"]), st.sampled_from(WHO)), max_size=3)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["k1", "k2", "k3", "k4", "k5"]),
        st.sampled_from(WHO),
        st.integers(8, 18),
        st.sampled_from(["t1", "t2"]),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda row: row[0],
)


@pytest.mark.drawn
def test_an_explanation_says_of_anothers_key_what_the_run_says(tmp_path):
    """Also of a reward to each member of a group, whose key is that of the last one's event."""
    number = iter(range(10_000))

    @at_most(8)
    @given(TAKEN, ROWS)
    @example([("k2", "cat")], [("k1", "ann", 9, "t1"), ("k2", "bob", 10, "t1")])
    @example([("k2", "ann")], [("k1", "ann", 9, "t1"), ("k2", "bob", 10, "t1")])
    def holds(taken, rows):
        folder = tmp_path / str(next(number))
        folder.mkdir()
        house = shop(folder, CAMPAIGNS[0], TEAM, customers=WHO)
        with ExitStack() as stack:
            here = Workers(house, "sqlite:///ledger.db", stack)
            here.told(here.worker(), *(("order", key, who) for key, who in taken))
            house.order([(key, who, f"2026-01-06 {h}:00", 1, team) for key, who, h, team in rows])
            ledger = here.ledger()
            warehouse = stack.enter_context(open_warehouse("duckdb:///shop.duckdb", folder))
            seen = WarehouseRows(warehouse, house.plan)
            explained = [
                explain(house.plan, name, who, at("2026-01-31"), seen, ledger)
                for name in ("gift", "team")
                for who in WHO
            ]
            heard = Listening(ledger)
            period = Between(at("2026-01-06"), at("2026-01-31"))
            run(Work(house.plan, "plan", warehouse, ledger), period)
        named = {"granted": "already_granted"}
        for one in explained:
            identity = Identity(one.campaign, one.step, one.customer, one.occurrence or "")
            became = heard.results.get(identity, "not_eligible")
            outcome = named.get(one.outcome, one.outcome) if one.decided else one.outcome
            assert outcome == became, one

    holds()


EVENTS = st.lists(
    st.tuples(
        st.integers(0, 1), st.sampled_from(["k1", "k2", "k3"]), st.sampled_from(WHO), st.booleans()
    ),
    max_size=10,
)


@pytest.mark.drawn
def test_generated_lines_of_two_workers(tmp_path):
    house = shop(tmp_path, *CAMPAIGNS, customers=WHO)
    number = iter(range(10_000))

    @at_most(5)
    @given(EVENTS)
    def holds(events):
        owners = {}
        with ExitStack() as stack:
            here = Workers(house, f"sqlite:///ledger_{next(number)}.db", stack)
            made = [here.worker(), here.worker()]
            for which, key, who, anew in events:
                if anew:
                    made[which] = here.worker()
                (told,) = here.told(made[which], ("order", key, who))
                assert (told is None) == (owners.setdefault(key, who) != who)
            grants = here.ledger().grants("gift")
            assert {row.occurrence: row.recipient for row in grants} == owners

    holds()
