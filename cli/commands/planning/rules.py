"""`campaigner rules`: the rules of a campaign as its customers may read them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ....dsl.diagnostics.diagnostic import CannotRun, Diagnostic, diagnose
from ....dsl.diagnostics.source import Place
from ...arguments import options
from ...codes import pages as codes
from ...exits import FINE
from ...failures import tell_all
from ...projects import compiled, require_campaign
from ...resources import seeds_at_hand
from ...screen import files
from ...screen.terminal import Session

if TYPE_CHECKING:
    from ....compiler.plan import Campaign, Plan
    from ....compiler.project.config import Organiser
    from ....compiler.project.settings import Settings


@click.command("rules", epilog="Example: campaigner rules lucky_draw shop --output rules.html")
@options.campaign_and_project
@options.format_of("html", "markdown")
@click.option("--output", metavar="FILE", type=click.Path(path_type=Path), help="Write it there.")
@options.language
@click.pass_obj
def command(session: Session, name: str, project: str, format_: str, output: Path | None) -> int:
    """Write the page of rules of CAMPAIGN, of PROJECT, for its customers.

    It is made of the rules that run: time, who takes part, what to do, rewards, odds, stocks,
    days of payment, and how to appeal. Budgets, costs and data of class C2 and C3 are left out.
    """
    project, name = options.in_order(project, name)
    loaded, plan = compiled(project, session)
    campaign = _campaign(plan, require_campaign(plan, name))
    organiser = _organiser(loaded, campaign)
    digest = _digest(loaded, campaign)
    tell_all(tuple(_lacking(loaded, plan, campaign, digest)), session)
    from ....compiler.wording.public import rules_of
    from ...pages.rules import as_html, as_markdown

    rules = rules_of(plan, campaign, organiser, digest, session.now())
    write = as_html if format_ == "html" else as_markdown
    content = write(rules, session.language)
    files.hand_out(content, output, loaded)
    return FINE


def _campaign(plan: Plan, name: str) -> Campaign:
    return next(one for one in plan.campaigns if one.name == name)


def _organiser(project: Settings, campaign: Campaign) -> Organiser:
    """The organiser; `CannotRun` if the project names none, or nobody to appeal to."""
    organiser = project.config.organiser
    if organiser is None:
        raise CannotRun(diagnose(codes.NO_ORGANISER, None))
    if campaign.appeal is None and organiser.contact is None:
        name = campaign.renamed or campaign.name
        raise CannotRun(diagnose(codes.NO_APPEAL, _place(campaign), campaign=name))
    return organiser


def _digest(project: Settings, campaign: Campaign) -> str | None:
    """The SHA-256 of the seed of its draws; `None` if it has none, or if that is not set."""
    if not campaign.draws:
        return None
    from ....compiler.plan.chance import seed_digest

    seed = seeds_at_hand(project).of(campaign.name)
    return None if seed is None else seed_digest(seed)


def _lacking(
    project: Settings, plan: Plan, campaign: Campaign, digest: str | None
) -> Iterator[Diagnostic]:
    """The parts that customers would look for in vain."""
    name, place = campaign.renamed or campaign.name, _place(campaign)
    gives = any(step.reward is not None for step in campaign.steps)
    if gives and campaign.settled_days is None:
        yield diagnose(codes.NOT_SETTLED, place, campaign=name)
    if campaign.draws and plan.seeded and digest is None:
        setting = project.config.seed
        written = "" if setting is None else setting.text
        yield diagnose(codes.NO_DIGEST, place, campaign=name, seed=written)


def _place(campaign: Campaign) -> Place:
    from ....compiler.plan.expressions import where

    return where(campaign.origin)
