"""E720–E739, E760–E779, E791–E792, E805, E865–E867: what stops a ledger, or does not add up."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

LEDGER_KIND = Code("E720")
LEDGER_NOT_ONE = Code("E721")
LEDGER_NEWER = Code("E722")
LEDGER_OLDER = Code("E731")
LEDGER_OTHER_PROJECT = Code("E723")
LEDGER_OTHER_CURRENCY = Code("E724")
LEDGER_READ_ONLY = Code("E725")
LEDGER_BUSY = Code("E726")
LEDGER_DISK_FULL = Code("E727")
LEDGER_UNREACHABLE = Code("E728")
LEDGER_DAMAGED = Code("E729")
LEDGER_FAILED = Code("E730")
LEDGER_SERVER = Code("E732")
LEDGER_PASSWORD = Code("E733")
LEDGER_LOST = Code("E734")
LEDGER_DRIVER = Code("E735")
LEDGER_FORBIDDEN = Code("E736")
LEDGER_NOT_A_SCHEMA = Code("E737")
LEDGER_ADDRESS = Code("E738")
LEDGER_NONE = Code("E739")

NOT_A_FILE = Phrase("ledger.not_a_file")
NO_FOLDER = Phrase("ledger.no_folder")
NO_PATH = Phrase("ledger.no_path")

SOURCE_READ = Code("E805")
NO_RESERVE = Code("E755")
NO_SUCH_REWARD = Code("E756")
OUT_OF_BALANCE = Code("E760")
ENTRY_UNMATCHED = Code("E761")
REFUSED_YET_GIVEN = Code("E762")
ENTRY_CHANGED = Code("E763")
ENTRY_MISSING = Code("E764")
END_FORGOTTEN = Code("E765")
LEDGER_CUT_SHORT = Code("E772")
LEDGER_SERVER_FULL = Code("E791")
LEDGER_AT_LIMIT = Code("E792")
LEDGER_UNREADABLE = Code("E773")
LEDGER_INCOMPLETE = Code("E774")
LEDGER_CHANGED = Code("E775")
TEXT_UNREADABLE = Code("E963")
SEED_CHANGED = Code("E776")
DERIVED_DIFFERS = Code("E865")
ENTRIES_CHANGED = Code("E866")
NO_PLAN_KEPT = Code("E867")
NO_SEED_NOW = Phrase("ledger.no_seed_now")


def other_seed(digest: str) -> Phrase:
    """The reason: the settings give another seed, whose SHA-256 begins so."""
    return Phrase("ledger.other_seed", digest=digest)


DRAWN_OTHERWISE = Code("E777")
NO_PRIZE = Phrase("ledger.no_prize")

LEDGER_UNCHECKED = Code("W755")
NOT_INSTALLED = Phrase("ledger.not_installed")
NOT_PERMITTED = Phrase("ledger.not_permitted")


def row_changed(table: str) -> Phrase:
    """The reason: something else has changed a row of a table."""
    return Phrase("ledger.row_changed", table=table)


def row_added(table: str, row: str) -> Phrase:
    """The reason: a table has one row that something else has added."""
    return Phrase("ledger.row_added", table=table, row=row)


def other_rows(table: str, rows: int, written: int) -> Phrase:
    """The reason: a table has more rows, or fewer, than were written."""
    return Phrase("ledger.other_rows", table=table, rows=str(rows), written=str(written))


def row_of_nothing(table: str, of: str) -> Phrase:
    """The reason: a row refers to one that is not there."""
    return Phrase("ledger.row_of_nothing", table=table, of=of)


def not_counted(tables: str | Phrase) -> Phrase:
    """The reason: what campaigner itself writes to these tables is not sealed any more."""
    return Phrase("ledger.not_counted", tables=tables)


def not_as_made(name: str) -> Phrase:
    """The reason: a table, an index or a trigger is another one, or gone."""
    return Phrase("ledger.not_as_made", name=name)
