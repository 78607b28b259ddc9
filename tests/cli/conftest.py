"""The command as users start it, and in the same process where that is enough."""

import os
import subprocess
import sys

import pytest

PROGRAM = [sys.executable, "-c", "from campaigner.cli.main import main; main()"]


@pytest.fixture
def campaigner(tmp_path):
    """Run the command in an empty folder, English, without colour; what it gave back."""

    def run(*arguments, cwd=None, stdin=None, env=None):
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("LC_") and name not in ("FORCE_COLOR", "NO_COLOR")
        }
        return subprocess.run(
            [*PROGRAM, *map(str, arguments)],
            cwd=cwd or tmp_path,
            env={**environment, "LANG": "C.UTF-8", **(env or {})},
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    return run
