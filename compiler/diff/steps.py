"""The facets of a campaign and of its steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from ..plan import Account, Branch, Campaign, Reward, Step
from ..plan.expressions import AudienceValue
from ..plan.plan_json import amount
from ..plan.steps import UNNAMED
from .clauses import Clause, Facet, clause, conditions, settings, text_of, value_clause, written
from .declared import Facets
from .kinds import Kind, Subject
from .normal import Normals, messages_in_order, texts_of


def of_campaign(accounts: Mapping[str, Account], normals: Normals, campaign: Campaign) -> Facets:
    """The facets of a campaign, but for its caps, which are accounts of the plan."""
    subject = Subject("campaign", campaign.name)
    found: dict[tuple[Subject, Kind], Facet] = {
        (subject, "window"): Facet(tuple(_window(campaign))),
        (subject, "audience"): _audience(normals, campaign),
        (subject, "policy"): Facet(tuple(_policy(normals, campaign))),
        (subject, "holdout"): Facet(tuple(_holdouts(campaign))),
        (subject, "experiment"): Facet(tuple(_experiment(campaign)), ordered=True),
        (subject, "goal"): Facet(tuple(_goal(normals, campaign))),
        (subject, "priority"): Facet((value_clause("priority", campaign.priority),)),
        (subject, "lateness"): Facet(tuple(_lateness(normals, campaign))),
        (subject, "journey"): Facet(tuple(_journey(normals, campaign))),
        (subject, "brake"): Facet(tuple(written(normals, one) for one in campaign.brakes)),
        (subject, "reversal"): Facet(
            () if campaign.reversal is None else (written(normals, campaign.reversal),)
        ),
        (subject, "measure"): Facet(
            tuple(written(normals, one) for one in campaign.measures), ordered=True
        ),
    }
    budget = Facet(tuple(_budget(accounts, normals, campaign)), ordered=True)
    found[subject, "budget"] = budget
    for step in campaign.steps:
        found |= _step(normals, campaign, step)
    return found


def _window(campaign: Campaign) -> Iterator[Clause]:
    return settings((("from", campaign.active_from), ("to", campaign.active_to)))


def _goal(normals: Normals, campaign: Campaign) -> Iterator[Clause]:
    """The target and the peak: what a campaign is measured by."""
    for one in (campaign.target, campaign.peak):
        if one is not None:
            yield written(normals, one)


def _lateness(normals: Normals, campaign: Campaign) -> Iterator[Clause]:
    for one in (campaign.late_events, campaign.catch_up):
        if one is not None:
            yield written(normals, one)
    if campaign.while_paused == "lapse":
        yield value_clause("while paused", campaign.while_paused)


def _audience(normals: Normals, campaign: Campaign) -> Facet:
    clauses: list[Clause] = []
    whole: set[str] = set()
    for one in campaign.eligibility:
        whole |= normals.parts(one.condition)
        if one.clause == "audience":
            clauses += conditions(normals, one.condition, one.origin.text)
        else:
            key = normals.key(one.condition)
            clauses.append(Clause(key, one.origin.text, about=one.condition))
    return Facet(tuple(clauses), whole=frozenset(whole))


def _policy(normals: Normals, campaign: Campaign) -> Iterator[Clause]:
    for check in campaign.checks:
        yield written(normals, check)
    for hours in campaign.quiet_hours:
        yield written(normals, hours)
    for cap in campaign.message_caps:
        yield value_clause("messages", cap)
    forbidden = {one for step in campaign.steps for text in step.messages for one in text.forbidden}
    for phrase in sorted(forbidden):
        yield value_clause("never says", phrase)
    days = None if campaign.settled_days is None else str(campaign.settled_days)
    working = "working days" if campaign.settled_working else "days"
    yield from settings(
        (
            ("appeal", campaign.appeal),
            ("settled within", days and f"{days} {working}"),
        )
    )


def _holdouts(campaign: Campaign) -> Iterator[Clause]:
    yield from _percent("holdout", campaign.holdout)
    yield from _percent("holdout of the project", campaign.project_holdout)


def _percent(name: str, share: Decimal) -> Iterator[Clause]:
    if share:
        yield value_clause(name, f"{amount(share * 100)}%")


def _experiment(campaign: Campaign) -> Iterator[Clause]:
    experiment = campaign.experiment
    if experiment is None:
        return
    yield value_clause("experiment", experiment.name)
    for arm in experiment.arms:
        yield value_clause(f"arm {arm.name}", f"{amount(arm.part * 100)}%")


def _journey(normals: Normals, campaign: Campaign) -> Iterator[Clause]:
    journey = campaign.journey
    if journey is None:
        return
    if journey.one_at_a_time:
        yield Clause("one at a time", "one at a time")
    for condition in journey.during:
        yield from conditions(normals, condition, "while")
    for name in journey.removed:
        yield value_clause("removed", name)
    for name in journey.ended:
        yield value_clause("removed", f"{name}: end")


def _budget(
    accounts: Mapping[str, Account], normals: Normals, campaign: Campaign
) -> Iterator[Clause]:
    """Shares, pools, and what follows on the end of the budget; its caps are accounts."""
    for share in campaign.shares:
        yield replace(written(normals, share), about=AudienceValue(share.audience))
    charged = {charge.account for step in campaign.steps for charge in step.charges}
    for name in sorted(charged & accounts.keys()):
        if name.startswith("pool/"):
            yield Clause(name, f"{name}: {accounts[name].origin.text}")
    exhausted = campaign.when_exhausted
    if exhausted.action != "stop":
        text = " and ".join(line.origin.text for line in exhausted.lines)
        words = f"when exhausted {exhausted.action} {text}".strip()
        yield clause(normals, exhausted, words)


# --- steps --------------------------------------------------------------------------------------


def _step(normals: Normals, campaign: Campaign, step: Step) -> Facets:
    subject = Subject("campaign", campaign.name, "" if step.name == UNNAMED else step.name)
    found: dict[tuple[Subject, Kind], Facet] = {
        (subject, "trigger"): Facet((written(normals, step.trigger),)),
        (subject, "message"): Facet(tuple(_messages(normals, campaign, step)), ordered=True),
    }
    if step.checks:
        checks = tuple(written(normals, check) for check in step.checks)
        found[subject, "policy"] = Facet(checks)
    if step.follows is not None:
        found[subject, "journey"] = Facet((written(normals, step.follows),))
    reward = step.reward
    if reward is not None:
        bundles = tuple(_branches(normals, reward))
        others = clause(normals, replace(reward, branches=()), reward.origin.text)
        if reward.draws:
            found[subject, "chance"] = Facet(bundles, ordered=True)
            bundles = ()
        found[subject, "reward"] = Facet((*bundles, others), ordered=True)
    return found


def _branches(normals: Normals, reward: Reward) -> Iterator[Clause]:
    """Each bundle with its condition or its own odds."""
    before = Decimal(0)
    for branch in reward.branches:
        odds = None if branch.chance is None else branch.chance - before
        before = before if branch.chance is None else branch.chance
        yield clause(normals, replace(branch, chance=odds), _words(branch, odds))


def _words(branch: Branch, odds: Decimal | None) -> str:
    lines = " and ".join(line.origin.text for line in branch.lines)
    if odds is not None:
        return f"{amount(odds * 100)}%: {lines}"
    return lines if branch.condition is None else f"{text_of(branch.condition)}: {lines}"


def _messages(normals: Normals, campaign: Campaign, step: Step) -> Iterator[Clause]:
    shown = any("campaign.label" in text for text in texts_of(campaign))
    for message in messages_in_order(campaign, step):
        made = written(normals, replace(message, forbidden=()))
        yield replace(made, key=f"{made.key} {campaign.label}") if shown else made
