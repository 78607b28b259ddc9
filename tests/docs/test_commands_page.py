"""docs/commands.md: its session goes as shown, and it has every command."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from campaigner.cli.main import invoke

from ..cli.lines import leaves
from ..projects import ROOT

PAGE = (ROOT / "docs" / "commands.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(console|json)\n(.*?)^```$", PAGE, re.M | re.S)
INDEX = re.findall(r"^\| (.+?) \| \[(.+?)\]\(#(.+?)\) \|$", PAGE, re.M)


def steps() -> Iterator[tuple[str, str]]:
    """Each command of the page with the output that the page shows."""
    for kind, text in BLOCKS:
        if kind == "json":
            yield "orders.jsonl", text
            continue
        for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def test_the_session_goes_as_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [one for one in os.environ if one.startswith("LC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.chdir(tmp_path)
    for command, output in steps():
        if command == "orders.jsonl":
            Path(command).write_text(output, "utf-8")
            continue
        program, *arguments = shlex.split(command)
        assert program == "campaigner"
        capsys.readouterr()
        invoke(arguments)
        written = capsys.readouterr()
        told = written.err + written.out
        if "…" not in output:
            # Notes on stderr may come before or after the table, as on a terminal.
            assert sorted(told.splitlines()) == sorted(output.splitlines()), command
        else:
            lines = [re.escape(line).replace("…", ".*") for line in output.splitlines()]
            found = [any(re.fullmatch(line, one) for one in told.splitlines()) for line in lines]
            assert [line for line, there in zip(lines, found, strict=True) if not there] == []


def test_every_command_has_a_section() -> None:
    synopses = re.findall(r"^`(campaigner [^`]+)`$", PAGE, re.M)
    words = {
        " ".join(re.match(r"[a-z| ]+", one.removeprefix("campaigner "))[0].split())
        for one in synopses
    }
    named = {name for one in words for name in ([one] if "|" not in one else both(one))}
    assert named >= {leaf.name for leaf in leaves()}


def both(names: str) -> list[str]:
    """`ledger grants|budgets` as two commands."""
    group, _, verbs = names.rpartition(" ")
    return [f"{group} {verb}".strip() for verb in verbs.split("|")]


def test_the_index_leads_to_every_task() -> None:
    before = PAGE.partition("## What all commands share")[0]
    tasks = re.findall(r"^### (.+)$", before, re.M)
    assert [task for task, _, _ in INDEX] == tasks
    assert [anchor for _, _, anchor in INDEX] == [slug(task) for task in tasks]


def slug(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
