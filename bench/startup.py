"""Start-up: `--help` against importing click, commands on a small project against importing duckdb.

Commands are compared in seconds of processor, so that what else runs on the machine counts less.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from . import timing

AT = ("--at", "2026-01-30")
COMMANDS = {
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
        project = str(Path(folder) / "shop")
        for command in (("init", project), ("run", project, *AT)):
            subprocess.run(timing.campaigner(*command), capture_output=True, check=True)
        for name, (first, *rest) in COMMANDS.items():
            group = [first, rest.pop(0)] if first == "ledger" else [first]
            duckdb = timing.processor(*timing.python("import duckdb"))
            ours = timing.processor(*timing.campaigner(*group, project, *rest))
            peer = 'python -c "import duckdb"'
            timing.ratio(f"campaigner {name}", ours, peer, duckdb, "within 500 ms of processor")


if __name__ == "__main__":
    main()
