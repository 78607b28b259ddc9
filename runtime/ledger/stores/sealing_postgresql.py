"""The seals of a ledger on a server: only our own transactions are counted.

Triggers count the rows of each statement in settings of the transaction, which end with it.
Campaigner adds these to the seals just before it commits, so writers wait for each other only
during a commit. A change by another program breaks the seal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
from psycopg import sql

from ..seals import MODULUS, SEALED, SEALS, Sealed, Unsealed, excess, named_row
from ..store import Row

LANES = 64
"""Rows of a table's seal; a transaction adds to that of its session's number."""

# The first 63 bits of SHA-256 over the row as the server writes it.
_HASH = (
    "(('x' || left(encode(sha256(convert_to({}::text, 'UTF8')), 'hex'), 16))::bit(64)::bigint"
    f" & {MODULUS - 1})"
)
_COUNTED = "SELECT count(*), coalesce(sum({hash}), 0)"
# Many rows come at once, by COPY: one query adds them up. Rows that change come one by one.
_ADDED = """
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS
$$DECLARE
  setting CONSTANT text := 'campaigner.sealed_' || TG_TABLE_NAME;
  before text := coalesce(nullif(current_setting(setting, true), ''), '0 0');
  held bigint;
  total numeric;
BEGIN
  {counted} INTO held, total FROM came;
  before := set_config(setting, (split_part(before, ' ', 1)::bigint + held) || ' '
    || (split_part(before, ' ', 2)::numeric + total), true);
  RETURN NULL;
END$$
"""
_CHANGED = """
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS
$$DECLARE
  setting CONSTANT text := 'campaigner.sealed_' || TG_TABLE_NAME;
  before text := coalesce(nullif(current_setting(setting, true), ''), '0 0');
  held bigint := split_part(before, ' ', 1);
  total numeric := split_part(before, ' ', 2)::numeric - {old};
BEGIN
  IF TG_OP = 'UPDATE' THEN
    total := total + {new};
  ELSE
    held := held - 1;
  END IF;
  before := set_config(setting, held || ' ' || total, true);
  RETURN NULL;
END$$
"""
_TRIGGERS = {
    "added": "AFTER INSERT ON {} REFERENCING NEW TABLE AS came FOR EACH STATEMENT",
    "changed": "AFTER UPDATE OR DELETE ON {} FOR EACH ROW",
}
_KEEP = f"""
UPDATE seals SET held = held + split_part(changed, ' ', 1)::bigint,
  total = mod(mod(total + split_part(changed, ' ', 2)::numeric, {MODULUS}) + {MODULUS}, {MODULUS})
FROM (SELECT sealed, current_setting('campaigner.sealed_' || sealed, true)
      FROM unnest(?::text[]) AS sealed) AS changes (sealed, changed)
WHERE name = sealed AND lane = pg_backend_pid() % {LANES} AND changed <> '' AND changed <> '0 0'
"""  # noqa: S608  (our own words)
_SEAL = f"""
INSERT INTO seals SELECT ?, lane, CASE lane WHEN 0 THEN ? ELSE 0 END,
  CASE lane WHEN 0 THEN ? ELSE 0 END FROM generate_series(0, {LANES - 1}) AS lane
"""  # noqa: S608  (our own words)
_ENABLED = """
SELECT relname, tgname FROM pg_catalog.pg_trigger
JOIN pg_catalog.pg_class AS relation ON relation.oid = tgrelid
JOIN pg_catalog.pg_namespace AS space ON space.oid = relnamespace
WHERE nspname = %s AND tgenabled = 'O' AND NOT tgisinternal
"""
_KEPT = (
    f"SELECT name, sum(CASE WHEN lane BETWEEN 0 AND {LANES - 1} THEN 1 ELSE 2 END),"  # noqa: S608
    " sum(held), mod(sum(total), ?) FROM seals GROUP BY name"
)

Execute = Callable[[str, tuple[object, ...]], psycopg.Cursor[Row]]
"""Carries out a statement of the ledger, whose tables are not qualified yet."""

NAMES = f"{{{','.join(SEALED)}}}"


def keep(execute: Execute) -> None:
    """Add this transaction's changes to the seals, as its last statement."""
    execute(_KEEP, (NAMES,))


def install(connection: psycopg.Connection[Row], schema: str) -> None:
    """Create or replace the counting triggers."""
    row = sql.SQL(_HASH)
    counted = sql.SQL(_COUNTED).format(hash=row.format(sql.SQL("came")))
    both = {"old": row.format(sql.SQL("OLD")), "new": row.format(sql.SQL("NEW"))}
    functions = {name: sql.Identifier(schema, f"count_{name}") for name in _TRIGGERS}
    connection.execute(sql.SQL(_ADDED).format(function=functions["added"], counted=counted))
    connection.execute(sql.SQL(_CHANGED).format(function=functions["changed"], **both))
    for name in SEALED:
        table = sql.Identifier(schema, name)
        for does, when in _TRIGGERS.items():
            trigger = sql.Identifier(f"count_{does}")
            connection.execute(sql.SQL("DROP TRIGGER IF EXISTS {} ON {}").format(trigger, table))
            made = sql.SQL("CREATE TRIGGER {} {} EXECUTE FUNCTION {}()")
            event = sql.SQL(when).format(table)
            connection.execute(made.format(trigger, event, functions[does]))


def uncounted(connection: psycopg.Connection[Row], schema: str) -> list[str]:
    """Return the sealed tables whose counting triggers were dropped or disabled."""
    rows = connection.execute(_ENABLED, (schema,)).fetchall()
    there = {(table, trigger) for table, trigger in rows}
    triggers = [f"count_{does}" for does in _TRIGGERS]
    return [name for name in SEALED if any((name, each) not in there for each in triggers)]


def seal(execute: Execute) -> None:
    """Seal every table in its current state, for a new or a migrated ledger."""
    execute("DELETE FROM seals", ())
    for name in SEALED:
        execute(_SEAL, (name, *_sealed(execute, name)))


def seal_again(execute: Execute, name: str, *, whole: bool) -> None:
    """Forget the changes of a table so far; if all of it is known to be right, seal it."""
    if whole:
        execute("DELETE FROM seals WHERE name = ?", (name,))
        execute(_SEAL, (name, *_sealed(execute, name)))
    execute("SELECT set_config(?, '', true)", (f"campaigner.sealed_{name}",))


def unsealed(execute: Execute) -> Iterator[Unsealed]:
    """Yield every table that differs from its seal."""
    kept = {name: rest for name, *rest in execute(_KEPT, (MODULUS,)).fetchall()}
    for name in SEALED:
        lanes, held, total = kept.pop(name, (0, 0, 0))
        there = _sealed(execute, name)
        sealed = Sealed(int(held), int(total))
        if lanes != LANES or there != sealed:
            row = _extra(execute, name, excess(there, sealed))
            yield Unsealed(name, there.rows, sealed.rows, row)
    if kept:
        yield Unsealed(SEALS, len(SEALED) + len(kept), len(SEALED))


def _extra(execute: Execute, name: str, wanted: int | None) -> str | None:
    """Return the row with this hash, named by its keys."""
    if wanted is None:
        return None
    keys = SEALED[name]
    named = ", ".join(f"there.{key}" for key in keys)
    query = f"SELECT {named} FROM {name} AS there WHERE {_HASH.format('there')} = ? LIMIT 1"  # noqa: S608  (our own words)
    rows = execute(query, (wanted,)).fetchall()
    return named_row(keys, rows[0]) if rows else None


def _sealed(execute: Execute, name: str) -> Sealed:
    query = f"{_COUNTED.format(hash=_HASH.format('there'))} FROM {name} AS there"
    ((rows, total),) = execute(query, ()).fetchall()
    return Sealed(int(rows), int(total) % MODULUS)
