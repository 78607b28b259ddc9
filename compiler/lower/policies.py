"""Compliance: the statements of the policies that a campaign follows, as the plan enforces them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple, assert_never

from ...dsl import tree
from ...dsl.diagnostics.diagnostic import Label
from ...dsl.diagnostics.nearest import suggestions
from .. import plan
from ..check.context import Context, find_column, origin
from ..check.literals import whole
from ..check.scope import Scope
from ..check.symbols import repeated
from ..codes import compliance as words
from ..codes import names
from ..messages.compliance import Demand, Subject
from ..messages.phrases import Phrase as Forbidden
from .budgets import Owner, percent
from .declarations import in_currency, rule
from .steps.source import Source


@dataclass(frozen=True, slots=True)
class Enforced:
    """The demands that the plan enforces; `texts` are those that check the messages."""

    checks: tuple[plan.Check, ...]
    quiet_hours: tuple[plan.QuietHours, ...]
    message_caps: tuple[plan.Account, ...]
    money_caps: tuple[plan.Account, ...]
    holdout: Decimal
    texts: tuple[Demand, ...]


class StepDemands(NamedTuple):
    """The demands on one step: `texts` are those that check its messages."""

    checks: tuple[plan.Check, ...]
    texts: tuple[Demand, ...]


def demands(c: Context, compliance: tree.Compliance | None) -> tuple[Demand, ...]:
    """Every statement of the policies that are followed, then the campaign's own."""
    if compliance is None:
        return ()
    return tuple(_demands(c, compliance))


def _demands(c: Context, compliance: tree.Compliance) -> Iterator[Demand]:
    for name in followed(c, compliance):
        for statement in c.symbols.policies[name].statements:
            yield Demand(name, "policy", statement)
    for own in compliance.statements:
        if not isinstance(own, tree.Follows):
            yield Demand("this campaign", "campaign", own)


def followed(c: Context, compliance: tree.Compliance) -> tuple[str, ...]:
    """The names of the policies that are followed and exist; the others are reported."""
    written = [
        name
        for statement in compliance.statements
        if isinstance(statement, tree.Follows)
        for name in statement.policies
    ]
    for name in repeated(written):
        c.report(names.TWICE_IN_LIST, name, name=name.text)
    for name in written:
        if name.text not in c.symbols.policies:
            known = suggestions(name.text, c.symbols.policies)
            c.report(names.UNKNOWN_DECLARATION, name, kind=names.POLICY, name=name.text, **known)
    return tuple(dict.fromkeys(one.text for one in written if one.text in c.symbols.policies))


def report_unfollowed(c: Context) -> None:
    """Weigh the policies that no campaign follows, as far as that needs no campaign."""
    read = {
        name.text
        for campaign in c.symbols.campaigns.values()
        for clause in campaign.clauses
        if isinstance(clause, tree.Compliance)
        for statement in clause.statements
        if isinstance(statement, tree.Follows)
        for name in statement.policies
    }
    for name, policy in c.symbols.policies.items():
        if name in read:
            continue
        alone = tuple(
            Demand(name, "policy", one)
            for one in policy.statements
            if not isinstance(one, tree.ApprovalBy)
            and not (isinstance(one, tree.Require) and "event" in one.span.text)
        )
        enforce(c, Subject(name, policy.name, Scope(), None, None), alone)


def enforce(c: Context, subject: Subject, stated: tuple[Demand, ...]) -> Enforced:
    """The demands as parts of the plan. Missing approvals are reported."""
    checks: list[plan.Check] = []
    quiet: list[plan.QuietHours] = []
    message_caps: list[plan.Account] = []
    money_caps: list[plan.Account] = []
    holdout = Decimal(0)
    texts: list[Demand] = []
    for demand in stated:
        statement = demand.statement
        match statement:
            case tree.Require():
                checks += _check(c, subject, demand, statement)
            case tree.QuietHours(start, end):
                at = origin(statement.span)
                quiet.append(plan.QuietHours(demand.by, start.value, end.value, at))
            case tree.AtMostMessages():
                message_caps.append(_message_cap(c, subject, demand, statement))
            case tree.AtMostMoney():
                money_caps += _money_cap(c, subject, demand, statement)
            case tree.HoldoutAtLeast(part):
                holdout = max(holdout, percent(c, part, 0, 99))
            case tree.ApprovalBy():
                _approval(c, subject, demand, statement, stated)
            case tree.ForbidPhrase(phrases):
                texts.append(demand)
                _report_empty(c, phrases)
            case tree.ForbidField():
                texts.append(demand)
            case tree.Disclose(_, applies):
                texts += [demand] if _applies(c, subject, applies) else []
            case tree.ApprovedBy():
                if demand.kind == "policy":
                    c.report(words.ONLY_IN_CAMPAIGN, statement)
            case _:
                assert_never(statement)
    return Enforced(
        tuple(checks), tuple(quiet), tuple(message_caps), tuple(money_caps), holdout, tuple(texts)
    )


def enforce_steps(
    c: Context, subject: Subject, steps: Sequence[Source], stated: tuple[Demand, ...]
) -> tuple[Enforced, tuple[StepDemands, ...]]:
    """The demands on a campaign, and those on each step: its own checks, and all of its texts.

    In a campaign of several steps, what is demanded of events is demanded of each step by itself.
    """
    if len(steps) < 2:
        whole = enforce(c, subject, stated)
        return whole, tuple(StepDemands((), whole.texts) for _ in steps)
    of_events = tuple(one for one in stated if _asks_event(one.statement))
    whole = enforce(c, subject, tuple(one for one in stated if one not in of_events))
    approved = tuple(
        one
        for one in stated
        if one.kind == "campaign" and isinstance(one.statement, tree.ApprovedBy)
    )
    found = []
    for step in steps:
        own = enforce(c, replace(subject, scope=step.scope), (*of_events, *approved))
        found.append(StepDemands(own.checks, (*whole.texts, *own.texts)))
    return whole, tuple(found)


def _asks_event(statement: tree.PolicyStatement) -> bool:
    match statement:
        case tree.Require(applies=applies) | tree.Disclose(applies=applies):
            return isinstance(applies, tree.EventHas)
        case tree.ApprovalBy(applies=applies):
            return isinstance(applies, tree.EventHas)
        case _:
            return False


def _report_empty(c: Context, phrases: tuple[tree.Text, ...]) -> None:
    for phrase in phrases:
        if not Forbidden(phrase.value).letters:
            c.report(words.EMPTY_PHRASE, phrase, phrase=phrase.value)


def _applies(c: Context, subject: Subject, applies: tree.Applies | None) -> bool:
    match applies:
        case None:
            return True
        case tree.EventHas(field):
            event = subject.scope.event
            return event is not None and find_column(event.fields, field.text) is not None
        case tree.GoalIs(goal):
            return subject.goal == goal.text
        case tree.BudgetOver(amount):
            limit = in_currency(c, amount)
            return limit is not None and subject.budget is not None and subject.budget > limit
        case _:
            assert_never(applies)


def _check(
    c: Context, subject: Subject, demand: Demand, node: tree.Require
) -> Iterator[plan.Check]:
    if not _applies(c, subject, node.applies):
        return
    condition = rule(c, node.condition, subject.scope)
    if condition is not None:
        because = node.because.value if node.because else None
        yield plan.Check(demand.by, condition, because, origin(node.span))


def _owner(subject: Subject, demand: Demand) -> Owner:
    if demand.kind == "policy":
        return Owner("policy", demand.by)
    return Owner("campaign", subject.name)


def _message_cap(
    c: Context, subject: Subject, demand: Demand, node: tree.AtMostMessages
) -> plan.Account:
    window = plan.Span(node.duration.count, node.duration.unit)
    cap = Decimal(whole(c, node.count))
    name = f"messages per {window.count} {window.unit}"
    return _owner(subject, demand).account(
        name, "messages", cap, "over_limit", node, key="customer", window=window
    )


def _money_cap(
    c: Context, subject: Subject, demand: Demand, node: tree.AtMostMoney
) -> Iterator[plan.Account]:
    cap = in_currency(c, node.amount)
    if cap is not None:
        yield _owner(subject, demand).account(
            "value per customer",
            "money",
            cap,
            "over_limit",
            node,
            period=node.period,
            key="customer",
        )


def _approval(
    c: Context,
    subject: Subject,
    demand: Demand,
    node: tree.ApprovalBy,
    stated: tuple[Demand, ...],
) -> None:
    if not _applies(c, subject, node.applies):
        return
    given = {
        one.statement.who.value
        for one in stated
        if one.kind == "campaign" and isinstance(one.statement, tree.ApprovedBy)
    }
    if node.who.value in given:
        return
    label = Label(node.span.place, words.REQUIRED_HERE)
    c.report(
        words.NOT_APPROVED,
        subject.node,
        label,
        policy=demand.author,
        who=node.who.value,
        campaign=subject.name,
    )
