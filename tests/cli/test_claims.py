"""`campaigner ledger offers|claim|redeem|expire`, from a campaign file to what is left."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from campaigner.cli.main import invoke

RIDE = """
benefit ride "A ride" {
  kind  service
  value 20 CNY
  cost  5 CNY
  expires after 10 days returning to budget
}
"""


@pytest.fixture
def shop(tmp_path: Path, campaigner) -> Path:
    assert campaigner("init", "shop").returncode == 0
    file = tmp_path / "shop/win_back.campaign"
    text = file.read_text("utf-8")
    offer = "reward   choose 1 of coffee, ride worth up to 30 CNY  expires after 7 days"
    file.write_text(text.replace("reward   coffee", offer) + RIDE, "utf-8")
    assert campaigner("fmt", "shop").returncode == 0
    done = campaigner("run", "shop", "--at", "2026-02-27 11:00")
    assert done.returncode == 0, done.stderr
    return tmp_path / "shop"


def rows(campaigner, what: str, *more: str) -> list[dict[str, str]]:
    told = campaigner("ledger", "shop", what, "--format", "json", *more)
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)[what]


def left(campaigner) -> tuple[str, str]:
    """The amount that the campaign has spent, and the number of coffees given."""
    budgets = rows(campaigner, "budgets", "--campaign", "win_back")
    (total,) = [row["spent"] for row in budgets if row["campaign"] and row["name"] == "total"]
    coffees = [row["spent"] for row in budgets if row["benefit"] == "coffee"]
    return total, coffees[0]


def of_campaign(who: str) -> tuple[str, ...]:
    """A claim by somebody who does not know the number."""
    asked = ("--campaign", "win_back", "--choose", "ride", "--by", who)
    return (*asked, "--at", "2026-02-28 09:00")


def test_an_offer_is_made_claimed_redeemed_and_what_is_left_goes_back(shop: Path, campaigner):
    offers = rows(campaigner, "offers")
    assert len(offers) > 1
    assert {(row["choose"], row["options"]) for row in offers} == {("1", "coffee, ride")}
    assert {row["ends"] for row in offers} == {"2026-03-06T02:00:00+00:00"}
    first, second, *others = offers
    reserved = len(offers) * 9.90
    assert left(campaigner) == (f"{reserved:.2f}", "0")

    def claim(offer, name: str, at: str = "2026-02-28 09:00", by: str | None = None):
        who = by or offer["recipient"]
        asked = ("claim", offer["grant"], "--choose", name, "--by", who, "--at", at)
        told = campaigner("ledger", "shop", *asked)
        return told.stdout.strip(), told.returncode

    assert claim(first, "coffee") == ("claimed", 0)
    assert claim(first, "coffee") == ("already_claimed", 0)
    assert claim(first, "ride") == ("other_choice", 1)
    assert claim(second, "ride", by="c999") == ("not_yours", 1)
    assert claim(second, "tea") == ("not_offered", 1)
    assert claim(second, "ride", at="2026-03-06 10:00") == ("expired", 1)
    assert claim(second, "ride", at="2026-02-27 09:59") == ("too_early", 1)
    assert claim({"grant": "999999", "recipient": "x"}, "ride") == ("unknown", 1)
    assert claim(second, "ride") == ("claimed", 0)
    told = campaigner("ledger", "shop", "claim", *of_campaign(second["recipient"]))
    assert (told.stdout.strip(), told.returncode) == ("already_claimed", 0)
    told = campaigner("ledger", "shop", "claim", *of_campaign("c999"))
    assert (told.stdout.strip(), told.returncode) == ("unknown", 1)
    assert left(campaigner) == (f"{reserved - 4.90:.2f}", "1")
    assert len(rows(campaigner, "offers")) == len(others)
    assert rows(campaigner, "offers", "--customer", first["recipient"]) == []

    told = campaigner("ledger", "shop", "redeem", first["grant"], "--at", "2026-03-01")
    assert (told.returncode, " redeemed " in told.stdout) == (0, True)
    told = campaigner("ledger", "shop", "expire", "--at", "2026-03-05")
    assert told.stdout.count("\n") == 1
    told = campaigner("ledger", "shop", "expire", "--at", "2026-03-06 10:00")
    assert told.stdout.count("choice") == len(others)
    assert left(campaigner) == ("14.90", "1")
    done = campaigner("run", "shop", "--from", "2026-03-18", "--to", "2026-03-18")
    assert "1 offers, grants or lots of points have ended" in done.stderr  # the ride
    assert left(campaigner) == ("9.90", "1")
    assert campaigner("ledger", "shop", "verify").returncode == 0
    became = {row["became"] for row in rows(campaigner, "grants", "--campaign", "win_back")}
    assert became == {"claimed", "lapsed", "redeemed", "expired"}


def test_offers_as_a_table_and_as_csv(shop: Path, campaigner):
    offers = rows(campaigner, "offers", "--campaign", "win_back")
    written = campaigner("ledger", "shop", "offers", "--format", "csv").stdout.splitlines()
    assert written[0] == "grant,campaign,step,recipient,occurrence,at,ends,choose,options"
    table = campaigner("ledger", "shop", "offers").stdout.splitlines()
    assert len(written) == len(table) == len(offers) + 1
    assert rows(campaigner, "offers", "--campaign", "cash_back") == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("claim", "--choose", "coffee", "--by", "c001"),
        ("claim", "one", "--choose", "coffee", "--by", "c001"),
        ("claim", "1", "2", "--choose", "coffee", "--by", "c001"),
        ("claim", "1", "--by", "c001"),
        ("claim", "1", "--choose", "coffee"),
        ("claim", "1" * 30, "--choose", "coffee", "--by", "c001"),
        ("claim", "-1", "--choose", "coffee", "--by", "c001"),
        ("claim", "1", "--choose", "coffee", "--by", "c001", "--at", "tomorrow"),
        ("redeem",),
        ("redeem", "x"),
        ("expire", "7"),
        ("expire", "--at", "2026-02-30"),
        ("offers", "7"),
    ],
)
def test_what_is_not_said_well_changes_nothing(shop: Path, campaigner, arguments):
    before = (shop / "var/ledger.db").read_bytes()
    told = campaigner("ledger", "shop", *arguments)
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr
    assert (shop / "var/ledger.db").read_bytes() == before


ASKED = [
    ("claim", "1", "--choose", "coffee", "--by", "c001"),
    ("redeem", "1"),
    ("expire",),
    ("offers",),
]


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE meta SET format_version = 99", "E722"),
        ("UPDATE meta SET format_version = 2", "E731"),
        ("UPDATE meta SET project = 'bank'", "E723"),
        ("UPDATE meta SET currency = 'USD'", "E724"),
    ],
)
def test_a_ledger_that_is_not_ours_is_left_alone(shop, campaigner, asked, change, code):
    with closing(sqlite3.connect(shop / "var/ledger.db")) as connection:
        connection.execute(change)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = (shop / "var/ledger.db").read_bytes()
    told = campaigner("ledger", "shop", *asked)
    assert (told.returncode, told.stdout) == (2, "")
    assert f"error[{code}]" in told.stderr
    assert (shop / "var/ledger.db").read_bytes() == before


@pytest.mark.parametrize("asked", ASKED)
def test_a_server_that_is_not_there(shop, campaigner, asked):
    file = shop / "campaigner.toml"
    text = file.read_text("utf-8")
    url = "postgresql://nobody@127.0.0.1:1/shop?connect_timeout=1"
    file.write_text(text.replace("sqlite:///var/ledger.db", url), "utf-8")
    told = campaigner("ledger", "shop", *asked)
    assert (told.returncode, told.stdout) == (2, "")
    assert "error[E7" in told.stderr


@pytest.mark.parametrize(
    "reward",
    ["-5 cash", "0 cash", "1e400 cash", "NaN cash", "5 USD", "5.001 cash", "-1 points", "choice"],
)
def test_no_grant_by_hand_of_what_is_no_amount(shop, campaigner, reward):
    asked = ("--from-reserve", "--campaign", "win_back", "--customer", "c001", "--name", "n")
    told = campaigner("ledger", "shop", "grant", *asked, "--reward", reward, "--reason", "r")
    assert (told.returncode, told.stdout) == (2, "")
    assert "error[E7" in told.stderr


KEYS = [
    ("balances", "--customer"),
    ("offers", "--customer"),
    ("grant", "--from-reserve", "--customer"),
    ("grant", "--from-reserve", "--name"),
    ("claim", "1", "--choose", "coffee", "--by"),
    ("redeem", "1", "--by"),
]
WORDS = [
    ("claim", "1", "--by", "c001", "--choose"),
    ("redeem", "1", "--reward"),
    ("reverse", "1", "--reason"),
    ("grant", "--from-reserve", "--reason"),
    ("grant", "--from-reserve", "--reward"),
]


@pytest.mark.parametrize("arguments", [*KEYS, *WORDS])
def test_words_that_are_no_text_are_refused(capsys, arguments):
    verb, *options = arguments
    assert invoke(["ledger", verb, *options, "a\udcffb"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"error[E790]: the value of `{options[-1]}` is not text in UTF-8")


@pytest.mark.parametrize("arguments", KEYS)
def test_keys_longer_than_any_are_refused(capsys, arguments):
    verb, *options = arguments
    assert invoke(["ledger", verb, *options, "k" * 256]) == 2
    assert f"the value of `{options[-1]}` is longer than" in capsys.readouterr().err
