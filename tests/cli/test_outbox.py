"""Undelivered rows are reported by the run, listed, and sent again."""

import csv
import io
import json
import shutil
from contextlib import contextmanager

import duckdb
import pytest
from campaigner.cli.main import invoke

from ..runtime.delivery.receivers import free_port, status, web

YEAR = ("--from", "2026-01-01", "--to", "2026-03-31")
SECRET = "tulip-and-rose"
SETTINGS = """\
kind = "webhook"
url = "http://127.0.0.1:{port}/in"
secret = "${{PUSH_SECRET}}"
timeout = 2
per_run = 10
attempts = {attempts}
"""
FILE = 'kind = "file"\npath = "var/outbox/push.jsonl"\n'


@pytest.fixture(scope="session")
def started(tmp_path_factory):
    folder = tmp_path_factory.mktemp("started") / "shop"
    assert invoke(["init", str(folder)]) == 0
    policies = folder / "policies.campaign"
    lines = policies.read_text("utf-8").splitlines(keepends=True)
    # Here things really go out, at whatever time of the day the tests are run.
    left = [line for line in lines if "quiet hours" not in line and "at most" not in line]
    policies.write_text("".join(left), "utf-8")
    return folder


@pytest.fixture
def shop(tmp_path, started, monkeypatch):
    monkeypatch.setenv("PUSH_SECRET", SECRET)
    return shutil.copytree(started, tmp_path / "shop")


def deliver_to(shop, port, attempts=16):
    settings = shop / "campaigner.toml"
    text = settings.read_text("utf-8")
    assert FILE in text
    settings.write_text(text.replace(FILE, SETTINGS.format(port=port, attempts=attempts)), "utf-8")


def listed(campaigner, *more):
    told = campaigner("outbox", "shop", "list", "--format", "json", *more)
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)["outbox"]


@contextmanager
def refusing(shop, code):
    with web() as server:
        server.answers = [status(code)]
        deliver_to(shop, server.url.rpartition(":")[2])
        yield server


def test_from_dead_letters_to_delivery(shop, campaigner):
    with refusing(shop, 404) as server:
        told = campaigner("run", "shop", *YEAR)
        assert told.returncode == 5, told.stderr
        count = len(server.requests)
        assert count > 10
        assert f"warning[W751]: the channel `push` did not take {count} for good (http 404)" in (
            told.stderr
        )
        rows = listed(campaigner)
        assert len(rows) == count
        assert rows[0] == rows[0] | {
            "channel": "push",
            "kind": "message",
            "state": "dead",
            "reason": None,
            "attempts": "1",
            "try_after": None,
            "error": "http 404",
        }
        assert sorted(row["key"] for row in rows) == sorted(r.told["key"] for r in server.requests)
        server.answers = [status(200)]
        assert campaigner("run", "shop", *YEAR).returncode == 0
        assert len(server.requests) == count
        one = campaigner("outbox", "shop", "retry", "--key", rows[0]["key"])
        assert one.stderr == "1 wait again: the next run sends them\n"
        assert listed(campaigner, "--state", "waiting")[0]["key"] == rows[0]["key"]
        assert campaigner("outbox", "shop", "retry").returncode == 0
        told = campaigner("run", "shop", *YEAR)
        assert "W751" not in told.stderr
    assert len(server.requests) == 2 * count
    assert sorted(server.keys()[:count]) == sorted(server.keys()[count:])
    assert listed(campaigner) == []
    assert len(listed(campaigner, "--state", "delivered", "--channel", "push")) == count
    assert len(listed(campaigner, "--state", "all", "--channel", "push")) == count
    assert listed(campaigner, "--state", "all", "--channel", "sms") == []


def test_a_server_that_is_gone_is_a_warning_and_what_was_granted_stands(shop, campaigner):
    deliver_to(shop, free_port())
    told = campaigner("run", "shop", *YEAR)
    assert told.returncode == 5
    assert "warning[W750]: the channel `push` could not be delivered to (connection refused)" in (
        told.stderr
    )
    assert json.loads(campaigner("ledger", "shop", "grants", "--format", "json").stdout)["grants"]
    assert listed(campaigner) == []
    waiting = listed(campaigner, "--state", "waiting")
    assert {(row["error"], row["attempts"]) for row in waiting} == {(None, "0")}


def test_tables_for_people_and_for_spreadsheets(shop, campaigner):
    with refusing(shop, 422):
        campaigner("run", "shop", *YEAR)
    told = campaigner("outbox", "shop", "list").stdout.splitlines()
    assert told[0].split() == ["key", "kind", "deliver_at", "state", "attempts", "try_after", "why"]
    assert told[1].endswith("http 422")
    rows = list(csv.DictReader(io.StringIO(campaigner(
        "outbox", "shop", "list", "--format", "csv").stdout)))  # fmt: skip
    assert {row["error"] for row in rows} == {"http 422"}


def test_neither_what_it_says_nor_a_secret_is_listed(shop, campaigner):
    with refusing(shop, 400) as server:
        runs = [campaigner("run", "shop", *YEAR)]
    runs += [campaigner("outbox", "shop", "list", "--format", form) for form in ("table", "json")]
    words = [told.stdout + told.stderr for told in runs]
    assert not [text for text in words if SECRET in text]
    said = str(server.requests[0].told["text"])
    assert not [text for text in words if said in text]


def test_a_secret_that_is_not_set_stops_before_anything_is_decided(shop, campaigner, monkeypatch):
    deliver_to(shop, 1)
    monkeypatch.delenv("PUSH_SECRET")
    told = campaigner("run", "shop", *YEAR)
    assert told.returncode == 2
    assert "error[E175]" in told.stderr
    assert (
        not (shop / "var/ledger.db").exists()
        or not json.loads(campaigner("ledger", "shop", "grants", "--format", "json").stdout)[
            "grants"
        ]
    )
    # Who looks at the outbox needs no secret.
    assert listed(campaigner) == []


def test_a_project_that_never_ran_and_one_with_mistakes(shop, campaigner):
    assert listed(campaigner) == []
    assert campaigner("outbox", "shop", "retry").stderr.startswith("0 wait again")
    assert not (shop / "var/ledger.db").exists()
    (shop / "broken.campaign").write_text("campaign {", "utf-8")
    assert listed(campaigner) == []
    settings = shop / "campaigner.toml"
    settings.write_text(settings.read_text("utf-8").replace("file", "pigeon"), "utf-8")
    assert listed(campaigner) == []
    settings.write_text(settings.read_text("utf-8").replace("sqlite", "pigeon"), "utf-8")
    told = campaigner("outbox", "shop", "list")
    assert told.returncode == 1
    assert "error[E" in told.stderr


def test_a_wrong_word(shop, campaigner):
    told = campaigner("outbox", "shop", "delete")
    assert told.returncode == 2
    assert "its commands are `list`, `retry`" in told.stderr


def test_mail_goes_to_the_address_in_the_warehouse(shop, campaigner):
    mail = 'kind = "smtp"\nurl = "smtp://127.0.0.1:1"\nfrom = "a@example.com"\nsubject = "News"\n'
    mail += 'address = "customer.mail"\ntls = false\n'
    settings = shop / "campaigner.toml"
    settings.write_text(settings.read_text("utf-8").replace(FILE, mail), "utf-8")
    told = campaigner("check", "shop")
    assert (
        "error[E178]: `customer.mail` is no address for this channel" in told.stderr + told.stdout
    )
    catalog = shop / "catalog.yaml"
    text = catalog.read_text("utf-8")
    added = "  fields:\n    mail: {type: text, optional: true, sensitivity: C2}\n"
    catalog.write_text(text.replace("  fields:\n", added, 1), "utf-8")
    with duckdb.connect(str(shop / "data/shop.duckdb")) as warehouse:
        warehouse.execute("ALTER TABLE customers ADD COLUMN mail TEXT")
        warehouse.execute(
            "UPDATE customers SET mail = 'secret-' || customer_id || '@example.com'"
            " WHERE customer_id > 'c010'"
        )
    told = campaigner("run", "shop", *YEAR)
    assert told.returncode == 5, told.stderr
    assert "connection refused" in told.stderr
    lost = listed(campaigner, "--state", "suppressed")
    assert {row["reason"] for row in lost} == {"no_address"}
    assert {row["recipient"] for row in lost} <= {f"c{n:03}" for n in range(11)}
    assert "secret-" not in told.stderr + campaigner("outbox", "shop", "list").stdout
