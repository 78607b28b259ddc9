"""`campaigner init`: a project of its own, whole or not at all."""

import json
import os
import re
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from campaigner.cli.starter import warehouse

HAN = re.compile("[\u4e00-\u9fff]")


@pytest.fixture
def started(tmp_path, campaigner):
    assert campaigner("init", "shop").returncode == 0
    return tmp_path / "shop"


def test_it_says_what_to_do_next(tmp_path, campaigner):
    told = campaigner("init", "shop")
    assert told.stdout == ""
    assert "campaigner check shop" in told.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]


def test_a_new_folder_has_the_mode_of_any_new_folder(tmp_path, started):
    (tmp_path / "plain").mkdir()
    assert started.stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_an_empty_folder_will_do(tmp_path, campaigner):
    empty = tmp_path / "empty"
    empty.mkdir()
    assert campaigner("init", ".", cwd=empty).returncode == 0
    assert (empty / "campaigner.toml").is_file()


def test_a_used_folder_is_refused_and_left_alone(tmp_path, campaigner):
    used = tmp_path / "used"
    used.mkdir()
    (used / "notes.txt").write_text("mine")
    told = campaigner("init", "used")
    assert told.returncode == 2
    assert "`used` is not empty, it holds `notes.txt`" in told.stderr
    assert [path.name for path in used.iterdir()] == ["notes.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["used"]


def test_a_file_or_a_folder_that_is_not_there(tmp_path, campaigner):
    (tmp_path / "file").write_text("")
    assert campaigner("init", "file").returncode == 2
    told = campaigner("init", "gone/shop")
    assert told.returncode == 2
    assert f"`{tmp_path}/gone`" in told.stderr


def test_the_rows_are_always_the_same():
    assert list(warehouse.orders()) == list(warehouse.orders())
    keys = [customer.customer_id for customer in warehouse.customers()]
    assert len(set(keys)) == 60
    orders = list(warehouse.orders())
    assert len({order.order_id for order in orders}) == len(orders)
    assert {order.customer_id for order in orders} < set(keys)


def test_its_files_are_in_the_canonical_layout(started, campaigner):
    told = campaigner("fmt", "--check", started)
    assert (told.returncode, told.stdout) == (0, "")


def test_it_checks_without_a_mistake(started, campaigner):
    told = campaigner("check", "shop", "--deny-warnings", "--today", "2026-06-01")
    assert (told.returncode, told.stdout) == (0, "")


def test_it_runs_and_its_budget_runs_out(started, campaigner):
    told = campaigner("run", "shop", "--from", "2026-01-01", "--to", "2026-03-31")
    assert told.returncode == 0, told.stderr
    grants = json.loads(campaigner("ledger", "shop", "grants", "--format", "json").stdout)
    assert {grant["campaign"] for grant in grants["grants"]} == {"cash_back", "win_back"}
    budgets = json.loads(campaigner("ledger", "shop", "budgets", "--format", "json").stdout)
    assert any(budget["exhausted"] for budget in budgets["budgets"])
    assert (started / "var" / "outbox" / "push.jsonl").read_text(encoding="utf-8")


# --- inside of DIR alone ------------------------------------------------------------------------


def test_an_own_folder_in_one_that_may_not_be_written(tmp_path, campaigner):
    """The parent is left alone, since it may be on another device."""
    own = tmp_path / "own"
    own.mkdir()
    os.utime(tmp_path, ns=(0, 0))
    assert campaigner("init", own).returncode == 0
    assert tmp_path.stat().st_mtime_ns == 0


def test_a_new_file_system_and_a_start_that_was_killed(tmp_path, campaigner):
    volume = tmp_path / "volume"
    (volume / "lost+found").mkdir(parents=True)
    (volume / ".campaigner-init-abc" / "data").mkdir(parents=True)
    assert campaigner("init", volume).returncode == 0
    assert not list(volume.glob(".campaigner-init-*"))
    assert (volume / "lost+found").is_dir()


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("at", range(0, 12, 3))
def test_a_start_that_breaks_leaves_nothing(exists, at, tmp_path, campaigner, monkeypatch):
    folder = tmp_path / "shop"
    if exists:
        folder.mkdir()
    written = 0

    def breaks(path, content):
        nonlocal written
        written += 1
        if written == at + 1 or (at >= 8 and path.name == ".gitignore"):
            raise OSError(28, "No space left on device", str(path))
        with path.open("wb") as file:
            return file.write(content)

    monkeypatch.setattr(Path, "write_bytes", breaks)
    told = campaigner("init", folder)
    assert told.returncode == 2
    assert "no room left" in told.stderr
    assert folder.exists() == exists
    assert not exists or list(folder.iterdir()) == []
    monkeypatch.undo()
    assert campaigner("init", folder).returncode == 0


def test_a_start_that_is_stopped_leaves_nothing(tmp_path, campaigner, monkeypatch):
    build = warehouse.build

    def builds(path, language):
        build(path, language)
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(warehouse, "build", builds)
    told = campaigner("init", "shop")
    assert (told.returncode, told.stderr) == (143, "stopped: nothing was changed\n")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_comes_meanwhile_is_not_overwritten(tmp_path, campaigner, monkeypatch):
    folder = tmp_path / "shop"
    build = warehouse.build

    def builds(path, language):
        build(path, language)
        (folder / "catalog.yaml").write_text("mine")

    monkeypatch.setattr(warehouse, "build", builds)
    assert campaigner("init", "shop").returncode == 2
    assert [path.name for path in folder.iterdir()] == ["catalog.yaml"]
    assert (folder / "catalog.yaml").read_text() == "mine"


QUOTED = re.compile(r'"[^"]*"')
NOT_SPOKEN = {"#", '"shop"', '"CNY"', '"file"', '"Asia/Shanghai"', '"catalog.yaml"'} | {
    '"event.amount >= 200 CNY"',
    '"stage shop.dormant"',
}
"""Values of settings, and clauses that scenarios quote from the campaigns."""


@pytest.fixture
def projects(tmp_path, campaigner):
    """The same starter in English and in Chinese: their folders."""
    assert campaigner("init", "english").returncode == 0
    assert campaigner("init", "chinese", "--lang", "zh").returncode == 0
    return tmp_path / "english", tmp_path / "chinese"


def test_comments_and_texts_follow_the_language_and_nothing_else_does(projects):
    english = projects[0]
    names = [path.relative_to(english) for path in english.rglob("*") if path.suffix != ".duckdb"]
    for name in sorted(name for name in names if (english / name).is_file()):
        text, translated = ((folder / name).read_text("utf-8") for folder in projects)
        assert code_of(translated) == code_of(text)
        assert [line for line in comments_of(translated) if not HAN.search(line)] == []
        assert [
            quoted
            for quoted in QUOTED.findall(translated)
            if not HAN.search(quoted) and quoted not in NOT_SPOKEN and not re.search("[/$]", quoted)
        ] == []


def test_a_starter_in_chinese_checks_runs_and_has_the_canonical_layout(projects, campaigner):
    told = campaigner("check", "chinese", "--deny-warnings", "--today", "2026-06-01", "--warehouse")
    assert (told.returncode, told.stdout) == (0, "")
    assert campaigner("fmt", "--check", "chinese").returncode == 0
    ran = campaigner("run", "chinese", "--from", "2026-01-01", "--to", "2026-03-31")
    assert ran.returncode == 0, ran.stderr
    sent = (projects[1] / "var" / "outbox" / "push.jsonl").read_text("utf-8")
    assert all("好久不见" in line or "感谢惠顾" in line for line in sent.splitlines())


def test_the_rows_in_chinese_are_those_in_english():
    english, chinese = list(warehouse.customers()), list(warehouse.customers("zh"))
    assert [replace(one, city="") for one in english] == [replace(one, city="") for one in chinese]
    cities = {one.city for one in chinese}
    assert len(cities) == 4
    assert all(HAN.search(city) for city in cities)
    assert all(HAN.search(order.product) for order in warehouse.orders("zh"))


def code_of(text):
    """The text without comments, quoted texts, and the blanks that align them."""
    lines = [QUOTED.sub('""', line) for line in text.splitlines() if not line.startswith("# ")]
    return [re.sub(" +", " ", line) for line in lines]


def comments_of(text):
    """Comments, except settings that are commented out."""
    lines = [line for line in text.splitlines() if line.startswith("# ")]
    return [line for line in lines if not line.startswith(("# [chance]", "# seed ="))]
