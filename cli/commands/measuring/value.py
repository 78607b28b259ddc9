"""`campaigner value`: what customers are worth, and what it costs to win them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from ....dsl.diagnostics.diagnostic import CannotRun, diagnose
from ...arguments import options
from ...arguments.groups import event_named
from ...arguments.instants import moment
from ...arguments.sheets import Form, with_form, write_sheet
from ...arguments.usage import missing
from ...codes import measuring as codes
from ...exits import FINE
from ...failures import tell_all
from ...formats.measuring.value import sheet_of
from ...nearest import misspelt
from ...pages.value import charts_of
from ...projects import compiled
from ...resources import warehouse_of
from ...screen.terminal import Session

if TYPE_CHECKING:
    from ....compiler.plan import EventTable, Plan
    from ....runtime.value.value import By


@click.command(
    "value",
    short_help="Show what customers are worth, and what winning them costs.",
    epilog="Example: campaigner value shop --event order --amount amount",
)
@options.project
@click.option("--event", required=True, type=options.TEXT, metavar="EVENT", help="The purchase.")
@click.option(
    "--amount", type=options.TEXT, metavar="FIELD", help="Its amount of money, if it has several."
)
@click.option("--at", metavar="INSTANT", help="What was known then; now if left out.")
@click.option(
    "--by",
    type=options.Choice(("cohort", "channel")),
    default="cohort",
    show_default=True,
    help="What a line is of.",
)
@click.option(
    "--channel",
    type=options.TEXT,
    metavar="FIELD",
    help="The customer's field; else that of costs.",
)
@click.option(
    "--months",
    type=options.Whole(1, 120),
    default=12,
    show_default=True,
    metavar="N",
    help="Months of each customer that count.",
)
@click.option(
    "--ahead", type=options.Whole(1, 60), metavar="N", help="Foretell so many months of purchases."
)
@options.language
@with_form
@click.pass_obj
def command(
    session: Session,
    project: str,
    event: str,
    amount: str | None,
    at: str | None,
    by: By,
    channel: str | None,
    months: int,
    ahead: int | None,
    form: Form,
) -> int:
    """Show lifetime, revenue and value of the customers of PROJECT, by month or by channel.

    A customer's first month is that in which the customer began, and the cohort is named by it.

    With a table of costs in the catalog it shows what a customer cost, the return, and the month in
    which the costs were back. With --ahead it foretells purchases from those so far.
    """
    from ....compiler.behaviour.value import Bought
    from ....runtime.value.value import Question, value

    loaded, plan = compiled(project, session)
    bought = event_named(plan, event)
    instant = moment(at, ZoneInfo(plan.time_zone), session.now(), even_ahead=False)
    asked = Bought(event, _amount(bought, amount), instant, _channel(plan, channel, by))
    with warehouse_of(loaded, session.bell) as warehouse:
        question = Question(asked, months, by, ahead or 0)
        found = value(warehouse, plan, question, loaded.config.bad_share)
    tell_all(found.warnings, session)

    write_sheet(session, loaded, sheet_of(found, plan), lambda: charts_of(found), form)
    return FINE


def _amount(event: EventTable, name: str | None) -> str:
    """The field of money, the only one if none is named; `CannotRun` if there is no such field."""
    from ....compiler.plan.types import MoneyType

    known = [one.name for one in event.fields if isinstance(one.type, MoneyType)]
    if name is None and len(known) == 1:
        return known[0]
    if name is None and known:
        raise missing("--amount")
    if name is None or name not in known:
        wrong = name or "--amount"
        raise CannotRun(misspelt(codes.NO_SUCH_AMOUNT, wrong, known, name=wrong, event=event.name))
    return name


def _channel(plan: Plan, name: str | None, by: By) -> str | None:
    """The customer's field: the one that is named, else that of the costs, if there are any."""
    from ....compiler.plan.types import EnumType, TextType

    if name is None and plan.costs is not None:
        return plan.costs.field
    if name is None:
        if by == "channel":
            raise CannotRun(diagnose(codes.NO_CHANNEL, None))
        return None
    words = [
        one.name
        for one in plan.customers.fields
        if isinstance(one.type, TextType | EnumType) and one.sensitivity == "C1"
    ]
    if name not in words:
        raise CannotRun(misspelt(codes.NO_SUCH_CHANNEL, name, words, name=name))
    return name
