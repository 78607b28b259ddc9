"""`campaigner ledger reveal`: publish the seed with which a campaign drew, after its end."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from ....dsl.diagnostics.diagnostic import CannotRun, Phrase, diagnose
from ...arguments import options
from ...codes import command_line as codes
from ...codes.command_line import STEPS_KEPT
from ...exits import FINE
from ...projects import compiled, require_kept
from ...resources import ledger_of, seed_of
from ...screen.terminal import Session

if TYPE_CHECKING:
    from ....compiler.plan import Plan
    from ....runtime.ledger.drawn import Reveal


@click.command("reveal", epilog="Example: campaigner ledger reveal shop lucky_draw")
@options.project_and_campaign
@options.plan
@options.format_of("text", "json")
@options.language
@click.pass_obj
def command(
    session: Session, arguments: tuple[str, ...], plan_file: str | None, format_: str
) -> int:
    """Publish the seed of CAMPAIGN, of PROJECT, so that anybody can draw again.

    Its draws must be over: it has ended, or is in the project no more. The ledger keeps that it
    was published, and nothing is drawn with it afterwards.
    """
    project, name = options.split_campaign(arguments)
    session.kept = STEPS_KEPT
    loaded, plan = compiled(project, session, plan_file)
    with ledger_of(loaded) as ledger:
        campaign = require_kept(loaded, ledger, name, plan) or name
        digest, is_public = ledger.drawn_with(campaign), campaign in ledger.revealed()
    if digest is None:
        raise _refused(name, codes.DRAWN_WITHOUT)
    seed = ""
    if not is_public:
        _require_over(plan, campaign, name, session.now())
        seed = _required(name, seed_of(loaded, campaign), digest)
    with ledger_of(loaded, "write") as ledger:
        published = ledger.reveal(campaign, seed, session.now())
    click.echo(_as_json(published) if format_ == "json" else _as_text(published))
    return FINE


def _require_over(plan: Plan, campaign: str, name: str, now: datetime) -> None:
    """`CannotRun` if the campaign can still draw."""
    found = next((one for one in plan.campaigns if one.name == campaign), None)
    if found is None or (found.active_to is not None and found.active_to < now):
        return
    reason = codes.NO_END
    if found.active_to is not None:
        reason = codes.ends_on(str(found.active_to.astimezone(ZoneInfo(plan.time_zone)).date()))
    raise CannotRun(diagnose(codes.SEED_TOO_EARLY, None, campaign=name, reason=reason))


def _required(name: str, seed: str | None, digest: str) -> str:
    """The seed; `CannotRun` if there is none, or not the one that the ledger committed to."""
    from ....compiler.plan.chance import seed_digest

    if seed is None:
        raise _refused(name, codes.NO_SEED_SET)
    if seed_digest(seed) != digest:
        raise _refused(name, codes.OTHER_SEED)
    return seed


def _refused(name: str, reason: Phrase) -> CannotRun:
    return CannotRun(diagnose(codes.NOTHING_TO_REVEAL, None, campaign=name, reason=reason))


def _as_text(one: Reveal) -> str:
    return f"campaign  {one.campaign}\nseed      {one.seed}\nsha256    {one.digest}"


def _as_json(one: Reveal) -> str:
    from ....compiler.plan.values import encode

    document = {
        "format_version": 1,
        "campaign": one.campaign,
        "seed": one.seed,
        "sha256": one.digest,
        "revealed_at": encode(one.at),
    }
    return json.dumps(document, ensure_ascii=False, indent=2)
