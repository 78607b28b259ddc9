"""The paths of customers as tables, and as rows for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ....dsl.diagnostics.diagnostic import Phrase
from ...screen.tables import Column
from .sheet import Cell, Grid, Sheet

if TYPE_CHECKING:
    from ....compiler.plan import Plan
    from ....runtime.paths.paths import Path, Paths, Quartiles, Side

_LONGEST = 20
"""Paths of a table; JSON and CSV have all."""

_ENDS = {"longer": Phrase("paths.longer"), "broke_off": Phrase("paths.broke_off")}
_COLUMNS = (
    "path",
    "ending",
    "side",
    "customers",
    "share",
    "quarter_seconds",
    "median_seconds",
    "three_quarters_seconds",
)


def sheet_of(found: Paths, plan: Plan) -> Sheet:
    """The result in every form."""
    walk, zone = found.walk, ZoneInfo(plan.time_zone)
    title = Phrase("paths.title", project=plan.project, start=walk.start, end=walk.end)
    head = {
        "from_event": walk.start,
        "to_event": walk.end,
        "steps": walk.steps,
        "events": list(walk.kinds),
        "from": None if walk.first is None else walk.first.astimezone(zone).isoformat(),
        "to": walk.last.astimezone(zone).isoformat(),
        "least": found.least,
        "in_both": found.both,
        "sides": [_side(one) for one in found.sides],
        "others": list(found.others),
        "breaks": [{"after": event, "customers": list(counts)} for event, counts in found.breaks],
    }
    grids = [_of_sides(found), _of_paths(found)]
    if found.breaks:
        grids.append(_of_breaks(found))
    return Sheet(
        title, tuple(grids), tuple(_notes(found)), head, _COLUMNS, list(_rows(found)), "paths"
    )


def _name(side: Side) -> str | Phrase:
    return Phrase("paths.everybody") if side.name is None else side.name


def _of_sides(found: Paths) -> Grid:
    columns = (
        Column(Phrase("paths.audience")),
        Column("customers", number=True),
        Column(Phrase("paths.began", event=found.walk.start), number=True),
        Column(Phrase("paths.reached", event=found.walk.end), number=True),
        Column(Phrase("paths.share"), number=True),
        *_time_columns(),
    )
    rows = [
        (
            _name(one),
            f"{one.customers:,}",
            f"{one.began:,}",
            f"{one.reached:,}",
            share(one.reached, one.began),
            *_times(one.times),
        )
        for one in found.sides
    ]
    return Grid(Phrase("paths.sides"), columns, rows)


def _of_paths(found: Paths) -> Grid:
    names = [side.name for side in found.sides]
    columns = [Column(Phrase("paths.path"))]
    for name in names:
        columns += [
            Column(Phrase("headings.customers") if name is None else name, number=True),
            Column(Phrase("paths.share"), number=True),
            Column(Phrase("paths.median"), number=True),
        ]
    rows: list[list[str | Phrase]] = []
    for path in found.paths[:_LONGEST]:
        row: list[str | Phrase] = [_words(path)]
        for count, side in zip(path.counts, found.sides, strict=True):
            middle = None if count.times is None else count.times[1]
            row += [f"{count.customers:,}", share(count.customers, side.began), duration(middle)]
        rows.append(row)
    more = found.paths[_LONGEST:]
    for title, counts in (
        (Phrase("paths.more", count=str(len(more))), _sums(more, len(names))),
        (Phrase("paths.others", least=str(found.least)), found.others),
    ):
        if any(counts):
            row = [title]
            for number, side in zip(counts, found.sides, strict=True):
                row += [f"{number:,}", share(number, side.began), "-"]
            rows.append(row)
    return Grid(Phrase("paths.paths"), tuple(columns), rows)


def _sums(paths: tuple[Path, ...], sides: int) -> tuple[int, ...]:
    return tuple(sum(one.counts[n].customers for one in paths) for n in range(sides))


def _words(path: Path) -> str | Phrase:
    """`login → order`; of a path that ended elsewhere, how."""
    shown = " → ".join(path.events)
    return shown if path.ending == "reached" else _ENDS[path.ending].filled(path=shown)


def _of_breaks(found: Paths) -> Grid:
    columns = [Column(Phrase("paths.after"))]
    for side in found.sides:
        heading = Phrase("headings.customers") if side.name is None else side.name
        columns += [Column(heading, number=True), Column(Phrase("paths.share"), number=True)]
    rows = [
        [
            event,
            *(
                cell
                for count, side in zip(counts, found.sides, strict=True)
                for cell in (f"{count:,}", share(count, side.began))
            ),
        ]
        for event, counts in found.breaks
    ]
    return Grid(Phrase("paths.breaks"), tuple(columns), rows)


def _notes(found: Paths) -> Iterator[Phrase]:
    if found.both:
        yield Phrase("paths.in_both", count=f"{found.both:,}")
    if not any(one.began for one in found.sides):
        yield Phrase("paths.nobody", event=found.walk.start)
        return
    yield Phrase("paths.merged")
    yield Phrase("paths.not_yet")


def _rows(found: Paths) -> Iterator[dict[str, Cell]]:
    for path in found.paths:
        for count, side in zip(path.counts, found.sides, strict=True):
            low, middle, high = count.times or (None, None, None)
            yield {
                "path": " > ".join(path.events),
                "ending": path.ending,
                "side": side.name,
                "customers": count.customers,
                "share": f"{count.customers / side.began:.4f}" if side.began else None,
                "quarter_seconds": low,
                "median_seconds": middle,
                "three_quarters_seconds": high,
            }


def _side(side: Side) -> dict[str, object]:
    return {
        "name": side.name,
        "customers": side.customers,
        "began": side.began,
        "reached": side.reached,
        "longer": side.longer,
        "broke_off": side.began - side.reached - side.longer,
        "seconds": None if side.times is None else list(side.times),
    }


def share(part: int, whole: int) -> str:
    """A share in percent, or a dash where there is nothing to have a share of."""
    return f"{100 * part / whole:.1f}%" if whole else "-"


def _time_columns() -> tuple[Column, ...]:
    return (
        Column(Phrase("paths.quarter"), number=True),
        Column(Phrase("paths.median"), number=True),
        Column(Phrase("paths.three_quarters"), number=True),
    )


def _times(times: Quartiles | None) -> tuple[str | Phrase, ...]:
    return tuple(map(duration, times or (None, None, None)))


_UNITS = (
    (86_400, Phrase("paths.days")),
    (3_600, Phrase("paths.hours")),
    (60, Phrase("paths.minutes")),
)


def duration(seconds: int | None) -> str | Phrase:
    """A time in its largest unit, with one digit after the point."""
    if seconds is None:
        return "-"
    for size, phrase in _UNITS:
        if seconds >= size:
            return phrase.filled(count=f"{seconds / size:.1f}")
    return Phrase("paths.seconds", count=str(seconds))
