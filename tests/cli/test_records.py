"""Rows of the ledger as JSON, CSV and tables."""

import csv
import io
import json
from decimal import Decimal

import duckdb
from campaigner.cli.formats.parquet import as_parquet
from campaigner.cli.formats.records import as_csv, as_json, harmless
from campaigner.cli.tables import Column, plain

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
    for text in ("=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "-", "--1", "-1e3"):
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
