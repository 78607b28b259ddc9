"""Every option and argument of every command with values that nobody means."""

import json
import os
import shutil

import click
import duckdb
import pytest
from campaigner.cli.main import invoke

from .lines import leaves

LEAVES = {leaf.name: leaf for leaf in leaves()}
TEXTS = (
    "", "x" * 5_000, "\udcff\udcfe", "9" * 400, "-1", "nan", "\x1b[31m\n",
    "'; DROP TABLE grants; --",
    "9999-12-31",
)  # fmt: skip
PLACES = (
    "folder",
    "missing",
    "/dev/null",
    "/dev/full",
    "fifo",
    "latin1.campaign",
    "loop",
    "gone/x",
)
CODES = {0, 1, 2, 3, 4}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("odd") / "shop"
    assert invoke(["init", str(folder)]) == 0
    # Little to compile, and few rows: there are many lines to try.
    for name in ("win_back.campaign", "lifecycle.campaign"):
        (folder / name).unlink()
    with duckdb.connect(str(folder / "data/shop.duckdb")) as warehouse:
        warehouse.execute("DELETE FROM orders WHERE ordered_at > TIMESTAMPTZ '2026-01-03'")
    return folder


@pytest.fixture
def here(tmp_path, project):
    shutil.copytree(project, tmp_path / "shop")
    (tmp_path / "orders.jsonl").write_text(json.dumps({"event": "order"}) + "\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "latin1.campaign").write_bytes("benefit café: 1 CNY\n".encode("latin-1"))
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to("loop")
    return tmp_path


def lines(leaf):
    """A right line with one value changed: an option added or replaced, an argument replaced."""
    line = leaf.arguments
    for option in leaf.options:
        name = option.opts[-1]
        places = PLACES if isinstance(option.type, click.Path) else PLACES[:2]
        for value in () if option.is_flag else (*TEXTS, *places):
            if name in line:
                at = line.index(name) + 1
                yield [*line[:at], value, *line[at + 1 :]]
            else:
                yield [*line, f"{name}={value}"]
        yield [*line, f"{name}={TEXTS[0]}"] if option.is_flag else [*line, name]
    words = [n for n, word in enumerate(line) if not word.startswith("-")]
    for at in [n for n in words if n == 0 or not line[n - 1].startswith("--")]:
        for value in (*TEXTS, *PLACES):
            yield [*line[:at], value, *line[at + 1 :]]
    yield [*line, "one", "more", "and more"]
    yield []


@pytest.mark.parametrize("name", LEAVES)
def test_no_value_breaks_a_command(name, here, campaigner):
    leaf = LEAVES[name]
    for arguments in lines(leaf):
        told = campaigner(*leaf.words, *arguments, cwd=here)
        assert told.returncode in CODES, arguments
        assert "Traceback" not in told.stderr
        if told.returncode == 2:
            assert told.stderr.startswith(("error[", "warning[")), (arguments, told.stderr)
            assert told.stderr.count("error[") == 1
            assert not {"\x1b", "\r"} & set(told.stderr)


@pytest.mark.parametrize("large", ["big.campaign", "catalog.yaml", "campaigner.toml"])
@pytest.mark.parametrize("command", ["check", "plan", "fmt", "run"])
def test_a_file_of_a_gigabyte_is_refused_unread(command, large, here, campaigner):
    with (here / "shop" / large).open("ab") as file:
        file.truncate(2**30)
    if command == "fmt":
        told = campaigner("fmt", f"shop/{large}", cwd=here)
    else:
        told = campaigner(command, "shop", cwd=here)
    assert told.returncode in (1, 2)
    assert "it has more than 4,000,000 bytes" in told.stdout + told.stderr


@pytest.mark.parametrize("arguments", [["fmt", "-"], ["check", "-"]])
def test_an_endless_campaign_on_stdin_is_refused(arguments, here, campaigner):
    told = campaigner(*arguments, cwd=here / "shop", stdin="# more\n" * 1_000_000)
    assert told.returncode == 2
    assert "`<stdin>` cannot be used: it has more than 4,000,000 bytes" in told.stderr
