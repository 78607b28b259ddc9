"""`campaigner ledger rewind`: take back whatever lies after an instant."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from ....dsl.diagnostics.diagnostic import CannotRun, Language, Phrase, diagnose, in_language
from ....runtime.codes import rewinding as codes
from ...arguments import options
from ...arguments.usage import missing
from ...codes.command_line import NOTHING_CHANGED
from ...exits import FINE
from ...formats.records import FORMAT_VERSION
from ...projects import settled
from ...resources import ledger_of
from ...screen.excerpt import safe
from ...screen.headings import WORDS
from ...screen.tables import Column, show
from ...screen.terminal import Session

if TYPE_CHECKING:
    from datetime import datetime

    from ....runtime.ledger.rewound import Irrevocable, Rewound

SHOWN = 10
"""Rows of what cannot be taken back that a table lists."""


@click.command(
    "rewind",
    epilog="Example: campaigner ledger rewind shop --to 2026-03-03 --reason 'a year ahead'",
)
@options.project
@click.option("--to", "end", metavar="INSTANT", help="The last day or instant that stays.")
@click.option(
    "--reason", type=options.TEXT, metavar="TEXT", help="Why: it is kept with the rewind."
)
@click.option("--dry-run", is_flag=True, help="Say what would be taken back; change nothing.")
@click.option("--by", type=options.TEXT, metavar="NAME", help="Who: it is kept too.")
@options.format_of("table", "json")
@options.language
@click.pass_obj
def command(
    session: Session,
    project: str,
    end: str | None,
    reason: str | None,
    dry_run: bool,
    by: str | None,
    format_: str,
) -> int:
    """Take back all that PROJECT's ledger has after an instant, to decide those days anew.

    It is one step, and nothing is deleted. What had been sent or redeemed is listed: nobody can
    take that back. A run that is at work meanwhile stops. A rehearsal needs no reason.
    """
    from ....runtime.ledger.rewound import MOST

    session.kept = NOTHING_CHANGED
    if end is None:
        raise missing("--to")
    if not dry_run and (reason is None or not reason.strip()):
        raise missing("--reason")
    loaded = settled(project, session)
    to = _instant(end, ZoneInfo(loaded.config.time_zone), session.now())
    with ledger_of(loaded, "write") as ledger:
        most = SHOWN if format_ == "table" else MOST
        gone: Iterable[Irrevocable] = ()
        if dry_run:
            done, gone = ledger.rehearse_rewind(to, most)
        else:
            done = ledger.rewind(to, reason or "", by or "")
            if done.entry is not None:
                gone = ledger.irrevocable(done.entry, most)
        if format_ == "json":
            for piece in _as_json(to, done, gone, dry_run=dry_run):
                click.echo(piece, nl=False)
        else:
            _show(done, gone, session.language, dry_run=dry_run)
    return FINE


def _instant(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The end of a day, or an instant; `CannotRun` if it is none, or has not come."""
    from ....runtime.due.schedule import end_of_day, parse_instant

    to = parse_instant(text, zone, end_of_day=True)
    is_whole_day = to != parse_instant(text, zone)
    if to > (end_of_day(zone, now) if is_whole_day else now):
        raise CannotRun(diagnose(codes.REWIND_AHEAD, None, text=text))
    return to


def _show(done: Rewound, gone: Iterable[Irrevocable], language: Language, *, dry_run: bool) -> None:
    def told(words: Phrase, count: int = 0) -> str:
        return words.say(language, {"count": f"{count:,}"}) or ""

    if done.entry is None:
        click.echo(told(codes.NOTHING), err=True)
        return
    columns = (
        Column("campaign"),
        Column("outcome"),
        Column(codes.TAKEN_BACK, number=True),
    )
    rows = [[*key, f"{count:,}"] for key, count in done.decisions.items()]
    rows += [["", kind, f"{count:,}"] for kind, count in done.amendments.items()]
    show(columns, rows)
    if done.dropped:
        click.echo(told(codes.DROPPED, done.dropped), err=True)
    if done.irrevocable:
        click.echo(told(codes.IRREVOCABLE, done.irrevocable), err=True)
        for one in gone:
            campaign, _, recipient, occurrence = one.identity
            kind = in_language(WORDS.get(one.kind, one.kind), language)
            words = (campaign, recipient, occurrence, kind, one.of)
            click.echo(safe(f"  {'  '.join(words)}"), err=True)
    if done.irrevocable > SHOWN:
        click.echo(f"  {told(codes.MORE, done.irrevocable - SHOWN)}", err=True)
    click.echo(told(codes.NOT_KEPT if dry_run else codes.AGAIN), err=True)


def _as_json(
    to: datetime, done: Rewound, gone: Iterable[Irrevocable], *, dry_run: bool
) -> Iterator[str]:
    """The object of docs/json.md in pieces: what cannot be taken back may be a great deal."""
    head = {
        "format_version": FORMAT_VERSION,
        "to": to.isoformat(),
        "dry_run": dry_run,
        "entry": None if done.entry is None or dry_run else str(done.entry),
        "decisions": [
            {"campaign": campaign, "outcome": outcome, "count": count}
            for (campaign, outcome), count in done.decisions.items()
        ],
        "entries": [{"kind": kind, "count": count} for kind, count in done.amendments.items()],
        "not_sent": done.dropped,
    }
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "irrevocable": ['
    before = "\n"
    for one in gone:
        row = {**one.identity._asdict(), "kind": one.kind, "of": one.of}
        yield before + json.dumps(row, ensure_ascii=False)
        before = ",\n"
    yield "\n]}\n"
