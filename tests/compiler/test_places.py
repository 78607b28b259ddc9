"""Every path that a project uses has one use, however it is written and whatever leads to it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from campaigner.compiler.files.folder import read_folder
from campaigner.compiler.files.places import clashes, use_of, uses
from campaigner.compiler.project import cache
from campaigner.compiler.project.project import load_project
from campaigner.dsl.diagnostics.diagnostic import in_language
from hypothesis import given
from hypothesis import strategies as st

from ..projects import write

PROJECT = '[project]\nname = "x"\nlanguage = 1\ntime_zone = "UTC"\ncurrency = "CNY"\n'
WAREHOUSE = "data/warehouse.duckdb"
LEDGER = "var/ledger.db"
SMS = "var/outbox/sms.jsonl"

TAKEN = {
    "campaigner.toml": "is campaigner.toml",
    "catalog.yaml": "is the catalog",
    "a/one.campaign": "is the campaign file `a/one.campaign`",
    "a/new.campaign": "would be read as a campaign file",
    "b/campaigner.toml": "would be read as another campaigner.toml",
    ".campaigner": "is what checks keep",
    ".campaigner/cache/x.json": "lies in what checks keep",
    "a": "is a folder around the campaign file `a/one.campaign`",
    ".": "is a folder around campaigner.toml",
    WAREHOUSE: "is the warehouse",
    f"{WAREHOUSE}.wal": "is a file beside the warehouse",
    "data": "is a folder around the warehouse",
    f"{WAREHOUSE}/x": "lies in the warehouse",
    LEDGER: "is the ledger",
    f"{LEDGER}-wal": "is a file beside the ledger",
    f"{LEDGER}-shm": "is a file beside the ledger",
    f"{LEDGER}-journal": "is a file beside the ledger",
    SMS: "is the file of the channel `sms`",
}
FREE = ("var/push.jsonl", "data/push", f"{LEDGER}x", "a/one.campaigns", "out/a.jsonl")


def settings(root: Path, push: str, **others: str) -> None:
    """A project whose channel `push` has that path; the channel after it by name is the last."""
    rest = "".join(f'[{name}]\nurl = "{url}"\n' for name, url in others.items())
    write(
        root,
        {
            "campaigner.toml": f'{PROJECT}{rest}[channels.sms]\nkind = "file"\npath = "{SMS}"\n'
            f'[channels.tell]\nkind = "file"\npath = {_quoted(push)}\n',
            "catalog.yaml": "customers:\n  table: c\n  key: k\n",
            "a/one.campaign": "",
        },
    )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


BOTH = {"warehouse": f"duckdb:///{WAREHOUSE}", "ledger": f"sqlite:///{LEDGER}"}


def found(root: Path) -> dict[str, str]:
    """How each setting gets into the way of another use."""
    return {
        ".".join(map(str, clash.setting.setting)): in_language(clash.how, "en")
        for clash in clashes(uses(read_folder(root)))
    }


def _plain(_: Path, path: str) -> str:
    return path


def _dotted(_: Path, path: str) -> str:
    return f"./a/../{path}"


def _absolute(root: Path, path: str) -> str:
    return str(root / path)


def _linked(root: Path, path: str) -> str:
    (root / "link").symlink_to(root / path)
    return "link"


def _twice_linked(root: Path, path: str) -> str:
    (root / "first").symlink_to(path)
    (root / "second").symlink_to("first")
    return "second"


def _through_a_linked_folder(root: Path, path: str) -> str:
    (root / "elsewhere").symlink_to(root, target_is_directory=True)
    return f"elsewhere/{path}"


def _hard_linked(root: Path, path: str) -> str:
    if not (root / path).is_file():
        return path
    os.link(root / path, root / "hard")
    return "hard"


DISGUISES: tuple[Callable[[Path, str], str], ...] = (
    _plain,
    _dotted,
    _absolute,
    _linked,
    _twice_linked,
    _through_a_linked_folder,
    _hard_linked,
)


@given(
    taken=st.sampled_from(sorted(TAKEN)),
    disguise=st.sampled_from(DISGUISES),
    there=st.sets(st.sampled_from([WAREHOUSE, LEDGER, f"{LEDGER}-wal", SMS])),
)
def test_a_path_with_a_use_is_taken(
    taken: str, disguise: Callable[[Path, str], str], there: set[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        write(root, dict.fromkeys(there, ""))
        settings(root, "x", **BOTH)
        settings(root, disguise(root, taken), **BOTH)
        how = found(root)
        assert list(how) == ["channels.tell.path"]
        # Of a folder that is around several, any of them may be named.
        around = TAKEN[taken].startswith("is a folder")
        assert how["channels.tell.path"].startswith("is a folder" if around else TAKEN[taken])
        (problem,) = (one for one in load_project(root).diagnostics if one.code.id == "E172")
        assert problem.place is not None
        assert problem.place.line == 15
        assert use_of(root / taken, uses(read_folder(root))) is not None


@given(free=st.sampled_from(FREE), disguise=st.sampled_from(DISGUISES))
def test_a_path_without_another_use_is_free(
    free: str, disguise: Callable[[Path, str], str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        settings(root, "x", **BOTH)
        settings(root, disguise(root, free), **BOTH)
        assert found(root) == {}
        assert use_of(root / "plan.json", uses(read_folder(root))) is None


@pytest.mark.parametrize(
    ("others", "setting", "how"),
    [
        ({**BOTH, "ledger": f"sqlite:///{WAREHOUSE}"}, "ledger.url", "is the warehouse"),
        ({**BOTH, "ledger": f"sqlite:///./{WAREHOUSE}.wal"}, "ledger.url", "is a file beside"),
        ({"warehouse": "duckdb:///x.db-wal", "ledger": "sqlite:///x.db"}, "ledger.url", "keeps a"),
        ({"warehouse": "duckdb:///catalog.yaml?threads=1"}, "warehouse.url", "is the catalog"),
        ({"ledger": "sqlite:///${HERE}/a/one.campaign"}, "ledger.url", "is the campaign file"),
        ({"ledger": "sqlite:///campaigner.toml"}, "ledger.url", "is campaigner.toml"),
        ({"warehouse": "spark:///out"}, "", ""),
        ({"warehouse": "spark:///out", "ledger": "sqlite:///out/x/l.db"}, "ledger.url", "lies in"),
        ({"warehouse": "spark:///out", "ledger": "sqlite:///out/l.parquet"}, "ledger.url", "lies"),
        ({"warehouse": "spark:///out", "ledger": "sqlite:///out/l.db"}, "", ""),
        ({"warehouse": "spark:///out", "ledger": "sqlite:///out/_l/l.db"}, "", ""),
        (
            {"warehouse": "postgresql://u@h/d?sslkey=k/key", "ledger": "sqlite:///k/key"},
            "ledger.url",
            "is a key file of the warehouse",
        ),
        ({"ledger": "sqlite:///${NOT_SET}/catalog.yaml"}, "", ""),
    ],
)
def test_settings_are_held_to_each_other(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    others: Mapping[str, str],
    setting: str,
    how: str,
) -> None:
    monkeypatch.setenv("HERE", str(tmp_path))
    settings(tmp_path, "out.jsonl", **others)
    got = found(tmp_path)
    assert list(got) == ([setting] if setting else [])
    assert not setting or got[setting].startswith(how)


def test_capitals_mean_nothing_where_the_system_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(tmp_path, "VAR/Ledger.DB", **BOTH)
    assert found(tmp_path) == {}
    monkeypatch.setattr("campaigner.compiler.files.places._folds", lambda _: True)
    assert found(tmp_path) == {"channels.tell.path": "is the ledger"}


def test_the_mistake_shows_both_places(tmp_path: Path) -> None:
    settings(tmp_path, SMS)
    (problem,) = (one for one in load_project(tmp_path).diagnostics if one.code.id == "E172")
    assert problem.message() == (
        f"`channels.tell.path` is to be `{SMS}`, which is the file of the channel `sms`"
    )
    assert [label.place.line for label in problem.labels] == [8]


def test_a_link_that_changes_makes_another_answer_of_the_cache(tmp_path: Path) -> None:
    settings(tmp_path, "link", **BOTH)
    keys = [cache.project_files(tmp_path)]
    (tmp_path / "link").symlink_to(LEDGER)
    keys.append(cache.project_files(tmp_path))
    (tmp_path / "link").unlink()
    keys.append(cache.project_files(tmp_path))
    assert keys[0] == keys[2] != keys[1]
