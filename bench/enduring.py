"""Memory of a worker over millions of lines that the warehouse never gets.

`campaigner events` reads lines from a pipe; its resident memory is read each million lines. The
customers are many, so that not all of them can be kept, and what the warehouse lacks grows with
every line. `python -m bench.enduring --lines 10000000` is the whole; it takes an hour and a half.

`--project waiting` has campaigns that look for other events of the stream: for those of a team, of
timers, schedules, a journey, a pattern and tasks. A batch must not take longer the more there are.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from . import timing
from .returning import line_of
from .stream import made

LINES, CUSTOMERS, ORDERS, STEPS = 500_000, 300_000, 1_500_000, 10
BOUND = 1.2
WAITING = """
benefit coffee { kind coupon  value 25 CNY  cost 9.90 CNY }

campaign team "Four of a team" {
  active 2026-04-01 to 2026-12-31
  audience yes
  trigger on order reaching 4 customers per product within 1 hour
  reward coffee
  budget { total 100_000_000 CNY }
  compliance { forbid phrase "sure" }
}
campaign later "Two hours later" {
  active 2026-04-01 to 2026-12-31
  audience count(order in last 30 days) >= 2
  trigger 2 hours after order unless order where amount >= 250 CNY
  reward 1 points
  budget { total 100_000_000 CNY }
  compliance { forbid phrase "sure" }
}
campaign daily "Every day" {
  active 2026-04-01 to 2026-12-31
  audience sum(order.amount in last 2 days) >= 280 CNY
  trigger every day at 10:00
  reward 2 points
  budget { total 100_000_000 CNY }
  compliance { forbid phrase "sure" }
}
campaign path "A journey" {
  active 2026-04-01 to 2026-12-31
  audience yes
  journey {
    step begun on order where amount >= 150 CNY
      reward 1 points
    step nudge 1 days after begun unless order where amount >= 200 CNY
      reward 3 points
  }
  budget { total 100_000_000 CNY }
  compliance { forbid phrase "sure" }
}
campaign often "Three times" {
  active 2026-04-01 to 2026-12-31
  audience yes
  trigger on order reaching 3 times within 30 days
  reward 3 points
  budget { total 100_000_000 CNY }
  compliance { forbid phrase "sure" }
}
campaign deeds "Tasks" {
  active 2026-04-01 to 2026-12-31
  audience yes
  tasks {
    task buy "An order" daily on order
      reward 1 points
  }
  budget { total 100_000_000 CNY }
  compliance { forbid phrase "sure" }
}
"""
TEAM = 4


def main(arguments: Sequence[str] = ()) -> None:
    """Print memory and speed of each tenth of the lines, and the last against the middle one."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--lines", type=int, default=LINES)
    asked.add_argument("--customers", type=int, default=CUSTOMERS)
    asked.add_argument("--orders", type=int, default=ORDERS)
    asked.add_argument("--project", choices=("plain", "waiting"), default="plain")
    wanted = asked.parse_args(arguments)
    waits = wanted.project == "waiting"
    with TemporaryDirectory() as name:
        folder = Path(name)
        made(folder, wanted)
        if waits:
            (folder / "all.campaign").write_text(WAITING, "utf-8")
        command = timing.campaigner("events", str(folder), "-", "--even-in-the-future")
        seen: list[int] = []
        took: list[float] = []
        with (
            (folder / "said").open("w") as said,
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=said, stderr=said) as process,
        ):
            assert process.stdin is not None
            step, start = wanted.lines // STEPS, time.perf_counter()
            for number in range(wanted.lines):
                line = line_of(number, wanted.customers)
                if waits:
                    line = line.replace(b"bread", b"team%d" % (number // TEAM))
                process.stdin.write(line + b"\n")
                if (number + 1) % step == 0:
                    seen.append(_resident(process.pid))
                    took.append(max(_processor(process.pid) - sum(took), 0.01))
                    clock, start = time.perf_counter() - start, time.perf_counter()
                    print(
                        f"  {number + 1:,} lines: {seen[-1] / 1e6:,.0f} MB,"
                        f" {step / took[-1]:,.0f} lines a second of the processor,"
                        f" {step / clock:,.0f} by the clock",
                        flush=True,
                    )
            process.stdin.close()
            process.wait()
        if process.returncode or f"{wanted.lines:,} events" not in (folder / "said").read_text():
            raise RuntimeError((folder / "said").read_text()[-2_000:])
    middle, last = seen[STEPS // 2 - 1], seen[-1]
    print(f"last {last / 1e6:,.0f} MB, middle {middle / 1e6:,.0f} MB, ratio {last / middle:.2f}")
    print(
        f"a line of the last tenth takes {took[-1] / took[STEPS // 2 - 1]:.2f} of the middle's time"
    )
    print(f"aim: {BOUND}")


def _processor(pid: int) -> float:
    """The seconds of the processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> int:
    """The resident memory of a process in bytes, as the kernel has it."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"process {pid} has ended")


if __name__ == "__main__":
    main(sys.argv[1:])
