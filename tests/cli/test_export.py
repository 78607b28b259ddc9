"""`campaigner export`: labels in files and tables, only what changed, and twice the same."""

import csv
import json
from pathlib import Path

import duckdb
import pytest

from ..runtime.delivery.receivers import free_port, status, web

MARCH, APRIL = "2026-03-01", "2026-04-01"


@pytest.fixture
def house(campaigner, tmp_path):
    """A started project, whose warehouse has orders of three months."""
    folder = tmp_path / "shop"
    campaigner("init", str(folder))
    return folder


def rows_of(path: Path) -> list[tuple[str, ...]]:
    match path.suffix:
        case ".csv":
            with path.open(newline="") as file:
                return [tuple(row.values()) for row in csv.DictReader(file)]
        case ".jsonl":
            return [tuple(json.loads(one).values()) for one in path.read_text().splitlines()]
        case _:
            with duckdb.connect() as connection:
                return connection.read_parquet(str(path)).fetchall()


def export(campaigner, house, target, at, kind="stage", code=0):
    done = campaigner("export", kind, str(house), "--to", str(target), "--at", at)
    assert done.returncode == code, done.stderr
    return done


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_a_file_has_all_labels_and_says_since_when(campaigner, house, tmp_path, suffix):
    target = tmp_path / f"labels.{suffix}"
    export(campaigner, house, target, MARCH)
    first = rows_of(target)
    assert {row[0] for row in first} == {"stage"}
    assert {row[4] for row in first} == {"2026-02-28T16:00:00.000000Z"}
    assert oct(target.stat().st_mode & 0o777) == "0o600"
    before = target.stat().st_mtime_ns
    assert "0 entered, 0 moved, 0 left" in export(campaigner, house, target, MARCH).stderr
    assert target.stat().st_mtime_ns == before
    export(campaigner, house, target, APRIL)
    second = rows_of(target)
    fresh = tmp_path / f"fresh.{suffix}"
    export(campaigner, house, fresh, APRIL)
    assert [row[:4] for row in second] == [row[:4] for row in rows_of(fresh)]
    kept = {row[:4]: row[4] for row in first}
    for *label, since in second:
        assert since == kept.get(tuple(label), "2026-03-31T16:00:00.000000Z")
    assert any(row[4] != first[0][4] for row in second)
    # An earlier instant would rewrite it.
    assert "E691" in export(campaigner, house, target, MARCH, code=2).stderr


def test_a_table_of_the_warehouse_has_the_same_rows(campaigner, house, tmp_path):
    for at in (MARCH, APRIL, APRIL):
        export(campaigner, house, tmp_path / "labels.csv", at)
        export(campaigner, house, "labels", at)
    (file,) = house.rglob("*.duckdb")
    with duckdb.connect(str(file)) as connection:
        found = connection.table("labels").order("kind, name, customer").fetchall()
    assert found == rows_of(tmp_path / "labels.csv")
    # Other labels of the same target stay.
    export(campaigner, house, "labels", APRIL, kind="audience", code=0)
    with duckdb.connect(str(file)) as connection:
        kinds = connection.execute("SELECT kind, count(*) FROM labels GROUP BY 1").fetchall()
    assert dict(kinds)["stage"] == len(found)


def test_what_is_no_target_is_left_as_it_is(campaigner, house, tmp_path):
    other = tmp_path / "orders.csv"
    other.write_text("order,amount\n1,2\n")
    assert "E689" in export(campaigner, house, other, MARCH, code=2).stderr
    assert other.read_text() == "order,amount\n1,2\n"
    assert "E690" in export(campaigner, house, "customers", MARCH, code=2).stderr
    assert "E186" in export(campaigner, house, "labels.xlsx ", MARCH, code=2).stderr
    said = campaigner("export", "stage", "shop.nowhere", str(house), "--to", "labels")
    assert said.returncode == 2


def test_scores_are_those_of_the_lifecycle(campaigner, house, tmp_path):
    """Worked out from the orders themselves, with the cuts that `lifecycle` shows."""
    target = tmp_path / "scores.csv"
    export(campaigner, house, target, APRIL, kind="scores")
    found = {row[2]: row[3] for row in rows_of(target)}
    assert {row[:2] for row in rows_of(target)} == {("score", "order")}
    (file,) = house.rglob("*.duckdb")
    with duckdb.connect(str(file)) as connection:
        bought = connection.sql(
            "SELECT customer_id, count(*), sum(amount), date_diff('day', CAST(timezone("
            "'Asia/Shanghai', max(ordered_at)) AS DATE), DATE '2026-04-01') FROM orders"
            " WHERE ordered_at <= TIMESTAMPTZ '2026-04-01 00:00+08' GROUP BY ALL"
        ).fetchall()
    assert found.keys() == {row[0] for row in bought}
    lists = [sorted(row[place] for row in bought) for place in (3, 1, 2)]
    cuts = [[each[-(-len(each) * fifth // 5) - 1] for fifth in range(1, 5)] for each in lists]
    for customer, orders, money, days in bought:
        recency = 5 - sum(cut < days for cut in cuts[0])
        others = (1 + sum(cut < own for cut in cuts[n]) for n, own in ((1, orders), (2, money)))
        assert found[customer] == "".join(map(str, (recency, *others)))
    again = export(campaigner, house, target, APRIL, kind="scores")
    assert "0 entered, 0 moved, 0 left" in again.stderr


def test_scores_ask_for_an_order_and_for_enough_customers(campaigner, house, tmp_path):
    target = tmp_path / "scores.csv"
    assert "E694" in export(campaigner, house, target, "2026-01-01", "scores", code=2).stderr
    wrong = ("export", "scores", "visit", str(house), "--to", str(target))
    assert "E654" in campaigner(*wrong).stderr
    done = campaigner("export", "stage", str(house), "--to", str(target), "--amount", "amount")
    assert "--amount" in done.stderr
    assert not target.exists()


CHANNELS = """
[channels.crm]
kind = "webhook"
url = "http://127.0.0.1:${PORT}/labels"
secret = "${SECRET}"
[channels.desk]
kind = "smtp"
url = "smtp://127.0.0.1:1"
from = "shop@example.com"
address = "lin@example.com"
subject = "news"
[channels.lines]
kind = "file"
path = "var/lines.jsonl"
"""


def test_a_channel_gets_what_a_file_has(campaigner, house, tmp_path):
    with (house / "campaigner.toml").open("a") as file:
        file.write(CHANNELS)

    def exported(at: str, port: str) -> tuple[int, str]:
        words = ("export", "stage", str(house), "--to", "channel:crm", "--at", at)
        done = campaigner(*words, env={"PORT": port, "SECRET": "tulip"})
        return done.returncode, done.stderr

    code, said = exported(MARCH, str(free_port()))
    assert (code, "W695" in said) == (5, True)
    with web() as server:
        port = server.url.rpartition(":")[2]
        server.answers = [status(204)]
        assert exported(MARCH, port)[0] == 0
        first = len(server.requests)
        assert exported(MARCH, port)[0] == 0
        assert len(server.requests) == first
        assert exported(APRIL, port)[0] == 0
        export(campaigner, house, tmp_path / "labels.csv", MARCH)
        export(campaigner, house, tmp_path / "labels.csv", APRIL)
        last = {}
        for one in server.requests:
            last[one.recipient] = tuple(one.told["label"].values())
    expected = {row[2]: (row[0], row[1], *row[3:]) for row in rows_of(tmp_path / "labels.csv")}
    assert {who: row for who, row in last.items() if row[2] is not None} == expected
    assert 0 < len(last) <= len(server.requests) < first + len(expected)
    assert "E691" in exported(MARCH, port)[1]


@pytest.mark.parametrize("name", ["push", "desk", "lines", "nowhere", ""])
def test_a_channel_for_people_takes_no_labels(campaigner, house, name):
    with (house / "campaigner.toml").open("a") as file:
        file.write(CHANNELS)
    done = campaigner(
        *("export", "stage", str(house), "--to", f"channel:{name}"),
        env={"PORT": "1", "SECRET": "tulip"},
    )
    assert (done.returncode, "E695" in done.stderr) == (2, True), done.stderr
