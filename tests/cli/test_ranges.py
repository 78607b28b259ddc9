"""Printed SQL names the ranges of the catalog, by which a run leaves rows out."""

import pytest
import sqlglot
from campaigner.compiler.dialects.registry import DIALECTS, dialect_of

PERIOD = ("--from", "2026-01-01", "--to", "2026-01-31")
SAID = "-- a run leaves out rows that break a range of the catalog; this query does not:"


@pytest.fixture
def shop(tmp_path, campaigner):
    assert campaigner("init", "shop").returncode == 0
    catalog = tmp_path / "shop/catalog.yaml"
    text = catalog.read_text("utf-8")
    assert "amount" in text
    return catalog, text


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_comment_at_the_head_has_the_ranges_of_what_is_read(shop, campaigner, dialect):
    catalog, text = shop
    sql = ("sql", "shop", "--campaign", "cash_back", "--dialect", dialect, *PERIOD)
    of_age = f"{SAID}\n-- customers.age from 0 to 130\n"
    before = campaigner(*sql).stdout
    assert before.startswith(of_age)
    query = before.removeprefix(of_age)
    line = next(one for one in text.splitlines() if "amount:" in one)
    ranged = line.replace("{type: money", "{type: money, range: [0, ~]")
    catalog.write_text(text.replace(line, ranged), "utf-8")
    told = campaigner(*sql)
    assert told.stdout == f"{of_age}-- orders.amount from 0 to any\n{query}", told.stderr
    assert len(sqlglot.parse(told.stdout, dialect=dialect_of(dialect).sqlglot)) == 1
    catalog.write_text(text.replace("range: [0, 130], ", ""), "utf-8")
    assert campaigner(*sql).stdout == query
