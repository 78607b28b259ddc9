"""Values from the environment appear in no output of any command and in no file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from campaigner.cli.main import invoke
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..runtime.delivery.hostile_server import hostile
from ..strategies_secrets import NASTY, leaked, secrets

PERIOD = ("--from", "2026-01-01", "--to", "2026-01-31")
LEDGER = 'url = "sqlite:///var/ledger.db"'
WAREHOUSE = 'url = "duckdb:///data/shop.duckdb"'
PUSH = 'kind = "file"\npath = "var/outbox/push.jsonl"'
QUICK = "timeout = 1\nper_run = 1\nattempts = 1\n"
MAIL = 'subject = "News"\nfrom = "a@b.example"\naddress = "c@d.example"\ntls = false\n'

RUN = ("run", ".", *PERIOD)
OF_LEDGER = (("ledger", "grants", "."), ("ledger", "migrate", "."))
OF_WAREHOUSE = (RUN,)
OF_CHANNEL = (RUN, ("outbox", "list", ".", "--state", "all", "--format", "json"))
EVERY = (
    ("check", "."),
    ("check", ".", "--format", "sarif"),
    ("plan", "."),
    ("sql", ".", "--all", "--at", "2026-01-31"),
    ("fmt", "."),
    RUN,
    *OF_LEDGER,
    ("check", ".", "--warehouse", "--format", "json"),
    ("outbox", "list", ".", "--state", "all"),
    ("run", ".", *PERIOD, "--dry-run"),
    ("status", ".", "--format", "json"),
    ("events", ".", "events.jsonl", "--format", "json"),
    ("explain", ".", "--campaign", "cash_back", "--customer", "c1", "--at", "2026-01-31"),
    *(("ledger", verb, ".") for verb in ("budgets", "balances", "verify", "offers", "claims")),
    ("ledger", "reverse", ".", "1", "--reason", "a mistake"),
    ("outbox", "retry", "."),
    ("run", ".", *PERIOD, "--lang", "zh"),
)
"""Every command that opens something, and those that show the settings' text."""


@dataclass(frozen=True)
class Case:
    """An entry of campaigner.toml with `${SECRET}` in it, in the place of one of the starter's.

    `value` makes the variable's value of a secret and the port of a server.
    """

    before: str
    after: str
    commands: tuple[tuple[str, ...], ...]
    protocol: str = ""
    value: Callable[[str, int], str] = lambda secret, _: secret


def _whole(url: str) -> Callable[[str, int], str]:
    return lambda secret, port: url.format(secret=secret, port=port)


def _of_url(before: str, commands: tuple[tuple[str, ...], ...]) -> dict[str, Case]:
    """The places of a PostgreSQL address that a variable may be in."""
    texts = {
        "user": "postgresql://${SECRET}@127.0.0.1:PORT/db",
        "password": "postgresql://u:${SECRET}@127.0.0.1:PORT/db",
        "host": "postgresql://u@${SECRET}/db",
        "port": "postgresql://u@127.0.0.1:${SECRET}/db",
        "database": "postgresql://u@127.0.0.1:PORT/${SECRET}",
        "parameter": "postgresql://u@127.0.0.1:PORT/db?sslmode=${SECRET}",
        "key": "postgresql://u@127.0.0.1:PORT/db?sslkey=${SECRET}&sslmode=require",
        "name": "postgresql://u@127.0.0.1:PORT/db?${SECRET}=1",
        "schema": "postgresql://u@127.0.0.1:PORT/db?schema=${SECRET}",
        "scheme": "${SECRET}://127.0.0.1/db",
        "all": "${SECRET}",
    }
    cases = {
        name: Case(before, f'url = "{url}"', commands, "postgresql") for name, url in texts.items()
    }
    for name, url in {
        "whole": "postgresql://u:{secret}@127.0.0.1:{port}/db",
        "dots": "postgresql://u:p@{secret}..x/db",
        "twice": "postgresql://{secret}:{secret}@127.0.0.1:{port}/{secret}",
    }.items():
        cases[name] = Case(before, 'url = "${SECRET}"', commands, "postgresql", _whole(url))
    return cases


def _channel(kind: str, protocol: str, entries: str) -> Case:
    return Case(PUSH, f'kind = "{kind}"\n{QUICK}{entries}', OF_CHANNEL, protocol)


HTTP, SMTP, NATS = (f'url = "{name}://127.0.0.1:PORT"\n' for name in ("http", "smtp", "nats"))
KEY = 'secret = "${SECRET}"\n'
DRAW = """
campaign lucky "A draw" {
  owner    "growth"
  goal     retention
  active   2026-01-01 to 2035-12-31
  audience consent_marketing and not employee
  trigger  every friday at 10:00
  reward   draw { 50%: coffee  rest: 10 points }
           limit 1 per customer
  budget   { total 100 CNY  when exhausted stop }
  compliance { follows fair_play }
}
"""
CASES: Mapping[str, Case] = {
    **{f"ledger {name}": case for name, case in _of_url(LEDGER, OF_LEDGER).items()},
    **{f"warehouse {name}": case for name, case in _of_url(WAREHOUSE, OF_WAREHOUSE).items()},
    "ledger folder": Case(LEDGER, 'url = "sqlite:///var/${SECRET}/ledger.db"', OF_LEDGER),
    "ledger in a file": Case(LEDGER, 'url = "sqlite:///catalog.yaml/${SECRET}"', OF_LEDGER),
    "warehouse file": Case(WAREHOUSE, 'url = "duckdb:///data/${SECRET}"', OF_WAREHOUSE),
    "warehouse option": Case(
        WAREHOUSE, 'url = "duckdb:///data/shop.duckdb?threads=${SECRET}"', OF_WAREHOUSE
    ),
    "warehouse option's name": Case(
        WAREHOUSE, 'url = "duckdb:///data/shop.duckdb?${SECRET}=1"', OF_WAREHOUSE
    ),
    "file": Case(PUSH, 'kind = "file"\npath = "var/${SECRET}.jsonl"', OF_CHANNEL),
    "file in a file": Case(PUSH, 'kind = "file"\npath = "catalog.yaml/${SECRET}"', OF_CHANNEL),
    "webhook secret": _channel("webhook", "http", f"{HTTP}{KEY}"),
    "webhook token": _channel("webhook", "http", f'{HTTP}{KEY}token = "${{SECRET}}"\n'),
    "webhook path": _channel(
        "webhook", "http", f'url = "http://127.0.0.1:PORT/${{SECRET}}?a=${{SECRET}}"\n{KEY}'
    ),
    "webhook user": _channel(
        "webhook", "http", f'url = "http://${{SECRET}}:${{SECRET}}@127.0.0.1:PORT/"\n{KEY}'
    ),
    "webhook host": _channel("webhook", "http", f'url = "http://${{SECRET}}"\n{KEY}'),
    "mail password": _channel(
        "smtp", "smtp", f'{SMTP}{MAIL}user = "${{SECRET}}"\npassword = "${{SECRET}}"\n'
    ),
    "mail sender": _channel("smtp", "smtp", SMTP + MAIL.replace("a@b", "${SECRET}")),
    "mail subject": _channel("smtp", "smtp", SMTP + MAIL.replace("News", "${SECRET}")),
    "mail address": _channel("smtp", "smtp", SMTP + MAIL.replace("c@d", "${SECRET}@d")),
    "mail host": _channel("smtp", "smtp", f'url = "smtp://${{SECRET}}"\n{MAIL}'),
    "nats password": _channel(
        "nats", "nats", f'{NATS}subject = "a"\nuser = "u"\npassword = "${{SECRET}}"\n'
    ),
    "nats token": _channel("nats", "nats", f'{NATS}subject = "a"\ntoken = "${{SECRET}}"\n'),
    "nats url": _channel(
        "nats", "nats", 'url = "nats://${SECRET}:${SECRET}@127.0.0.1:PORT"\nsubject = "a"\n'
    ),
    "nats subject": _channel("nats", "nats", f'{NATS}subject = "${{SECRET}}"\n'),
    "kafka password": _channel(
        "kafka",
        "kafka",
        'servers = "127.0.0.1:PORT"\ntopic = "t"\nuser = "u"\npassword = "${SECRET}"\n',
    ),
    "kafka servers": _channel("kafka", "kafka", 'servers = "${SECRET}:9092"\ntopic = "t"\n'),
    "kafka topic": _channel("kafka", "kafka", 'servers = "127.0.0.1:PORT"\ntopic = "${SECRET}"\n'),
}


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has never run, in which whatever is due goes out at once."""
    folder = tmp_path_factory.mktemp("started") / "shop"
    assert invoke(["init", str(folder)]) == 0
    policies = folder / "policies.campaign"
    lines = policies.read_text("utf-8").splitlines(keepends=True)
    left = [line for line in lines if "quiet hours" not in line and "at most" not in line]
    policies.write_text("".join(left), "utf-8")
    (folder / "events.jsonl").write_text("{}\n")
    return folder


def held(
    campaigner,
    started: Path,
    case: Case,
    secret: str,
    commands: tuple[tuple[str, ...], ...] | None = None,
) -> None:
    """No command of the case says a piece of the secret, and no file holds it."""
    with tempfile.TemporaryDirectory() as folder, hostile(case.protocol, secret) as port:
        shop = Path(shutil.copytree(started, Path(folder) / "shop"))
        path = shop / "campaigner.toml"
        text = path.read_text("utf-8")
        assert case.before in text
        path.write_text(text.replace(case.before, case.after.replace("PORT", str(port))), "utf-8")
        value = case.value(secret, port)
        for command in case.commands if commands is None else commands:
            told = campaigner(*command, cwd=shop, env={"SECRET": value})
            said = told.stdout + told.stderr
            assert "Traceback" not in said
            assert leaked(secret, said) is None, (command, said)
        for file in (one for one in shop.rglob("*") if one.is_file()):
            assert leaked(secret, file.read_text("utf-8", "replace")) is None, file


@pytest.mark.parametrize("name", CASES)
def test_no_setting_gives_a_secret_away(campaigner, started: Path, name: str) -> None:
    held(campaigner, started, CASES[name], NASTY)


@pytest.mark.parametrize("name", ["ledger password", "warehouse whole"])
def test_no_command_gives_a_secret_away(campaigner, started: Path, name: str) -> None:
    held(campaigner, started, CASES[name], NASTY, EVERY)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(secret=secrets(), name=st.sampled_from(sorted(CASES)))
def test_no_secret_is_given_away(campaigner, started: Path, secret: str, name: str) -> None:
    held(campaigner, started, CASES[name], secret)


@pytest.mark.parametrize("name", ["ledger folder", "warehouse file", "file", "file in a file"])
def test_a_name_that_is_too_long_gives_no_secret_away(campaigner, started: Path, name: str) -> None:
    held(campaigner, started, CASES[name], NASTY * 20)


@pytest.mark.parametrize(
    "name",
    [
        *("ledger password", "ledger folder", "warehouse file", "file", "webhook secret"),
        *("webhook token", "mail subject", "nats url", "kafka topic"),
    ],
)
def test_bytes_that_are_no_text_are_named_by_their_variable(
    campaigner, started: Path, tmp_path: Path, name: str
) -> None:
    shop = Path(shutil.copytree(started, tmp_path / "shop"))
    path, case = shop / "campaigner.toml", CASES[name]
    changed = path.read_text("utf-8").replace(case.before, case.after.replace("PORT", "9"))
    path.write_text(changed, "utf-8")
    told = campaigner(*case.commands[0], cwd=shop, env={"SECRET": "\udcff\udcfe"})
    assert told.returncode == 2
    assert "error[E183]: `" in told.stderr
    assert "where `SECRET` is not UTF-8" in told.stderr


def test_a_seed_is_given_away_by_nothing(campaigner, started: Path) -> None:
    with_seed = f'{LEDGER}\n[chance]\nseed = "${{SECRET}}"'
    who = ("--campaign", "lucky", "--customer", "c01", "--at", "2026-01-31")
    commands = (
        *EVERY,
        ("ledger", "grants", ".", "--format", "json"),
        ("sql", ".", "--campaign", "lucky", "--at", "2026-01-31"),
        ("explain", ".", *who),
    )
    (started / "lucky.campaign").write_text(DRAW)
    try:
        told = campaigner("run", ".", *PERIOD, "--dry-run", cwd=started)
        assert "lucky" in told.stdout, told.stderr
        held(campaigner, started, Case(LEDGER, with_seed, commands), NASTY)
    finally:
        (started / "lucky.campaign").unlink()


CRASH = """
import sys, threading
from campaigner.cli import main
from campaigner.runtime.run import run

def crash(*_, **__):
    def broken():
        raise RuntimeError("in a thread: " + SECRET[2:])
    thread = threading.Thread(target=broken)
    thread.start()
    thread.join()
    raise RuntimeError("no " + SECRET)

run.run = crash
sys.argv = ["campaigner", "run", "--at", "2026-01-31"]
import os
SECRET = os.environ["SECRET"]
main.main()
"""


def test_an_error_of_the_program_gives_no_secret_away(started: Path, tmp_path: Path) -> None:
    shop = Path(shutil.copytree(started, tmp_path / "shop"))
    path = shop / "campaigner.toml"
    case = CASES["webhook secret"]
    changed = path.read_text("utf-8").replace(case.before, case.after.replace("PORT", "9"))
    path.write_text(changed, "utf-8")
    told = subprocess.run(
        [sys.executable, "-c", CRASH],
        cwd=shop,
        env={**os.environ, "SECRET": NASTY},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert told.returncode == 1
    assert told.stderr.count("Traceback") == 2
    assert "RuntimeError: in a thread: ***" in told.stderr
    assert "RuntimeError: no ${SECRET}" in told.stderr
    assert leaked(NASTY, told.stdout + told.stderr) is None
