"""A seed is committed to before a draw and published after the end; draws can be redone."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from campaigner.cli.main import invoke
from campaigner.compiler.plan.chance import NO_SEEDS, Seeds, seed_digest
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime.due.periods import Between
from campaigner.runtime.events.engine import Event
from campaigner.runtime.events.worker import EventWorker
from campaigner.runtime.ledger import Ledger, open_ledger
from campaigner.runtime.ledger.draws.odds import draws_of, draws_without
from campaigner.runtime.run.run import Work, run
from campaigner.runtime.warehouse.engines import open_warehouse

from ..on_postgresql import new_schema, schema_url
from ..projects import compile_folder
from ..seeds import SEED, SETTINGS
from . import shops
from .houses import at
from .shops import Shop, campaign, shop

DRAW = "draw { 20%: phone  40%: coffee and 5 points  rest: 10 points }"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
MINE = str(Seeds(SEED).of("gift"))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of an empty ledger."""
    if request.param == "sqlite":
        return "sqlite:///ledger.db"
    return schema_url(new_schema())


def house(folder: Path, *, seeded: bool = True, reward: str = DRAW) -> Shop:
    made = shop(folder, campaign(reward), customers=["ann", "bob"])
    keys = [(f"o{n}", "ann" if n % 2 else "bob", "2026-01-05", n % 3, None) for n in range(60)]
    made.order(keys)
    if seeded:
        _settings(made, SETTINGS)
    return made


def _settings(made: Shop, more: str) -> None:
    (made.folder / "campaigner.toml").write_text(shops.SETTINGS + more, "utf-8")
    plan = compile_folder(made.folder).plan
    assert plan is not None
    made.plan = plan


def opened(made: Shop, url: str) -> Ledger:
    return open_ledger(url, "test", "CNY", root=made.folder)


def carried_out(made: Shop, url: str, seeds: Seeds, digest: str = "plan-1") -> object:
    with opened(made, url) as ledger, open_warehouse(made.warehouse, made.folder) as warehouse:
        work = Work(made.plan, digest, warehouse, ledger, seeds=seeds)
        return run(work, Between(at("2026-01-01"), at("2026-01-31")))


def redrawn(made: Shop, url: str, seeds: Seeds = NO_SEEDS) -> Iterator[object]:
    with opened(made, url) as ledger:
        assert ledger.verify() == ()
        found = ledger.redraw(seeds, tuple(draws_without(made.plan)))
    assert found.findings == ()
    return [(one.seed, one.redrawn, one.left) for one in found.draws]


# --- which seed decides -------------------------------------------------------------------------


def test_the_seed_is_committed_to_and_then_known(tmp_path: Path, url: str) -> None:
    made = house(tmp_path)
    carried_out(made, url, Seeds(SEED))
    digest = seed_digest(MINE)
    assert redrawn(made, url) == [(digest, 0, 60)]
    assert redrawn(made, url, Seeds("another one")) == [(digest, 0, 60)]
    assert redrawn(made, url, Seeds(SEED)) == [(digest, 60, 0)]
    with opened(made, url) as ledger:
        assert ledger.drawn_with("gift") == digest
        assert ledger.revealed() == frozenset()
        first = ledger.reveal("gift", MINE, NOW)
        assert ledger.reveal("gift", "else", NOW) == first
        assert (first.seed, first.digest, first.at) == (MINE, digest, NOW)
    assert redrawn(made, url) == [(digest, 60, 0)]


@pytest.mark.parametrize("other", [Seeds("another seed"), NO_SEEDS])
def test_another_seed_is_refused_before_anything_is_decided(
    tmp_path: Path, url: str, other: Seeds
) -> None:
    made = house(tmp_path)
    carried_out(made, url, Seeds(SEED))
    made.order([("o99", "ann", "2026-01-06", 1, None)])
    if other is NO_SEEDS:
        _settings(made, "")
    with pytest.raises(CannotRun) as stopped:
        carried_out(made, url, other, "plan-2")
    assert stopped.value.diagnostic.code.id == "E776"
    told = stopped.value.diagnostic.message() + stopped.value.diagnostic.message("zh")
    assert MINE not in told
    assert redrawn(made, url, Seeds(SEED)) == [(seed_digest(MINE), 60, 0)]


def test_draws_from_before_a_seed_are_redrawn_without(tmp_path: Path, url: str) -> None:
    made = house(tmp_path, seeded=False)
    carried_out(made, url, NO_SEEDS)
    _settings(made, SETTINGS)
    made.order((f"p{n}", "ann", "2026-01-06", 1, None) for n in range(40))
    carried_out(made, url, Seeds(SEED), "plan-2")
    assert redrawn(made, url) == [(None, 60, 0), (seed_digest(MINE), 0, 40)]
    assert redrawn(made, url, Seeds(SEED)) == [(None, 60, 0), (seed_digest(MINE), 40, 0)]


def test_odds_that_were_edited_since_are_those_of_their_time(tmp_path: Path, url: str) -> None:
    made = house(tmp_path)
    carried_out(made, url, Seeds(SEED))
    text = (made.folder / "all.campaign").read_text("utf-8")
    (made.folder / "all.campaign").write_text(text.replace("40%: coffee", "1%: coffee"), "utf-8")
    _settings(made, SETTINGS)
    made.order((f"p{n}", "ann", "2026-01-06", 1, None) for n in range(40))
    carried_out(made, url, Seeds(SEED), "plan-2")
    assert redrawn(made, url, Seeds(SEED)) == [(seed_digest(MINE), 100, 0)]


@pytest.mark.parametrize(
    "reward",
    [
        "draw { 30%: 2 * event.points points  rest: coffee }",
        "draw { 30%: choose 1 of coffee, phone  rest: 3 points }",
        "draw { 30%: coffee  20%: 1 CNY as cash }",
        "draw { 50%: phone  rest: 10 points } limit 4 per customer",
    ],
)
def test_prizes_of_every_kind_are_redrawn(tmp_path: Path, reward: str) -> None:
    made = house(tmp_path, reward=reward)
    carried_out(made, "sqlite:///ledger.db", Seeds(SEED))
    ((_, count, left),) = redrawn(made, "sqlite:///ledger.db", Seeds(SEED))
    assert count > 10
    assert left == 0


def test_a_rehearsal_commits_to_nothing(tmp_path: Path, url: str) -> None:
    made = house(tmp_path)
    with opened(made, url) as ledger, ledger.rehearsal() as copy:
        copy.declare("plan-1", tuple(draws_of(made.plan, Seeds("one"))))
    carried_out(made, url, Seeds(SEED))
    assert redrawn(made, url, Seeds(SEED)) == [(seed_digest(MINE), 60, 0)]


def test_a_draw_after_the_seed_is_public_gives_nothing(tmp_path: Path, url: str) -> None:
    made = house(tmp_path)
    carried_out(made, url, Seeds(SEED))
    with opened(made, url) as ledger:
        ledger.reveal("gift", MINE, NOW)
    made.order((f"late{n}", "ann", "2026-01-06", 1, None) for n in range(30))
    report = carried_out(made, url, Seeds(SEED))
    assert "W754" in [one.code.id for one in report.warnings]
    with opened(made, url) as ledger:
        assert sum(ledger.outcomes().values()) == 60


def streamed(made: Shop, url: str, seeds: Seeds, keys: list[str]) -> tuple[list[str], list[str]]:
    """Orders of ann put through an event worker: the codes of its warnings, and the outcomes."""
    with opened(made, url) as ledger:
        worker = EventWorker(
            made.plan,
            "plan-1",
            lambda: open_warehouse(made.warehouse, made.folder),
            ledger,
            seeds=seeds,
        )
        codes = [one.code.id for one in worker.fit()]
        row = {"at": at("2026-01-05"), "points": 1, "friend": None}
        decided = worker.decide([Event("order", "ann", {**row, "key": key}) for key in keys])
    return codes, [result.outcome for one in decided for _, result in one.results]


def test_events_draw_as_a_run_does_and_commit_too(tmp_path: Path, url: str) -> None:
    made = house(tmp_path)
    keys = [f"o{n}" for n in range(1, 60, 2)]
    outcomes = streamed(made, url, Seeds(SEED), keys)[1]
    assert len(outcomes) == 30
    assert set(outcomes) == {"granted", "out_of_stock"}  # there are three phones
    assert redrawn(made, url, Seeds(SEED)) == [(seed_digest(MINE), 30, 0)]
    with pytest.raises(CannotRun) as stopped:
        streamed(made, url, Seeds("another"), ["x1"])
    assert stopped.value.diagnostic.code.id == "E776"
    report = carried_out(made, url, Seeds(SEED))
    assert report.campaigns[0].repeated == 30
    assert report.campaigns[0].changed == 0
    assert redrawn(made, url, Seeds(SEED)) == [(seed_digest(MINE), 60, 0)]


def test_an_event_after_the_seed_is_public_draws_nothing(tmp_path: Path, url: str) -> None:
    made = house(tmp_path)
    streamed(made, url, Seeds(SEED), ["o1"])
    with opened(made, url) as ledger:
        ledger.reveal("gift", MINE, NOW)
    codes, outcomes = streamed(made, url, Seeds(SEED), ["o1", "o3", "o5"])
    assert "W754" in codes
    assert outcomes == ["already_granted"]


# --- what somebody edits ------------------------------------------------------------------------

EDITS = {
    "a grant of another prize": "UPDATE grants SET reward = 'phone', benefit = 'phone'"
    " WHERE decision = (SELECT min(decision) FROM grants WHERE reward = 'coffee')"
    " AND reward = 'coffee'",
    "more points": "UPDATE grants SET amount = '1000'"
    " WHERE decision = (SELECT min(decision) FROM grants WHERE reward = 'points')"
    " AND reward = 'points'",
    "another customer": "UPDATE decisions SET customer = 'eve'",
    "another content": "UPDATE decisions SET content ="
    " (SELECT content FROM decisions AS other WHERE other.content <> decisions.content LIMIT 1)"
    " WHERE id = 7",
    "no grant": "DELETE FROM grants WHERE decision = (SELECT min(decision) FROM grants)",
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_draw_that_was_edited_is_found(tmp_path: Path, edit: str) -> None:
    made = house(tmp_path)
    carried_out(made, "sqlite:///ledger.db", Seeds(SEED))
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection:
        guards = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        for (name,) in guards.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(EDITS[edit])
        connection.commit()
    with opened(made, "sqlite:///ledger.db") as ledger:
        found = ledger.redraw(Seeds(SEED), ())
    assert {one.code.id for one in found.findings} == {"E777"}
    first = found.findings[0]
    assert "gift/main/" in first.message()
    assert MINE not in first.message()


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE draws SET seed = NULL",
        "UPDATE draws SET odds = '[]'",
        "DELETE FROM draws",
        "UPDATE reveals SET seed = 'mine'",
        "UPDATE reveals SET at = '2020-01-01T00:00:00.000000Z'",
    ],
)
def test_what_was_declared_and_published_is_in_the_chain(tmp_path: Path, edit: str) -> None:
    made = house(tmp_path)
    carried_out(made, "sqlite:///ledger.db", Seeds(SEED))
    with opened(made, "sqlite:///ledger.db") as ledger:
        ledger.reveal("gift", MINE, NOW)
        assert ledger.verify() == ()
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection:
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(edit)
        guards = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        kept = guards.fetchall()
        for name, _ in kept:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(edit)
        for _, sql in kept:
            connection.execute(sql)
        connection.commit()
    with opened(made, "sqlite:///ledger.db") as ledger:
        assert {one.code.id for one in ledger.verify()} & {"E763", "E764"}


# --- the commands -------------------------------------------------------------------------------


@pytest.fixture
def drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    made = house(tmp_path)
    monkeypatch.setenv("DRAW_SEED", SEED)
    assert invoke(["run", str(tmp_path), "--from", "2026-01-01", "--to", "2026-01-31"]) == 0
    return made


def edited(made: Shop, old: str, new: str) -> None:
    text = (made.folder / "all.campaign").read_text("utf-8")
    assert old in text
    (made.folder / "all.campaign").write_text(text.replace(old, new), "utf-8")


def test_a_seed_is_revealed_after_the_end_alone(
    drawn: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(drawn.folder)
    for period in ("trigger  on", "active 2026-01-01 to 2099-12-31\n  trigger  on"):
        edited(drawn, "trigger  on", period)
        capsys.readouterr()
        assert invoke(["ledger", "reveal", folder, "gift"]) == 2
        told = capsys.readouterr()
        assert "[E195]" in told.err
        assert MINE not in told.out + told.err
    edited(drawn, "2099-12-31", "2026-02-01")
    assert invoke(["ledger", "reveal", folder, "gift", "--format", "json"]) == 0
    published = json.loads(capsys.readouterr().out)
    assert (published["seed"], published["sha256"]) == (MINE, seed_digest(MINE))
    monkeypatch.delenv("DRAW_SEED")
    assert invoke(["ledger", "reveal", folder, "gift"]) == 0
    assert MINE in capsys.readouterr().out


def test_a_campaign_that_left_the_project_is_over(
    drawn: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    edited(drawn, "campaign gift", "campaign other")
    assert invoke(["ledger", "reveal", str(drawn.folder), "gift"]) == 0
    assert MINE in capsys.readouterr().out
    assert invoke(["ledger", "reveal", str(drawn.folder), "other"]) == 2
    assert "[E196]" in capsys.readouterr().err


def test_a_seed_that_did_not_decide_is_never_published(
    drawn: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    edited(drawn, "campaign gift", "campaign other")
    monkeypatch.setenv("DRAW_SEED", "another one")
    assert invoke(["ledger", "reveal", str(drawn.folder), "gift"]) == 2
    told = capsys.readouterr()
    assert "[E196]" in told.err
    assert str(Seeds("another one").of("gift")) not in told.out + told.err


def test_verify_draws_again_what_it_can(
    drawn: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    verify = ["ledger", "verify", str(drawn.folder), "--draws"]
    capsys.readouterr()
    assert invoke([*verify, "--format", "json"]) == 0
    (draw,) = json.loads(capsys.readouterr().out)["draws"]
    assert (draw["seed_sha256"], draw["redrawn"], draw["not_redrawn"]) == (seed_digest(MINE), 60, 0)
    monkeypatch.delenv("DRAW_SEED")
    assert invoke(verify) == 0
    told = capsys.readouterr()
    assert told.out.split()[-2:] == ["0", "60"]
    assert MINE not in told.out + told.err


def test_a_ledger_of_format_7_has_its_draws_redrawn_without(tmp_path: Path) -> None:
    """As it was migrated: nothing says how it was drawn but the project's files."""
    made = house(tmp_path, seeded=False)
    plain = replace(made.plan, campaigns=())
    carried_out(replace(made, plan=plain), "sqlite:///ledger.db", NO_SEEDS)
    carried_out(made, "sqlite:///ledger.db", NO_SEEDS)
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection:
        connection.execute("DROP TRIGGER draws_stay")
        connection.execute("DELETE FROM draws")
        connection.commit()
    with opened(made, "sqlite:///ledger.db") as ledger:
        found = ledger.redraw(NO_SEEDS, tuple(draws_without(made.plan)))
        assert [(one.seed, one.redrawn, one.left) for one in found.draws] == [(None, 60, 0)]
        assert found.findings == ()
        assert ledger.redraw(NO_SEEDS, ()).draws == ()
