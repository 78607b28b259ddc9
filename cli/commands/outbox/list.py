"""`campaigner outbox list`: how messages fare, and which were given up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, get_args

import click

from ...arguments import options
from ...exits import FINE
from ...formats.listing import Listing, instant
from ...formats.records import Cell
from ...projects import settled
from ...resources import ledger_of
from ...screen.letters import chosen
from ...screen.terminal import Session

if TYPE_CHECKING:
    from ....runtime.ledger.outbox import Letter, State

_STATES = ("dead", "waiting", "suppressed", "delivered")


def _cell(row: Mapping[str, Cell], heading: str) -> Cell:
    return row["reason"] or row["error"] if heading == "why" else row[heading]


_LISTING = Listing(
    "outbox",
    (
        *("key", "channel", "kind", "campaign", "step", "recipient", "occurrence", "deliver_at"),
        *("state", "reason", "attempts", "try_after", "error"),
    ),
    ("key", "kind", "deliver_at", "state", "attempts", "try_after", "why"),
    _cell,
)


@click.command("list", epilog="Example: campaigner outbox list shop --state all --format csv")
@options.project
@options.letters
@click.option(
    "--state",
    type=options.Choice([*_STATES, "all"]),
    default="dead",
    show_default=True,
    help="Rows in this state.",
)
@options.format_of("table", "json", "csv")
@options.language
@click.pass_obj
def command(
    session: Session,
    project: str,
    channel: str | None,
    keys: tuple[str, ...],
    state: str,
    format_: str,
) -> int:
    """List dead letters of PROJECT (messages that were given up), or those in another state."""
    with ledger_of(settled(project, session)) as ledger:
        rows = chosen(ledger.letters(_state(state), channel), keys)
        _LISTING.write(map(_row, rows), format_)
    return FINE


def _state(given: str) -> State | None:
    from ....runtime.ledger.outbox import State

    known: tuple[State, ...] = get_args(State)
    return next((state for state in known if state == given), None)


def _row(letter: Letter) -> dict[str, Cell]:
    """Its state, without its text, which may be for the customer alone."""
    from ....runtime.delivery.lines import row_key

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
        "try_after": instant(letter.try_after),
        "error": letter.error,
    }
