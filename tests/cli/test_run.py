"""From a project to grants, and everything that can be asked about them."""

import csv
import io
import json
import shutil
import sqlite3
from contextlib import closing

import duckdb
import pytest
from campaigner.cli.main import invoke

IDENTITY = ("campaign", "step", "recipient", "occurrence")
YEAR = ("--from", "2026-01-01", "--to", "2026-03-31")


@pytest.fixture(scope="session")
def started(tmp_path_factory):
    folder = tmp_path_factory.mktemp("started") / "shop"
    assert invoke(["init", str(folder)]) == 0
    return folder


@pytest.fixture
def shop(tmp_path, started):
    return shutil.copytree(started, tmp_path / "shop")


@pytest.fixture
def ran(shop, campaigner):
    assert campaigner("run", "shop", *YEAR).returncode == 0
    return shop


def edit(file, old, new):
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def grants(campaigner, *more):
    told = campaigner("ledger", "shop", "grants", "--format", "json", *more)
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)["grants"]


# --- run ----------------------------------------------------------------------------------------


def test_a_run_ends_with_a_table_and_says_where_the_files_are(shop, campaigner):
    told = campaigner("run", "shop", *YEAR)
    assert told.returncode == 0
    head, *rows = told.stdout.splitlines()
    assert head.split() == [
        "campaign",
        "reached",
        "granted",
        "earlier",
        "refused",
        "spent",
        "(CNY)",
        "left",
    ]
    assert [row.split()[0] for row in rows] == ["cash_back", "win_back"]
    assert "over budget" in told.stdout
    assert "ledger: shop/var/ledger.db\n" in told.stderr
    assert "outbox: shop/var/outbox/push.jsonl\n" in told.stderr
    assert (shop / "var/outbox/push.jsonl").is_file()


def test_running_again_changes_nothing(ran, campaigner):
    before = grants(campaigner)
    outbox = (ran / "var/outbox/push.jsonl").read_bytes()
    told = campaigner("run", "shop", *YEAR)
    assert told.returncode == 0
    assert [row.split()[2] for row in told.stdout.splitlines()[1:]] == ["0", "0"]
    assert grants(campaigner) == before
    assert (ran / "var/outbox/push.jsonl").read_bytes() == outbox


def test_a_campaign_that_gives_nothing_is_named_with_the_clause(shop, campaigner):
    edit(shop / "win_back.campaign", "and not employee", "and employee and not employee")
    told = campaigner("run", "shop", *YEAR)
    assert told.returncode == 0
    (line,) = [line for line in told.stderr.splitlines() if "gave nothing" in line]
    assert line.startswith("win_back gave nothing: of ")
    assert "`employee` (shop/win_back.campaign:9:34), which let none through" in line
    again = campaigner("run", "shop", *YEAR, "--format", "json", "--lang", "zh")
    document = json.loads(again.stdout)
    assert (document["format_version"], document["dry_run"]) == (1, False)
    assert "gave nothing" not in again.stderr
    cash_back, win_back = document["campaigns"]
    assert cash_back["outcomes"] == {}
    assert cash_back["nothing"]["kind"] == "decided_before"
    nothing = win_back["nothing"]
    assert (nothing["reason"], nothing["kind"], nothing["after"]) == ("lost", "audience", 0)
    assert nothing["before"] == nothing["left"][-2]["count"] > 0
    assert nothing["clause"] == {
        "text": "employee",
        "file": "win_back.campaign",
        "line": 9,
        "column": 34,
    }
    assert "位客户中有" in nothing["message"]


def test_an_explanation_begins_with_the_clause_that_lost_the_customer(shop, campaigner):
    edit(shop / "win_back.campaign", "and not employee", "and employee and not employee")
    asked = ("explain", "shop", "--campaign", "win_back", "--at", "2026-03-31", "--customer")
    found = [campaigner(*asked, f"c{n:03}").stdout.splitlines()[1] for n in range(1, 20)]
    assert "lost at `employee` (shop/win_back.campaign:9:34): employee = no" in found
    assert all(line.startswith("lost at `") for line in found)
    lost = json.loads(campaigner(*asked, "c001", "--format", "json").stdout)["lost"]
    assert f"lost at `{lost['text']}` (shop/{lost['file']}:{lost['line']}:" in found[0]
    said = campaigner(*asked, "c001", "--lang", "zh").stdout.splitlines()[1]
    assert said.endswith("处被排除") or "处被排除：" in said


def test_a_dry_run_keeps_nothing(shop, campaigner):
    told = campaigner("run", "shop", *YEAR, "--dry-run")
    assert told.returncode == 0
    assert "nothing was kept" in told.stderr
    assert not (shop / "var").exists()


def test_an_instant_alone(shop, campaigner):
    assert campaigner("run", "shop", "--at", "2026-02-27 12:00").returncode == 0
    assert {grant["campaign"] for grant in grants(campaigner)} >= {"win_back"}
    assert {grant["at"][:10] for grant in grants(campaigner, "--campaign", "win_back")} == {
        "2026-02-27"
    }


@pytest.mark.parametrize(
    ("when", "says"),
    [
        (["--at", "2026-01-01", "--to", "2026-01-02"], "give either --at INSTANT"),
        (["--from", "2026-01-01"], "give either --at INSTANT"),
        (["--at", "soon"], "`soon` is not a point in time"),
        (["--at", "2026-02-30"], "`2026-02-30` is not a point in time"),
        (["--from", "2026-02-01", "--to", "2026-01-01"], "E701"),
    ],
)
def test_a_time_that_is_none(shop, campaigner, when, says):
    for command in (["run", "shop"], ["sql", "shop", "--campaign", "win_back"]):
        told = campaigner(*command, *when)
        assert (told.returncode, told.stdout) == (2, "")
        assert says in told.stderr


def test_a_project_with_mistakes_does_not_run(shop, campaigner):
    edit(shop / "win_back.campaign", "coffee\n", "cofee\n")
    for command in (
        ["run", "shop", *YEAR],
        ["plan", "shop"],
        ["sql", "shop", "--campaign", "win_back", *YEAR],
        ["ledger", "expire", "shop"],
    ):
        told = campaigner(*command)
        assert (told.returncode, told.stdout) == (1, "")
        assert "--> shop/win_back.campaign:13:12" in told.stderr
    assert not (shop / "var").exists()


def test_a_warehouse_that_is_not_as_the_catalog_says(shop, campaigner):
    with duckdb.connect(str(shop / "data/shop.duckdb")) as database:
        database.execute("ALTER TABLE orders DROP product")
        database.execute("ALTER TABLE customers DROP city")
    told = campaigner("run", "shop", *YEAR)
    assert (told.returncode, told.stdout) == (2, "")
    assert "--> shop/catalog.yaml:" in told.stderr
    assert grants(campaigner) == []


def test_what_the_settings_do_not_name(shop, campaigner):
    edit(shop / "campaigner.toml", '[ledger]\nurl = "sqlite:///var/ledger.db"\n', "")
    told = campaigner("ledger", "shop", "grants")
    assert (told.returncode, told.stdout) == (2, "")
    assert "needs a ledger" in told.stderr
    assert "[ledger]" in told.stderr


def test_a_variable_that_is_not_set_is_shown_where_it_stands(shop, campaigner):
    edit(shop / "campaigner.toml", "var/ledger.db", "${NOWHERE_SET}/ledger.db")
    told = campaigner("ledger", "shop", "grants")
    assert told.returncode == 2
    assert "--> shop/campaigner.toml:" in told.stderr
    assert "${NOWHERE_SET}/ledger.db" in told.stderr
    moved = campaigner("ledger", "shop", "grants", env={"NOWHERE_SET": "var"})
    assert moved.returncode == 0


# --- plan and sql -------------------------------------------------------------------------------


def test_a_plan_is_the_same_on_stdout_and_in_a_file(shop, campaigner):
    told = campaigner("plan", "shop")
    assert told.returncode == 0
    assert json.loads(told.stdout)["format_version"] == 2
    assert campaigner("plan", "shop", "--output", "plan.json").stdout == ""
    assert (shop.parent / "plan.json").read_text(encoding="utf-8") == told.stdout


def test_a_plan_that_cannot_be_written(shop, campaigner):
    told = campaigner("plan", "shop", "--output", "gone/plan.json")
    assert told.returncode == 2
    assert "`gone/plan.json`" in told.stderr


def test_sql_gives_the_decisions(shop, campaigner):
    told = campaigner("sql", "shop", "--campaign", "win_back", *YEAR)
    assert told.returncode == 0, told.stderr
    with duckdb.connect(str(shop / "data/shop.duckdb"), read_only=True) as database:
        found = database.execute(told.stdout)
        names = [column[0] for column in found.description]
        rows = found.fetchall()
    assert names == [
        "campaign",
        "step",
        "recipient",
        "occurrence",
        "at",
        "reward",
        "amount",
        "currency",
    ]
    assert rows
    campaigner("run", "shop", *YEAR)
    granted = {(row["recipient"], row["occurrence"]) for row in grants(campaigner)}
    found = {(row[2], row[3]) for row in rows}
    assert {pair for pair in granted if "T" in pair[1]} <= found


def test_sql_of_all_campaigns_gives_the_decisions_of_each(shop, campaigner):
    with duckdb.connect(str(shop / "data/shop.duckdb"), read_only=True) as database:
        database.execute("SET TimeZone = 'UTC'")
        told = campaigner("sql", "shop", "--all", *YEAR)
        assert told.returncode == 0, told.stderr
        found = database.execute(told.stdout).fetchall()
        each = []
        for name in ("cash_back", "win_back"):
            told = campaigner("sql", "shop", "--campaign", name, *YEAR)
            each += database.execute(told.stdout).fetchall()
    assert found
    assert found == sorted(each, key=lambda row: row[4])


def test_sql_of_one_campaign_or_of_all(campaigner):
    for which in ([], ["--all", "--campaign", "win_back"]):
        told = campaigner("sql", "shop", *which, *YEAR)
        assert (told.returncode, told.stdout) == (2, "")
        assert "give either --campaign ID, or --all" in told.stderr


def test_names_that_are_not_known(shop, campaigner):
    told = campaigner("sql", "shop", "--campaign", "winback", *YEAR)
    assert told.returncode == 2
    assert "did you mean `win_back`" in told.stderr
    told = campaigner("sql", "shop", "--campaign", "xyz", *YEAR)
    assert "its campaigns are `cash_back`, `win_back`" in told.stderr
    told = campaigner("sql", "shop", "--campaign", "win_back", "--dialect", "oracle", *YEAR)
    assert (told.returncode, told.stdout) == (2, "")
    assert "SQL for `oracle` is not written yet" in told.stderr


# --- ledger and explain -------------------------------------------------------------------------


def test_before_the_first_run_the_ledger_is_empty(shop, campaigner):
    assert grants(campaigner) == []
    told = campaigner("ledger", "shop", "budgets", "--format", "json")
    assert all(float(row["spent"]) == 0 for row in json.loads(told.stdout)["budgets"])
    assert not (shop / "var").exists()


def test_grants_have_the_documented_shape(ran, campaigner):
    found = grants(campaigner)
    keys = [
        "grant",
        "campaign",
        "step",
        "recipient",
        "occurrence",
        "at",
        "reward",
        "amount",
        "currency",
        "cost",
        "plan",
        "expires",
        "became",
        "became_at",
        "received",
        "reversed",
        "arm",
    ]
    assert all(list(grant) == keys for grant in found)
    assert all(isinstance(grant["amount"], str) for grant in found)
    coffees = grants(campaigner, "--campaign", "win_back")
    assert {(one["reward"], one["amount"], one["cost"]) for one in coffees} == {
        ("coffee", "25.00", "9.90")
    }
    assert {grant["at"][10:] for grant in coffees} == {"T02:00:00+00:00"}


def test_csv_and_table_have_the_rows_of_the_json(ran, campaigner):
    found = grants(campaigner)
    told = campaigner("ledger", "shop", "grants", "--format", "csv")
    assert list(csv.DictReader(io.StringIO(told.stdout))) == [
        {key: value or "" for key, value in grant.items()} for grant in found
    ]
    table = campaigner("ledger", "grants", cwd=ran)
    assert len(table.stdout.splitlines()) == len(found) + 1


def test_budgets_add_up(ran, campaigner):
    told = campaigner("ledger", "shop", "budgets", "--format", "json", "--campaign", "win_back")
    budgets = json.loads(told.stdout)["budgets"]
    assert all(
        float(row["cap"]) == pytest.approx(float(row["spent"]) + float(row["left"]))
        for row in budgets
    )
    (total,) = [row for row in budgets if row["campaign"] and row["measure"] == "money"]
    spent = sum(float(grant["cost"]) for grant in grants(campaigner, "--campaign", "win_back"))
    assert float(total["spent"]) == pytest.approx(spent)
    assert total["exhausted"] is True


def test_ledger_wants_to_know_what(shop, campaigner):
    for arguments in ([], ["shop"], ["shop", "coupons"], ["a", "b", "grants"]):
        assert campaigner("ledger", *arguments).returncode == 2


def test_explain_says_why(ran, campaigner):
    got = grants(campaigner, "--campaign", "win_back")[0]
    asked = ["shop", "--campaign", "win_back", "--customer", got["recipient"]]
    told = campaigner("explain", *asked, "--at", got["at"])
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines()[0].endswith(": granted (as the ledger has it)")
    assert "✓" in told.stdout
    assert "✗" not in told.stdout
    assert "shop/win_back.campaign:9" in told.stdout
    document = json.loads(
        campaigner("explain", *asked, "--at", got["at"], "--format", "json").stdout
    )
    assert document["format_version"] == 1
    assert document["outcome"] == "granted"
    assert {"text", "file", "line", "held", "values"} <= set(document["clauses"][0])


def test_explain_of_somebody_unknown(shop, campaigner):
    told = campaigner(
        "explain", "shop", "--campaign", "win_back", "--customer", "x9", "--at", "2026-02-01"
    )
    assert (told.returncode, told.stdout) == (2, "")
    assert "x9" in told.stderr


def test_the_table_of_budgets_leaves_single_customers_out(ran, campaigner):
    told = campaigner("ledger", "shop", "budgets")
    assert "per customer" not in told.stdout
    assert "balances of single customers" in told.stderr
    everything = campaigner("ledger", "shop", "budgets", "--format", "json").stdout
    assert "per customer" in everything


# --- what changes a ledger ----------------------------------------------------------------------


def test_a_ledger_that_adds_up_says_so(ran, campaigner):
    told = campaigner("ledger", "shop", "verify")
    assert told.returncode == 0
    assert told.stderr.endswith("decisions: all adds up, and is as it was written\n")
    assert campaigner("ledger", "shop", "migrate").stderr.startswith("ledger: format ")


def test_a_ledger_that_does_not_add_up_ends_with_a_code_of_its_own(ran, campaigner):
    with closing(sqlite3.connect(ran / "var" / "ledger.db")) as ledger:
        guards = ledger.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        for (name,) in guards.fetchall():
            ledger.execute(f"DROP TRIGGER {name}")
        ledger.execute("UPDATE accounts SET spent = spent - 1 WHERE spent > 1")
        ledger.commit()
    told = campaigner("ledger", "shop", "verify")
    assert (told.returncode, told.stdout) == (4, "")
    assert "error[E" in told.stderr


def test_a_grant_is_taken_back_once(ran, campaigner):
    number = grants(campaigner)[0]["grant"]
    told = campaigner("ledger", "shop", "reverse", number, "--reason", "wrong customer")
    assert (told.returncode, " reversed " in told.stdout) == (0, True)
    again = campaigner("ledger", "shop", "reverse", number, "999999", "--reason", "once more")
    assert again.returncode == 1
    assert "already_reversed" in again.stdout
    assert "not_granted" in again.stdout
    assert grants(campaigner)[0]["reversed"] is not None
    assert campaigner("ledger", "shop", "verify").returncode == 0


def test_a_grant_by_hand_is_paid_from_the_reserve(ran, campaigner):
    path = ran / "win_back.campaign"
    text = path.read_text("utf-8")
    assert "when exhausted" in text
    path.write_text(text.replace("when exhausted", "reserve 50%\n    when exhausted"), "utf-8")
    asked = ("--from-reserve", "--campaign", "win_back", "--reward", "coffee", "--reason", "lost")
    command = ("ledger", "shop", "grant", *asked, "--customer", "c002", "--name", "case 7")
    assert campaigner(*command).stdout == "granted\n"
    assert campaigner(*command).stdout == "already_granted\n"
    (made,) = [one for one in grants(campaigner) if one["occurrence"] == "reserve/case 7"]
    assert (made["recipient"], made["reward"], made["cost"]) == ("c002", "coffee", "9.90")
    assert campaigner("ledger", "shop", "verify").returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("reverse", "--reason", "x"),
        ("reverse", "one", "--reason", "x"),
        ("reverse", "1"),
        ("grant", "--campaign", "win_back"),
        ("grant", "--from-reserve", "--campaign", "win_back"),
        ("grants", "7"),
    ],
)
def test_a_change_that_is_not_told_whole(shop, campaigner, arguments):
    assert campaigner("ledger", "shop", *arguments).returncode == 2
