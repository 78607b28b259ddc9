"""Rows of the ledger as JSON, CSV and tables."""

import csv
import io
import json
import unicodedata
from decimal import Decimal

import duckdb
from campaigner.cli.formats.csv_cells import harmless, original
from campaigner.cli.formats.parquet import as_parquet
from campaigner.cli.formats.records import as_csv, as_json
from campaigner.cli.screen.tables import Column, plain
from hypothesis import example
from hypothesis import given as generated
from hypothesis import strategies as st

from ..strategies_hostile import hostile_cells

ROWS = [
    {"recipient": "c1", "cost": "9.90", "exhausted": True, "key": None},
    {"recipient": "=cmd|'/c calc'!A1", "cost": "-3.50", "exhausted": False, "key": 'a,"b"\n'},
]


def test_json_is_one_document_a_line_a_row():
    page = "".join(as_json("grants", ROWS))
    assert json.loads(page) == {"format_version": 1, "grants": ROWS}
    assert page.count("\n") == 4
    assert json.loads("".join(as_json("grants", []))) == {"format_version": 1, "grants": []}


def test_csv_reads_back_with_formulas_made_harmless():
    page = "".join(as_csv(("recipient", "cost", "exhausted", "key"), ROWS))
    assert list(csv.reader(io.StringIO(page))) == [
        ["recipient", "cost", "exhausted", "key"],
        ["c1", "9.90", "yes", ""],
        ["'=cmd|'/c calc'!A1", "-3.50", "no", 'a,"b"\n'],
    ]


HOSTILE = (
    "\r=1+1", "\n=1", "\t=1", " =1", "\u3000=1", "\ufeff=1", "\u200b@x", "\uff1d1+1", "\uff0b1",
    "\uff0d1", "\uff20x", "\x1b[31mred", "a\u2028=1", "a\x85=1", "a\0b", "'", "''=1", '"', "a\r\nb",
    "\ud800x", "\u202eabc", "c001\n17  forged", "a,b;c", "-5", "-5.00", "", " ", "\u207a1",
)  # fmt: skip


def read_by_python(page):
    return list(csv.reader(io.StringIO(page, newline="")))


def read_by_duckdb(page, folder, **options):
    path = folder / "page.csv"
    path.write_bytes(page.encode())
    with duckdb.connect() as connection:
        read = connection.read_csv(str(path), header=True, all_varchar=True, **options)
        rows = read.fetchall()
        return [list(read.columns), *([cell or "" for cell in row] for row in rows)]


def in_a_file(text):
    return "".join("\ufffd" if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in text)


@generated(st.lists(st.lists(hostile_cells(), min_size=3, max_size=3), max_size=6))
@example([list(HOSTILE[n : n + 3]) for n in range(0, len(HOSTILE) - 2, 3)])
def test_every_reader_of_csv_gets_the_rows_and_no_formula(tmp_path_factory, rows):
    columns = ("recipient", "campaign", "reason")
    page = "".join(as_csv(columns, [dict(zip(columns, row, strict=True)) for row in rows]))
    expected = [list(columns), *([in_a_file(cell) for cell in row] for row in rows)]
    asked = {"sep": ",", "quotechar": '"', "escapechar": '"'}
    for read in (
        read_by_python(page),
        read_by_duckdb(page, tmp_path_factory.getbasetemp(), **asked),
    ):
        assert [[original(cell) for cell in row] for row in read] == expected
        for cell in [cell for row in read for cell in row]:
            shown = cell.lstrip().lstrip("\ufeff\u200b\u200e\u202e").lstrip()
            is_number = cell.removeprefix("-").replace(".", "", 1).isdecimal()
            assert is_number or not shown.startswith(tuple("=+-@\uff1d\uff0b\uff0d\uff20"))


@generated(hostile_cells(), hostile_cells())
def test_cells_that_differ_stay_different(one, other):
    assert (harmless(one) == harmless(other)) == (in_a_file(one) == in_a_file(other))


@generated(st.lists(hostile_cells(), min_size=1, max_size=5))
@example(list(HOSTILE))
def test_no_cell_forges_a_row_or_drives_a_terminal(cells):
    page = plain([Column("key"), Column("n", number=True)], [[cell, "1"] for cell in cells])
    assert len(page.splitlines()) == len(cells) + 1
    hidden = {one for one in page if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert hidden <= {"\n", "\u200c", "\u200d"}


def test_parquet_has_the_cells_as_they_are(tmp_path):
    columns = ("recipient", "cost", "at", "exhausted", "key")
    rows = [{**ROWS[0], "at": "2026-01-10T02:00:00+00:00"}, {**ROWS[1], "at": None}]
    for given in (rows, []):
        path = tmp_path / "rows.parquet"
        path.write_bytes(as_parquet(columns, ("cost",), ("at",), given))
        with duckdb.connect() as connection:
            read = connection.read_parquet(str(path))
            assert read.columns == list(columns)
            assert read.types[1:4] == ["DECIMAL(38,9)", "TIMESTAMP WITH TIME ZONE", "BOOLEAN"]
            found = read.project('recipient, cost, epoch("at"), exhausted, "key"').fetchall()
        assert found == [
            (row["recipient"], Decimal(row["cost"]), seconds, row["exhausted"], row["key"])
            for row, seconds in zip(given, [1768010400.0, None], strict=False)
        ]


def test_what_a_spreadsheet_would_run():
    for text in ("=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "-", "--1", "-1e3", "'"):
        assert harmless(text) == f"'{text}"
    for text in ("", "-1", "-19.90", "19.90", "a=1", "c-1"):
        assert harmless(text) == text


def test_a_plain_table_is_aligned_whatever_the_script():
    columns = [Column("campaign"), Column("left", number=True)]
    assert plain(columns, [["新客见面礼", "5.00"], ["win_back", "1,200.00"]]) == (
        "campaign        left\n新客见面礼      5.00\nwin_back    1,200.00\n"
    )
    assert plain(columns, []) == "campaign  left\n"


def test_a_cell_cannot_break_a_table_or_drive_a_terminal():
    assert plain([Column("key")], [["a\nb\x1b[2J"]]) == "key\na␊b␛[2J\n"
