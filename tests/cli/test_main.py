"""How every command starts and ends."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from campaigner.cli.screen.terminal import spoken

HEAVY = (
    "duckdb", "sqlglot", "pydantic", "jinja2", "pygal", "rich", "holidays", "lark", "yaml",
    "numpy", "scipy"
)  # fmt: skip
PROGRAM = [sys.executable, "-m", "campaigner.cli"]
COMMANDS = (
    "init", "check", "fmt", "plan", "sql", "preview", "diff", "simulate", "measure", "lifecycle",
    "review", "paths", "contrast", "value", "export", "run", "status", "pause", "resume", "stop",
    "events", "ingest", "test", "explain", "ledger", "doc", "rules", "outbox", "help"
)  # fmt: skip


def loaded(*arguments):
    """The heavy libraries that a command line imports."""
    code = (
        "import json, sys\n"
        "from campaigner.cli.main import invoke\n"
        f"invoke({list(arguments)!r})\n"
        f"print('\\n' + json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(told.stdout.splitlines()[-1])


def test_help_lists_every_command_in_the_order_of_use(campaigner):
    told = campaigner("--help")
    assert told.returncode == 0
    lines = told.stdout.split("Commands:\n")[1].splitlines()
    assert tuple(line.split()[0] for line in lines[: len(COMMANDS)]) == COMMANDS


@pytest.mark.parametrize("arguments", [["--help"], *([name, "--help"] for name in COMMANDS)])
def test_help_loads_nothing_heavy(arguments):
    assert loaded(*arguments) == []


SMALL = ("--at", "2026-01-30")
STARTED = {
    "ledger grants": ("ledger", "grants"),
    "ledger budgets": ("ledger", "budgets"),
    "outbox list": ("outbox", "list"),
    "explain": ("explain", *SMALL, "--campaign", "win_back", "--customer", "c001"),
    "sql": ("sql", *SMALL, "--all"),
    "run": ("run", *SMALL),
}
NEEDED = {"explain": ["duckdb", "sqlglot"], "sql": ["sqlglot"], "run": ["duckdb", "sqlglot"]}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The project of `init`, with its plan, in a file too."""
    folder = tmp_path_factory.mktemp("started")
    for line in (["init", "shop"], ["run", "shop", *SMALL], ["plan", "shop", "--output", "plan"]):
        subprocess.run([*PROGRAM, *line], cwd=folder, capture_output=True, check=True)
    return folder


@pytest.mark.parametrize("name", STARTED)
def test_a_command_loads_what_it_needs(name, small):
    group, *rest = STARTED[name]
    verb = [rest.pop(0)] if group in ("ledger", "outbox") else []
    line = [group, *verb, str(small / "shop"), *rest]
    loaded(*line)
    assert loaded(*line) == NEEDED.get(name, [])
    if name in NEEDED:
        line += ["--plan", str(small / "plan")]
        loaded(*line)
        assert loaded(*line) == NEEDED[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_summary_of_a_command_is_its_own(name, campaigner):
    summary = next(
        line.split(maxsplit=1)[1]
        for line in campaigner("--help").stdout.splitlines()
        if line.strip().startswith(f"{name} ")
    )
    assert summary.endswith(".")
    assert campaigner(name, "--help").returncode == 0


def test_mistakes_on_the_command_line_end_with_2(campaigner):
    for arguments in (["nonsense"], ["check", "--format", "xml"], ["sql"], ["help", "E1", "E2"]):
        told = campaigner(*arguments)
        assert told.returncode == 2, arguments
        assert told.stdout == ""
        assert "Traceback" not in told.stderr


def test_version(campaigner):
    assert campaigner("--version").stdout.startswith("campaigner")


def test_the_program_says_the_same_as_the_command():
    told = subprocess.run([*PROGRAM, "help", "E78"], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (2, "")
    assert "there is no code `E78`" in told.stderr


def test_a_reader_that_leaves_is_no_error():
    with subprocess.Popen(
        [*PROGRAM, "help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        running.stdout.close()
        assert running.wait(timeout=60) == 141
        assert running.stderr.read() == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk always full")
def test_a_full_disk_under_the_output_is_said():
    with open("/dev/full", "wb") as full:
        told = subprocess.run(
            [*PROGRAM, "help"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert told.returncode == 2
    assert "no room left on the disk of `the output`" in told.stderr
    assert "Traceback" not in told.stderr


def test_streams_that_are_closed():
    script = 'exec "$0" -m campaigner.cli help <&- >&- 2>&-'
    assert subprocess.run(["sh", "-c", script, sys.executable], check=False).returncode == 0


def test_a_current_folder_that_is_gone(tmp_path):
    folder = tmp_path / "gone"
    folder.mkdir()
    script = 'cd "$1" && rmdir "$1" && exec "$0" -m campaigner.cli check'
    told = subprocess.run(
        ["sh", "-c", script, sys.executable, str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 2
    assert "the current folder" in told.stderr
    assert "Traceback" not in told.stderr


def test_ctrl_c_ends_quietly():
    # `fmt -` waits for its text, so the signal meets it in the middle of its work. In the
    # background of a shell it would be ignored, also by what is started there, unless undone.
    program = [*PROGRAM, "fmt", "-"]
    pipe = subprocess.PIPE
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(program, stdin=pipe, stdout=pipe, stderr=pipe) as running:
        signal.signal(signal.SIGINT, before)
        time.sleep(1.5)
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=60) == 130
        assert b"Traceback" not in running.stderr.read()


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_TW"}, "zh"),
        ({"LC_ALL": "", "LANG": "zh"}, "zh"),
    ],
)
def test_the_locale_chooses_the_language(environment, language):
    assert spoken(environment) == language
