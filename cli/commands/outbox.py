"""`campaigner outbox`: what could not be delivered, and having it sent again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, get_args

import click

from .. import options
from ..exits import FINE
from ..formats.records import Cell, as_csv, as_json
from ..opening import ledger_of
from ..projects import settled
from ..tables import Column, show
from ..terminal import Session

if TYPE_CHECKING:
    from ...runtime.ledger.outbox import Letter, State

_WHAT = ("list", "retry")
_STATES = ("dead", "waiting", "suppressed", "delivered")
_COLUMNS = (
    "key",
    "channel",
    "kind",
    "campaign",
    "step",
    "recipient",
    "occurrence",
    "deliver_at",
    "state",
    "reason",
    "attempts",
    "try_after",
    "error",
)
_FOR_PEOPLE = ("key", "kind", "deliver_at", "state", "attempts", "try_after", "why")


@click.command("outbox", short_help="Show what could not be delivered; have it sent again.")
@click.argument("arguments", nargs=-1, required=True, metavar=f"[PROJECT] {'|'.join(_WHAT)}")
@click.option("--channel", metavar="NAME", help="Of this channel alone.")
@click.option(
    "--key", "keys", metavar="KEY", multiple=True, help="This row alone; may be repeated."
)
@click.option(
    "--state", type=click.Choice([*_STATES, "all"]), default="dead", show_default=True,
    help="With `list`: rows in this state.",
)  # fmt: skip
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
)
@options.language
@click.pass_obj
def command(
    session: Session,
    /,
    arguments: tuple[str, ...],
    channel: str | None,
    keys: tuple[str, ...],
    state: str,
    format_: str,
) -> int:
    """List dead letters of PROJECT (messages that were given up), or have them sent again.

    `retry` puts them back in the line: the next run sends them, with the keys they had.
    """
    path, what = _project_and_subject(arguments)
    project = settled(path, session)
    wanted: State | None = "dead" if what == "retry" else _state(state)
    with ledger_of(project) as ledger:
        rows = _chosen(ledger.letters(wanted, channel), keys)
        if what == "list":
            _print(map(_row, rows), format_)
            return FINE
        found = list(rows)
    if found:
        with ledger_of(project, "write") as ledger, ledger.outbox() as outbox:
            outbox.revive(found)
    click.echo(f"{len(found):,} wait again: the next run sends them", err=True)
    return FINE


def _project_and_subject(arguments: tuple[str, ...]) -> tuple[str, str]:
    """PROJECT may be left out, but what to do stands last."""
    match arguments:
        case [what] if what in _WHAT:
            return ".", what
        case [path, what] if what in _WHAT:
            return path, what
        case _:
            raise click.UsageError(f"Say what to do: campaigner outbox [PROJECT] {'|'.join(_WHAT)}")


def _state(given: str) -> State | None:
    from ...runtime.ledger.outbox import State

    known: tuple[State, ...] = get_args(State)
    return next((state for state in known if state == given), None)


def _chosen(letters: Iterable[Letter], keys: tuple[str, ...]) -> Iterable[Letter]:
    from ...runtime.delivery.lines import row_key

    wanted = frozenset(keys)
    return (letter for letter in letters if not wanted or row_key(letter) in wanted)


def _row(letter: Letter) -> dict[str, Cell]:
    """How it fares, and nothing of what it says: that may be for the customer's eyes alone."""
    from ...runtime.delivery.lines import row_key

    identity = letter.identity
    return {
        "key": row_key(letter),
        "channel": letter.channel,
        "kind": letter.kind,
        "campaign": identity.campaign,
        "step": identity.step,
        "recipient": identity.recipient,
        "occurrence": identity.occurrence,
        "deliver_at": letter.deliver_at.isoformat(),
        "state": letter.state,
        "reason": letter.reason,
        "attempts": str(letter.attempts),
        "try_after": None if letter.try_after is None else letter.try_after.isoformat(),
        "error": letter.error,
    }


def _print(rows: Iterable[Mapping[str, Cell]], format_: str) -> None:
    match format_:
        case "json":
            pieces = as_json("outbox", rows)
        case "csv":
            pieces = as_csv(_COLUMNS, rows)
        case _:
            columns = [Column(name, name == "attempts") for name in _FOR_PEOPLE]
            show(columns, [[_for_people(row, name) for name in _FOR_PEOPLE] for row in rows])
            return
    for piece in pieces:
        click.echo(piece, nl=False)


def _for_people(row: Mapping[str, Cell], heading: str) -> str:
    value = row["reason"] or row["error"] if heading == "why" else row[heading]
    return "" if value is None else str(value)
