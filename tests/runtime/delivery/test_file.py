"""A channel's file is asked once it is open: links change while a run goes on."""

import os
import stat
from pathlib import Path

import pytest
from campaigner.compiler.files.places import Use
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime.delivery.channels.file import FileChannel, opened


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_file_that_has_another_use_is_not_written(tmp_path: Path, link) -> None:
    ledger, push = tmp_path / "ledger.db", tmp_path / "push.jsonl"
    ledger.write_bytes(b"money")
    link(ledger, push)
    uses = (
        Use("the warehouse", tmp_path / "gone"),
        Use("the ledger", tmp_path / "else", beside=(ledger,)),
    )
    channel = FileChannel("push", push, "push.jsonl", uses)
    with pytest.raises(CannotRun) as stopped, opened(channel):
        raise AssertionError("it is open")
    assert stopped.value.diagnostic.message() == (
        "the file push.jsonl of the channel `push` is also that of another use: the ledger"
    )
    assert ledger.read_bytes() == b"money"


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_new_files_and_all_new_folders_are_for_their_owner_alone(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        with opened(FileChannel("push", tmp_path / "a/b/push.jsonl", "push.jsonl")):
            pass
    finally:
        os.umask(before)
    modes = [stat.S_IMODE((tmp_path / path).stat().st_mode) for path in ("a", "a/b")]
    assert modes == [0o700, 0o700]
    assert stat.S_IMODE((tmp_path / "a/b/push.jsonl").stat().st_mode) == 0o600
