"""`campaigner check --fix` and `--diff`."""

import errno
import json
import os
import stat

import pytest
from campaigner.cli import applying
from campaigner.cli.fixing import fixed
from campaigner.cli.projects import fixable
from campaigner.compiler.files.folder import read_folder
from campaigner.dsl.codes import text
from campaigner.dsl.diagnostics.diagnostic import Fix, diagnose
from campaigner.dsl.diagnostics.source import Place

BROKEN = """\
benefit coffee “Coffee” {
  kind  Digital
  value 25元
}
"""
MENDED = """\
benefit coffee "Coffee" {
  kind  Digital
  value 25 CNY
}
"""
CATALOG = "customer: {table: customers, key: id, fields: {age: {type: integer}}}\nevents: {}\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "campaigner.toml").write_text(
        '[project]\nname = "a"\nlanguage = 1\ntime_zone = "UTC"\ncurrency = "CNY"\n'
        '[warehouse]\nurl = "duckdb:///a.duckdb"\n[ledger]\nurl = "sqlite:///l.db"\n'
    )
    (tmp_path / "catalog.yaml").write_text(CATALOG)
    (tmp_path / "a.campaign").write_text(BROKEN.replace("Digital", "digital"))
    return tmp_path


def test_fix_mends_what_is_certain_and_reports_what_is_left(folder, campaigner):
    (folder / "b.campaign").write_text("audience grown agee >= 18 && age < 99\n")
    told = campaigner("check", "--fix")
    assert told.returncode == 1
    assert (folder / "a.campaign").read_text() == MENDED.replace("Digital", "digital")
    assert (folder / "b.campaign").read_text() == "audience grown agee >= 18 and age < 99\n"
    assert "error[E201]" in told.stdout
    assert "E113" not in told.stdout
    assert "b.campaign:1:27: fixed E113: `&&` is not a sign of this language\n" in told.stderr
    assert "fixed 3 mistakes\nfound 1 error\n1 has a fix that is not certain" in told.stderr
    again = campaigner("check", "--fix")
    assert "fixed 0 mistakes\n" in again.stderr


def test_fix_ends_well_once_nothing_is_left(folder, campaigner):
    told = campaigner("check", "--fix")
    assert (told.returncode, told.stdout) == (0, "")


def test_diff_prints_and_writes_nothing(folder, campaigner):
    before = (folder / "a.campaign").read_bytes()
    told = campaigner("check", "--diff")
    assert told.returncode == 1
    assert "-  value 25元\n+  value 25 CNY\n" in told.stdout
    assert (folder / "a.campaign").read_bytes() == before
    assert campaigner("check", "--diff", "--fix").stdout == told.stdout
    assert (folder / "a.campaign").read_bytes() == before
    assert campaigner("check", "--fix").returncode == 0
    after = (folder / "a.campaign").read_text().splitlines()
    lines = told.stdout.splitlines()[3:]
    assert [one[1:] for one in lines if one[0] in " +"] == after
    assert [one[1:] for one in lines if one[0] in " -"] == before.decode().splitlines()
    assert campaigner("check", "--diff").stdout == ""
    assert campaigner("check", "--diff").returncode == 0


def test_diff_of_stdin_and_no_fix_of_it(folder, campaigner):
    told = campaigner("check", "-", "--diff", stdin="audience a age >= 18 && age < 99\n")
    assert "--- <stdin>\n" in told.stdout
    refused = campaigner("check", "-", "--fix", stdin="audience a age >= 18 && age < 99\n")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "E186" in refused.stderr
    assert campaigner("check", "--diff", "--warehouse").returncode == 2


def test_modes_links_byte_order_marks_and_line_ends_stay(folder, campaigner):
    elsewhere = folder.parent / f"{folder.name}-other"
    elsewhere.mkdir()
    real = elsewhere / "real.campaign"
    real.write_bytes(b"\xef\xbb\xbf" + "audience a age ≥ 18\r\n".encode())
    real.chmod(0o640)
    (folder / "linked.campaign").symlink_to(real)
    assert campaigner("check", "--fix").returncode == 0
    assert real.read_bytes() == b"\xef\xbb\xbfaudience a age >= 18\r\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert (folder / "linked.campaign").is_symlink()


def test_all_files_are_replaced_or_none(folder, campaigner, monkeypatch):
    before = (folder / "a.campaign").read_bytes()
    (folder / "b.campaign").write_text("audience a age ≥ 18\n")
    synced = []

    def full(handle):
        synced.append(handle)
        if len(synced) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    told = campaigner("check", "--fix")
    assert told.returncode == 2
    assert len(synced) == 2
    assert (folder / "a.campaign").read_bytes() == before
    assert (folder / "b.campaign").read_text() == "audience a age ≥ 18\n"
    assert not list(folder.glob(".new-*"))


def test_a_file_that_changed_meanwhile_is_not_overwritten(folder, campaigner, monkeypatch):
    def changing(contents, today):
        after = fixable(contents, today)
        (folder / "a.campaign").write_text("# mine\n")
        return after

    monkeypatch.setattr(applying, "fixable", changing)
    told = campaigner("check", "--fix")
    assert told.returncode == 2
    assert "E793" in told.stderr
    assert (folder / "a.campaign").read_text() == "# mine\n"


def test_a_fix_that_makes_something_worse_is_not_kept(folder):
    def check(contents):
        lines = contents.files["a.campaign"].decode().splitlines()
        found = []
        for number, line in enumerate(lines, 1):
            place = Place("a.campaign", number, 1, number, len(line) + 1)
            if line.startswith("mend"):
                right = line.replace("mend", "good" if "1" in line or "4" in line else "bad")
                fix = Fix(place, right, "safe")
                found.append(diagnose(text.STRAY_CHARACTER, place, fix=fix, found="x"))
            elif line.startswith("bad"):
                found.append(diagnose(text.UNCLOSED_TEXT, place, quote='"'))
        return tuple(found)

    (folder / "a.campaign").write_text("mend 1\nmend 2\nmend 3\nmend 4\n")
    after = fixed(read_folder(folder), check)
    assert after.contents.files["a.campaign"] == b"good 1\nmend 2\nmend 3\ngood 4\n"
    assert (len(after.fixed), len(after.left)) == (2, 2)


def test_programs_read_the_fixes(folder, campaigner):
    (folder / "b.campaign").write_text("audience grown agee >= 18 && age < 99\n")
    (folder / "a.campaign").unlink()
    found = json.loads(campaigner("check", "--format", "json").stdout)["diagnostics"]
    assert [one["fix"] for one in found] == [
        {
            "safe": False,
            "file": "b.campaign",
            "line": 1,
            "column": 16,
            "end_line": 1,
            "end_column": 20,
            "replacement": "age",
        },
        {
            "safe": True,
            "file": "b.campaign",
            "line": 1,
            "column": 27,
            "end_line": 1,
            "end_column": 29,
            "replacement": "and",
        },
    ]
    (run,) = json.loads(campaigner("check", "--format", "sarif").stdout)["runs"]
    assert [one["fixes"][0]["properties"] for one in run["results"]] == [
        {"safe": False},
        {"safe": True},
    ]
    (change,) = run["results"][0]["fixes"][0]["artifactChanges"]
    assert change == {
        "artifactLocation": {"uri": "b.campaign"},
        "replacements": [
            {
                "deletedRegion": {"startLine": 1, "startColumn": 16, "endLine": 1, "endColumn": 20},
                "insertedContent": {"text": "age"},
            }
        ],
    }


def test_it_speaks_chinese(folder, campaigner):
    told = campaigner("check", "--fix", "--lang", "zh")
    assert "已修正 2 个错误" in told.stderr
