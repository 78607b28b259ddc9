"""Commands that look ahead of a launch: previews, diffs of large projects, checks at each edit.

python -m bench.ahead --customers 50000
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from . import audience, audience_project, check, timing

if TYPE_CHECKING:
    from campaigner.compiler.plan import Plan

CUSTOMERS = 1_000_000
CAMPAIGNS = 50
EDITED = 100
ROUNDS = 3
TODAY = date(2026, 3, 1)


def previewed(customers: int) -> None:
    """The query of a preview, against that of the decisions in one pass."""
    from campaigner.compiler.sql.all.campaigns import decisions_of_all
    from campaigner.compiler.sql.all.funnel import funnel

    plan, dues = audience.asked(audience_project.campaigns(CAMPAIGNS))
    with audience.opened(customers) as database:

        def decided() -> None:
            database.sql(decisions_of_all(plan, dues)).to_arrow_table()

        asked = funnel(plan, dues)

        def counted() -> None:
            database.sql(funnel(plan, dues).query.sql).fetchall()

        (row,) = database.sql(asked.query.sql).fetchall()
        # Each step's last count is of those of whom everything holds.
        left = {key.campaign: count for (key, _), count in zip(asked.counts, row, strict=True)}
        rows = database.sql(decisions_of_all(plan, dues))
        found = rows.aggregate("campaign, count(DISTINCT recipient)").fetchall()
        if {name: count for name, count in left.items() if count} != dict(found):
            raise RuntimeError("the preview counts others than are decided")
        seconds = timing.together({"counted": counted, "decided": decided}, rounds=3)
    what = f"preview of {CAMPAIGNS} campaigns, {customers:,} customers"
    timing.ratio(what, seconds["counted"], "their decisions", seconds["decided"], "under 2")


def compared(folder: Path) -> None:
    """The diff of two plans of a thousand campaigns: a hundred edited, then all by a policy."""
    from campaigner.compiler.collector import collector_paused
    from campaigner.compiler.diff.changes import changes
    from campaigner.compiler.diff.words import in_words

    def took(old: Plan, new: Plan, edits: int) -> float:
        with collector_paused():
            start = time.process_time()
            found = changes(old, new)
            names = {one.subject.name for one in found if one.subject.owner == "campaign"}
            said = in_words(old, new, names)
            seconds = time.process_time() - start
        if not len(names) == len(said) == edits:
            raise RuntimeError("the diff has other campaigns than were edited")
        return seconds

    old = _plan(folder)
    for path in sorted(folder.glob("welcome_*.campaign"))[:EDITED]:
        text = path.read_text("utf-8")
        path.write_text(f"# moved\n\n{text.replace('24 hours', '25 hours')}", "utf-8")
    new = _plan(folder)
    policies = folder / "policies.campaign"
    text = policies.read_text("utf-8")
    policies.write_text(text.replace("hours 21:00", "hours 22:00"), "utf-8")
    last = _plan(folder)
    some = min(took(old, new, EDITED) for _ in range(ROUNDS))
    every = min(took(new, last, check.CAMPAIGNS) for _ in range(ROUNDS))
    print(
        f"diff of two plans of {check.CAMPAIGNS:,} campaigns, words and all: {EDITED} edited"
        f" {some:.2f} s of the processor, all changed by a policy {every:.2f} s, aim: under 2 s"
    )


def edited(folder: Path) -> None:
    """The answer of `check --watch` to an edit."""
    from campaigner.compiler.watched import Watched

    watched = Watched.begin(folder, TODAY)
    path = folder / "welcome_7.campaign"
    times = []
    for number in range(9):
        with path.open("a", encoding="utf-8") as file:
            file.write(f"# {number}\n")
        start = time.perf_counter()
        if not watched.look(TODAY):
            raise RuntimeError("the edit was not seen")
        times.append(time.perf_counter() - start)
    worst = max(times) * 1000
    print(f"check --watch, the slowest of {len(times)} edits: {worst:.0f} ms, aim: 100 ms")


def _plan(folder: Path) -> Plan:
    from campaigner.compiler.kept_plans import planned

    plan = planned(folder).plan
    if plan is None:
        raise RuntimeError("the project does not compile")
    return plan


def main(customers: int = CUSTOMERS) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        check.project(folder)
        edited(folder)
        compared(folder)
    previewed(customers)


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--customers", type=int, default=CUSTOMERS)
    main(options.parse_args().customers)
