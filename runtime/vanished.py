"""Campaigns that vanished beside a new one that is much like them: renamed, most likely."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from itertools import islice
from typing import assert_never

from ..compiler.plan import BenefitLine, Campaign, CashLine, ChoiceLine, Plan, WalletLine
from ..dsl.codes import names
from ..dsl.diagnostics import Diagnostic, diagnose
from ..dsl.source import Place
from .ledger.contract import Ledger

_SAMPLE = 100
"""Grants of a vanished campaign that are read to see what it gave."""


def vanished(plan: Plan, ledger: Ledger) -> Iterator[Diagnostic]:
    """A warning for each campaign without a decision yet that resembles one that vanished.

    Ask before anything is decided. Two campaigns are alike if their names are, or if both
    give the same.
    """
    known, present = ledger.campaigns(), {campaign.name for campaign in plan.campaigns}
    gone = sorted(known - present)
    new = [campaign for campaign in plan.campaigns if campaign.name not in known]
    for campaign in new if gone else ():
        former = _alike(campaign, gone, ledger)
        if former is not None:
            at, name = campaign.origin, campaign.renamed or campaign.name
            place = Place(at.file, at.line, at.column, at.line, at.column + len(at.text))
            yield diagnose(names.CAMPAIGN_VANISHED, place, name=name, former=former)


def _alike(campaign: Campaign, gone: list[str], ledger: Ledger) -> str | None:
    near = get_close_matches(campaign.name, gone, n=1)
    if near:
        return near[0]
    gives = set(_rewards(campaign))
    for former in gone if gives else ():
        if any(grant.reward in gives for grant in islice(ledger.grants(former), _SAMPLE)):
            return former
    return None


def _rewards(campaign: Campaign) -> Iterator[str]:
    """The rewards of the campaign as grants name them."""
    rewards = [step.reward for step in campaign.steps if step.reward is not None]
    for line in (line for one in rewards for branch in one.branches for line in branch.lines):
        match line:
            case BenefitLine():
                yield line.benefit
            case WalletLine():
                yield line.wallet
            case CashLine():
                yield "cash"
            case ChoiceLine():
                yield from ("choice", *line.options)
            case _:
                assert_never(line)
