"""Events line by line: the grants of a run, and diagnostics of lines that are not events."""

import json
import shutil

import duckdb
import pytest
from campaigner.cli.main import invoke

YEAR = ("--from", "2026-01-01", "--to", "2026-03-31")


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    folder = tmp_path_factory.mktemp("started") / "shop"
    assert invoke(["init", str(folder)]) == 0
    return folder


@pytest.fixture
def shop(tmp_path, started):
    """A project, and all its orders as lines in a file next to it."""
    folder = shutil.copytree(started, tmp_path / "shop")
    (tmp_path / "orders.jsonl").write_text("".join(orders(folder)))
    return folder


def orders(folder):
    with duckdb.connect(str(folder / "data/shop.duckdb"), read_only=True) as warehouse:
        warehouse.execute("SET TimeZone = 'UTC'")
        rows = warehouse.execute(
            "SELECT order_id, customer_id, CAST(ordered_at AS VARCHAR), amount, product FROM orders"
            " ORDER BY ordered_at, order_id"
        ).fetchall()
    for key, customer, at, amount, product in rows:
        fields = {"amount": str(amount), "product": product}
        line = {"event": "order", "key": key, "customer": customer, "at": at, "fields": fields}
        yield json.dumps(line, ensure_ascii=False) + "\n"


def grants(campaigner):
    told = campaigner("ledger", "shop", "grants", "--campaign", "cash_back", "--format", "json")
    return [
        {name: value for name, value in row.items() if name != "grant"}
        for row in json.loads(told.stdout)["grants"]
    ]


def test_events_grant_what_a_run_grants_and_either_finds_the_other(shop, campaigner):
    assert campaigner("run", "shop", *YEAR).returncode == 0
    expected = grants(campaigner)
    assert expected
    shutil.rmtree(shop / "var")
    told = campaigner("events", "shop", "orders.jsonl")
    assert told.returncode == 0, told.stderr
    assert grants(campaigner) == expected
    head, row, scheduled = told.stdout.splitlines()
    assert head.split() == ["campaign", "granted", "earlier", "refused"]
    assert row.split()[:3] == ["cash_back", str(len(expected)), "0"]
    assert scheduled.startswith("win_back")
    again = campaigner("events", "shop", "orders.jsonl")
    assert again.stdout.splitlines()[1].split()[:2] == ["cash_back", "0"]
    assert campaigner("run", "shop", *YEAR).returncode == 0
    assert grants(campaigner) == expected


def test_a_line_for_each_event_and_bad_ones_passed_over(tmp_path, shop, campaigner):
    good = (tmp_path / "orders.jsonl").read_text().splitlines()
    stranger = json.dumps({**json.loads(good[1]), "key": "x1", "customer": "stranger"})
    lines = [good[0], "not json", "", stranger, good[0]]
    (tmp_path / "some.jsonl").write_text("\n".join(lines))
    told = campaigner("events", "shop", "some.jsonl", "--format", "json")
    assert told.returncode == 1
    first, wrong, unknown, twice = map(json.loads, told.stdout.splitlines())
    assert [one["line"] for one in (first, wrong, unknown, twice)] == [1, 2, 4, 5]
    assert (first["event"], first["known"]) == ("order", True)
    assert (wrong["code"], unknown["known"], unknown["decisions"]) == ("E744", False, [])
    assert [one["repeated"] for one in twice["decisions"]] == [True for _ in first["decisions"]]
    assert "error[E744]: line 2 of some.jsonl is no event: it is not JSON" in told.stderr
    assert "1 of them of customers whom the warehouse does not have" in told.stderr


def test_the_folder_and_the_file_may_be_left_out(tmp_path, shop, campaigner):
    (shop / "none.jsonl").write_text("")
    assert campaigner("events", "none.jsonl", cwd=shop).returncode == 0
    assert campaigner("events", ".", "none.jsonl", cwd=shop).returncode == 0
    missing = campaigner("events", "shop", "nowhere.jsonl")
    assert (missing.returncode, "E780" in missing.stderr) == (2, True)
    assert campaigner("events", "shop", "a", "b").returncode == 2


def test_a_warehouse_that_is_not_as_the_catalog_says(shop, campaigner):
    with duckdb.connect(str(shop / "data/shop.duckdb")) as warehouse:
        warehouse.execute("ALTER TABLE customers RENAME COLUMN city TO town")
    told = campaigner("events", "shop", "orders.jsonl")
    assert (told.returncode, told.stdout) == (2, "")
    assert "E708" in told.stderr


def test_a_key_of_another_customers_event_and_a_replay_with_another_amount(
    tmp_path, shop, campaigner
):
    shutil.copy(tmp_path / "orders.jsonl", tmp_path / "all.jsonl")
    assert campaigner("events", "shop", "all.jsonl").returncode == 0
    given = grants(campaigner)
    orders = [json.loads(line) for line in (tmp_path / "orders.jsonl").read_text().splitlines()]
    granted = {grant["occurrence"] for grant in given}
    first = next(order for order in orders if order["key"] in granted)
    other = next(order for order in orders if order["customer"] != first["customer"])
    dearer = {**first, "fields": {**first["fields"], "amount": "9999.00"}}
    fresh = {**first, "key": "x1"}
    lines = [
        {**first, "customer": other["customer"]},
        dearer,
        fresh,
        {**fresh, "customer": other["customer"]},
    ]
    (tmp_path / "some.jsonl").write_text("\n".join(map(json.dumps, lines)))
    told = campaigner("events", "shop", "some.jsonl", "--format", "json")
    foreign, changed, _, twice = map(json.loads, told.stdout.splitlines())
    assert (foreign["code"], twice["code"], told.returncode) == ("E744", "E744", 1)
    assert "its key is that of another customer's event" in foreign["message"]
    assert [(one["repeated"], one["changed"]) for one in changed["decisions"]] == [(True, True)]
    ((before, now),) = [(one["kept"], one["now"]) for one in changed["decisions"]]
    assert before.startswith("cash ")
    assert now.startswith("cash ")
    assert before != now
    assert "cash_back: 1 decisions would be different" in told.stderr
    customer, key = first["customer"], first["key"]
    assert f"  cash_back {customer} {key}: {before}, now {now}" in told.stderr


def test_messages_that_are_kept_back_are_counted(shop, campaigner):
    """Each product is a phrase that is forbidden, so no message that names one goes out."""
    campaign = shop / "cash_back.campaign"
    text = campaign.read_text(encoding="utf-8")
    campaign.write_text(text.replace("Thank you:", "{{ event.product }}:"), encoding="utf-8")
    with duckdb.connect(str(shop / "data/shop.duckdb")) as warehouse:
        products = [
            one for (one,) in warehouse.execute("SELECT DISTINCT product FROM orders").fetchall()
        ]
    policies = shop / "policies.campaign"
    text = policies.read_text(encoding="utf-8")
    phrases = ", ".join(f'"{one}"' for one in sorted(products))
    policies.write_text(text.replace('"risk-free"', f'"risk-free", {phrases}'), encoding="utf-8")
    told = campaigner("run", "shop", *YEAR, "--dry-run", "--format", "json")
    counted = {one["campaign"]: one for one in json.loads(told.stdout)["campaigns"]}
    granted = counted["cash_back"]["granted"]
    assert counted["cash_back"]["kept_back"] == {"forbidden_phrase": granted}
    assert counted["win_back"]["kept_back"] == {}
    told = campaigner("run", "shop", *YEAR, "--dry-run")
    assert f"cash_back: messages kept back: {granted:,} with a forbidden phrase\n" in told.stderr
    told = campaigner("events", "shop", "orders.jsonl", "--format", "json")
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    reasons = [one["kept_back"] for line in lines for one in line["decisions"]]
    assert reasons.count(["forbidden_phrase"]) == granted
    assert "cash_back: messages kept back: " in told.stderr
    status = json.loads(campaigner("status", "shop", "--format", "json").stdout)
    kept_back = {one["campaign"]: one["kept_back"] for one in status["campaigns"]}
    assert kept_back == {"cash_back": {"forbidden_phrase": granted}, "win_back": {}}
    assert f"{granted:,} with a forbidden phrase" in campaigner("status", "shop").stdout
