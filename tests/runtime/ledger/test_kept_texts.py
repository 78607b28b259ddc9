"""Texts of the ledger that another program has changed: one named error, and no traceback."""

import json
import sqlite3

import pytest
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime.kept import kept_number
from campaigner.runtime.ledger.batches import facts
from campaigner.runtime.ledger.drawn import odds_read
from campaigner.runtime.ledger.instants import instant
from hypothesis import given
from hypothesis import strategies as st

from .ledgers import DIGEST, ask, opened
from .test_damage import PROJECT

NAMES = st.sampled_from(["chosen", "of", "part", "keys", "lines", "choice", "at"])
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(NAMES, one, max_size=3),
    max_leaves=8,
)


def named(read):
    """The code of the error that reading ends with, if any."""
    try:
        read()
    except CannotRun as stopped:
        return stopped.diagnostic.code.id
    return None


READERS = [
    facts.read_claim,
    facts.read_reversal,
    facts.read_keys,
    facts.offered,
    lambda text: facts.waiting(None, "c", "2026-01-01T00:00:00Z", text),
    odds_read,
    instant,
    kept_number,
]


@pytest.mark.parametrize("read", READERS)
@given(text=st.text() | ANY_JSON.map(json.dumps) | st.just("[" * 100_000))
def test_any_text_is_read_or_named(read, text):
    assert named(lambda: read(text)) in (None, "E963")


COLUMNS = [
    ("decisions", "at"),
    ("decisions", "facts"),
    ("decisions", "customer"),
    ("grants", "amount"),
    ("grants", "deliver_at"),
    ("grants", "expires_at"),
    ("outbox", "deliver_at"),
    ("outbox", "body"),
    ("touches", "at"),
    ("due", "at"),
    ("progress", "through"),
    ("brakes", "at"),
    ("seen_events", "occurrence"),
    ("journeys", "step"),
]
WRONG = ["soon", "2026-01-10", '{"lines": 1', "9e999999"]


def _asked(ledger):
    """Everything that reads texts."""
    yield from (
        lambda: list(ledger.grants()),
        lambda: list(ledger.received()),
        lambda: list(ledger.offers()),
        lambda: list(ledger.claims()),
        lambda: list(ledger.reversals()),
        lambda: list(ledger.brakes()),
        ledger.held,
        lambda: ledger.budgets(PROJECT),
        lambda: list(ledger.balances()),
        lambda: list(ledger.inside("gift")),
        lambda: list(ledger.letters()),
        lambda: ledger.progress("gift"),
        lambda: ledger.next_end(None),
        lambda: list(ledger.events_read("gift")),
        lambda: ledger.decide(PROJECT, [ask("c1", "2026-01-11 10:00", "5 points")], DIGEST),
        ledger.verify,
    )


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_column_that_another_program_wrote(tmp_path, table, column):
    for number, wrong in enumerate(WRONG):
        root = tmp_path / str(number)
        root.mkdir()
        with opened(root, channels=("push",)) as ledger:
            ledger.decide(PROJECT, [ask("c1", "2026-01-10 10:00", "60 cash + 5 points")], DIGEST)
            ledger.mark_seen("gift", ["o1"])
            ledger.set_progress({"gift": instant("2026-01-10T10:00:00Z")})
            ledger.brake(["gift"], "paused", "x", "y", instant("2026-01-10T10:00:00Z"))
            ledger.brake(["gift"], "resumed", "x", "y", instant("2026-01-10T11:00:00Z"))
        with sqlite3.connect(root / "var/ledger.db") as connection:
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
            ).fetchall():
                connection.execute(f'DROP TRIGGER "{name}"')
            connection.execute(f"UPDATE {table} SET {column} = ?", (wrong,))
        with opened(root, channels=("push",)) as ledger:
            for one in _asked(ledger):
                assert named(one) in (None, "E963", "E775")
