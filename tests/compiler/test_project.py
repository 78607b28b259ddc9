"""A folder becomes a project, whatever is wrong in it, and nothing else is read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from campaigner.compiler.files.folder import STDIN, find_root, read_folder
from campaigner.compiler.project.project import load_project
from campaigner.dsl.diagnostics.diagnostic import CannotRun

from ..projects import write

TOML = '[project]\nname = "p"\nlanguage = 1\ntime_zone = "UTC"\ncurrency = "CNY"\n'
FILES = {
    "campaigner.toml": TOML,
    "catalog.yaml": "customer: {table: t, key: k, fields: {age: {type: integer}}}\n",
    "b.campaign": 'audience b "b" age > 1\n',
    "a/a.campaign": 'audience a "a" age > 2\n',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "project", FILES)


def codes(folder: Path) -> list[str]:
    return [one.code.id for one in load_project(folder).diagnostics]


def names(folder: Path) -> list[str]:
    return [parsed.tree.span.source.path for parsed in load_project(folder).parsed]


def test_a_whole_project(folder: Path) -> None:
    project = load_project(folder)
    assert project.diagnostics == ()
    assert project.root == folder
    assert project.config.name == "p"
    assert project.customers is not None
    assert [column.name for column in project.customers.fields] == ["age"]
    assert names(folder) == ["a/a.campaign", "b.campaign"]
    assert set(project.sources) == set(FILES)


def test_it_is_found_from_within(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for inside in ("a", "a/a.campaign", "campaigner.toml", "a/../b.campaign"):
        assert load_project(folder / inside).root == folder
    monkeypatch.chdir(folder / "a")
    assert find_root(Path("..")) == folder
    assert find_root(Path()) == folder


def test_no_project_and_no_folder(tmp_path: Path) -> None:
    with pytest.raises(CannotRun) as stopped:
        load_project(tmp_path)
    assert stopped.value.diagnostic.code.id == "E150"
    with pytest.raises(CannotRun) as stopped:
        load_project(tmp_path / "typo")
    assert stopped.value.diagnostic.code.id == "E152"


def test_a_campaign_from_standard_input_is_one_more_file(folder: Path) -> None:
    project = load_project(folder, 'audience c "c" age > 3\n')
    assert [one.tree.span.source.path for one in project.parsed][-1] == STDIN
    assert STDIN in project.sources


def test_what_is_missing_is_told(folder: Path) -> None:
    (folder / "catalog.yaml").unlink()
    project = load_project(folder)
    assert [one.code.id for one in project.diagnostics] == ["E153"]
    assert (project.customers, project.events) == (None, ())
    (folder / "b.campaign").unlink()
    (folder / "a" / "a.campaign").unlink()
    assert codes(folder) == ["E153", "W150"]


def test_files_that_are_no_text_are_told_each_once(folder: Path) -> None:
    (folder / "b.campaign").write_bytes(b"audience \xff")
    (folder / "catalog.yaml").write_bytes("customer: 客户".encode("gbk"))
    (folder / "campaigner.toml").write_bytes(b"\x00\x01")
    project = load_project(folder)
    places = [(one.place.file, one.place.line) for one in project.diagnostics if one.place]
    assert places == [("b.campaign", 1), ("campaigner.toml", 1), ("catalog.yaml", 1)]
    assert names(folder) == ["a/a.campaign"]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_files_that_may_not_be_read_are_told(folder: Path) -> None:
    (folder / "b.campaign").chmod(0)
    (found,) = load_project(folder).diagnostics
    assert (found.code.id, found.place and found.place.file) == ("E151", "b.campaign")


def test_a_folder_in_the_place_of_a_file_is_told(folder: Path) -> None:
    (folder / "catalog.yaml").unlink()
    (folder / "catalog.yaml").mkdir()
    assert codes(folder) == ["E151"]


def test_a_link_that_leads_nowhere_is_told(folder: Path) -> None:
    (folder / "gone.campaign").symlink_to(folder / ".nothing")
    assert codes(folder) == ["E151"]


def test_hidden_folders_and_other_projects_are_not_read(folder: Path) -> None:
    write(folder, {".git/x.campaign": "?", ".campaigner/y.campaign": "?", ".z.campaign": "?"})
    write(folder / "inner", FILES)
    assert names(folder) == ["a/a.campaign", "b.campaign"]
    assert names(folder / "inner") == ["a/a.campaign", "b.campaign"]


def test_links_in_a_circle_end(folder: Path, tmp_path: Path) -> None:
    write(tmp_path / "shared", {"s.campaign": 'audience s "s" age > 4\n'})
    (folder / "loop").symlink_to(folder)
    (folder / "shared").symlink_to(tmp_path / "shared")
    (tmp_path / "shared" / "back").symlink_to(tmp_path / "shared")
    (folder / "again.campaign").symlink_to(folder / "b.campaign")
    assert names(folder) == ["a/a.campaign", "b.campaign", "shared/s.campaign"]


def test_the_catalog_stands_where_the_settings_say(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, {"campaigner.toml": TOML + 'catalog = "../${WHERE_THE_DATA_IS}/c.yaml"\n'})
    write(folder.parent, {"data/c.yaml": FILES["catalog.yaml"]})
    monkeypatch.setenv("WHERE_THE_DATA_IS", "data")
    assert codes(folder) == []
    assert "../data/c.yaml" in load_project(folder).sources


def test_a_written_secret_is_not_shown(folder: Path) -> None:
    write(folder, {"campaigner.toml": TOML + '[ledger]\nurl = "postgresql://a:hunter2@h/d"\n'})
    project = load_project(folder)
    assert [one.code.id for one in project.diagnostics] == ["E174"]
    assert "hunter2" not in project.sources["campaigner.toml"].text
    assert project.sources["campaigner.toml"].line(7) == 'url = "postgresql://a:*******@h/d"'


def test_the_order_of_the_files_on_disk_means_nothing(tmp_path: Path) -> None:
    for index, order in enumerate((list(FILES), list(reversed(FILES)))):
        write(tmp_path / str(index), {name: FILES[name] for name in order})
    first, second = (read_folder(tmp_path / str(index)) for index in range(2))
    assert list(first.files.items()) == list(second.files.items())
