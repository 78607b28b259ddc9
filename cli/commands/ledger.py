"""`campaigner ledger`: what was granted, and what is left of every budget."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from .. import changes, options, settling
from ..exits import DOES_NOT_ADD_UP, FINE
from ..failures import tell_all
from ..formats.parquet import as_parquet
from ..formats.records import Cell, as_csv, as_json
from ..instants import moment
from ..opening import ledger_of
from ..projects import compiled, require_campaign
from ..tables import Column, show
from ..terminal import Session

if TYPE_CHECKING:
    from ...runtime.ledger.contract import (
        BudgetRow,
        ClaimRow,
        GrantRow,
        Ledger,
        OfferRow,
        WalletRow,
    )

_OWNERS = ("campaign", "pool", "benefit", "policy")
_COLUMNS = {
    "grants": (
        "grant",
        "campaign",
        "step",
        "recipient",
        "occurrence",
        "at",
        "reward",
        "amount",
        "currency",
        "cost",
        "plan",
        "expires",
        "became",
        "became_at",
        "received",
        "reversed",
    ),
    "budgets": (
        *_OWNERS,
        "name",
        "measure",
        "period",
        "key",
        "cap",
        "spent",
        "left",
        "exhausted",
    ),
    "balances": ("customer", "wallet", "balance", "pending"),
    "offers": (
        "grant",
        "campaign",
        "step",
        "recipient",
        "occurrence",
        "at",
        "ends",
        "choose",
        "options",
    ),
    "claims": (
        "campaign",
        "recipient",
        "occurrence",
        "at",
        "chosen",
        "outcome",
        "grant",
        "account",
    ),
}
_INSTANTS = ("at", "reversed", "expires", "became_at", "received", "ends")
_NUMBERS = ("grant", "amount", "cost", "cap", "spent", "left", "balance", "pending", "choose")
_TABLES = {
    "grants": tuple(Column(name, name in _NUMBERS) for name in _COLUMNS["grants"]),
    "budgets": tuple(
        Column(name, name in _NUMBERS) for name in ("of", *_COLUMNS["budgets"][len(_OWNERS) :])
    ),
    "balances": tuple(Column(name, name in _NUMBERS) for name in _COLUMNS["balances"]),
    "offers": tuple(Column(name, name in _NUMBERS) for name in _COLUMNS["offers"]),
    "claims": tuple(Column(name, name in _NUMBERS) for name in _COLUMNS["claims"]),
}
_DIGEST_SHOWN = 12


_OF_GRANTS = ("reverse", "claim", "redeem")
_WHAT = (
    *("grants", "budgets", "balances", "offers", "claims", "verify"),
    *(*_OF_GRANTS, "grant", "expire", "migrate"),
)


@click.command("ledger", short_help="Show what was granted and what is left; check the ledger.")
@click.argument("arguments", nargs=-1, required=True, metavar=f"[PROJECT] {'|'.join(_WHAT)} …")
@click.option("--campaign", metavar="ID", help="Of this campaign alone.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json", "csv", "parquet"]),
    default="table",
    show_default=True,
)
@click.option("--reason", metavar="TEXT", help="Why: kept with what is reversed or granted.")
@click.option("--even-if-redeemed", is_flag=True, help="Reverse also what was redeemed.")
@click.option("--from-reserve", is_flag=True, help="Pay a grant by hand from the reserve.")
@click.option("--customer", metavar="KEY", help="Who gets a grant by hand; whose balances, offers.")
@click.option("--reward", metavar="WHAT", help="What is granted by hand, or redeemed: coffee.")
@click.option("--choose", multiple=True, metavar="BENEFIT", help="What is claimed from an offer.")
@click.option("--by", metavar="KEY", help="The customer who claims or redeems.")
@click.option("--at", metavar="INSTANT", help="When it is claimed, redeemed, or expires. [now]")
@click.option("--name", metavar="TEXT", help="What a grant by hand is called: one of each name.")
@options.even_in_the_future
@options.language
@click.pass_obj
def command(
    session: Session,
    /,
    arguments: tuple[str, ...],
    campaign: str | None,
    format_: str,
    reason: str | None,
    by: str | None,
    at: str | None,
    even_in_the_future: bool,
    **options_: Any,  # noqa: ANN401  (click's)
) -> int:
    """Show the grants of PROJECT's ledger, what is left of its budgets, or what wallets hold.

    `verify` looks whether all of it adds up and is as it was written. `reverse GRANT…` takes grants
    back, `grant --from-reserve` makes one by hand. `claim GRANT` chooses from one of the `offers`,
    `redeem GRANT…` marks what was used, `expire` settles what has ended. `migrate` brings a ledger
    of an older version to the form of this one.
    """
    path, what, *grants = _project_and_subject(arguments)
    project, plan = compiled(path, session)
    if campaign is not None:
        campaign = require_campaign(plan, campaign)

    def when() -> datetime:
        zone = ZoneInfo(plan.time_zone)
        return moment(at, zone, session.now(), even_ahead=even_in_the_future)

    match what:
        case "migrate":
            return changes.migrate(project)
        case "reverse":
            return changes.reverse(
                project, grants, reason, even_if_redeemed=options_["even_if_redeemed"]
            )
        case "claim":
            return settling.claim(project, plan, grants, campaign, options_["choose"], by, when())
        case "redeem":
            return settling.redeem(project, grants, by, options_["reward"], when())
        case "expire":
            return settling.expire(project, plan, when())
        case "grant":
            if not options_["from_reserve"]:
                raise click.UsageError("A grant by hand is paid --from-reserve")
            by_hand = {each: options_[each] for each in ("customer", "reward", "name")}
            return changes.grant_by_hand(project, plan, campaign, reason=reason, **by_hand)
        case _:
            pass
    if what == "balances" and campaign is not None:
        raise click.UsageError("A balance is a customer's, not a campaign's")
    with ledger_of(project) as ledger:
        if what == "verify":
            return _verify(ledger, session)
        if what == "budgets":
            budgets = ledger.budgets(plan, campaign)
            _print(what, map(_budget, _shared(budgets) if format_ == "table" else budgets), format_)
        else:
            _print(what, _rows(ledger, what, campaign, options_["customer"]), format_)
    return FINE


def _rows(
    ledger: Ledger, what: str, campaign: str | None, customer: str | None
) -> Iterator[dict[str, Cell]]:
    """What is listed, row by row."""
    match what:
        case "balances":
            yield from map(_balance, ledger.balances(customer, datetime.now(UTC)))
        case "offers":
            found = ledger.offers(customer)
            yield from (_offer(one) for one in found if campaign in (None, one.identity.campaign))
        case "claims":
            yield from map(_claim, ledger.claims(campaign))
        case _:
            yield from map(_grant, ledger.grants(campaign))


def _project_and_subject(arguments: tuple[str, ...]) -> tuple[str, ...]:
    """PROJECT, what to do, and the grants it is done to; PROJECT may be left out."""
    match arguments:
        case [what, *grants] if what in _WHAT and (not grants or what in _OF_GRANTS):
            return ".", what, *grants
        case [path, what, *grants] if what in _WHAT and (not grants or what in _OF_GRANTS):
            return path, what, *grants
        case _:
            raise click.UsageError(f"Say what to do: campaigner ledger [PROJECT] {'|'.join(_WHAT)}")


def _verify(ledger: Ledger, session: Session) -> int:
    found = ledger.verify()
    tell_all(found, session)
    decided = sum(ledger.outcomes().values())
    if not found:
        click.echo(f"{decided} decisions: all adds up, and is as it was written", err=True)
    return DOES_NOT_ADD_UP if found else FINE


def _shared(rows: Sequence[BudgetRow]) -> list[BudgetRow]:
    """The balances that people read: those of single customers and keys are for programs."""
    shared = [row for row in rows if row.key is None]
    left_out = len(rows) - len(shared)
    if left_out:
        note = f"{left_out:,} balances of single customers or keys are in --format json and csv"
        click.echo(note, err=True)
    return shared


def _grant(row: GrantRow) -> dict[str, Cell]:
    return {
        "grant": str(row.number),
        "campaign": row.campaign,
        "step": row.step,
        "recipient": row.recipient,
        "occurrence": row.occurrence,
        "at": row.at.isoformat(),
        "reward": row.reward,
        "amount": format(row.amount, "f"),
        "currency": row.currency,
        "cost": format(row.cost, "f"),
        "plan": row.plan,
        "expires": None if row.expires_at is None else row.expires_at.isoformat(),
        "became": row.became,
        "became_at": None if row.became_at is None else row.became_at.isoformat(),
        "received": None if row.received_at is None else row.received_at.isoformat(),
        "reversed": None if row.reversed_at is None else row.reversed_at.isoformat(),
    }


def _offer(row: OfferRow) -> dict[str, Cell]:
    return {
        "grant": str(row.number),
        "campaign": row.identity.campaign,
        "step": row.identity.step,
        "recipient": row.identity.recipient,
        "occurrence": row.identity.occurrence,
        "at": row.at.isoformat(),
        "ends": row.ends.isoformat(),
        "choose": str(row.count),
        "options": ", ".join(row.options),
    }


def _claim(row: ClaimRow) -> dict[str, Cell]:
    return {
        "campaign": row.identity.campaign,
        "recipient": row.identity.recipient,
        "occurrence": row.identity.occurrence,
        "at": row.at.isoformat(),
        "chosen": ", ".join(row.chosen),
        "outcome": row.outcome,
        "grant": None if row.offer is None else str(row.offer),
        "account": row.account,
    }


def _balance(row: WalletRow) -> dict[str, Cell]:
    return {
        "customer": row.customer,
        "wallet": row.wallet,
        "balance": str(row.balance),
        "pending": str(row.pending),
    }


def _budget(row: BudgetRow) -> dict[str, Cell]:
    owners: dict[str, Cell] = {
        kind: row.owner if kind == row.owner_kind else None for kind in _OWNERS
    }
    return {
        **owners,
        "name": row.name,
        "measure": row.measure,
        "period": row.period or None,
        "key": row.key,
        "cap": format(row.cap, "f"),
        "spent": format(row.spent, "f"),
        "left": format(row.left, "f"),
        "exhausted": row.exhausted,
    }


def _print(what: str, rows: Iterable[Mapping[str, Cell]], format_: str) -> None:
    match format_:
        case "json":
            _write(as_json(what, rows))
        case "csv":
            _write(as_csv(_COLUMNS[what], rows))
        case "parquet":
            told = _COLUMNS[what]
            numbers = [name for name in told if name in _NUMBERS]
            instants = [name for name in told if name in _INSTANTS]
            click.echo(as_parquet(told, numbers, instants, rows), nl=False)
        case _:
            columns = _TABLES[what]
            show(
                columns, [[_for_people(row, column.heading) for column in columns] for row in rows]
            )


def _write(pieces: Iterator[str]) -> None:
    for piece in pieces:
        click.echo(piece, nl=False)


def _for_people(row: Mapping[str, Cell], heading: str) -> str:
    """A cell of a table: whose budget it is in one word or two, a digest by its beginning."""
    if heading == "of":
        return next(f"{kind} {row[kind]}" for kind in _OWNERS if row[kind] is not None)
    match row[heading]:
        case None:
            return ""
        case bool(value):
            return "yes" if value else "no"
        case str(value):
            return value[:_DIGEST_SHOWN] if heading == "plan" else value
