"""Campaigns, and what cuts customers into groups: lifecycles and audiences."""

from __future__ import annotations

from itertools import pairwise
from typing import TypeAlias, assert_never

from ..tree import (
    Active,
    AllDone,
    Appeal,
    AudienceClause,
    BudgetClause,
    ByDate,
    ByMonth,
    BySpan,
    Campaign,
    CampaignClause,
    Compliance,
    DayAfterStep,
    Deadline,
    Entering,
    Every,
    EveryWeeks,
    ExclusiveWith,
    Experiment,
    Goal,
    Hourly,
    Journey,
    JourneyStatement,
    JourneyStep,
    LateWithin,
    Leave,
    Measures,
    Message,
    Moment,
    Monthly,
    Name,
    Nth,
    Once,
    OneAtATime,
    OnEvent,
    OnFestival,
    OpenMonthly,
    Owner,
    Pattern,
    PauseWhen,
    Peak,
    Priority,
    RemovedStep,
    RenamedFrom,
    ReversedOn,
    Reward,
    SettledWithin,
    StageClause,
    StageRef,
    Task,
    Tasks,
    Timer,
    Trigger,
    TriggerForm,
    Unless,
    WhenBalance,
    While,
    WhilePaused,
)
from .experiments import experiment
from .expressions import (
    call,
    clause_condition,
    condition,
    parenthesised,
    stage_ref,
    where,
)
from .goals import goal, peak
from .layout import (
    NOTHING,
    Align,
    Break,
    Doc,
    Group,
    Indent,
    Line,
    Word,
    between,
    block,
    join,
    listed,
    phrase,
    words_of,
)
from .literals import after_number, field_of, literal, name, paragraph, titled
from .measures import measures
from .policies import compliance
from .rewards import CLAUSE_COLUMN, budget, limit, padded, reward_clause, reward_part
from .running import run_clause

# These stand together at the head of a campaign; messages stand together too. Around every other
# clause there is an empty line.
_HeadClause: TypeAlias = (
    Owner
    | Goal
    | Active
    | Peak
    | StageClause
    | Priority
    | ExclusiveWith
    | RenamedFrom
    | Appeal
    | SettledWithin
    | LateWithin
    | WhilePaused
    | PauseWhen
    | ReversedOn
)


def campaign(node: Campaign) -> Doc:
    """Clauses in the author's order."""
    head = Indent(titled("campaign", node.name, node.label))
    if not node.clauses:
        return phrase(head, block([]))
    inside = [_clause(node.clauses[0])]
    for before, clause in pairwise(node.clauses):
        inside += [Break(blank=not _stand_together(before, clause)), _clause(clause)]
    body = Indent(join(Break(), *inside))
    return phrase(head, join(Word("{"), body, Break(), Word("}", closes=True)))


def _stand_together(first: CampaignClause, second: CampaignClause) -> bool:
    heads = isinstance(first, _HeadClause) and isinstance(second, _HeadClause)
    return heads or (isinstance(first, Message) and isinstance(second, Message))


def _clause(node: CampaignClause) -> Doc:
    match node:
        case AudienceClause(holds):
            return padded("audience", clause_condition(holds), CLAUSE_COLUMN)
        case Trigger(form, opening):
            lines = [_trigger(form), *([] if opening is None else [_opening(opening)])]
            return padded("trigger", between(Break(), lines), CLAUSE_COLUMN)
        case Reward():
            return reward_clause(node)
        case BudgetClause(statements):
            return budget(statements)
        case Compliance(statements):
            return compliance(statements)
        case Experiment():
            return experiment(node)
        case Message():
            return _said(node)
        case Measures(statements):
            return measures(statements)
        case Tasks(statements):
            return phrase("tasks", block([Indent(_task(one)) for one in statements]))
        case Journey(statements):
            return phrase("journey", block([Indent(_journey(one)) for one in statements]))
        case _:
            return _head_clause(node)


def _task(node: Task | AllDone) -> Doc:
    """The head, then each reward and message on a line of its own."""
    if isinstance(node, AllDone):
        per = NOTHING if node.period is None else phrase("per", node.period)
        head = phrase("all done", per)
    else:
        period = NOTHING if node.period is None else phrase(node.period)
        after = NOTHING if node.after is None else phrase("after", name(node.after))
        named = titled("task", node.name, node.label)
        happens = phrase(period, _task_event(node.form, node.after))
        head = between(Line(), [named, happens, after])
    return between(Break(), [Group(Indent(head)), *map(_part, node.parts)])


def _journey(node: JourneyStatement) -> Doc:
    match node:
        case JourneyStep():
            return _step(node)
        case Leave(event, holds):
            return join(phrase("leave on", name(event)), where(holds))
        case While(holds):
            return phrase("while", Align(condition(holds)))
        case RemovedStep(step, does):
            return phrase("removed", join(name(step), Word(":")), name(does))
    assert_never(node)


def _step(node: JourneyStep) -> Doc:
    """The head, then each limit, reward and message on a line of its own."""
    former = NOTHING if node.renamed_from is None else _renamed(node.renamed_from)
    after = phrase("after", listed([name(one) for one in node.after])) if node.after else NOTHING
    named = phrase(titled("step", node.name, node.label), former, after)
    head = [named, _step_form(node.form)]
    if node.by is not None:
        head.append(_deadline(node.by))
    if node.unless is not None:
        head.append(_unless(node.unless))
    if node.condition is not None:
        head.append(phrase("if", Align(condition(node.condition))))
    parts = [*map(limit, node.limits), *map(_step_part, node.parts)]
    return between(Break(), [Group(Indent(between(Line(), head))), *parts])


def _step_form(node: TriggerForm | DayAfterStep) -> Doc:
    if isinstance(node, DayAfterStep):
        day = phrase("on day", literal(node.day), "of month", literal(node.months))
        return phrase(day, "after", name(node.step), "at", literal(node.at))
    return _trigger(node)


def _deadline(node: Deadline) -> Doc:
    match node:
        case BySpan(duration, step):
            return phrase("by", literal(duration), "after", name(step))
        case ByMonth(months, step):
            return phrase("by end of month", literal(months), "after", name(step))
        case ByDate(day):
            return phrase("by", literal(day))
    assert_never(node)


def _step_part(node: Reward | Message | OneAtATime) -> Doc:
    return phrase("one at a time") if isinstance(node, OneAtATime) else _part(node)


def _renamed(former: Name) -> Doc:
    return phrase("renamed from", name(former))


def _task_event(form: OnEvent, after: Name | None) -> Doc:
    """`on invest where …`; brackets part an `after` that compares from that of the task."""
    if form.where is None:
        return _trigger(form)
    words = [word.text for word in words_of(condition(form.where))]
    bare = len(words) == 1 or words[-2] in ("and", "or", "not")
    if "after" not in words and not (after is not None and bare):
        return _trigger(form)
    holds = phrase("where", parenthesised(condition(form.where)))
    pattern = NOTHING if form.pattern is None else _pattern(form.pattern)
    return between(Line(), [phrase("on", name(form.event)), holds, pattern])


def _part(node: Reward | Message) -> Doc:
    return reward_part(node) if isinstance(node, Reward) else _said(node)


def _said(node: Message) -> Doc:
    lines = [_message("message", node), *(_message("otherwise", one) for one in node.otherwise)]
    return Indent(between(Break(), lines))


def _message(word: str, node: Message) -> Doc:
    return phrase(word, name(node.channel), paragraph(node.template))


def _head_clause(node: _HeadClause) -> Doc:
    match node:
        case Owner(text):
            return padded("owner", literal(text), CLAUSE_COLUMN)
        case Goal():
            return goal(node)
        case Active(start, end):
            return padded("active", phrase(literal(start), "to", literal(end)), CLAUSE_COLUMN)
        case Peak():
            return peak(node)
        case StageClause(stages):
            refs = listed([stage_ref(each) for each in stages])
            return padded("stage", refs, CLAUSE_COLUMN)
        case Priority(value):
            return padded("priority", literal(value), CLAUSE_COLUMN)
        case Appeal(contact):
            return padded("appeal", literal(contact), CLAUSE_COLUMN)
        case ExclusiveWith(campaigns, per_event):
            others = listed([name(each) for each in campaigns])
            how = phrase("per event") if per_event else NOTHING
            return Indent(phrase("exclusive with", others, how))
        case LateWithin() | WhilePaused() | PauseWhen() | ReversedOn():
            return Indent(run_clause(node))
        case RenamedFrom(campaign):
            return Indent(phrase("renamed from", name(campaign)))
        case SettledWithin(days, working):
            unit = "day" if days.value == 1 else "days"
            given = phrase("working", unit) if working else phrase(unit)
            return Indent(phrase("settled within", literal(days), given))
    assert_never(node)


def _trigger(node: TriggerForm) -> Doc:
    match node:
        case OnEvent(event, holds, pattern):
            happens = join(phrase("on", name(event)), where(holds))
            return happens if pattern is None else join(happens, Line(), _pattern(pattern))
        case Every(day, at):
            return phrase("every", day, "at", literal(at))
        case Monthly(day, at):
            return phrase("on day", literal(day), "of every month at", literal(at))
        case Nth(which, day, of, at):
            return phrase("on", which, day, "of every", of, "at", literal(at))
        case Hourly(minute):
            return phrase("every hour at", f":{minute:02}")
        case EveryWeeks(length, day, at):
            return phrase("every", literal(length), "on", name(day), "at", literal(at))
        case Once(at):
            return phrase("at", literal(at))
        case WhenBalance(wallet, amount):
            held = call("balance", name(wallet))
            return phrase("when", held, "reaching", literal(amount))
        case OnFestival(festival, at):
            return phrase("on festival", name(festival), "at", literal(at))
        case Timer(length, before, moment, at, ends):
            measured = phrase(literal(length), "before" if before else "after", _moment(moment))
            fires = measured if at is None else phrase(measured, "at", literal(at))
            return fires if ends is None else join(fires, Line(), _unless(ends))
        case Entering():
            return _entering(node)
    assert_never(node)


def _moment(node: Moment) -> Doc:
    """`invest.matures_on`, `anniversary of birth_date`."""
    owner = node.owner
    named = name(node.name) if owner is None else join(name(owner), field_of(node.name))
    return phrase("anniversary of", named) if node.anniversary else named


def _unless(node: Unless) -> Doc:
    """`unless invest where renews = event.key`."""
    return join(phrase("unless", name(node.event)), where(node.where))


def _entering(node: Entering) -> Doc:
    """`when entering stage retail.dormant for 3 days, every day at 06:00`."""
    verb = "when leaving" if node.leaving else "when entering"
    match node.of:
        case StageRef():
            of = phrase("stage", stage_ref(node.of))
        case _:
            of = phrase("audience", name(node.of))
    lasting = NOTHING if node.lasting is None else phrase("for", literal(node.lasting))
    moved = phrase(verb, of, lasting)
    return join(moved, Word(","), Group(join(Line(), _trigger(node.schedule))))


def _pattern(node: Pattern) -> Doc:
    """`reaching 3 customers per team_id within 72 hours`."""
    of = NOTHING if node.of is None else after_number(node.of)
    field = NOTHING if node.field is None else name(node.field)
    if node.of is None and node.field is not None:
        field = phrase("of", field)
    key = NOTHING if node.key is None else phrase("per", name(node.key))
    row = phrase("in a row") if node.in_a_row else NOTHING
    within = NOTHING if node.within is None else phrase("within", literal(node.within))
    each = NOTHING if node.each is None else phrase("each", node.each)
    verb = "every" if node.every else "reaching"
    return phrase(verb, literal(node.amount), of, field, key, row, within, each)


def _opening(node: OpenMonthly) -> Doc:
    time = NOTHING if node.from_time is None else phrase("at", literal(node.from_time))
    start = phrase("open every month from day", literal(node.from_day), time)
    return phrase(start, "to day", literal(node.to_day))
