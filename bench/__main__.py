"""Run every benchmark: `python -m bench`, or some: `python -m bench check startup`."""

from __future__ import annotations

import platform
import sys

from . import (
    ahead,
    audience,
    check,
    day,
    enduring,
    events,
    fuzz,
    inside,
    journey,
    ledger,
    lifecycle,
    lines,
    measures,
    memory,
    pattern,
    returning,
    run,
    scenarios,
    simulate,
    sql,
    startup,
    stream,
    workers,
)

ALL = {
    "ahead": ahead.main,
    "audience": audience.main,
    "startup": startup.main,
    "check": check.main,
    "day": day.main,
    "events": events.main,
    "enduring": enduring.main,
    "ledger": ledger.main,
    "lifecycle": lifecycle.main,
    "lines": lines.main,
    "stream": stream.main,
    "returning": returning.main,
    "sql": sql.main,
    "journey": journey.main,
    "inside": inside.main,
    "pattern": pattern.main,
    "run": run.main,
    "scenarios": scenarios.main,
    "simulate": simulate.main,
    "fuzz": fuzz.main,
    "measures": measures.main,
    "memory": memory.main,
    "workers": workers.main,
}


def main(wanted: list[str]) -> int:
    unknown = [name for name in wanted if name not in ALL]
    if unknown:
        print(f"no benchmark called {', '.join(unknown)}; there are {', '.join(ALL)}")
        return 2
    print(f"{platform.platform()}, Python {platform.python_version()}")
    for name in wanted or ALL:
        print(f"\n== {name} ==")
        ALL[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
