"""Commands and the files of a project: none is overwritten, and no pipe is waited for."""

from __future__ import annotations

import os
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from campaigner.cli.main import invoke

PERIOD = ("--from", "2026-01-01", "--to", "2026-01-31")
LEDGER = "var/ledger.db"
PUSH = "var/outbox/push.jsonl"


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    """A command that waits for a pipe ends with an error of its own."""

    def late(*_: object) -> None:
        raise AssertionError("it waits")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(30)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has run once."""
    folder = tmp_path_factory.mktemp("started") / "shop"
    assert invoke(["init", str(folder)]) == 0
    assert invoke(["run", str(folder), *PERIOD]) == 0
    return folder


@pytest.fixture
def shop(started: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(started, tmp_path / "shop"))


def everything(folder: Path) -> dict[Path, bytes]:
    """Every file except those that SQLite puts next to a ledger that is read."""
    return {
        path: path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".campaigner" not in path.parts and "-" not in path.suffix
    }


def with_push_at(shop: Path, path: str) -> None:
    settings = shop / "campaigner.toml"
    text = settings.read_text("utf-8")
    assert PUSH in text
    settings.write_text(text.replace(PUSH, path), "utf-8")


@pytest.mark.parametrize(
    "taken",
    [
        "catalog.yaml",
        "cash_back.campaign",
        "campaigner.toml",
        "data/shop.duckdb",
        LEDGER,
        "rewards",
    ],
)
def test_a_run_spoils_no_file_of_the_project(campaigner, shop: Path, taken: str) -> None:
    target = "var/outbox/rewards.jsonl" if taken == "rewards" else taken
    (shop / "var/link").symlink_to(shop / target)
    with_push_at(shop, "var/link")
    before = everything(shop)
    for command in (
        ("check", shop),
        ("run", shop, *PERIOD),
        ("events", shop, shop / "catalog.yaml"),
    ):
        told = campaigner(*command)
        assert told.returncode == 1
        assert "error[E172]: `channels." in told.stdout + told.stderr
    assert everything(shop) == before


def test_a_link_that_appears_between_two_checks_is_seen(campaigner, shop: Path) -> None:
    with_push_at(shop, "var/link")
    assert campaigner("check", shop, "--today", "2026-02-01").returncode == 0
    (shop / "var/link").symlink_to("ledger.db")
    assert "E172" in campaigner("check", shop, "--today", "2026-02-01").stdout


@pytest.mark.parametrize(
    "taken", ["catalog.yaml", "campaigner.toml", LEDGER, f"{LEDGER}-wal", PUSH, "new.campaign"]
)
def test_no_output_replaces_a_file_of_the_project(campaigner, shop: Path, taken: str) -> None:
    before = everything(shop)
    told = campaigner("plan", shop, "--output", shop / taken)
    assert told.returncode == 2
    assert "error[E179]" in told.stderr
    assert everything(shop) == before


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _folder(path: Path) -> None:
    path.mkdir()


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(path.parent)  # the name of a socket is a short one
        try:
            listening.bind(path.name)
        finally:
            os.chdir(here)


@pytest.mark.parametrize("make", [_pipe, _device, _folder, _socket])
@pytest.mark.parametrize(
    "name",
    [
        *("campaigner.toml", "catalog.yaml", "cash_back.campaign", "data/shop.duckdb"),
        *(LEDGER, f"{LEDGER}-wal", PUSH, "data/shop.duckdb.wal"),
    ],
)
def test_what_is_no_file_is_an_error_and_not_a_wait(
    campaigner, shop: Path, name: str, make: Callable[[Path], None]
) -> None:
    (shop / name).unlink(missing_ok=True)
    make(shop / name)
    told = campaigner("run", shop, "--from", "2026-01-01", "--to", "2026-02-28")
    if make is _folder and name == "cash_back.campaign":
        assert told.returncode == 0  # a folder of that name is a folder
    else:
        assert told.returncode in (1, 2)
        assert "error[E" in told.stderr
        assert any(word in told.stderr for word in ("directory", "folder", "a pipe, a socket"))
    for command in (("check", shop), ("ledger", "grants", shop), ("fmt", "--check", shop)):
        assert campaigner(*command).returncode in (0, 1, 2)


@pytest.mark.parametrize("written", [PUSH, LEDGER, "data/shop.duckdb"])
def test_nul_is_in_no_path(campaigner, shop: Path, written: str) -> None:
    settings = shop / "campaigner.toml"
    settings.write_text(settings.read_text("utf-8").replace(written, "a\\u0000b"), "utf-8")
    told = campaigner("run", shop, *PERIOD)
    assert told.returncode == 1
    assert "text without NUL" in told.stderr


@pytest.mark.parametrize("make", [_pipe, _device, _folder, _socket])
def test_a_file_of_events_is_a_file(campaigner, shop: Path, make: Callable[[Path], None]) -> None:
    make(shop / "events")
    told = campaigner("events", shop, shop / "events")
    assert told.returncode == 2
    assert "error[E78" in told.stderr


def test_events_come_from_a_pipe_that_a_shell_hands_over(campaigner, shop: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"{}\n")
    os.close(writing)
    told = campaigner("events", shop, f"/dev/fd/{reading}")
    os.close(reading)
    assert "E744" in told.stderr


@pytest.mark.parametrize("make", [_pipe, _device, _folder, _socket])
def test_an_output_is_a_file(campaigner, shop: Path, make: Callable[[Path], None]) -> None:
    out = shop.parent / "out"
    make(out)
    told = campaigner("plan", shop, "--output", out)
    assert told.returncode == 2
    assert "error[E783]" in told.stderr
    assert not out.is_file()


def test_an_output_is_no_pipe_that_a_shell_hands_over(campaigner, shop: Path) -> None:
    reading, writing = os.pipe()
    told = campaigner("plan", shop, "--output", f"/dev/fd/{writing}")
    os.close(reading)
    os.close(writing)
    assert "error[E783]" in told.stderr
    assert "a pipe, a socket or a device" in told.stderr
