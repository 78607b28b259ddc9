"""`campaigner export`: audiences, stages and scores of customers, for other systems."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

import click

from ....dsl.diagnostics.diagnostic import CannotRun, Phrase, diagnose
from ....runtime.codes import feedback as codes
from ...arguments import options
from ...arguments.instants import moment
from ...arguments.ordering import ordering_of
from ...arguments.usage import incomplete
from ...codes.command_line import NO_SUCH_GROUP
from ...codes.usage import AMOUNT_OF_SCORES, EXPORT_TARGET, EXPORT_WORDS, SCORES_OF_ORDERS
from ...exits import FINE, NOT_DELIVERED, ROWS_LEFT_OUT
from ...failures import tell_all
from ...formats.planning.phrases import CLAUSES
from ...nearest import misspelt
from ...projects import compiled
from ...resources import ledger_of, warehouse_of
from ...screen import files
from ...screen.speaking import speak
from ...screen.terminal import Session

if TYPE_CHECKING:
    from datetime import datetime

    from ....compiler.plan import Plan
    from ....compiler.project.settings import Settings
    from ....runtime.delivery.channels.sending import Remote
    from ....runtime.feedback.changes import Changes
    from ....runtime.feedback.channels import Handed
    from ....runtime.feedback.labels import Place
    from ....runtime.feedback.tables import LabelTable
    from ....runtime.lifecycle.lifecycle import Ordering
    from ....runtime.preview.groups import Group
    from ....runtime.warehouse.bad_rows import Sound
    from ....runtime.warehouse.contract import Warehouse

Kind = Literal["audience", "stage", "scores"]
_CHANNEL = "channel:"
_TABLE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?")


@click.command(
    "export",
    short_help="Hand audiences, stages and scores of customers to other systems.",
    epilog="Example: campaigner export stage shop --to labels.csv",
)
@click.argument("words", nargs=-1, metavar="audience|stage|scores [NAME] [PROJECT]")
@options.plan
@click.option(
    "--to",
    "target",
    metavar="FILE|TABLE|channel:NAME",
    required=True,
    help="A file .csv, .jsonl or .parquet, a table of the warehouse, or a channel.",
)
@click.option("--at", metavar="INSTANT", help="As of this instant.")
@click.option(
    "--amount", type=options.TEXT, metavar="FIELD", help="The field of it that is its money."
)
@options.language
@click.pass_obj
def command(
    session: Session,
    words: tuple[str, ...],
    plan_file: str | None,
    target: str,
    at: str | None,
    amount: str | None,
) -> int:
    """Write which customers of PROJECT are in an audience or stage, and since which export.

    NAME is an audience, a lifecycle or one of its stages; all of the kind if left out. Of scores it
    is the event that is an order, with FIELD as its money: recency, frequency and money in fifths.
    Only what changed since the last export is written, and a second one changes nothing. It ends
    with 3 if rows of the warehouse were left out, with 5 if labels for a channel still wait.
    """

    kind, name, project = _taken_apart(words)
    if amount is not None and kind != "scores":
        raise incomplete(AMOUNT_OF_SCORES)
    is_channel = target.startswith(_CHANNEL)
    is_file = not is_channel and Path(target).suffix in (".csv", ".jsonl", ".parquet")
    if not is_channel and not is_file and _TABLE.fullmatch(target) is None:
        raise incomplete(EXPORT_TARGET)
    loaded, plan = compiled(project, session, plan_file)
    wanted = _wanted(plan, kind, name, amount)
    instant = moment(at, ZoneInfo(plan.time_zone), session.now(), even_ahead=False)
    channel = _remote(loaded, plan, target.removeprefix(_CHANNEL)) if is_channel else None
    if channel is None and not is_file:
        _refuse_own(plan, target)
    with warehouse_of(loaded, session.bell) as warehouse:
        now, sound = _labels(loaded, plan, warehouse, wanted, instant)
    names = _names(wanted)
    handed = None
    if channel is not None:
        handed = _to_channel(loaded, channel, now, names, instant)
        changed = handed.changes
    elif is_file:
        changed = _to_file(loaded, Path(target), now, names, instant)
    else:
        changed = _to_table(loaded, target, now, names, instant)
    tell_all(sound.warnings, session)
    counts = (changed.entered, changed.moved, changed.left, changed.stayed)
    told = (f"{one:,}" for one in counts)
    values = dict(zip(("entered", "moved", "left", "stayed"), told, strict=True))
    speak(Phrase("export.done", target=target, **values))
    if handed is not None and handed.waiting:
        tell_all(handed.warnings, session)
        return NOT_DELIVERED
    return ROWS_LEFT_OUT if sound.left_out else FINE


def _taken_apart(words: tuple[str, ...]) -> tuple[Kind, str | None, str]:
    """The kind, the name and the project; a single word is the project if there is such a path."""
    match words:
        case [("audience" | "stage" | "scores") as kind]:
            return kind, None, "."
        case [("audience" | "stage" | "scores") as kind, word]:
            is_path = os.path.exists(word) or os.sep in word
            return (kind, None, word) if is_path else (kind, word, ".")
        case [("audience" | "stage" | "scores") as kind, name, project]:
            return kind, name, project
        case _:
            raise incomplete(EXPORT_WORDS)


def _wanted(
    plan: Plan, kind: Kind, name: str | None, amount: str | None
) -> tuple[Group, ...] | Ordering:
    """The groups whose customers are exported, or the orders that are scored."""
    if kind != "scores":
        return _groups(plan, kind, name)
    ordering = ordering_of(plan, name, amount, None)
    if isinstance(ordering, Phrase):
        raise incomplete(SCORES_OF_ORDERS)
    return ordering


def _labels(
    loaded: Settings,
    plan: Plan,
    warehouse: Warehouse,
    wanted: tuple[Group, ...] | Ordering,
    at: datetime,
) -> tuple[dict[Place, str], Sound]:
    """The labels at an instant, and the rows that were left out."""
    share = loaded.config.bad_share
    if isinstance(wanted, tuple):
        from ....runtime.feedback.labels import labels

        return labels(plan, warehouse, wanted, at, share)
    from ....runtime.feedback.scores import score_labels

    return score_labels(plan, warehouse, wanted, at, share)


def _names(wanted: tuple[Group, ...] | Ordering) -> set[tuple[str, str]]:
    """The kinds and names of the labels that the target has of these."""
    if isinstance(wanted, tuple):
        return {_name(one) for one in wanted}
    return {("score", wanted.event)}


def _groups(plan: Plan, kind: Literal["audience", "stage"], name: str | None) -> tuple[Group, ...]:
    """The groups of a kind that are asked for: a whole lifecycle, since a stage is one of all."""
    from ....runtime.preview.groups import groups_of

    every = [one for one in groups_of(plan) if one.kind == kind]
    if name is None:
        found = every
    elif kind == "audience":
        found = [one for one in every if one.name == name]
    else:
        lifecycle = name.partition(".")[0]
        found = [one for one in every if one.name.partition(".")[0] == lifecycle]
    if not found or (name is not None and "." in name and name not in [one.name for one in found]):
        known = sorted({_name(one)[1] for one in every})
        raise CannotRun(
            misspelt(NO_SUCH_GROUP, name or "", known, kind=CLAUSES[kind], name=name or "")
        )
    return tuple(found)


def _name(group: Group) -> tuple[str, str]:
    """The kind and name of a group's labels, as the target has them."""
    from ....runtime.feedback.labels import place_of

    place, _ = place_of(group, "")
    return place.kind, place.name


def _refuse_own(plan: Plan, target: str) -> None:
    """Refuse a table that the project reads."""
    pasts = (one.table for one in plan.events)
    own = {plan.customers.table, *pasts}
    if target.lower().rpartition(".")[2] in {one.lower().rpartition(".")[2] for one in own}:
        raise CannotRun(diagnose(codes.IN_USE, None, target=target))


def _remote(loaded: Settings, plan: Plan, name: str) -> Remote:
    """A channel for labels. Raise `CannotRun` if they must not go there."""
    from ....runtime.feedback.channels import opened
    from ...screen.masking import secrets_masked

    with secrets_masked(loaded.secrets):
        return opened(plan, loaded.config.channels, name)


def _to_channel(
    loaded: Settings,
    channel: Remote,
    now: dict[Place, str],
    names: set[tuple[str, str]],
    at: datetime,
) -> Handed:
    from ....runtime.feedback.channels import hand

    with ledger_of(loaded, "write") as ledger:
        return hand(ledger, channel, now, names, at)


def _to_file(
    loaded: Settings,
    path: Path,
    now: dict[Place, str],
    names: set[tuple[str, str]],
    at: datetime,
) -> Changes:
    from ....runtime.feedback.changes import after, changes
    from ....runtime.feedback.files import read, written

    kept = read(path)
    changed = changes(kept, now, names, at, str(path))
    if not changed.nothing or not path.exists():
        files.write_output(path, written(path.suffix, after(kept, changed)), loaded)
    return changed


def _to_table(
    loaded: Settings, name: str, now: dict[Place, str], names: set[tuple[str, str]], at: datetime
) -> Changes:
    from ....runtime.feedback.changes import changes

    with _opened(loaded, name) as table:
        changed = changes(table.read(), now, names, at, name)
        table.write(changed)
    return changed


@contextmanager
def _opened(loaded: Settings, name: str) -> Iterator[LabelTable]:
    """A table of the project's warehouse, for writing: of a DuckDB file or of PostgreSQL."""
    from ....compiler.files.environment import expand
    from ....runtime.feedback.tables import in_duckdb, in_postgresql
    from ...screen.masking import secrets_masked

    setting = loaded.config.warehouse
    url = "" if setting is None else expand(setting)
    with secrets_masked(loaded.secrets):
        if url.lower().startswith("duckdb:"):
            from ....runtime.warehouse.duckdb.client import open_duckdb

            with open_duckdb(url, loaded.root) as warehouse:
                path = warehouse.path
            with in_duckdb(path, name) as table:
                yield table
        elif url.lower().startswith("postgres"):
            from ....runtime.warehouse.postgresql.sessions import address

            at = address(url, None)
            with in_postgresql(at.driver, at.schema, name) as table:
                yield table
        else:
            raise CannotRun(diagnose(codes.NOT_WRITTEN, None, target=name))
