"""Draws that run and were made worse for customers: a mistake wherever they were promised."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from ...dsl.diagnostics.diagnostic import Diagnostic, Phrase, diagnose
from ..codes import plans
from ..plan import Account, Campaign, Plan, Reward, Step
from ..plan.expressions import where
from ..plan.plan_json import amount
from .normal import Normals, digest

NEVER = Phrase("diff.never")
NO_STOCK = Phrase("diff.no_stock")


def made_worse(old: Plan, new: Plan, at: datetime) -> tuple[Diagnostic, ...]:
    """A mistake for each way in which a draw that runs at an instant was made worse."""
    after = {campaign.name: campaign for campaign in new.campaigns}
    normals = Normals(old), Normals(new)
    found: list[Diagnostic] = []
    for campaign in old.campaigns:
        if not campaign.draws or not _is_active(campaign, at):
            continue
        now = after.get(campaign.name)
        if now is None:
            name = campaign.renamed or campaign.name
            found.append(diagnose(plans.DRAW_GONE, None, name=name))
            continue
        found += _shortened(campaign, now, ZoneInfo(new.time_zone))
        found += _odds(normals, campaign, now)
        found += _stocks(old, new, campaign, now)
    return tuple(found)


def _is_active(campaign: Campaign, at: datetime) -> bool:
    start, end = campaign.active_from, campaign.active_to
    return (start is None or start <= at) and (end is None or at <= end)


def _shortened(before: Campaign, after: Campaign, zone: ZoneInfo) -> Iterator[Diagnostic]:
    end, now = before.active_to, after.active_to
    if now is not None and (end is None or now < end):
        shown = NEVER if end is None else _clock(end, zone)
        name, place = after.renamed or after.name, where(after.origin)
        ends = _clock(now, zone)
        yield diagnose(plans.DRAW_SHORTENED, place, name=name, before=shown, after=ends)


def _clock(instant: datetime, zone: ZoneInfo) -> str:
    """The instant on the project's clock: `2035-12-31 23:59`."""
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"


def _odds(
    normals: tuple[Normals, Normals], before: Campaign, after: Campaign
) -> Iterator[Diagnostic]:
    """A mistake for each prize that is drawn less often now."""
    steps = {step.name: step for step in after.steps}
    for step in before.steps:
        if step.reward is None or not step.reward.draws:
            continue
        now = steps.get(step.name)
        odds = {} if now is None or now.reward is None else _odds_of(normals[1], now.reward)
        place = where(after.origin if now is None or now.reward is None else now.reward.origin)
        for key, (share, prize) in _odds_of(normals[0], step.reward).items():
            left = odds[key][0] if key in odds else Decimal(0)
            if left < share:
                yield diagnose(
                    plans.ODDS_LOWERED,
                    place,
                    name=after.renamed or after.name,
                    prize=prize,
                    before=f"{amount(share * 100)}%",
                    after=f"{amount(left * 100)}%",
                )


def _odds_of(normals: Normals, reward: Reward) -> dict[str, tuple[Decimal, str]]:
    """By the normal form of each prize its odds and its words; not those of the rest.

    Where the rest was all that there was for the others, a prize may take its place.
    """
    found: dict[str, tuple[Decimal, str]] = {}
    before = Decimal(0)
    for branch in reward.branches:
        share = branch.chance
        if share is None:
            share = Decimal(1) if branch.condition is None else before
        odds, before = share - before, share
        if reward.draws and branch.always:
            continue
        key = digest(normals.set_of(branch.lines))
        known = found.get(key, (Decimal(0), ""))[0]
        found[key] = (known + odds, " and ".join(line.origin.text for line in branch.lines))
    return found


def _stocks(old: Plan, new: Plan, before: Campaign, after: Campaign) -> Iterator[Diagnostic]:
    """A mistake for each stock of a prize, or of the whole draw, that is lower now."""
    known = {account.id: account for account in _stocks_of(old, before)}
    for account in _stocks_of(new, after):
        one = known.get(account.id)
        if one is not None and account.cap >= one.cap:
            continue
        yield diagnose(
            plans.STOCK_LOWERED,
            where(account.origin),
            name=after.renamed or after.name,
            stock=account.origin.text,
            before=NO_STOCK if one is None else f"`{one.origin.text}`",
        )


def _stocks_of(plan: Plan, campaign: Campaign) -> Iterator[Account]:
    charged = {charge.account for step in _drawing(campaign) for charge in step.charges}
    return (one for one in plan.accounts if one.refusal == "out_of_stock" and one.id in charged)


def _drawing(campaign: Campaign) -> Iterator[Step]:
    return (step for step in campaign.steps if step.reward is not None and step.reward.draws)
