"""Times of whole commands and of functions: several runs, the median counts."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
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


def processor(*arguments: str, runs: int = 7) -> float:
    """Median seconds of processor of a command in its own process; it must not fail."""
    times = []
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(arguments, capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
        times.append(user + system)
    return median(times)


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
