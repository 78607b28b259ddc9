"""The public rules say all that customers are owed by, and nothing of the organiser's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

import pytest
from campaigner.cli.pages.rules import as_markdown
from campaigner.compiler.plan import Account, Audience, Benefit, Campaign, Plan, Span, Stage
from campaigner.compiler.project.config import Organiser
from campaigner.compiler.wording.public import owing, rules_of
from campaigner.dsl.words.catalogue import languages
from hypothesis import given

from ...laws import at_most
from ...laws.test_journeys import journeys
from ...projects import ROOT, compile_folder
from ...strategies import Wanted, projects
from .changes import Change, changes, fields_below
from .test_wording import plan_of

OWN = {
    *("Account.alerts", "Benefit.cost", "Benefit.returns", "Campaign.goal", "Campaign.holdout"),
    *("Campaign.brakes", "Campaign.measures", "Campaign.project_holdout", "Experiment.holdout"),
    *("Campaign.peak", "Campaign.target", "Peak.end", "Peak.start"),
    *("Target.amount", "Target.currency", "Target.event", "Target.field", "Target.of"),
    *("Campaign.owner", "Campaign.policies", "Campaign.priority", "Check.because", "Check.policy"),
    *("ChoiceLine.cost", "CodeTable.column", "CodeTable.name", "CodeTable.table"),
    *("Journey.removed", "Message.channel", "Message.consent", "Message.forbidden"),
    *("Message.longest", "Message.otherwise", "Message.staff", "Message.template"),
    *("MessageValue.name", "QuietHours.end", "QuietHours.policy", "QuietHours.start"),
    *("Reward.returns", "Share.audience", "Share.percent"),
}
"""Values that are the organiser's own business: the page is the same with others."""

NAMES = {
    *("AllDoneTrigger.events", "Audience.name", "Benefit.name", "Campaign.message_caps"),
    *("Campaign.name", "Campaign.renamed", "Charge.account", "Charge.benefit", "Charge.share"),
    *("Account.id", "Account.measure", "Account.name", "Account.owner", "Account.owner_kind"),
    *("Account.refusal", "Account.window", "Benefit.codes", "Benefit.computed", "Stage.name"),
    *("Campaign.shares", "Campaign.quiet_hours", "ChoiceLine.value", "Constant.type"),
    *("CashLine.currency", "Eligibility.clause", "Journey.as_of", "Message.values"),
    *("MessageValue.value", "Operation.type", "Step.label", "Step.messages", "Step.name"),
    *("EnumType.values", "MoneyType.currency", "Reward.claims", "StageValue.type"),
    *("EventValue.type", "FeatureValue.type", "RowValue.type", "AudienceValue.type", "Clock.type"),
}
"""Names, types, what follows from other values, and wholes whose parts are elsewhere."""

KINDS = (Campaign, Account, Benefit, Audience, Stage)
OWED = {
    name
    for kind in KINDS
    for name in fields_below(kind)
    if not name.endswith((".origin", ".kind", ".optional")) and not name.startswith("Origin.")
} - (OWN | NAMES)
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def pages(plan: Plan, campaign: Campaign) -> dict[str, str]:
    rules = rules_of(plan, campaign, Organiser("we"), None, NOW)
    return {language: as_markdown(rules, language) for language in languages()}


def with_open_fields(plan: Plan) -> Plan:
    """The plan without fields of class C2 and C3, of which no page says anything."""

    def opened(table):
        fields = tuple(replace(one, sensitivity="C1") for one in table.fields)
        return replace(table, fields=fields)

    events = tuple(map(opened, plan.events))
    return replace(plan, customers=opened(plan.customers), events=events)


def variants(campaign: Campaign) -> Iterator[tuple[Change, bool]]:
    """The campaign with one value changed, and whether that is in a step which owes nothing."""
    for change in changes(replace(campaign, steps=())):
        yield Change(change.path, replace(change.whole, steps=campaign.steps)), False
    needed = owing(campaign)
    for place, step in enumerate(campaign.steps):
        for change in changes(step):
            steps = (*campaign.steps[:place], change.whole, *campaign.steps[place + 1 :])
            changed = replace(campaign, steps=steps)
            if step.name in needed or owing(changed) == needed:
                yield Change(change.path, changed), step.name not in needed


def means_the_same(campaign: Campaign, path: tuple[str, ...], before: str) -> bool:
    """Whether the value may have no effect, as others come first."""
    rewards = [step.reward for step in campaign.steps if step.reward is not None]
    if "Campaign.settled_working" in path:
        return campaign.settled_days is None
    if "ChoiceLine.cost" in path:
        # The budget for something that now costs can run out.
        return "cost=Decimal('0" in repr(rewards)
    if "ChoiceLine.expires_after" in path:
        return any(reward.expires_after is not None for reward in rewards)
    if "Campaign.experiment" in path:
        # Arms that decide nothing of what is owed are not named.
        return "of experiment" not in before
    if path.count("Operation.arguments") > 1 and campaign.experiment is not None:
        # Percentages stand for the ends of the arms' hashes.
        return True
    if "Campaign.when_exhausted" in path:
        return "is used up" not in before
    if path[-1] == "Following.leaves":
        # Two steps that end the journey upon the same are one line, and one is enough.
        leaving = [step for step in campaign.steps if step.follows and step.follows.leaves]
        return before.count("The journey ends upon this") < len(leaving)
    if path[-1] == "TimerTrigger.before" or path[-2:] == ("TimerTrigger.span", "Span.unit"):
        # Nothing before and nothing after are one instant, in any unit.
        return any(getattr(step.trigger, "span", None) == Span(0, "day") for step in campaign.steps)
    return path[-1] == "BenefitLine.cap"


def assert_says_what_is_owed(plan: Plan, every: int = 1) -> None:
    """One in `every` changes is tried."""
    plan = with_open_fields(plan)
    for campaign in plan.campaigns:
        before = pages(plan, campaign)
        for change, owes_nothing in islice(variants(campaign), 0, None, every):
            if change.field not in OWED | OWN:
                continue
            if means_the_same(campaign, change.path, before["en"]):
                continue
            after = pages(plan, change.whole)
            is_own = not {*change.path}.isdisjoint(OWN | {"Step.messages"})
            for language in languages():
                is_same = before[language] == after[language]
                told = f"{campaign.name}: {' '.join(change.path)}\n{before[language]}"
                assert is_same == (owes_nothing or is_own), told


def test_every_field_is_owed_or_the_organisers_own_or_a_name():
    known = {name for kind in KINDS for name in fields_below(kind)}
    assert known >= OWN | NAMES
    assert not OWN & NAMES
    assert len(OWED) > 120


@at_most(12)
@given(projects(Wanted(campaigns=1, timers=4, moves=4)))
def test_a_change_of_what_is_owed_changes_the_page(files):
    assert_says_what_is_owed(plan_of(files))


@at_most(10)
@given(journeys())
def test_a_change_of_what_a_journey_owes_changes_the_page(made):
    assert_says_what_is_owed(made[0])


@pytest.mark.parametrize("name", ["bank", "complete_journey"])
def test_a_change_of_what_shipped_campaigns_owe_changes_the_page(name):
    plan = compile_folder(ROOT / "campaigns" / name).plan
    assert plan is not None
    assert_says_what_is_owed(plan, 7)


SHARED = ("accounts", "benefits", "audiences")


def shared_changes(plan: Plan) -> Iterator[tuple[str, str, Plan]]:
    """Each change of a cap, a benefit or an audience: its name and field, and the plan."""
    for kind in SHARED:
        parts = getattr(plan, kind)
        for place, part in enumerate(parts):
            for change in changes(part):
                # The budget for something that now costs can run out.
                free = change.field == "Benefit.cost" and not part.cost
                if change.field in OWED | OWN and not free:
                    others = (*parts[:place], change.whole, *parts[place + 1 :])
                    yield (
                        getattr(part, "id", part.name),
                        change.path[0],
                        replace(plan, **{kind: others}),
                    )


def is_public(plan: Plan, name: str, field: str) -> bool:
    """Whether a change of a shared part is to be seen on the page of a campaign that uses it."""
    account = next((one for one in plan.accounts if one.id == name), None)
    if account is None:
        return field not in OWN
    return account.measure == "grants" or (account.measure == "money" and account.key is not None)


def test_a_change_of_what_campaigns_share_changes_their_pages_and_budgets_do_not():
    plan = compile_folder(ROOT / "campaigns" / "bank").plan
    assert plan is not None
    before = {one.name: pages(plan, one)["zh"] for one in plan.campaigns}
    seen = {True: 0, False: 0}
    for name, field, other in islice(shared_changes(plan), 0, None, 3):
        bare = (replace(one, shares=()) for one in plan.campaigns)
        uses = [one for one in bare if f"'{name}'" in repr(one)]
        changed = any(pages(other, one)["zh"] != before[one.name] for one in uses)
        assert changed == (is_public(plan, name, field) and bool(uses)), (name, field)
        seen[changed] += 1
    assert min(seen.values()) > 20
