"""Times of whole commands and of functions: several runs, the median counts, or the least."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median


def command(*arguments: str, runs: int = 5, prepare: Callable[[], None] | None = None) -> float:
    """Median seconds of a command as a process of its own; it must not fail."""
    times = []
    for _ in range(runs):
        if prepare is not None:
            prepare()
        start = time.perf_counter()
        done = subprocess.run(arguments, capture_output=True, check=False)
        times.append(time.perf_counter() - start)
        if done.returncode not in (0, 1):
            raise RuntimeError(f"{' '.join(arguments)}: {done.stderr.decode()}")
    return median(times)


def processor(
    commands: Sequence[Sequence[str]], runs: int = 7, prepare: Callable[[], None] = lambda: None
) -> list[float]:
    """Least seconds of processor of each command in its own process, in turns; none may fail.

    Modules have bytecode, as an installation has it: the first turn writes it and does not count.
    """
    environment = {**os.environ}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    least = [float("inf")] * len(commands)
    for turn in range(runs + 1):
        for place, command in enumerate(commands):
            prepare()
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(command, capture_output=True, check=True, env=environment)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
            if turn:
                least[place] = min(least[place], user + system)
    return least


def function(work: Callable[[], object], runs: int = 5) -> float:
    """Median seconds of a function in this process."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return median(times)


TURN = 0.1
"""Seconds of the processor that a turn takes, at least."""


def together(works: Mapping[str, Callable[[], object]], rounds: int = 5) -> dict[str, float]:
    """Least seconds of the processor that each takes.

    They take turns, so that all meet the same where the machine does other things too. In its turn
    each runs several times: the first time finds the caches full of what the one before has left.
    """
    least = dict.fromkeys(works, float("inf"))
    for _ in range(rounds):
        for name, work in works.items():
            began, runs = time.process_time(), 0
            while runs < 2 or time.process_time() - began < TURN:
                start = time.process_time()
                work()
                least[name] = min(least[name], time.process_time() - start)
                runs += 1
    return least


def python(code: str) -> tuple[str, ...]:
    """A command that runs a line of Python in this environment."""
    return (sys.executable, "-c", code)


def campaigner(*arguments: str) -> tuple[str, ...]:
    """The command of this environment."""
    return (sys.executable, "-m", "campaigner.cli", *arguments)


def ratio(what: str, ours: float, peer: str, theirs: float, aim: str) -> None:
    """One line: ours against the peer's, and what was aimed at."""
    print(
        f"{what}: {ours * 1000:,.1f} ms, {peer}: {theirs * 1000:,.1f} ms, "
        f"ratio {ours / theirs:.2f} (aim: {aim})"
    )
