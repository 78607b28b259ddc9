"""Ledgers that cannot be had: each says which file, and what to do; nothing is half-written."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from campaigner.compiler.plan import Plan
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime.ledger import FORMAT_VERSION, Ledger, open_ledger

from .ledgers import DIGEST, URL, account, ask, dump, gift, opened

PROJECT = gift(account("campaign/gift/total", "100"))


def refused(root: Path, url: str = URL, name: str = "shop", currency: str = "CNY", **more):
    """Code and sentence of what stops the ledger from opening."""
    with pytest.raises(CannotRun) as caught:
        open_ledger(url, name, currency, root=root, **more)
    diagnostic = caught.value.diagnostic
    assert diagnostic.help("en")
    assert diagnostic.help("zh")
    assert diagnostic.message("zh")
    return diagnostic.code.id, diagnostic.message()


def test_a_missing_folder_is_made(tmp_path):
    opened(tmp_path).close()
    assert (tmp_path / "var/ledger.db").exists()


@pytest.mark.parametrize("mode", ["read", "rehearse"])
def test_reading_and_rehearsing_make_no_file(tmp_path, mode):
    with opened(tmp_path, mode=mode) as ledger:
        assert list(ledger.grants()) == []
    assert list(tmp_path.iterdir()) == []


def test_another_kind_of_store(tmp_path):
    code, message = refused(tmp_path, "mysql://user:secret@host/db")
    assert (code, message) == ("E720", "a ledger at `mysql` is not supported")


def test_a_file_that_is_not_a_ledger_is_left_as_it_is(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("my notes, much longer than the first sixteen bytes")
    assert refused(tmp_path, "sqlite:///notes.txt") == (
        "E721",
        "notes.txt is a file of another kind, not a ledger",
    )
    assert path.read_text().startswith("my notes")


def test_another_programs_sqlite_file_is_left_as_it_is(tmp_path):
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE customers (id)")
    before = path.read_bytes()
    for mode in ("write", "read", "rehearse"):
        assert refused(tmp_path, "sqlite:///other.db", mode=mode)[0] == "E721"
    assert path.read_bytes() == before


def test_a_newer_format(tmp_path):
    opened(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "var/ledger.db")) as connection:
        connection.execute("UPDATE meta SET format_version = 99")
        connection.commit()
    code, message = refused(tmp_path)
    assert code == "E722"
    assert message == (
        "the ledger var/ledger.db has format 99, and this version of campaigner writes format"
        f" {FORMAT_VERSION}"
    )


def test_another_projects_and_another_currency(tmp_path):
    opened(tmp_path).close()
    assert refused(tmp_path, name="bank")[0] == "E723"
    assert refused(tmp_path, currency="USD")[0] == "E724"


def test_a_folder_a_file_for_a_folder_and_no_path(tmp_path):
    (tmp_path / "file").write_text("")
    assert refused(tmp_path, "sqlite:///.") == (
        "E728",
        "the ledger . cannot be opened: it is a folder",
    )
    assert refused(tmp_path, "sqlite:///file/ledger.db") == (
        "E728",
        "the ledger file/ledger.db cannot be opened: its folder cannot be made",
    )
    assert refused(tmp_path, "sqlite:///")[0] == "E728"


@pytest.mark.skipif(os.name != "posix" or not hasattr(os, "geteuid"), reason="asks for POSIX modes")
@pytest.mark.parametrize("locked", ["var/ledger.db", "var", "."])
def test_a_file_or_folder_that_may_not_be_written(tmp_path, locked):
    opened(tmp_path).close()
    for each in (tmp_path / "var", *(tmp_path / "var").iterdir()):
        each.chmod(0o755)  # the owner lets others read it
    if locked == ".":
        shutil.rmtree(tmp_path / "var")
    target = tmp_path / locked
    target.chmod(0o444 if target.is_file() else 0o555)
    said = _as_somebody_else(tmp_path, "write")
    reads = _as_somebody_else(tmp_path, "read")
    target.chmod(0o755)
    assert said == "E725"
    # Without its file the ledger is made in memory, for which that somebody must read the package.
    assert locked == "." or reads == "fine"


def _as_somebody_else(root: Path, mode: str) -> str:
    """Opens the ledger in a process that is not root, whom permissions do not hold."""
    script = (
        "import os, sys; from pathlib import Path\n"
        "from campaigner.dsl.diagnostics.diagnostic import CannotRun\n"
        "from campaigner.runtime.ledger import open_ledger\n"
        "if os.geteuid() == 0: os.setgid(65534); os.setuid(65534)\n"
        "try:\n"
        f"    ledger = open_ledger({URL!r}, 'shop', 'CNY', root=Path(sys.argv[1]), mode={mode!r})\n"
        "    print('fine', *ledger.grants())\n"
        "except CannotRun as stop: print(stop.diagnostic.code.id)\n"
    )
    for folder in (root, *root.parents):
        if os.geteuid() == 0 and folder.stat().st_uid == 0 and folder.is_relative_to("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o055)
    run = subprocess.run(
        [sys.executable, "-c", script, str(root)], capture_output=True, text=True, check=False
    )
    return run.stdout.strip() or run.stderr


def test_another_run_that_is_writing(tmp_path):
    with opened(tmp_path) as ledger, opened(tmp_path, patience=0.05) as late:
        with ledger.outbox(), pytest.raises(CannotRun) as caught:
            late.decide(PROJECT, [ask("ann", "2026-01-10 10:00", "60 cash")], DIGEST)
        assert caught.value.diagnostic.code.id == "E726"
        results = late.decide(PROJECT, [ask("ann", "2026-01-10 10:00", "60 cash")], DIGEST)
        assert results[0].outcome == "granted"


def test_a_damaged_file(tmp_path):
    with opened(tmp_path) as ledger:
        ledger.mark_seen("invest", (f"{n:050}" for n in range(5_000)))
    path = tmp_path / "var/ledger.db"
    data = bytearray(path.read_bytes())
    data[100:] = b"\x07" * (len(data) - 100)
    path.write_bytes(bytes(data))
    assert refused(tmp_path)[0] in {"E721", "E729"}


def test_a_full_disk_keeps_nothing_of_the_batch(tmp_path):
    project = gift(account("campaign/gift/total", "1000000"))
    path = tmp_path / "var/ledger.db"
    first = [ask("ann", "2026-01-10 10:00", "60 cash")]
    batch = [ask(f"c{n}", "2026-01-10 10:00", "1 cash") for n in range(2_000)]
    with opened(tmp_path) as ledger:
        ledger.decide(project, first, DIGEST)
        # SQLite's own limit of room.
        (pages,) = ledger._store.connection.execute("PRAGMA page_count").fetchone()
        ledger._store.connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(CannotRun) as caught:
            ledger.decide(project, batch, DIGEST)
        assert caught.value.diagnostic.code.id == "E727"
        assert caught.value.diagnostic.message().startswith("the disk is full")
        assert [row.recipient for row in ledger.grants()] == ["ann"]
    before = dump(path)
    with opened(tmp_path) as ledger:
        assert dump(path) == before
        results = ledger.decide(project, batch, DIGEST)
        assert {result.outcome for result in results} == {"granted"}
        assert ledger.verify() == ()


def test_a_disk_that_is_really_full(tmp_path):
    room = tmp_path / "var"
    room.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=900k", "tmpfs", str(room)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False).returncode != 0:
        pytest.skip("no small file system can be mounted here")
    try:
        project = gift(account("campaign/gift/total", "1000000"))
        with opened(tmp_path) as ledger:
            granted: list[int] = []
            with pytest.raises(CannotRun) as caught:
                _grant_for_ever(ledger, project, granted)
            assert caught.value.diagnostic.code.id in {"E727", "E730"}
        with opened(tmp_path, mode="read") as ledger:
            assert sum(1 for _ in ledger.grants()) == sum(granted)
            assert ledger.verify() == ()
    finally:
        subprocess.run(["umount", str(room)], check=True)


def _grant_for_ever(ledger: Ledger, project: Plan, granted: list[int]) -> None:
    for n in range(1_000):
        batch = [ask(f"{n}-{m}", "2026-01-10 10:00", "1 cash") for m in range(100)]
        granted.append(len(ledger.decide(project, batch, DIGEST)))


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_a_new_ledger_is_for_its_owner_alone(tmp_path, mask):
    before = os.umask(mask)
    try:
        with opened(tmp_path) as ledger:
            ledger.set_progress({"gift": datetime(2026, 1, 1, tzinfo=UTC)})
            modes = {each.stat().st_mode & 0o777 for each in (tmp_path / "var").iterdir()}
    finally:
        os.umask(before)
    assert modes == {0o600}
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700
