"""The cache of diagnostics: entries are keyed by content, and a broken cache is ignored."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from campaigner.cli.codes import AREAS
from campaigner.compiler.codes import files as codes
from campaigner.compiler.project import cache
from campaigner.dsl.codes import by_id
from campaigner.dsl.diagnostics.diagnostic import Diagnostic, Fix, Label, Phrase, diagnose
from campaigner.dsl.diagnostics.source import Place

from ..projects import write

TODAY = date(2026, 6, 1)

FILES = {
    "campaigner.toml": '[project]\nname = "${SHOP}"\n[ledger]\nurl = "${CAMPAIGNER_LEDGER}"\n',
    "a.campaign": "a",
}
AT = Place("a.campaign", 1, 2, 1, 3)
FOUND: tuple[Diagnostic, ...] = (
    diagnose(
        codes.REPEATED,
        AT,
        labels=[Label(AT, codes.FIRST_HERE)],
        fix=Fix(AT, "新"),
        name="客",
        owner=Phrase("catalog_entries.event", event=Phrase("names.event")),
    ),
    diagnose(codes.NO_PROJECT, None, path="x"),
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path, FILES)


def key(root: Path) -> str:
    return cache.key(cache.project_files(root), TODAY)


def test_what_was_found_comes_back_equal(root: Path) -> None:
    assert cache.read(root, key(root)) is None
    cache.write(root, key(root), FOUND)
    assert cache.read(root, key(root)) == FOUND
    assert (root / ".campaigner" / ".gitignore").read_text("utf-8") == "*\n"


def test_the_key_is_of_all_that_a_check_sees(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {key(root)}

    def is_new() -> bool:
        known = key(root) in seen
        seen.add(key(root))
        return not known

    assert not is_new()
    write(root, {"a.campaign": "b"})
    assert is_new()
    (root / "a.campaign").rename(root / "b.campaign")
    assert is_new()
    write(root, {"catalog.yaml": "x"})
    assert is_new()
    monkeypatch.setenv("SHOP", "shop")
    assert is_new()
    # No check asks for a secret, and nobody can find one out from a name.
    monkeypatch.setenv("CAMPAIGNER_LEDGER", "sqlite:///x")
    assert not is_new()
    monkeypatch.setenv("CAMPAIGNER_LEDGER", "sqlite:///catalog.yaml")
    assert is_new()
    (root / "gone.campaign").symlink_to(root / "nothing")
    assert is_new()
    write(root, {"notes.txt": "not read"})
    assert not is_new()
    monkeypatch.setattr(sys, "version", "another Python")
    assert is_new()


def test_the_key_does_not_confuse_names_and_contents() -> None:
    assert cache.key({"a": b"bc"}, TODAY) != cache.key({"ab": b"c"}, TODAY)
    assert cache.key({}, TODAY) != cache.key({}, TODAY + timedelta(1))


@pytest.mark.parametrize("broken", [b"", b"{", b"[1]", b'[{"code": "E000"}]', b"\xff", b"null"])
def test_a_broken_entry_is_none(root: Path, broken: bytes) -> None:
    cache.write(root, key(root), FOUND)
    (root / ".campaigner" / "cache" / f"{key(root)}.json").write_bytes(broken)
    assert cache.read(root, key(root)) is None


def test_where_it_cannot_be_written_there_is_none(root: Path) -> None:
    (root / ".campaigner").write_text("a file in the place of the folder", "utf-8")
    cache.write(root, key(root), FOUND)
    assert cache.read(root, key(root)) is None


def test_a_full_disk_leaves_nothing_half_written(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    cache.write(root, "first", FOUND)
    monkeypatch.setattr(Path, "replace", full)
    cache.write(root, key(root), FOUND)
    assert os.listdir(root / ".campaigner" / "cache") == ["first.json"]


def test_only_the_last_few_are_kept(root: Path) -> None:
    for number in range(cache.KEPT + 5):
        cache.write(root, f"{number:02}", FOUND)
        entry = root / ".campaigner" / "cache" / f"{number:02}.json"
        os.utime(entry, ns=(number, number))
    kept = sorted(os.listdir(root / ".campaigner" / "cache"))
    assert len(kept) == cache.KEPT
    assert kept[-1] == f"{cache.KEPT + 4:02}.json"


def test_texts_for_showing_places_hide_secrets() -> None:
    given = {"campaigner.toml": b'\xef\xbb\xbfpassword = "hunter2"', "a.campaign": b"\xff"}
    shown = cache.sources(given)
    assert {path: source.text for path, source in shown.items()} == {
        "campaigner.toml": 'password = "*******"'
    }


def test_the_way_through_the_cache_imports_nothing_heavy() -> None:
    heavy = {"pydantic", "lark", "yaml", "sqlglot", "duckdb", "jinja2", "holidays"}
    program = f"import sys, campaigner.compiler.project.cache; print({heavy!r} & set(sys.modules))"
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "set()", ran.stderr


def test_every_area_of_codes_is_known() -> None:
    root = Path(__file__).parents[2]
    modules = {
        ".".join(("campaigner", *path.relative_to(root).with_suffix("").parts))
        for part in ("dsl", "compiler", "runtime", "cli")
        for path in (root / part / "codes").rglob("*.py")
        if ' = Code("' in path.read_text("utf-8")
    }
    modules = {name.removesuffix(".__init__") for name in modules}
    assert {area.__name__ for area in AREAS} == modules
    assert len(by_id(AREAS)) > 20
