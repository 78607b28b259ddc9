"""`campaigner events --workers 2` against one worker, with a ledger on PostgreSQL and in SQLite.

The project, its customers and its lines are those of `bench.stream`. Grants and messages are the
same with any number of workers, which is checked before times are shown. On a machine that does
other things too the clock says little. Seconds of the processor are those of all processes of the
command; the server's are shown apart.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from campaigner.runtime.events.lines import Line
from campaigner.runtime.events.workers.dealing import Dealer, names_of
from campaigner.runtime.ledger import open_ledger

from . import timing
from .ledger import processor_of_server, server
from .stream import SETTINGS, made, timed

AIM = 2.0
SQLITE = "sqlite:///ledger.db"
Kept = tuple[list[tuple[object, ...]], list[tuple[object, ...]]]


class Took(NamedTuple):
    """Seconds of the clock, of the command's processes, and of the server."""

    clock: float
    processor: float
    server: float


def main(arguments: Sequence[str] = ()) -> None:
    """Print what each number of workers takes, in turns."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--lines", type=int, default=100_000)
    asked.add_argument("--customers", type=int, default=200_000)
    asked.add_argument("--orders", type=int, default=1_000_000)
    asked.add_argument("--turns", type=int, default=3)
    asked.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    wanted = asked.parse_args(arguments)
    with TemporaryDirectory() as name, server(Path(name)) as url:
        folder = Path(name)
        made(folder, wanted)
        dealing(folder / "new.jsonl")
        measured("SQLite", folder, SQLITE, wanted)
        measured("PostgreSQL", folder, url, wanted)


def measured(store: str, folder: Path, url: str, wanted: argparse.Namespace) -> None:
    """Print what each number of workers takes with one store."""
    (folder / "campaigner.toml").write_text(SETTINGS.replace(SQLITE, "${LEDGER}"), "utf-8")
    took: dict[int, list[Took]] = {count: [] for count in wanted.workers}
    kept: list[Kept] = []
    for turn in range(wanted.turns):
        for count in wanted.workers:
            ledger = url
            if url == SQLITE:
                for each in folder.glob("ledger.db*"):
                    each.unlink()
            else:
                ledger = f"{url}{'&' if '?' in url else '?'}schema=of_{count}_{turn}"
            took[count].append(_took(folder, ledger, count))
            kept.append(_kept(folder, ledger))
    if any(one != kept[0] for one in kept):
        raise RuntimeError("grants or messages differ")
    print(f"{store}: {len(kept[0][0]):,} grants, {len(kept[0][1]):,} messages, the same in all")
    least = {count: min(one.clock for one in some) for count, some in took.items()}
    for count, some in took.items():
        best = min(some, key=lambda one: one.clock)
        print(
            f"  {count} of them: {wanted.lines / best.clock:,.0f} lines/s by the clock,"
            f" {best.processor:.1f} s of processor, the server's {best.server:.1f} s,"
            f" {(best.processor + best.server) / best.clock:.2f} cores in use"
        )
    first, *others = wanted.workers
    for count in others:
        what = f"{store}, {count} workers"
        timing.ratio(what, least[count], f"{first} worker", least[first], f"1/{AIM}")


def dealing(path: Path) -> None:
    """Print what dealing a line takes, by the pattern and by JSON."""
    lines = [Line(number, content) for number, content in enumerate(path.read_bytes().split(b"\n"))]
    found = []
    for plain in (True, False):
        dealer = Dealer(2)
        start = time.process_time()
        places = []
        for line in lines:
            names = names_of(line.content, plain=plain)
            place = dealer.place(names, line.content)
            places.append(place if names is None else dealer.first(names, place))
        found.append((places, (time.process_time() - start) / len(lines) * 1e6))
    if found[0][0] != found[1][0]:
        raise RuntimeError("lines are dealt to others")
    print(f"dealing: {found[1][1]:.2f} µs a line, with JSON {found[0][1]:.2f}")


def _took(folder: Path, ledger: str, count: int) -> Took:
    os.environ["LEDGER"] = ledger
    before = processor_of_server(folder)
    took = timed(
        timing.campaigner(
            "events", str(folder), str(folder / "new.jsonl"), "--even-in-the-future",
            "--workers", str(count),
        )
    )  # fmt: skip
    return Took(took.clock, took.processor, processor_of_server(folder) - before)


def _kept(folder: Path, url: str) -> Kept:
    with open_ledger(url, "shop", "CNY", root=folder) as ledger:
        grants = [
            (one.campaign, one.recipient, one.occurrence, one.reward, one.amount)
            for one in ledger.grants()
        ]
        messages = [
            (one.identity.campaign, one.identity.recipient, one.identity.occurrence)
            for one in ledger.letters()
            if one.kind == "message"
        ]
    return sorted(grants), sorted(messages)


if __name__ == "__main__":
    main(sys.argv[1:])
