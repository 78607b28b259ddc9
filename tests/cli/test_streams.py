"""Every command with streams that are closed, full, or left by their reader."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from campaigner.cli.main import invoke

from .lines import leaves

LEAVES = {leaf.name: leaf for leaf in leaves()}
YEAR = ("--from", "2026-01-01", "--to", "2026-02-10")
WRITES = {"init", "fmt", "run", "events", "outbox retry"} | {
    f"ledger {verb}" for verb in ("reverse", "claim", "redeem", "grant", "expire", "migrate")
}
PAYS = {"run", "events", "ledger grant", "ledger reverse"}
ORDER = {
    "event": "order",
    "key": "new",
    "customer": "c001",
    "at": "2026-03-30T10:00:00Z",
    "fields": {"amount": "100", "product": "tea"},
}


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


class Program:
    """Runs command lines in fresh copies of a project."""

    def __init__(self, process, folder, project):
        self.process, self.folder, self.project = process, folder, project

    def run(self, arguments, out="out", err="err", fresh=True):
        if fresh:
            shutil.rmtree(self.folder, ignore_errors=True)
            shutil.copytree(self.project, self.folder / "shop")
            (self.folder / "orders.jsonl").write_text(json.dumps(ORDER) + "\n" + "no event\n")
        job = {
            "arguments": arguments,
            "folder": str(self.folder),
            "streams": [os.devnull, out, err],
        }
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        code = int(self.process.stdout.readline())
        return Said(code, self.read(out), self.read(err))

    def read(self, name):
        path = self.folder / (name or "closed")
        return path.read_text("utf-8") if path.is_file() else ""

    def ledger(self):
        """The content of the ledger."""
        grants = self.run(["ledger", "grants", "shop", "--format", "json"], fresh=False)
        return [
            {name: value for name, value in row.items() if name not in ("at", "reversed")}
            for row in json.loads(grants.out)["grants"]
        ]


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    project = tmp_path_factory.mktemp("streams") / "shop"
    assert invoke(["init", str(project)]) == 0
    assert invoke(["run", str(project), *YEAR]) == 0
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("fresh.py"))],
        env={**os.environ, "LANG": "C.UTF-8"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        here = tmp_path_factory.mktemp("here") / "work"
        here.mkdir()
        yield Program(process, here, project)
        process.stdin.close()


def quiet(said):
    """Python's own messages are not on stderr."""
    assert not {"Traceback", "Exception ignored", "Error:"} & set(said.err.split())
    assert "Traceback" not in said.err
    assert "Exception ignored" not in said.err


@pytest.mark.parametrize("name", LEAVES)
def test_streams_that_are_not_what_they_should_be(name, program):
    line, writes = LEAVES[name].line, name in WRITES
    usual = program.run(line)
    quiet(usual)
    ledger = program.ledger() if name in PAYS else None
    prints = usual.out != ""

    cases = {
        ("left", "err"): 141 if prints else usual.code,
        ("/dev/full", "left"): 2 if prints else usual.code,
        (None, None): usual.code,
        ("out", "/dev/full"): usual.code,
    }
    for (out, err), code in cases.items():
        said = program.run(line, out, err, fresh=writes)
        quiet(said)
        assert said.code == code, (out, err, said)
        if out == "out":
            assert len(said.out) == len(usual.out)
        if out == "left" and prints and writes:
            assert "what was done until then is kept" in said.err
        if ledger is not None:
            assert program.ledger() == ledger


@pytest.mark.parametrize("name", ["", *LEAVES])
def test_help_that_nobody_reads(name, program):
    line = [*name.split(), "--help"]
    for out, code in (("left", 141), ("/dev/full", 2)):
        said = program.run(line, out, fresh=False)
        quiet(said)
        assert said.code == code
    assert "no room left on the disk of `the output`" in said.err


@pytest.mark.parametrize("arguments", [["--version"], ["ledger"], ["nonsense"], ["check", "--x"]])
def test_lines_that_are_no_command(arguments, program):
    for out, err in (("left", "left"), ("/dev/full", "/dev/full"), (None, None)):
        assert program.run(arguments, out, err, fresh=False).code in (0, 2, 141)
