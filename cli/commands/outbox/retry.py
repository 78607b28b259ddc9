"""`campaigner outbox retry`: dead letters, back in the line."""

from __future__ import annotations

import click

from ....dsl.diagnostics.diagnostic import Phrase
from ...arguments import options
from ...codes.command_line import STEPS_KEPT
from ...exits import FINE
from ...projects import settled
from ...resources import ledger_of
from ...screen.letters import chosen
from ...screen.speaking import speak
from ...screen.terminal import Session


@click.command("retry", epilog="Example: campaigner outbox retry shop --channel push")
@options.project
@options.letters
@options.language
@click.pass_obj
def command(session: Session, project: str, channel: str | None, keys: tuple[str, ...]) -> int:
    """Put dead letters of PROJECT back in the line: the next run sends them, with their keys."""
    session.kept = STEPS_KEPT
    settings = settled(project, session)
    with ledger_of(settings) as ledger:
        found = list(chosen(ledger.letters("dead", channel), keys))
    if found:
        with ledger_of(settings, "write") as ledger, ledger.outbox() as outbox:
            outbox.revive(found)
    speak(Phrase("retry.again", count=f"{len(found):,}"))
    return FINE
