"""Print a digest for every plan and statement of the shipped projects, one a line.

Two environments with other versions of the libraries must print the same lines;
`make test-newest` and `make test-oldest` compare them with those of the locked versions.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

from campaigner.compiler.dialects.registry import DIALECTS

ROOT = Path(__file__).parents[1]
SHIPPED = ("bank", "complete_journey", "shop")
PERIODS = {
    "bank": ("--from", "2026-01-01", "--to", "2026-01-31"),
    "complete_journey": ("--from", "2017-06-01", "--to", "2017-06-30"),
    "shop": ("--from", "1997-11-01", "--to", "1997-11-30"),
    "starter": ("--from", "2026-01-01", "--to", "2026-01-31"),
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        starter = Path(folder) / "starter"
        _campaigner("init", str(starter))
        for project in (*(ROOT / "campaigns" / name for name in SHIPPED), starter):
            _digest(project, "plan")
            for dialect in sorted(DIALECTS):
                _digest(project, "sql", "--all", "--dialect", dialect, *PERIODS[project.name])


def _digest(project: Path, command: str, *options: str) -> None:
    digest = hashlib.sha256(_campaigner(command, str(project), *options)).hexdigest()
    print(project.name, command, *options, digest)


def _campaigner(*arguments: str) -> bytes:
    command = [sys.executable, "-m", "campaigner.cli", *arguments]
    return subprocess.run(command, check=True, capture_output=True).stdout


if __name__ == "__main__":
    main()
