"""Changes of the input that must leave decisions as they are, or change them in one way only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from campaigner.compiler.plan import Plan
from campaigner.runtime.decide.decisions import Decision, Identity
from hypothesis import given, note
from hypothesis import strategies as st

from ..strategies import Wanted, cases, halves
from ..strategies_catalog import STEADY
from ..strategies_data import GHOST, LONG_AGO
from ..strategies_words import shifted_dates
from . import at_most
from .cases import Case, Table, compile_case, to_json
from .engines import DECIDERS, Decider, reference

WEEK = timedelta(days=7)
EVERY: dict[str, Decider] = {"reference": reference, **DECIDERS}


def told(case: Case) -> Case:
    note(to_json(case))
    return case


def decided(plan: Plan, case: Case) -> dict[str, dict[str, list[Decision]]]:
    """The decisions of every engine, by its name and the campaign's."""
    return {
        name: {
            campaign.name: decide(plan, campaign.name, case, case.due(plan, campaign.name))
            for campaign in plan.campaigns
        }
        for name, decide in EVERY.items()
    }


@at_most(15)
@given(halves())
def test_a_condition_and_its_denial_share_all_customers(case):
    plan = compile_case(told(case))
    customers = case.rows(plan).customers
    for name, found in decided(plan, case).items():
        occurrences = case.due(plan, "those").instants
        both = [(one.customer, one.at) for each in found.values() for one in each]
        assert len(both) == len(set(both)), name
        there = {who: row.get("since", LONG_AGO) for who, row in customers.items()}
        assert set(both) == {
            (who, at) for who in customers for at in occurrences if there[who] <= at
        }, name


@at_most(10)
@given(cases(late=False), st.data())
def test_what_concerns_nobody_here_changes_nothing(case, data):
    """Events of unknown customers, and events after the period."""
    plan = compile_case(told(case))
    tables = dict(case.tables)
    for event in plan.events:
        if event.past_of is not None:
            continue
        table = tables[event.table]
        more = [_of_nobody(table, row) for row in table.rows]
        more += [
            _later(table, row, case.end - case.start + 900 * timedelta(days=1))
            for row in table.rows
        ]
        kept = tuple(data.draw(st.permutations([*table.rows, *more])))
        tables[event.table] = replace(table, rows=kept)
    assert decided(plan, replace(case, tables=tables)) == decided(plan, case)


def _of_nobody(table: Table, row: tuple[Any, ...]) -> tuple[Any, ...]:
    key, _, *others = row
    return (_other(key, 100), GHOST, *others)


def _later(table: Table, row: tuple[Any, ...], by: timedelta) -> tuple[Any, ...]:
    """The event once more, long after everything."""
    key, customer, at, *others = row
    return (_other(key, 200), customer, at + by, *others)


def _other(key: Any, by: int) -> Any:
    return key + by if isinstance(key, int) else f"{key}-{by}"


@at_most(10)
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_rows_means_nothing(case, random):
    plan = compile_case(told(case))

    def turned(rows: list[Any]) -> list[Any]:
        random.shuffle(rows)
        return rows

    assert decided(plan, case.permuted(turned)) == decided(plan, case)


@at_most(15)
@given(cases(Wanted(calendar=False, draws=False), zones=STEADY))
def test_a_week_later_everything_is_the_same_a_week_later(case):
    now = decided(compile_case(told(case)), case)
    later = moved(case)
    found = decided(compile_case(later), later)
    for name, campaigns in now.items():
        for campaign, decisions in campaigns.items():
            # The order within an instant is drawn for each occurrence, so it may be another one.
            expected = sorted(map(_moved_decision, decisions), key=_identity)
            assert sorted(found[name][campaign], key=_identity) == expected, (name, campaign)


def _identity(decision: Decision) -> tuple[datetime, Identity]:
    return decision.at, decision.identity


def moved(case: Case) -> Case:
    """The case with every date in it a week later: in its text, its rows and its period."""
    tables = {
        name: replace(one, rows=tuple(tuple(_moved(cell) for cell in row) for row in one.rows))
        for name, one in case.tables.items()
    }
    return replace(
        case,
        campaigns=shifted_dates(case.campaigns, WEEK),
        tables=tables,
        start=case.start + WEEK,
        end=case.end + WEEK,
        grants=tuple(replace(one, at=one.at + WEEK) for one in case.grants),
    )


def _moved(cell: Any) -> Any:
    return cell + WEEK if isinstance(cell, date | datetime) else cell


def _moved_decision(decision: Decision) -> Decision:
    who = decision.identity
    shift: Callable[[str], str] = lambda text: shifted_dates(text, WEEK)  # noqa: E731
    return decision._replace(
        identity=who._replace(occurrence=shift(who.occurrence)),
        at=decision.at + WEEK,
        deliver_at=decision.deliver_at + WEEK,
        lines=tuple(_moved_line(one) for one in decision.lines),
        fallback=tuple(_moved_line(one) for one in decision.fallback),
        keys={name: text and shift(text) for name, text in decision.keys.items()},
        values={name: shift(text) for name, text in decision.values.items()},
    )


def _moved_line(line: Any) -> Any:
    return replace(line, expires_at=line.expires_at and line.expires_at + WEEK)
