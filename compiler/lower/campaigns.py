"""Campaigns: from the clauses of the brief to steps, charges and checks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from ...dsl import tree
from ...dsl.diagnostics.diagnostic import names_listed
from ...dsl.diagnostics.source import Place
from .. import plan
from ..brakes.lowering import brakes
from ..check.context import Context, origin
from ..check.expressions import stage_is
from ..check.operations import conjunction
from ..check.scope import Scope
from ..check.wallets import report_lateness
from ..codes import compliance as compliance_words
from ..codes import logic, names
from ..messages.compliance import Subject
from ..messages.messages import messages, report_labels
from ..messages.renderings import Way
from ..messages.variables import CampaignTexts
from ..rewards.payouts import Goods
from ..rewards.table import kind_of
from .budgets import Caps, Owner, budget, limits
from .charges import charges, pays, report_unpaid
from .choices import report_no_offer
from .clauses.active import active, first_day
from .clauses.reversals import reversal
from .declarations import once, rule, there_by_now
from .experiments.clauses import asking_arms, experiment_of
from .experiments.serving import with_experiment
from .measuring.goals import goal_of, peak, target
from .measuring.measures import measures
from .policies import Enforced, demands, enforce_steps, followed
from .pools import SharedCaps
from .rewards import report_others_price, reward
from .rivals import Rivals, never_received, rivals_of
from .steps.journeys import journey_of, old_names, with_fields_as_of
from .steps.renamed import with_old_names
from .steps.source import Source
from .steps.sources import is_of_several, parts_of, written_steps
from .triggers import report_no_group

NodeT = TypeVar("NodeT", bound=tree.Node)

_EXAMPLES: tuple[tuple[type[tree.Node], str, str], ...] = (
    (tree.AudienceClause, "audience", "audience consent_marketing"),
    (tree.Trigger, "trigger", "trigger every day at 10:00"),
    (tree.BudgetClause, "budget", "budget { total 10_000 CNY }"),
    (tree.Compliance, "compliance", "compliance { follows … }"),
)


@dataclass(frozen=True, slots=True)
class Lowered:
    """A campaign and the accounts that are its own or that its policies brought."""

    campaign: plan.Campaign
    accounts: tuple[plan.Account, ...]


def campaigns(c: Context, pools: tuple[plan.Pool, ...], shared: SharedCaps) -> tuple[Lowered, ...]:
    """Every campaign that is read and could be understood."""
    rivals = rivals_of(c)
    found = (
        _campaign(c, node, pools, shared, rivals[name])
        for name, node in c.symbols.campaigns.items()
        if c.reads(node)
    )
    return tuple(one for one in found if one is not None)


def _clause(node: tree.Campaign, kind: type[NodeT]) -> NodeT | None:
    for clause in node.clauses:
        if isinstance(clause, kind):
            return clause
    return None


def _campaign(
    c: Context,
    node: tree.Campaign,
    pools: tuple[plan.Pool, ...],
    shared: SharedCaps,
    rivals: Rivals,
) -> Lowered | None:
    name, identity = node.name.text, c.symbols.identity(node.name.text)
    complete = _complete(c, node)
    experiment = experiment_of(c, node)
    written = written_steps(c, node, first_day(_clause(node, tree.Active)), experiment)
    journey = _clause(node, tree.Journey)
    event = written[0].event if written and (journey or len(written) == 1) else None
    eligibility = _eligibility(c, node, Scope(event=event), rivals.for_good)
    gives = [_gives(c, name, one, experiment) for one in written]
    owner, budget_node = Owner("campaign", identity), _clause(node, tree.BudgetClause)
    caps = budget(c, owner, budget_node.statements, budget_node) if budget_node else Caps()
    limited = [
        limits(c, replace(owner, step=one.prefix), one.modifiers, one.event) for one in written
    ]
    takes_back, measured = _reversal(c, node, written), measures(c, node)
    compliance = _clause(node, tree.Compliance)
    subject = Subject(
        identity, node.name, Scope(event=event), goal_of(node), pays(caps, pools, shared)
    )
    enforced, own = enforce_steps(c, subject, written, demands(c, compliance))
    _report_unruled(c, node, compliance)
    says = [
        messages(
            c,
            replace(subject, scope=asking_arms(one.scope, experiment)),
            one.messages,
            texts,
            _texts(c, node, given, caps),
        )
        for one, given, (_, texts) in zip(written, gives, own, strict=True)
    ]
    bundles = tuple(one for given in gives for one in _bundles(given, caps))
    channels = _channels(tuple(one for step in written for one in step.messages))
    report_labels(c, enforced.texts, _visible_texts(c, node, bundles), channels)
    _report_gifts(c, node, budget_node, gives, caps)
    if not complete or not written or any(one.fires is None for one in written):
        return None
    steps: list[plan.Step] = []
    accounts = [*caps.accounts, *enforced.money_caps]
    for one, given, said, limit, (checks, _) in zip(
        written, gives, says, limited, own, strict=True
    ):
        of_step = (*limit, *caps.accounts, *enforced.money_caps)
        excluded = rivals.per_event if one.follows is None else ()
        charged = charges(of_step, excluded, caps, given, pools, shared)
        steps += _steps(c, one, given, said, charged, _checks(one, enforced, checks))
        accounts = [*limit, *accounts]
    paused = brakes(c, node, gives, parts_of(node))
    more = (takes_back, measured, paused)
    campaign = _assemble(c, node, eligibility, enforced, tuple(steps), caps, *more)
    campaign = with_fields_as_of(c, with_old_names(campaign, old_names(journey)))
    campaign = with_experiment(c, node, campaign, experiment)
    reserve = () if caps.reserve is None else (caps.reserve,)
    return Lowered(campaign, (*accounts, *rivals.per_event, *enforced.message_caps, *reserve))


def _gives(
    c: Context, name: str, one: Source, experiment: plan.Experiment | None
) -> plan.Reward | None:
    if one.reward is None:
        return None
    return reward(c, name, one.reward, asking_arms(one.scope_of_reward, experiment))


def _reversal(c: Context, node: tree.Campaign, written: Sequence[Source]) -> plan.Reversal | None:
    first = written[0] if written else None
    gives = any(one.reward is not None for one in written)
    granted, fires = (None, None) if first is None else (first.event, first.fires)
    return reversal(c, node, granted, fires, gives=gives or first is None)


def _steps(
    c: Context,
    one: Source,
    gives: plan.Reward | None,
    says: tuple[plan.Message, ...],
    charged: tuple[plan.Charge, ...],
    asked: tuple[plan.Check, ...],
) -> Iterator[plan.Step]:
    """Yield the step of a source, which is none after a mistake in its trigger."""
    if one.fires is None:
        return
    if one.reward is not None:
        report_no_group(c, one.reward, one.fires)
        report_no_offer(c, one.reward)
    at = origin(one.node.span)
    label = one.label
    yield plan.Step(one.name, one.fires, gives, says, charged, at, one.follows, asked, label)


def _checks(
    step: Source, enforced: Enforced, own: tuple[plan.Check, ...]
) -> tuple[plan.Check, ...]:
    """The compliance that a step asks by itself; a later step of a journey asks all by itself."""
    if step.follows is None:
        return own
    return () if step.follows.leaves else (*enforced.checks, *own)


def _texts(c: Context, node: tree.Campaign, gives: plan.Reward | None, caps: Caps) -> CampaignTexts:
    """The texts that a message of a step may use."""
    appeal = _clause(node, tree.Appeal)
    return CampaignTexts(
        label=node.label.value if node.label else node.name.text,
        appeal=appeal.contact.value if appeal else None,
        rewards=_rewards(c, gives, caps),
        to_another=gives is not None and gives.recipient is not None,
        of_group=gives is not None and gives.each,
    )


def _report_gifts(
    c: Context,
    node: tree.Campaign,
    budget_node: tree.BudgetClause | None,
    gives: Sequence[plan.Reward | None],
    caps: Caps,
) -> None:
    """Report what the rewards of all steps together cannot be."""
    given = [one for one in gives if one is not None]
    if any(one.recipient is not None or one.each for one in given):
        report_others_price(c, caps.when_exhausted.lines)
    if given and budget_node is not None:
        branches = tuple(branch for one in given for branch in one.branches)
        report_unpaid(c, budget_node, node.name.text, replace(given[0], branches=branches), caps)


def _report_unruled(c: Context, node: tree.Campaign, compliance: tree.Compliance | None) -> None:
    """Warn of a campaign that follows no policy in a project that has some."""
    policies = sorted(c.symbols.policies)
    if compliance is None or not policies:
        return
    if not any(isinstance(one, tree.Follows) for one in compliance.statements):
        known = names_listed(policies[:3])
        values = {"campaign": node.name.text, "policies": known, "policy": policies[0]}
        c.report(compliance_words.FOLLOWS_NOTHING, node.name, **values)


def _bundles(gives: plan.Reward | None, caps: Caps) -> tuple[tuple[plan.RewardLine, ...], ...]:
    """Every bundle that the campaign may give."""
    branches = () if gives is None else gives.branches
    last = caps.when_exhausted.lines
    return (*(one.lines for one in branches), *((last,) if last else ()))


def _rewards(c: Context, gives: plan.Reward | None, caps: Caps) -> tuple[Way, ...]:
    """The values of `reward.label` for each bundle; `None` is a placeholder of an amount."""
    goods = Goods(c.currency, c.benefits)
    return tuple(
        tuple(part for line in lines for part in kind_of(line).label(line, goods))
        for lines in _bundles(gives, caps)
    )


def _visible_texts(
    c: Context, node: tree.Campaign, bundles: tuple[tuple[plan.RewardLine, ...], ...]
) -> tuple[tuple[str, Place], ...]:
    """The labels and the like that customers see, each with its place."""
    named = {
        name
        for lines in bundles
        for line in lines
        for name in kind_of(line).benefits(line)
        if name in c.symbols.benefits
    }
    appeal = _clause(node, tree.Appeal)
    written = [node.label, appeal.contact if appeal else None]
    written += [c.symbols.benefits[name].label for name in sorted(named)]
    return tuple((one.value, one.span.place) for one in written if one is not None)


def _channels(written: tuple[tree.Message, ...]) -> tuple[str, ...]:
    return tuple(sorted({part.channel.text for one in written for part in (one, *one.otherwise)}))


def _complete(c: Context, node: tree.Campaign) -> bool:
    """Whether all that must be there is, once; what is missing or twice is reported."""
    name = node.name.text
    once(c, name, node.clauses)
    parts = parts_of(node)
    gives = any(isinstance(one, tree.Reward) for one in parts)
    missing = [
        (clause, said)
        for kind, clause, said in _EXAMPLES
        if _clause(node, kind) is None
        # Messages alone cost nothing.
        and not (kind is tree.BudgetClause and parts and not gives)
        and not (kind is tree.Trigger and is_of_several(node))
    ]
    if not parts and not is_of_several(node):
        missing.append(("reward", "reward 10 points"))
    for clause, example in missing:
        c.report(
            names.MISSING_CLAUSE,
            node.name,
            kind=names.CAMPAIGN,
            name=name,
            clause=clause,
            example=example.replace("CNY", c.currency),
        )
    return not missing


def _assemble(
    c: Context,
    node: tree.Campaign,
    eligibility: tuple[plan.Eligibility, ...],
    enforced: Enforced,
    steps: tuple[plan.Step, ...],
    caps: Caps,
    reversal: plan.Reversal | None,
    measures: tuple[plan.Measured, ...],
    brakes: tuple[plan.Brake, ...],
) -> plan.Campaign:
    owner, appeal = _clause(node, tree.Owner), _clause(node, tree.Appeal)
    priority, settled = _clause(node, tree.Priority), _clause(node, tree.SettledWithin)
    compliance, identity = _clause(node, tree.Compliance), c.symbols.identity(node.name.text)
    journey, paused = _clause(node, tree.Journey), _clause(node, tree.WhilePaused)
    start, end = active(c, _clause(node, tree.Active))
    never_late = report_lateness(c, node, steps[0].trigger)
    return plan.Campaign(
        name=identity,
        label=node.label.value if node.label else node.name.text,
        owner=owner.text.value if owner else None,
        goal=goal_of(node),
        target=target(c, node),
        peak=peak(c, node, start, end),
        active_from=start,
        active_to=end,
        eligibility=eligibility,
        checks=enforced.checks,
        steps=steps,
        shares=caps.shares,
        when_exhausted=caps.when_exhausted,
        quiet_hours=enforced.quiet_hours,
        message_caps=tuple(sorted({account.id for account in enforced.message_caps})),
        holdout=enforced.holdout,
        priority=int(priority.value.value) if priority else 0,
        policies=followed(c, compliance) if compliance else (),
        appeal=appeal.contact.value if appeal else None,
        settled_days=int(settled.days.value) if settled else None,
        settled_working=settled.working if settled else False,
        origin=origin(node.name.span),
        renamed=None if identity == node.name.text else node.name.text,
        journey=journey_of(c, journey) if journey else None,
        late_events=None if never_late else _within(c, node, steps[0].trigger, "late events"),
        catch_up=None if never_late else _within(c, node, steps[0].trigger, "catch up"),
        while_paused=paused.action if paused else "resume",
        reversal=reversal,
        measures=measures,
        brakes=brakes,
    )


def _within(
    c: Context, node: tree.Campaign, fires: plan.Trigger, of: Literal["late events", "catch up"]
) -> plan.Within | None:
    """`late events within …` of events, `catch up within …` of schedules and timers, if any."""
    found = (one for one in node.clauses if isinstance(one, tree.LateWithin))
    clause = next((one for one in found if one.of == of), None)
    if clause is None:
        return None
    waits = fires.event is not None and not isinstance(fires, plan.TimerTrigger)
    if waits != (of == "late events"):
        right = "catch up" if of == "late events" else "late events"
        c.report(logic.NOTHING_LATE, clause, clause=f"{of} within", right=f"{right} within")
        return None
    span = plan.Span(clause.duration.count, clause.duration.unit)
    return plan.Within(span, origin(clause.span))


# --- whom it reaches ----------------------------------------------------------------------------


def _eligibility(
    c: Context, node: tree.Campaign, scope: Scope, rivals: tuple[tree.Name, ...]
) -> tuple[plan.Eligibility, ...]:
    found: list[plan.Eligibility] = []
    there = there_by_now(c)
    if there is not None and there.origin is not None:
        found.append(plan.Eligibility("audience", there, there.origin))
    stage = _clause(node, tree.StageClause)
    if stage is not None:
        condition = stage_is(c, stage, stage.stages)
        if condition is not None:
            found.append(plan.Eligibility("stage", condition, origin(stage.span)))
    audience = _clause(node, tree.AudienceClause)
    if audience is not None:
        condition = rule(c, audience.condition, scope)
        if condition is not None:
            found.append(plan.Eligibility("audience", condition, origin(audience.span)))
    if rivals:
        parts = tuple(never_received(c, rival) for rival in rivals)
        clause = _clause(node, tree.ExclusiveWith)
        at = origin(clause.span if clause else rivals[0].span)
        found.append(plan.Eligibility("exclusive", conjunction(parts, at), at))
    return tuple(found)
