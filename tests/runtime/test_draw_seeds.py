"""Draws with a seed: nobody can foresee them, every engine has the same, and nothing shows it."""

from __future__ import annotations

import json
import re
from hashlib import md5
from itertools import islice
from pathlib import Path

import pytest
from campaigner.cli.main import invoke
from campaigner.compiler.dialects.registry import DIALECTS
from campaigner.compiler.plan.chance import NO_SEEDS, Seeds, seed_digest, ticket
from campaigner.compiler.plan.due import Due
from campaigner.compiler.plan.plan_json import dump
from campaigner.compiler.sql.campaign import candidates_query, decisions
from campaigner.runtime.decide.facts import named
from campaigner.runtime.decide.reference import Rows, decide
from campaigner.runtime.events.engine import compile_events
from campaigner.runtime.explain.explain import explain
from hypothesis import assume, given
from hypothesis import strategies as st

from ..laws import at_most
from ..on_postgresql import copied, new_schema
from ..projects import compile_folder, write
from ..seeds import SEED, SETTINGS, seeds_of
from . import shops
from .houses import at
from .shops import Shop, campaign, shop

DRAW = "draw { 40%: coffee  rest: 10 points }"
KEYS = [f"o{n}" for n in range(300)]


@pytest.fixture
def seeded(tmp_path: Path) -> Shop:
    house = shop(
        tmp_path, campaign(DRAW), customers=["ann", "a/b%"], settings=shops.SETTINGS + SETTINGS
    )
    house.order((key, "ann", "2026-01-05", 1, None) for key in KEYS)
    house.order([("x/1", "a/b%", "2026-01-05", 1, None)])
    return house


def drawn(customer: str, key: str) -> str:
    """The ticket with a seed by docs/language.md, in the fewest words."""
    customer = customer.replace("%", "%25").replace("/", "%2F")
    text = f"draw/{Seeds(SEED).of('gift')}/gift/main/{customer}/{key}"
    return md5(text.encode(), usedforsecurity=False).hexdigest()[:8]


def expected() -> set[tuple[str, str]]:
    of = [("ann", key) for key in KEYS] + [("a/b%", "x/1")]
    return {(key, "coffee" if drawn(who, key) < "66666666" else "points") for who, key in of}


# --- one meaning --------------------------------------------------------------------------------


def test_a_run_draws_as_the_page_says(seeded: Shop) -> None:
    seeded.run()
    assert {(row.occurrence, row.reward) for row in seeded.grants()} == expected()


def test_a_run_on_a_server_draws_the_same(seeded: Shop) -> None:
    seeded.warehouse = copied(seeded.folder / "shop.duckdb", new_schema())
    seeded.run()
    assert {(row.occurrence, row.reward) for row in seeded.grants()} == expected()


def test_an_explanation_shows_the_ticket_and_not_the_seed(seeded: Shop) -> None:
    event = {"at": at("2026-01-05"), "key": "o1", "points": 1, "friend": None}
    rows = Rows({"ann": {"vip": False}}, {"order": {"ann": [event]}})
    with seeded.ledger() as ledger:
        found = explain(
            seeded.plan, "gift", "ann", at("2026-01-06"), rows, ledger, seeds_of(seeded.plan)
        )
    values = [clause.values for clause in found.clauses if "drawn" in clause.values]
    assert values[0]["drawn"] == drawn("ann", "o1")
    assert str(Seeds(SEED).of("gift")) not in repr(found)


def test_a_plan_with_a_seed_is_never_drawn_without(seeded: Shop) -> None:
    event = {"at": at("2026-01-05"), "key": "o1", "points": 1, "friend": None}
    rows = Rows({"ann": {"vip": False}}, {"order": {"ann": [event]}})
    due = Due(at("2026-01-01"), at("2026-02-01"))
    with pytest.raises(LookupError):
        decide(seeded.plan, "gift", rows, due, NO_SEEDS)
    with pytest.raises(LookupError):
        compile_events(seeded.plan)


# --- what somebody can foresee ------------------------------------------------------------------

TEXTS = st.text(min_size=1, max_size=12)


@given(TEXTS, TEXTS, TEXTS)
def test_each_campaign_and_each_project_has_its_own_seed(project, name, other):
    assume(name != other)
    mine = Seeds(project).of(name)
    assert re.fullmatch("[0-9a-f]{64}", str(mine))
    assert mine not in (Seeds(project).of(other), Seeds(project + "x").of(name), None)
    assert seed_digest(str(mine)) != mine
    assert repr(Seeds(project)) == "Seeds()"


@at_most(10)
@given(TEXTS, TEXTS, st.sampled_from(["0.01", "0.1", "0.5"]))
def test_who_chooses_keys_without_the_seed_wins_no_more_often(project, customer, odds):
    """Keys that would win without a seed, and with a guess at it, win as often as any."""
    part = float(odds)
    below = format(int(part * 16**8), "08x")
    seed = Seeds(project).of("gift")
    guess = Seeds(project + "?").of("gift")
    keys = (f"k{n}" for n in range(100_000))
    wins = (
        key
        for key in keys
        if ticket("gift", "main", customer, key, None) < below
        or ticket("gift", "main", customer, key, guess) < below
    )
    chosen = list(islice(wins, 200))
    won = sum(ticket("gift", "main", customer, key, seed) < below for key in chosen)
    # Six standard deviations: hypothesis looks at many seeds.
    assert abs(won - 200 * part) <= 6 * (200 * part * (1 - part)) ** 0.5 + 1


# --- what shows it ------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS)
def test_sql_takes_the_seed_as_a_parameter(seeded: Shop, dialect: str) -> None:
    due = Due(at("2026-01-01"), at("2026-02-01"))
    query = candidates_query(seeded.plan, "gift", due, dialect)
    assert query.seeds == {"seed_1": "gift"}
    for sql in (query.sql, decisions(seeded.plan, "gift", due, dialect)):
        assert "seed_1" in sql
        assert "parameter seed_1: the seed of gift" in sql
        assert SEED not in sql
        assert str(Seeds(SEED).of("gift")) not in sql


def test_a_campaign_that_does_not_draw_takes_none(tmp_path: Path) -> None:
    toml = shops.SETTINGS + SETTINGS
    for reward in ("coffee", "draw { 100%: coffee }"):
        house = shop(tmp_path / reward[:4], campaign(reward), customers=["ann"], settings=toml)
        query = candidates_query(house.plan, "gift", Due(at("2026-01-01"), at("2026-02-01")))
        assert query.seeds == {}
        assert not named(house.plan.campaigns, "gift").draws


def test_a_check_and_a_plan_need_no_variable_and_a_run_does(
    seeded: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DRAW_SEED", raising=False)
    folder = str(seeded.folder)
    assert invoke(["check", folder]) == 0
    capsys.readouterr()
    assert invoke(["plan", folder]) == 0
    without = capsys.readouterr().out
    run = ["run", folder, "--from", "2026-01-01", "--to", "2026-01-31"]
    assert invoke(run) == 2
    assert "[E175]" in capsys.readouterr().err
    monkeypatch.setenv("DRAW_SEED", SEED)
    assert invoke(["plan", folder]) == 0
    assert capsys.readouterr().out == without == dump(seeded.plan).decode()
    assert json.loads(without)["seeded"] is True
    assert invoke(run) == 0
    told = capsys.readouterr()
    for secret in (SEED, str(Seeds(SEED).of("gift"))):
        assert secret not in told.out + told.err
        for file in seeded.folder.rglob("*"):
            assert file.is_dir() or secret.encode() not in file.read_bytes(), file


def test_a_seed_that_is_written_is_refused_and_not_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    toml = shops.SETTINGS + '[chance]\nseed = "correct horse battery"\n'
    files = {"campaigner.toml": toml, "catalog.yaml": shops.CATALOG}
    write(tmp_path, {**files, "all.campaign": shops.BENEFITS + campaign(DRAW)})
    found = {one.code.id for one in compile_folder(tmp_path).diagnostics}
    assert "E174" in found
    invoke(["check", str(tmp_path)])
    told = capsys.readouterr()
    assert "E174" in told.out + told.err
    assert "horse" not in told.out + told.err
