"""New files are for their owner alone, whatever the mask; existing ones keep their mode."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from campaigner.cli.main import invoke
from campaigner.runtime.ledger import open_ledger

PERIOD = ("--from", "2026-01-01", "--to", "2026-01-31")


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has never run."""
    folder = tmp_path_factory.mktemp("started") / "shop"
    assert invoke(["init", str(folder)]) == 0
    return folder


@pytest.fixture(params=[0o000, 0o022, 0o077])
def mask(request: pytest.FixtureRequest) -> Iterator[int]:
    """A mask that this process has for a while."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.fixture
def shop(started: Path, tmp_path: Path, mask: int) -> Path:
    folder = Path(shutil.copytree(started, tmp_path / "shop"))
    (folder / "no_events").touch()
    return folder


def modes(folder: Path) -> dict[str, int]:
    """The mode of each file and folder below one."""
    return {
        str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode)
        for path in sorted(folder.rglob("*"))
    }


COMMANDS = (
    ("check", "."),
    ("plan", ".", "--output", "plan.json"),
    ("run", ".", *PERIOD),
    ("events", ".", "no_events"),
    ("run", ".", *PERIOD, "--dry-run"),
    ("ledger", "grants", ".", "--format", "csv"),
    ("ledger", "budgets", "."),
    ("ledger", "reverse", ".", "1", "--reason", "a mistake"),
    ("ledger", "verify", "."),
    ("ledger", "migrate", "."),
    ("outbox", "list", "."),
    ("outbox", "retry", "."),
    ("fmt", "."),
)


def test_new_files_are_for_their_owner_alone(campaigner, shop: Path) -> None:
    before = modes(shop)
    for command in COMMANDS:
        told = campaigner(*command, cwd=shop)
        assert told.returncode in (0, 1), (command, told.stderr)
        after = modes(shop)
        assert {name: after[name] for name in before} == before, command
        new = {name: mode for name, mode in after.items() if name not in before}
        assert not {name: oct(mode) for name, mode in new.items() if mode & 0o077}, command
    made = set(modes(shop)) - set(before)
    assert {"plan.json", "var/ledger.db", "var/outbox/push.jsonl", ".campaigner/cache"} <= made


def test_what_sqlite_keeps_beside_a_ledger_is_for_its_owner_alone(shop: Path) -> None:
    with open_ledger("sqlite:///var/ledger.db", "shop", "CNY", root=shop) as ledger:
        with ledger.outbox() as outbox:
            outbox.set_length("push", 1)
        found = modes(shop / "var")
    assert set(found) == {"ledger.db", "ledger.db-shm", "ledger.db-wal"}
    assert set(found.values()) == {0o600}


def test_what_is_there_keeps_its_mode(campaigner, shop: Path) -> None:
    (shop / "var/outbox").mkdir(parents=True)
    given = {"plan.json": 0o644, "var/ledger.db": 0o640, "var/outbox/push.jsonl": 0o664}
    for name, mode in given.items():
        (shop / name).touch()
        (shop / name).chmod(mode)
    (shop / "var/outbox").chmod(0o750)
    assert campaigner("run", shop, *PERIOD).returncode == 0
    assert campaigner("plan", shop, "--output", shop / "plan.json").returncode == 0
    found = modes(shop)
    assert {name: found[name] for name in given} == given
    assert found["var/outbox"] == 0o750
