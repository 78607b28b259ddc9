"""Commands as users type them, in this process."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout

from campaigner.cli.main import invoke


def command(*arguments: object) -> tuple[int, str]:
    """The exit code of a command, and all that it printed."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with redirect_stdout(out), redirect_stderr(out):
        code = invoke([str(argument) for argument in arguments])
    out.flush()
    return code, out.buffer.getvalue().decode()


def output(*arguments: object) -> tuple[int, str]:
    """The exit code of a command, and what it printed for programs: warnings are left out."""
    out, told = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(told):
        code = invoke([str(argument) for argument in arguments])
    out.flush()
    return code, out.buffer.getvalue().decode()
