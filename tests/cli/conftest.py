"""The command line as users write it, in this process: to start one costs more than it does."""

import io
import os
import sys
from dataclasses import dataclass

import pytest
from campaigner.cli.main import invoke


@dataclass(frozen=True)
class Told:
    """How a command ended, and its output."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def campaigner(tmp_path, monkeypatch):
    """Run the command in an empty folder, in English, without colour."""

    def run(*arguments, cwd=None, stdin=None, env=None):
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
        given = io.TextIOWrapper(io.BytesIO((stdin or "").encode()), encoding="utf-8")
        with monkeypatch.context() as patch:
            for name in [*os.environ]:
                if name.startswith("LC_") or name in ("FORCE_COLOR", "NO_COLOR", "CI"):
                    patch.delenv(name)
            for name, value in {"LANG": "C.UTF-8", **(env or {})}.items():
                patch.setenv(name, value)
            patch.chdir(cwd or tmp_path)
            patch.setattr(sys, "stdin", given)
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            code = invoke([str(argument) for argument in arguments])
        out.flush()
        err.flush()
        return Told(code, out.buffer.getvalue().decode(), err.buffer.getvalue().decode())

    return run
