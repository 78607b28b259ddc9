"""`campaigner fmt`."""

import stat

import pytest

UNTIDY = 'benefit coffee   "Coffee" {\n kind digital # why\n value 25 CNY }\n'
TIDY = 'benefit coffee "Coffee" {\n  kind  digital  # why\n  value 25 CNY\n}\n'
BROKEN = 'benefit coffee "Coffee" {\n  value 25 CNY,\n'


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "campaigner.toml").write_text("")
    (tmp_path / "untidy.campaign").write_text(UNTIDY)
    (tmp_path / "tidy.campaign").write_text(TIDY)
    return tmp_path


def test_it_writes_in_place_and_keeps_the_mode(folder, campaigner):
    (folder / "untidy.campaign").chmod(0o640)
    told = campaigner("fmt")
    assert (told.returncode, told.stdout) == (0, "")
    assert told.stderr == "1 changed, 1 left as they are\n"
    assert (folder / "untidy.campaign").read_text() == TIDY
    assert stat.S_IMODE((folder / "untidy.campaign").stat().st_mode) == 0o640
    assert campaigner("fmt").stderr == "0 changed, 2 left as they are\n"


def test_check_lists_and_changes_nothing(folder, campaigner):
    told = campaigner("fmt", "--check")
    assert (told.returncode, told.stdout) == (1, "untidy.campaign\n")
    assert (folder / "untidy.campaign").read_text() == UNTIDY
    assert campaigner("fmt", "--check", "tidy.campaign").returncode == 0


def test_diff_prints_and_changes_nothing(folder, campaigner):
    told = campaigner("fmt", "--diff", folder)
    assert told.returncode == 0
    assert told.stdout.startswith(f"--- {folder}/untidy.campaign\n+++ {folder}/untidy.campaign\n@@")
    assert "-benefit coffee   " in told.stdout
    assert (folder / "untidy.campaign").read_text() == UNTIDY


def test_the_project_is_found_upward(folder, campaigner):
    below = folder / "below"
    below.mkdir()
    assert campaigner("fmt", "--check", cwd=below).stdout == "../untidy.campaign\n"


def test_a_file_that_does_not_parse_is_left_alone_and_the_others_are_not(folder, campaigner):
    (folder / "broken.campaign").write_text(BROKEN)
    (folder / "binary.campaign").write_bytes(b"\x00\xff\x00")
    told = campaigner("fmt")
    assert told.returncode == 1
    assert "--> broken.campaign:" in told.stderr
    assert "--> binary.campaign:1:1" in told.stderr
    assert (folder / "broken.campaign").read_text() == BROKEN
    assert (folder / "untidy.campaign").read_text() == TIDY


def test_stdin_to_stdout(campaigner):
    told = campaigner("fmt", "-", stdin=UNTIDY)
    assert (told.returncode, told.stdout, told.stderr) == (0, TIDY, "")
    assert campaigner("fmt", "-", "--check", stdin=UNTIDY).returncode == 1
    assert campaigner("fmt", "-", "--check", stdin=TIDY).returncode == 0
    broken = campaigner("fmt", "-", stdin=BROKEN)
    assert (broken.returncode, broken.stdout) == (1, "")
    assert "--> <stdin>:" in broken.stderr


def test_what_cannot_be_read_or_written(folder, campaigner):
    told = campaigner("fmt", "missing.campaign")
    assert told.returncode == 2
    assert "there is no file or folder `missing.campaign`" in told.stderr
    assert campaigner("fmt", "-", "tidy.campaign", stdin="").returncode == 2


def test_no_project(tmp_path, campaigner):
    told = campaigner("fmt")
    assert told.returncode == 2
    assert "E150" in told.stderr
