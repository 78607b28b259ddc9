"""Versions of a project: folders, plan files, revisions of git."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from campaigner.cli.main import invoke
from campaigner.compiler.diff.changes import changes
from campaigner.compiler.plan import Plan
from campaigner.compiler.plan.plan_json import dump
from campaigner.compiler.versions import Version, uncommitted, version_of
from campaigner.dsl.diagnostics.diagnostic import CannotRun, has_errors

from ..docs.histories import committed, git


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter in a repository around it, as a first commit."""
    folder = tmp_path_factory.mktemp("starter") / "work" / "shop"
    folder.parent.mkdir()
    assert invoke(["init", str(folder)]) == 0
    shutil.rmtree(folder / "data")
    committed(folder.parent)
    return folder.parent


@pytest.fixture
def shop(tmp_path: Path, starter: Path) -> Path:
    return Path(shutil.copytree(starter, tmp_path / "work")) / "shop"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def plan(version: Version) -> Plan:
    assert version.plan is not None
    return version.plan


def refused(name: str, project: Path) -> CannotRun:
    with pytest.raises(CannotRun) as found:
        version_of(name, project)
    return found.value


def test_a_folder_a_plan_file_and_a_revision_are_the_same(shop: Path, tmp_path: Path) -> None:
    made = plan(version_of(str(shop), shop))
    (tmp_path / "kept.json").write_bytes(dump(made))
    kept = version_of(str(tmp_path / "kept.json"), shop)
    then = version_of("HEAD", shop)
    assert (kept.kind, then.kind) == ("plan", "revision")
    assert plan(kept) == plan(then) == made


@pytest.mark.parametrize("name", ["HEAD~1", "main~1", "v1", "v1^{}"])
def test_an_earlier_revision_is_read_as_it_was(shop: Path, name: str) -> None:
    git(shop, "tag", "v1")
    edit(shop / "win_back.campaign", "reward   coffee", "reward   10 points")
    (shop / "more.campaign").write_text("audience adults age >= 18\n", "utf-8")
    (shop / "cash_back.campaign").unlink()
    committed(shop.parent)
    found = changes(plan(version_of(name, shop)), plan(version_of("HEAD", shop)))
    kinds = {(one.kind, one.what) for one in found}
    assert {("audience", "added"), ("campaign", "removed"), ("reward", "changed")} <= kinds


def test_hidden_files_links_and_projects_inside_are_left_out(shop: Path) -> None:
    (shop / ".drafts").mkdir()
    (shop / ".drafts" / "a.campaign").write_text("campaign {", "utf-8")
    (shop / "inner").mkdir()
    shutil.copy(shop / "campaigner.toml", shop / "inner" / "campaigner.toml")
    (shop / "inner" / "b.campaign").write_text("campaign {", "utf-8")
    (shop / "again.campaign").symlink_to(shop / "win_back.campaign")
    committed(shop.parent)
    then = version_of("HEAD", shop)
    assert not has_errors(then.diagnostics)
    assert plan(then) == plan(version_of(str(shop), shop))


def test_a_catalog_that_lies_elsewhere_is_read_too(shop: Path) -> None:
    shutil.move(shop / "catalog.yaml", shop.parent / "fields.yaml")
    edit(shop / "campaigner.toml", '"catalog.yaml"', '"../fields.yaml"')
    committed(shop.parent)
    assert plan(version_of("HEAD", shop)) == plan(version_of(str(shop), shop))


def test_mistakes_of_a_revision_point_into_its_own_text(shop: Path) -> None:
    edit(shop / "win_back.campaign", "coffee\n", "cofee\n")
    committed(shop.parent)
    edit(shop / "win_back.campaign", "cofee\n", "coffee\n")
    then = version_of("HEAD", shop)
    assert then.plan is None
    assert then.sources is not None
    assert "cofee" in then.sources["win_back.campaign"].text


def test_a_file_that_cannot_be_read_as_text_is_a_mistake_of_the_revision(shop: Path) -> None:
    (shop / "poster.campaign").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    committed(shop.parent)
    assert {one.code.id for one in version_of("HEAD", shop).diagnostics} == {"E131"}


@pytest.mark.parametrize(
    "name", ["mian", "--help", "-h", "", "HEAD:x", "HEAD^{tree}", "a b", "a\nb", "@{u}", "HEAD~99"]
)
def test_words_that_mean_no_version(shop: Path, name: str) -> None:
    assert refused(name, shop).diagnostic.code.id == "E940"


def test_no_git_no_repository_no_project(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    shutil.copytree(shop, other)
    assert refused("main", other).diagnostic.code.id == "E942"
    assert refused("main", tmp_path).diagnostic.code.id == "E150"
    shutil.move(shop, shop.parent / "moved")
    assert refused("main", shop.parent / "moved").diagnostic.code.id == "E943"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refused("main", shop.parent / "moved").diagnostic.code.id == "E941"


def test_a_damaged_repository_is_refused_with_words_of_git(shop: Path) -> None:
    for path in (shop.parent / ".git" / "objects").rglob("*"):
        if path.is_file():
            path.chmod(0o600)
            path.write_bytes(b"")
    assert refused("main", shop).diagnostic.code.id in ("E944", "E940")


def test_variables_of_another_repository_lead_nowhere_else(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    assert version_of("HEAD", shop).plan is not None


def test_edits_that_are_not_committed_are_warned_of(shop: Path) -> None:
    then = version_of("HEAD", shop)
    now = version_of(str(shop), shop)
    assert uncommitted(then, then, shop) is None
    edit(shop / "win_back.campaign", "coffee\n", "10 points\n")
    warning = uncommitted(then, then, shop)
    assert warning is not None
    assert warning.code.id == "W940"
    assert uncommitted(then, now, shop) is None
    assert uncommitted(now, then, shop) is None
