"""Start-up: `--help` against importing click, commands on a small project against importing duckdb.

Commands are compared in seconds of processor, so that what else runs on the machine counts less.
A second time is that of the first start after an edit.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from . import timing

AT = ("--at", "2026-01-30")
COMMANDS = {
    "ledger grants": ("ledger", "grants"),
    "ledger budgets": ("ledger", "budgets"),
    "explain": ("explain", *AT, "--campaign", "win_back", "--customer", "c001"),
    "sql": ("sql", *AT, "--all"),
    "run": ("run", *AT),
}


def main() -> None:
    baseline = timing.command(*timing.python("import click"), runs=15)
    ours = timing.command(*timing.campaigner("--help"), runs=15)
    timing.ratio("campaigner --help", ours, 'python -c "import click"', baseline, "at most 3")
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "shop"
        for command in (("init", str(project)), ("run", str(project), *AT)):
            subprocess.run(timing.campaigner(*command), capture_output=True, check=True)
        lines = [timing.python("import duckdb"), *(_line(project, one) for one in COMMANDS)]
        duckdb, *unchanged = timing.processor(lines)
        _, *edited = timing.processor(lines, prepare=lambda: _edit(project))
    for name, ours, first in zip(COMMANDS, unchanged, edited, strict=True):
        peer = 'python -c "import duckdb"'
        timing.ratio(f"campaigner {name}", ours, peer, duckdb, "within 500 ms of processor")
        print(f"  the first time after an edit: {first * 1000:,.1f} ms")


def _line(project: Path, name: str) -> tuple[str, ...]:
    first, *rest = COMMANDS[name]
    verb = [rest.pop(0)] if first == "ledger" else []
    return timing.campaigner(first, *verb, str(project), *rest)


def _edit(project: Path) -> None:
    """A change after which everything is compiled anew."""
    with (project / "win_back.campaign").open("a") as file:
        file.write("#\n")


if __name__ == "__main__":
    main()
