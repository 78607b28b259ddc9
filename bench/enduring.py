"""Memory of a worker over millions of lines that the warehouse never gets.

`campaigner events` reads lines from a pipe; its resident memory is read each million lines. The
customers are many, so that not all of them can be kept, and what the warehouse lacks grows with
every line. `python -m bench.enduring --lines 10000000` is the whole; it takes most of an hour.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from . import timing
from .returning import line_of
from .stream import made

LINES, CUSTOMERS, ORDERS, STEPS = 500_000, 300_000, 1_500_000, 10
BOUND = 1.2


def main(arguments: Sequence[str] = ()) -> None:
    """Print the memory after each tenth of the lines, and the last against that of the middle."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--lines", type=int, default=LINES)
    asked.add_argument("--customers", type=int, default=CUSTOMERS)
    asked.add_argument("--orders", type=int, default=ORDERS)
    wanted = asked.parse_args(arguments)
    with TemporaryDirectory() as name:
        folder = Path(name)
        made(folder, wanted)
        command = timing.campaigner("events", str(folder), "-", "--even-in-the-future")
        seen: list[int] = []
        with (
            (folder / "said").open("w") as said,
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=said, stderr=said) as process,
        ):
            assert process.stdin is not None
            step = wanted.lines // STEPS
            for number in range(wanted.lines):
                process.stdin.write(line_of(number, wanted.customers) + b"\n")
                if (number + 1) % step == 0:
                    seen.append(_resident(process.pid))
                    print(f"  {number + 1:,} lines: {seen[-1] / 1e6:,.0f} MB", flush=True)
            process.stdin.close()
            process.wait()
        if process.returncode or f"{wanted.lines:,} events" not in (folder / "said").read_text():
            raise RuntimeError((folder / "said").read_text()[-2_000:])
    middle, last = seen[STEPS // 2 - 1], seen[-1]
    print(f"last {last / 1e6:,.0f} MB, middle {middle / 1e6:,.0f} MB, ratio {last / middle:.2f}")
    print(f"aim: {BOUND}")


def _resident(pid: int) -> int:
    """The resident memory of a process in bytes, as the kernel has it."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"process {pid} has ended")


if __name__ == "__main__":
    main(sys.argv[1:])
