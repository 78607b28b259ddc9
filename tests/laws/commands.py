"""Commands as users type them, in this process."""

from __future__ import annotations

import io
import os
from contextlib import redirect_stderr, redirect_stdout
from typing import TextIO
from unittest.mock import patch

from campaigner.cli.main import invoke

from ..seeds import SEED


def command(*arguments: object) -> tuple[int, str]:
    """The exit code of a command, and all that it printed."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    code = _invoke(arguments, out, out)
    out.flush()
    return code, out.buffer.getvalue().decode()


def output(*arguments: object) -> tuple[int, str]:
    """The exit code of a command, and what it printed for programs: warnings are left out."""
    out, told = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    code = _invoke(arguments, out, told)
    out.flush()
    return code, out.buffer.getvalue().decode()


def _invoke(arguments: tuple[object, ...], out: TextIO, told: TextIO) -> int:
    """The seed is set for every command: half of the generated projects draw with one."""
    seed = patch.dict(os.environ, {"DRAW_SEED": SEED})
    with seed, redirect_stdout(out), redirect_stderr(told):
        return invoke([str(argument) for argument in arguments])
