"""Dead letters, offsets, and what stops a source before anything is decided."""

from __future__ import annotations

import json
import stat
from importlib.util import find_spec

import pytest
from campaigner.compiler.project.project import load_project
from campaigner.dsl.diagnostics.diagnostic import CannotRun, diagnose
from campaigner.runtime.codes.events import EVENT_LINE, NOT_JSON
from campaigner.runtime.ingest import settings
from campaigner.runtime.ingest.letters import Letters
from campaigner.runtime.ingest.messages import Message
from campaigner.runtime.ledger import open_ledger
from campaigner.runtime.ledger.known_events import Moved, Offset
from hypothesis import given
from hypothesis import strategies as st

from ..test_event_workers import ledger_url
from .houses import events, ready

PROBLEM = diagnose(EVENT_LINE, None, line="1", file="x", reason=NOT_JSON)


def letters(path):
    return [json.loads(line) for line in path.read_bytes().splitlines()]


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=5), st.binary(max_size=30))
def test_every_message_has_one_letter_whatever_a_crash_left(tmp_path_factory, contents, torn):
    path = tmp_path_factory.mktemp("letters") / "var" / "dead.jsonl"
    messages = [Message(number, content, number % 2) for number, content in enumerate(contents)]
    for count in range(1, len(messages) + 1):
        # Each time by a process of its own, after one that was cut off.
        Letters(path, "orders", again=True).write([(one, PROBLEM) for one in messages[:count]])
        with path.open("ab") as file:
            file.write(torn.replace(b"\n", b""))
    Letters(path, "orders", again=True).write([(Message(99, None), PROBLEM)])
    found = letters(path)
    assert [(one["part"], one["number"]) for one in found] == [
        *((one.part, one.number) for one in messages),
        (0, 99),
    ]
    assert {one["reason"] for one in found} == {"it is not JSON"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_lines_of_another_file_have_letters_of_their_own(tmp_path):
    path = tmp_path / "dead.jsonl"
    for _ in range(2):
        Letters(path, "a.jsonl", again=False).write([(Message(1, b"{"), PROBLEM)])
    assert len(letters(path)) == 2


def test_a_file_that_cannot_be_written(tmp_path):
    (tmp_path / "var").write_text("a file")
    with pytest.raises(CannotRun) as stopped:
        Letters(tmp_path / "var/x", "orders", again=False).write([(Message(1, b"{"), PROBLEM)])
    assert stopped.value.diagnostic.code.id == "E807"


@pytest.mark.parametrize("url", ["sqlite", "postgresql"])
def test_one_reader_alone_moves_a_source(tmp_path, url):
    address = ledger_url() if url == "postgresql" else f"sqlite:///{tmp_path}/ledger.db"
    with open_ledger(address, "shop", "CNY", root=tmp_path, mode="write") as ledger:
        ledger.move(Moved("orders", {}, {0: Offset(10, 4), 2: Offset(3, 3)}))
        ledger.move(Moved("orders", {0: 10}, {0: Offset(20, 20)}))
        for before in ({}, {0: 10}, {0: 21}):
            with pytest.raises(CannotRun) as stopped:
                ledger.move(Moved("orders", before, {0: Offset(30, 30)}))
            assert stopped.value.diagnostic.code.id == "E805"
        assert ledger.offsets("orders") == {0: Offset(20, 20), 2: Offset(3, 3)}
        assert ledger.offsets("others") == {}
        assert ledger.verify() == ()


def test_a_library_that_is_not_installed(tmp_path, monkeypatch):
    ready(tmp_path, events(1)[0])
    known = load_project(tmp_path).config.ingest
    monkeypatch.setattr(
        settings, "find_spec", lambda name: None if name == "nats" else find_spec(name)
    )
    with pytest.raises(CannotRun) as stopped:
        settings.open_source(known["orders"])
    assert stopped.value.diagnostic.code.id == "E808"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ('kind = "nats"\nurl = "nats://x:1"', "E161"),
        ('kind = "nats"\nurl = "http://x:1"\nsubject = "a"', "E173"),
        ('kind = "nats"\nurl = "nats://x:1"\nsubject = "a b"', "E162"),
        ('kind = "nats"\nurl = "nats://x:1"\nsubject = "a"\ntoken = "plain"', "E174"),
        ('kind = "kafka"\nservers = "x"\ntopic = "a"', "E162"),
        ('kind = "rabbit"', "E163"),
    ],
)
def test_a_source_that_is_set_up_wrong(tmp_path, written, code):
    ready(tmp_path, events(1)[0])
    with (tmp_path / "campaigner.toml").open("a") as file:
        file.write(f"\n[ingest.odd]\n{written}\n")
    found = {one.code.id for one in load_project(tmp_path).diagnostics}
    assert code in found, found
