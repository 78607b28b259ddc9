"""campaigner.toml: settings, what comes from the environment, and no secret in any file."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from campaigner.compiler.files.environment import Setting, expand, masked
from campaigner.compiler.files.folder import read_folder
from campaigner.compiler.files.positions import toml_positions
from campaigner.compiler.project.config import Config, OwnDays
from campaigner.compiler.project.config_file import read_config
from campaigner.dsl.diagnostics.diagnostic import CannotRun, Diagnostic
from campaigner.dsl.diagnostics.source import Place, SourceFile
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path("/srv/bank")
PROJECT = """\
[project]
name = "bank"
language = 1
time_zone = "Asia/Shanghai"
currency = "CNY"
"""


def read(text: str) -> tuple[Config, tuple[Diagnostic, ...]]:
    return read_config(SourceFile("campaigner.toml", text), ROOT)


def told(text: str) -> list[tuple[str, str, str]]:
    """Code, what is underlined, and the help of each mistake, in the order of the text."""
    source = SourceFile("campaigner.toml", text)
    found = []
    for one in sorted(read(text)[1], key=lambda one: (one.place, one.code.id)):
        assert one.place is not None
        assert one.message("zh")
        line = source.line(one.place.line)
        found.append(
            (one.code.id, line[one.place.column - 1 : one.place.end_column - 1], one.help() or "")
        )
    return found


def test_all_settings() -> None:
    config, diagnostics = read(
        PROJECT
        + """\
catalog = "data/catalog.yaml"
[warehouse]
url = "duckdb:///data/bank.duckdb"
[ledger]
url = "postgresql://app:${PASSWORD}@db/ledger"
[channels.push]
kind = "file"
path = "var/${WHERE}.jsonl"
[calendar.mid_autumn]
2027 = "2027-09-15"
2028 = 2028-10-03
"""
    )
    assert diagnostics == ()
    assert (config.name, config.language, config.time_zone) == ("bank", 1, "Asia/Shanghai")
    assert (config.currency, config.catalog) == ("CNY", "data/catalog.yaml")
    assert config.festivals == {
        "mid_autumn": OwnDays({2027: date(2027, 9, 15), 2028: date(2028, 10, 3)})
    }
    assert config.warehouse is not None
    assert config.ledger is not None
    assert expand(config.warehouse) == "duckdb:////srv/bank/data/bank.duckdb"
    given = {"PASSWORD": "hunter2", "WHERE": "push"}
    assert expand(config.ledger, given) == "postgresql://app:hunter2@db/ledger"
    assert expand(config.channels["push"].path, given) == "/srv/bank/var/push.jsonl"


@pytest.mark.parametrize(
    ("url", "absolute"),
    [
        ("duckdb:////data/x.duckdb", "duckdb:////data/x.duckdb"),
        ("sqlite:///var/l.db", "sqlite:////srv/bank/var/l.db"),
        ("${URL}", "sqlite:////srv/bank/x.db"),
        ("spark://host/db", "spark://host/db"),
    ],
)
def test_a_path_in_an_address_starts_from_the_folder(url: str, absolute: str) -> None:
    setting = Setting("ledger.url", url, "url", ROOT, Place("campaigner.toml", 1, 1, 1, 1))
    assert expand(setting, {"URL": "sqlite:///x.db"}) == absolute


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_value_ends_no_part_of_an_address(user: str, password: str) -> None:
    url = "postgresql://${USER}:${WORD}@db.example:5432/shop?schema=${WORD}"
    setting = Setting("ledger.url", url, "url", ROOT, Place("campaigner.toml", 1, 1, 1, 1))
    parts = urlsplit(expand(setting, {"USER": user, "WORD": password}))
    assert (parts.hostname, parts.port, parts.path) == ("db.example", 5432, "/shop")
    assert [unquote(parts.username or ""), unquote(parts.password or "")] == [user, password]
    assert dict(parse_qsl(parts.query)) == {"schema": password}


def test_a_host_from_the_environment_may_have_a_port_and_a_path() -> None:
    place = Place("campaigner.toml", 1, 1, 1, 1)
    setting = Setting("channels.push.url", "https://${WHERE}/v1", "url", ROOT, place)
    assert expand(setting, {"WHERE": "push.example:8443/a"}) == "https://push.example:8443/a/v1"


def test_spark_connect_is_not_spark() -> None:
    ((_, _, help_),) = told(PROJECT + '[warehouse]\nurl = "sc://spark:15002"\n')
    assert help_ == "write an address such as `spark://host:7077/database`"


def test_a_check_needs_no_variable_that_a_run_needs() -> None:
    config, diagnostics = read(PROJECT + '[ledger]\nurl = "sqlite:///${DATA}/l.db"\n')
    assert diagnostics == ()
    assert config.ledger is not None
    with pytest.raises(CannotRun) as stopped:
        expand(config.ledger, {})
    found = stopped.value.diagnostic
    assert found.code.id == "E175"
    assert found.place == Place("campaigner.toml", 7, 7, 7, 31)
    assert "`DATA`" in found.message()


def test_what_a_check_needs_comes_from_the_environment_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = PROJECT.replace('"CNY"', '"${CAMPAIGNER_CURRENCY}"')
    monkeypatch.delenv("CAMPAIGNER_CURRENCY", raising=False)
    assert told(text) == [
        (
            "E175",
            '"${CAMPAIGNER_CURRENCY}"',
            "set it where this runs: `export CAMPAIGNER_CURRENCY=…`",
        )
    ]
    monkeypatch.setenv("CAMPAIGNER_CURRENCY", "USD")
    assert read(text)[0].currency == "USD"
    assert told(text) == []


MISTAKES = [
    ('[warehouse]\nurl = "mysql://h/db"', "E173", '"mysql://h/db"'),
    ('[ledger]\nurl = "duckdb:///x"', "E173", '"duckdb:///x"'),
    ('[warehouse]\nurl = "sc://spark:15002"', "E173", '"sc://spark:15002"'),
    ("[ledger]\nurl = 5", "E162", "5"),
    ("[ledger]", "E161", "ledger"),
    ("[channels.push]\nkind = 'file'", "E161", "push"),
    ("[channels.push]\nkind = 'carrier'\npath = 'x'", "E163", "'carrier'"),
    ("[channels.push]\nkind = 'smoke'\nhost = 'x'", "E163", "'smoke'"),
    ("[channels.'a b']\nkind = 'file'\npath = 'x'", "E168", "'a b'"),
    ("[channels]\npush = 'file'", "E162", "'file'"),
    ("[channels.push]\nkind = 'file'\npath = '${1}'", "E176", "'${1}'"),
    ("[channels.push]\nkind = 'file'\npath = '${X'", "E176", "'${X'"),
    ("[chanels.push]\nkind = 'file'", "E160", "chanels"),
    ("[calendar.x]\n2027 = '2028-01-01'", "E171", "'2028-01-01'"),
    ("[calendar.x]\n2027 = 2028-01-01", "E171", "2028-01-01"),
    ("[calendar.x]\n2027 = 'soon'", "E171", "'soon'"),
    ("[calendar.x]\n27 = '2027-01-01'", "E177", "27"),
    ("[calendar]\nx = 3", "E162", "3"),
    ('[warehouse]\nurl = "duckdb:///a.duckdb"\nreread_seconds = -1', "E162", "-1"),
    ('[warehouse]\nurl = "duckdb:///a.duckdb"\nreread_seconds = 86401', "E162", "86401"),
    ('[warehouse]\nurl = "duckdb:///a.duckdb"\nreread_seconds = 1.5', "E162", "1.5"),
    ('[warehouse]\nurl = "duckdb:///a.duckdb"\nreread_seconds = "60s"', "E162", '"60s"'),
]


@pytest.mark.parametrize(("rest", "code", "at"), MISTAKES)
def test_a_mistake_is_one_message_at_its_place(rest: str, code: str, at: str) -> None:
    assert [(found, where) for found, where, _ in told(f"{PROJECT}{rest}\n")] == [(code, at)]


VALUES = [
    ('name = ""', "name", "E162", '""'),
    ("language = 2", "language", "E166", "2"),
    ("language = 'one'", "language", "E162", "'one'"),
    ("time_zone = 'Beijing'", "time_zone", "E164", "'Beijing'"),
    ("time_zone = 'localtime'", "time_zone", "E164", "'localtime'"),
    ("time_zone = '../etc/passwd'", "time_zone", "E164", "'../etc/passwd'"),
    ("currency = '￥'", "currency", "E165", "'￥'"),
    ("currency = 'CNX'", "currency", "E165", "'CNX'"),
    ("currency = [1]", "currency", "E162", "[1]"),
    ("# gone", "currency", "E161", "project"),
]


@pytest.mark.parametrize(("line", "name", "code", "at"), VALUES)
def test_a_wrong_value_is_told_and_replaced(line: str, name: str, code: str, at: str) -> None:
    lines = [line if one.startswith(name) else one for one in PROJECT.splitlines()]
    text = "\n".join(lines)
    assert [(found, where) for found, where, _ in told(text)] == [(code, at)]
    config = read(text)[0]
    assert (config.language, len(config.currency)) == (1, 3)


def test_a_mistyped_entry_is_not_also_missing() -> None:
    assert told(PROJECT.replace("time_zone", "timezone")) == [
        ("E160", "timezone", "did you mean `time_zone`?")
    ]


SECRETS = [
    '[warehouse]\nurl = "postgresql://app:hunter2@db/x"',
    '[warehouse]\nurl = "spark://h/x?token=hunter2"',
    "[channels.mail]\nkind = 'smtp'\npassword = 'hunter2'",
    "[channels.mail]\nkind = 'smtp'\napi_key = 'hunter2'",
    "[channels]\nhook = {kind = 'webhook', secret = 'hunter2'}",
]


@pytest.mark.parametrize("rest", SECRETS)
def test_a_written_secret_is_an_error_that_does_not_repeat_it(rest: str) -> None:
    _, diagnostics = read(f"{PROJECT}{rest}\n")
    assert "E174" in [one.code.id for one in diagnostics]
    for one in diagnostics:
        assert "hunter2" not in f"{one.message()} {one.help()} {one.message('zh')}"


@pytest.mark.parametrize("rest", SECRETS)
def test_a_written_secret_is_hidden_in_what_is_shown(rest: str) -> None:
    shown = masked(rest)
    assert "hunter2" not in shown
    assert len(shown) == len(rest)
    assert shown.count("\n") == rest.count("\n")


@pytest.mark.parametrize("piece", ["://:", "a.", "x=,", "?secret=", "[", '"', "password = "])
def test_a_megabyte_on_one_line_is_read_in_no_time(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    assert len(masked(text)) == len(text)
    assert len(read(f"{PROJECT}{text}")[1]) == 1


def test_a_secret_from_the_environment_is_none_in_the_file() -> None:
    text = "[channels.log]\nkind = 'nats'\nurl = 'nats://x'\nsubject = 'x'\npassword = '${MAIL}'\n"
    assert told(PROJECT + text) == []
    assert masked(text) == text


SYNTAX = [
    ("[project", 1, 9),
    ("name = 中文", 1, 8),
    ('a = "x', 1, 7),
    ("[a]\n[a]", 2, 3),
    ("a = 1\na = 2", 2, 6),
    ("a = [1, 2", 1, 10),
    ("a = “x”", 1, 5),
    ("a = " + "1" * 6000, 1, 1),
]


@pytest.mark.parametrize(("text", "line", "column"), SYNTAX)
def test_what_is_no_toml_is_told_where_it_stops(text: str, line: int, column: int) -> None:
    (found,) = read(text)[1]
    assert found.code.id == "E154"
    assert found.place is not None
    assert (found.place.line, found.place.column) == (line, column)
    assert found.message("zh")


def test_deep_nesting_is_one_message() -> None:
    assert [one.code.id for one in read("a = " + "[" * 5000)[1]] == ["E159"]


def test_places_in_toml() -> None:
    text = """\
# [not.a.table]
a.b = 1 # x = 2
"c d" = 'x'
[t . u]
list = [ 1, # one
  "two, ]", {k = 3, "l" = [4]} ]
text = \"\"\"
[no]
y = 1\"\"\"
[[many]]
z = 1
[[many]]
z = 2
"""
    positions = toml_positions(SourceFile("x", text))

    def at(*path: str | int) -> tuple[int, str]:
        value = positions.entries[path].value
        return value.place.line, value.text

    assert at("a", "b") == (2, "1")
    assert at("c d") == (3, "'x'")
    assert at("t", "u", "list", 1) == (6, '"two, ]"')
    assert at("t", "u", "list", 2, "k") == (6, "3")
    assert at("t", "u", "list", 2, "l", 0) == (6, "4")
    assert at("t", "u", "text")[0] == 7
    assert at("many", 0, "z") == (11, "1")
    assert at("many", 1, "z") == (13, "2")
    assert ("not", "a", "table") not in positions.entries
    assert ("y",) not in positions.entries


@pytest.mark.parametrize("name", ["campaigner.toml", "a.campaign", "catalog.yaml"])
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path, name: str) -> None:
    (tmp_path / "campaigner.toml").write_text(PROJECT)
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    assert name in read_folder(tmp_path).unreadable
