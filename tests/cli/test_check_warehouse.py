"""`campaigner check --warehouse` and `campaigner status` over the starter project."""

import json
import shutil

import duckdb
import pytest
from campaigner.cli.main import invoke

from ..on_postgresql import copied, new_schema

FREE = ("customers", "orders")
"""Tables that are made anew, without what their columns demand."""


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    folder = tmp_path_factory.mktemp("started") / "shop"
    assert invoke(["init", str(folder)]) == 0
    with duckdb.connect(str(folder / "data/shop.duckdb")) as connection:
        for table in FREE:
            connection.execute(f"CREATE OR REPLACE TABLE {table} AS FROM {table}")
    return folder


@pytest.fixture(params=["duckdb", "postgresql"])
def shop(request, tmp_path, started):
    """The starter, its warehouse a DuckDB file or, when `on_engine` has copied it, a server."""
    folder = shutil.copytree(started, tmp_path / "shop")
    (folder / "engine").write_text(request.param, encoding="utf-8")
    # They say what the campaigns ask for, which is edited here.
    (folder / "scenarios.campaign").unlink()
    return folder


def edit(file, old, new):
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def filled(shop, *statements):
    """The statements carried out, and the tables brought to the engine that is tested."""
    with duckdb.connect(str(shop / "data/shop.duckdb")) as connection:
        for statement in statements:
            connection.execute(statement)
    if (shop / "engine").read_text(encoding="utf-8") == "postgresql":
        url = copied(shop / "data/shop.duckdb", new_schema())
        edit(shop / "campaigner.toml", "duckdb:///data/shop.duckdb", url)


def found(campaigner, *more):
    told = campaigner("check", "shop", "--warehouse", "--format", "json", *more)
    return told.returncode, json.loads(told.stdout)["diagnostics"]


def codes(diagnostics):
    return sorted(one["code"] for one in diagnostics)


def test_nothing_is_wrong_with_the_starter(shop, campaigner):
    filled(shop)
    assert found(campaigner) == (0, [])
    campaigner("plan", "shop", "--output", "plan.json")
    told = campaigner("status", "shop", "--plan", "plan.json", "--format", "json")
    assert told.returncode == 0
    assert [one["left_out"] for one in json.loads(told.stdout)["tables"]] == [0, 0]


BAD = (
    "UPDATE customers SET city = NULL WHERE customer_id = 'c001'",
    "INSERT INTO customers FROM customers WHERE customer_id = 'c002'",
    "UPDATE customers SET customer_id = NULL WHERE customer_id = 'c003'",
    "ALTER TABLE orders ALTER amount TYPE DOUBLE",
    "UPDATE orders SET amount = 'NaN' WHERE order_id = 'o0001'",
)


def test_it_names_what_a_run_leaves_out(shop, campaigner):
    filled(shop, *BAD)
    edit(shop / "campaigner.toml", "[warehouse]", '[warehouse]\nbad_rows = "10%"')
    code, listed = found(campaigner)
    assert code == 3
    assert codes(listed) == ["W704"] * 4 + ["W705"] * 2
    ran = campaigner("run", "shop", "--at", "2026-01-31")
    assert ran.returncode == 3
    for one in listed:
        assert one["file"] == "catalog.yaml"
        assert f"{one['code']}]: {one['message']}" in ran.stderr
    status = campaigner("status", "shop")
    assert status.returncode == 3
    assert [line.split() for line in status.stdout.splitlines()[-2:]] == [
        ["customers", "61", "4"],
        ["orders", "265", "1"],
    ]
    assert all(one["message"] in status.stderr for one in listed)


def test_above_the_share_it_is_an_error_and_the_rows_are_named_all_the_same(shop, campaigner):
    filled(shop, *BAD)
    code, listed = found(campaigner)
    assert (code, codes(listed)) == (1, ["E747"] + ["W704"] * 4 + ["W705"])
    campaigner("plan", "shop", "--output", "plan.json")
    assert campaigner("status", "shop", "--plan", "plan.json").returncode == 2


def test_with_stop_each_kind_of_them_is_an_error(shop, campaigner):
    filled(shop, *BAD)
    edit(shop / "campaigner.toml", "[warehouse]", '[warehouse]\nbad_rows = "stop"')
    code, listed = found(campaigner)
    assert (code, codes(listed)) == (1, ["E709", "E711", "E712", "E713"])


def test_a_table_that_is_missing_hides_nothing_of_the_others(shop, campaigner):
    filled(shop, BAD[0], "ALTER TABLE orders RENAME TO order_lines")
    code, listed = found(campaigner)
    assert (code, codes(listed)) == (1, ["E707", "E747", "W704"])


def test_a_column_that_is_missing_or_of_another_type(shop, campaigner):
    filled(
        shop,
        "ALTER TABLE customers ALTER registered_at TYPE BOOLEAN USING true",
        "ALTER TABLE orders RENAME product TO goods",
    )
    code, listed = found(campaigner)
    assert (code, codes(listed)) == (1, ["E708", "E710"])


def test_words_that_no_row_has_are_marked_where_they_are_written(shop, campaigner):
    filled(shop)
    file = shop / "cash_back.campaign"
    more = ' and product in ("tea", "bok") and city != "wuhan" and city = "Wuhan"'
    edit(file, "amount >= 200 CNY", f"amount >= 200 CNY{more}")
    edit(shop / "lifecycle.campaign", "count(order in", 'count(order where product = "Lamp" in')
    code, listed = found(campaigner)
    assert code == 0
    lines = {name: (shop / name).read_text(encoding="utf-8").splitlines() for name in FILES}
    marked = {
        lines[one["file"]][one["line"] - 1][one["column"] - 1 : one["end_column"] - 1]: one["help"]
        for one in listed
    }
    assert codes(listed) == ["W706"] * 3
    assert marked == {
        '"bok"': "did you mean `books`?",
        '"wuhan"': "did you mean `Wuhan`?",
        '"Lamp"': "did you mean `lamp`?",
    }
    assert campaigner("check", "shop", "--warehouse", "--deny-warnings").returncode == 1


FILES = ("cash_back.campaign", "lifecycle.campaign")


@pytest.mark.parametrize(
    ("condition", "absent"),
    [
        ('product contains "oo" and product starts with "bi"', []),
        ('product contains "oox"', ["nothing contains it"]),
        ('product starts with "Bi"', ["nothing starts with it"]),
        ('not product contains "%"', ["nothing contains it"]),
        ('product in ("it\'s")', ["nothing is equal to it"]),
    ],
)
def test_parts_of_words(shop, campaigner, condition, absent):
    filled(shop)
    edit(shop / "cash_back.campaign", "amount >= 200 CNY", f"amount >= 2 CNY and {condition}")
    _, listed = found(campaigner)
    assert [one["message"].rpartition(", so ")[2] for one in listed] == absent


def test_what_an_else_gives_is_there(shop, campaigner):
    filled(shop)
    edit(shop / "catalog.yaml", "product: {type: text}", "product: {type: text, optional: true}")
    condition = '(product else "none") in ("none", "tea", "te")'
    edit(shop / "cash_back.campaign", "amount >= 200 CNY", f"amount >= 2 CNY and {condition}")
    _, listed = found(campaigner)
    assert ["`te`" in one["message"] for one in listed] == [True]


def test_an_empty_table_has_no_words_to_miss(shop, campaigner):
    filled(shop, "DELETE FROM orders")
    edit(shop / "cash_back.campaign", "amount >= 200 CNY", 'amount >= 2 CNY and product = "x"')
    assert found(campaigner) == (0, [])


def test_a_range_that_the_data_breaks_names_ten_keys(shop, campaigner):
    filled(shop, "UPDATE customers SET age = 131 WHERE customer_id <= 'c012'")
    edit(shop / "campaigner.toml", "[warehouse]", '[warehouse]\nbad_rows = "50%"')
    code, listed = found(campaigner)
    assert code == 3
    (broken,) = (one for one in listed if one["code"] == "W707")
    assert "in 12 rows: `c001`, " in broken["message"]
    assert broken["message"].endswith("`c010`")
    line = (shop / "catalog.yaml").read_text(encoding="utf-8").splitlines()[broken["line"] - 1]
    assert line[broken["column"] - 1 :].startswith("age:")


def test_the_warehouse_is_not_asked_while_the_files_have_mistakes(shop, campaigner):
    filled(shop, *BAD)
    edit(shop / "win_back.campaign", "consent_marketing and", "consent_marketting and")
    code, listed = found(campaigner)
    assert (code, codes(listed)) == (1, ["E201"])


def test_a_warehouse_that_is_not_there(shop, campaigner):
    edit(shop / "campaigner.toml", "data/shop.duckdb", "data/shop2.duckdb")
    told = campaigner("check", "shop", "--warehouse")
    assert told.returncode == 2
    assert "error[E702]" in told.stderr


def test_sarif_has_them_with_their_places(shop, campaigner):
    filled(shop, BAD[0])
    told = campaigner("check", "shop", "--warehouse", "--format", "sarif")
    (run,) = json.loads(told.stdout)["runs"]
    assert sorted(one["ruleId"] for one in run["results"]) == ["E747", "W704"]
    assert all(one["locations"] for one in run["results"])


def test_status_says_at_which_instant_and_how_far_campaigns_are(shop, campaigner):
    filled(shop)
    assert campaigner("run", "shop", "--at", "2026-01-31 00:00").returncode == 0
    told = campaigner("status", "shop", "--format", "json")
    status = json.loads(told.stdout)
    assert (told.returncode, status["diagnostics"]) == (0, [])
    assert {one["decided_up_to"] for one in status["campaigns"]} == {"2026-01-30T16:00:00+00:00"}
    assert status["at"].endswith("+08:00")
    assert campaigner("status", "shop").stdout.startswith("as of 20")
