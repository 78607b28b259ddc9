"""Every scenario of a project, read against its plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import assert_never
from zoneinfo import ZoneInfo

from ...dsl import tree
from ...dsl.diagnostics.diagnostic import Diagnostic, Label, diagnose
from ...dsl.diagnostics.nearest import suggestions
from ...dsl.tree import scenarios as nodes
from ..codes import logic
from ..codes import scenarios as codes
from ..plan import Campaign, Plan
from .expectations import expected
from .given import Known, event_of, give, is_wallet, rewards_of, shown
from .model import (
    Expected,
    ExpectedBalance,
    ExpectedNothing,
    ExpectedStage,
    GivenCustomer,
    GivenEvent,
    Scenario,
    Turn,
    Wallet,
)
from .needs import needed_fields
from .reader import ONLY, Reader

_GIVEN = (
    nodes.GivenNow,
    nodes.GivenCustomer,
    nodes.GivenEvent,
    nodes.GivenReceived,
    nodes.GivenHeldOut,
    nodes.GivenArm,
    nodes.GivenPrize,
    nodes.GivenSpent,
    nodes.GivenBalance,
)
_HAPPENING = (nodes.WhenEvent, nodes.WhenFilled, nodes.AfterSpan, nodes.UntilDay)


def scenarios(
    plan: Plan, files: Iterable[tree.CampaignFile]
) -> tuple[tuple[Scenario, ...], tuple[Diagnostic, ...]]:
    """The scenarios of a project without mistakes, in its files' order, and their own mistakes."""
    found: list[Scenario] = []
    diagnostics: list[Diagnostic] = []
    titles: dict[str, tree.Text] = {}
    by_name = {one.renamed or one.name: one for one in plan.campaigns}
    for node in (one for file in files for one in file.declarations):
        if not isinstance(node, tree.Scenario):
            continue
        first = titles.setdefault(node.title.value, node.title)
        if first is not node.title:
            label = Label(first.span.place, codes.DECLARED_FIRST)
            place = node.title.span.place
            title = node.title.value
            diagnostics.append(diagnose(codes.TITLE_TWICE, place, labels=[label], title=title))
        name, place = node.campaign.text, node.campaign.span.place
        if name not in by_name:
            values = {"name": name, **suggestions(name, by_name)}
            told = tuple(sorted(values.items()))
            diagnostics.append(Diagnostic(codes.CAMPAIGN_UNKNOWN, place, told))
            continue
        read, mistakes = _scenario(plan, by_name[name], node)
        diagnostics += mistakes
        if read is not None and not mistakes:
            found.append(read)
    return tuple(found), tuple(diagnostics)


def _scenario(
    plan: Plan, campaign: Campaign, node: tree.Scenario
) -> tuple[Scenario | None, list[Diagnostic]]:
    zone = ZoneInfo(plan.time_zone)
    start = next((one for one in node.statements if isinstance(one, nodes.GivenNow)), None)
    reader = Reader(plan, campaign, zone, campaign.active_from or datetime.max.replace(tzinfo=zone))
    if start is not None:
        reader.clock = reader.instant(start.at)
    elif campaign.active_from is None:
        reader.report(codes.CLOCK_WITHOUT_START, node.campaign, campaign=shown(reader))
        return None, reader.diagnostics
    now, known = reader.clock, Known()
    turns = _turns(reader, known, node, start)
    draws = any(reward.draws for reward in rewards_of(reader))
    if draws and not known.has_prize:
        reader.report(codes.PRIZE_NEEDED, node.campaign, campaign=shown(reader))
    _report_no_arm(reader, known, node)
    read = Scenario(
        node.title.value,
        campaign.name,
        now,
        tuple(known.customers),
        tuple(known.earlier),
        frozenset(known.held_out),
        known.prize,
        known.spent,
        tuple(known.wallets),
        tuple(known.received),
        turns,
        node.title.span.place,
        known.arm,
    )
    if not reader.diagnostics:
        # A field of a wrong name, or an event that is not there, may be what is missing.
        events = [one.event for one in turns if one.event is not None]
        _report_needed(reader, [*known.customers, *known.earlier, *events], known.earlier)
    return read, reader.diagnostics


def _report_no_arm(reader: Reader, known: Known, node: tree.Scenario) -> None:
    """Report a scenario of an experiment that does not say in which arm its customers are."""
    experiment = reader.campaign.experiment
    everybody = {one.key for one in known.customers}
    if experiment is None or not experiment.arms or everybody <= known.held_out:
        return
    if not known.has_arm:
        values = {"campaign": shown(reader), "experiment": experiment.name}
        reader.report(logic.ARM_NEEDED, node.campaign, **values)


def _turns(
    reader: Reader, known: Known, node: tree.Scenario, start: nodes.GivenNow | None
) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    has_begun = False
    for one in node.statements:
        if isinstance(one, _HAPPENING):
            has_begun = True
            _need_customer(reader, known, one)
            turn = _turn(reader, known, one)
            if turn is not None:
                turns.append(turn)
        elif isinstance(one, _GIVEN):
            if has_begun:
                reader.report(codes.GIVEN_TOO_LATE, one)
            elif isinstance(one, nodes.GivenNow) and one is not start:
                reader.report(codes.GIVEN_TWICE, one, name="`given now`")
            else:
                if not isinstance(one, nodes.GivenNow | nodes.GivenCustomer):
                    _need_customer(reader, known, one)
                give(reader, known, one)
        else:
            if not has_begun:
                reader.report(codes.THEN_TOO_EARLY, one)
                continue
            found = expected(reader, one)
            if found is not None and turns:
                turns[-1] = _with(reader, turns[-1], found, one)
    return tuple(turns)


def _need_customer(reader: Reader, known: Known, node: tree.Node) -> None:
    """A scenario that gives no customer is of one of whom nothing is known."""
    if not reader.customers:
        reader.customers[ONLY] = node
        known.customers.append(GivenCustomer(ONLY, {}, node.span.place))


def _turn(reader: Reader, known: Known, node: nodes.Happening) -> Turn | None:
    place = node.span.place
    match node:
        case nodes.WhenEvent():
            event = event_of(reader, known, node, reader.clock)
            return None if event is None else Turn(event, reader.clock, (), place)
        case nodes.WhenFilled(wallet, amount, customer):
            who = reader.customer(customer, node)
            if not is_wallet(reader, wallet) or who is None:
                return None
            return Turn(None, reader.clock, (), place, Wallet(who, wallet.text, int(amount.value)))
        case nodes.AfterSpan(duration, at):
            return _pass(reader, node, reader.moved(duration, 1, at))
        case nodes.UntilDay(day):
            return _pass(reader, node, reader.instant(day))
        case _:
            assert_never(node)


def _pass(reader: Reader, node: nodes.AfterSpan | nodes.UntilDay, to: datetime) -> Turn | None:
    if to <= reader.clock:
        now = reader.shown(reader.clock)
        reader.report(codes.TIME_BACKWARDS, node, at=reader.shown(to), now=now)
        return None
    reader.clock = to
    return Turn(None, to, (), node.span.place)


def _with(reader: Reader, turn: Turn, found: Expected, node: tree.Node) -> Turn:
    """The turn with one more expectation; one of nothing excludes others of its customer."""
    every = (*turn.expected, found)
    coming = [one for one in every if not isinstance(one, ExpectedStage | ExpectedBalance)]
    nobody = {one.customer for one in coming if isinstance(one, ExpectedNothing)}
    somebody = {one.customer for one in coming if not isinstance(one, ExpectedNothing)}
    clash = nobody & somebody or (nobody and somebody and None in nobody | somebody)
    if clash and found in coming:
        reader.report(codes.NOTHING_AND_MORE, node)
    return replace(turn, expected=every)


def _report_needed(
    reader: Reader,
    given: Sequence[GivenCustomer | GivenEvent],
    earlier: Sequence[GivenEvent],
) -> None:
    """Report the first field of each that a rule asks for, and that nobody can know."""
    needed = needed_fields(reader.plan, reader.campaign)
    for one in given:
        owner = one.event if isinstance(one, GivenEvent) else ""
        of = codes.of_event(owner) if owner else codes.of_customer()
        for (whose, name), asked in needed.items():
            if whose != owner or name in one.values or (asked.at_event and one in earlier):
                continue
            place = asked.place
            labels = [] if place is None else [Label(place, codes.ASKED_HERE)]
            campaign, code = shown(reader), codes.FIELD_NEEDED
            rule = {"name": name, "campaign": campaign, "rule": asked.text}
            reader.diagnostics.append(
                diagnose(code, one.place, labels=labels, fix=None, of=of, **rule)
            )
