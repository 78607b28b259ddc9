"""A rehearsal on a server: temporary tables laid over those of the ledger."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from .qualified import NUMBERS, TEMPORARY

_LAID_OVER = {
    "decisions": True,
    "grants": False,
    "postings": False,
    "accounts": True,
    "codes": True,
    "touches": False,
    "outbox": False,
    "amendments": False,
    "wallets": False,
    "settlements": False,
    "reductions": False,
    "reversals": False,
    "pattern_events": False,
    "due": False,
    "exhaustions": False,
    "event_customers": False,
    "journeys": False,
}
"""Tables of a rehearsal that add to the real ones; those that also replace rows, by their id."""

_COPIED = (
    "plans",
    "chains",
    "progress",
    "seen_events",
    "steps_of_format_7",
    "draws",
    "reveals",
    "brakes",
    "offsets",
    "kept_plans",
)

REHEARSED = frozenset((*_LAID_OVER, *_COPIED))
"""Every table that a rehearsal has a temporary one for; it only reads the others."""


def rehearsal(schema: str) -> Iterator[sql.Composed]:
    """Yield statements that lay temporary tables over the real ones, under the same names."""
    # A pooled session may hold another program's. It has them back when this is taken back.
    yield sql.Composed([sql.SQL("DISCARD TEMP")])
    for name in _COPIED:
        names: dict[str, sql.Composable] = {
            "name": sql.Identifier(TEMPORARY, name),
            "real": sql.Identifier(schema, name),
        }
        yield sql.SQL("CREATE TABLE {name} (LIKE {real} INCLUDING ALL)").format(**names)
        yield sql.SQL("INSERT INTO {name} SELECT * FROM {real}").format(**names)
    numbers = sql.Identifier(TEMPORARY, NUMBERS)
    yield sql.SQL("CREATE SEQUENCE {} START 4611686018427387904").format(numbers)
    for name, replaces in _LAID_OVER.items():
        names = {
            "name": sql.Identifier(TEMPORARY, name),
            "real": sql.Identifier(schema, name),
            "over": sql.Identifier(TEMPORARY, f"rehearsed_{name}"),
            "does": sql.Identifier(TEMPORARY, f"rehearse_{name}"),
            "hidden": sql.SQL(""),
            "forget": sql.SQL(""),
        }
        if replaces:
            hidden = "WHERE NOT EXISTS (SELECT 1 FROM {over} AS new WHERE new.id = kept.id)"
            forget = "IF TG_OP = 'UPDATE' THEN DELETE FROM {over} WHERE id = OLD.id; END IF;"
            names["hidden"] = sql.SQL(hidden).format(over=names["over"])
            names["forget"] = sql.SQL(forget).format(over=names["over"])
        # A wallet has its real balance and rows for the rehearsal's moves, so no unique key.
        like = "LIKE {real}" if name == "wallets" else "LIKE {real} INCLUDING ALL"
        yield sql.SQL(f"CREATE TABLE {{over}} ({like})").format(**names)
        yield sql.SQL(
            "CREATE VIEW {name} AS SELECT * FROM {over}"
            " UNION ALL SELECT * FROM {real} AS kept {hidden}"
        ).format(**names)
        yield sql.SQL(
            "CREATE FUNCTION {does}() RETURNS trigger LANGUAGE plpgsql AS"
            " $$BEGIN {forget} INSERT INTO {over} SELECT NEW.*; RETURN NEW; END$$"
        ).format(**names)
        yield sql.SQL(
            "CREATE TRIGGER rehearse INSTEAD OF INSERT OR UPDATE ON {name}"
            " FOR EACH ROW EXECUTE FUNCTION {does}()"
        ).format(**names)
