"""Random trees: whole campaign files in which every kind of node occurs.

Each tree is the result of parsing some text. So sums hold no bare sums, a `-1` is a `Negative`,
and an identifier is NFKC. Names need not be declared, and types need not fit.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import get_args
from unicodedata import normalize

from campaigner.dsl import tree
from campaigner.dsl.diagnostics.source import SourceFile, Span
from campaigner.dsl.parsing.keywords import KEYWORDS, PHRASES, spelled
from hypothesis import strategies as st

SPAN = Span(SourceFile("made.campaign", ""), 0, 0)


def node(kind, *positional, **named):
    """A strategy for one kind of node, from strategies for its fields."""
    return st.builds(kind, *positional, span=st.just(SPAN), **named)


def some(strategy, least=1, most=3):
    """A tuple of a few."""
    return st.lists(strategy, min_size=least, max_size=most).map(tuple)


def maybe(strategy):
    """It, or nothing."""
    return st.none() | strategy


def one_of_type(alias):
    """One of the words of a `Literal`."""
    return st.sampled_from(get_args(alias))


# ------------------------------------------------------------------ names and literals

IDENTIFIERS = st.one_of(
    st.sampled_from(["aum", "city", "order", "invest", "risk_level", "新客", "points", "x1", "_a"]),
    st.sampled_from(sorted(KEYWORDS)),
    st.sampled_from(sorted({word for each in PHRASES for word in spelled(each).split()})),
    st.sampled_from(["CNY", "hours", "month", "weeks", "leaving", "friday", "no_", "是"]),
    st.from_regex(r"[^\W\d]\w{0,8}", fullmatch=True).map(lambda word: normalize("NFKC", word)),
).filter(lambda word: normalize("NFKC", word) == word and word.isidentifier())

names = node(tree.Name, IDENTIFIERS)
integers = st.one_of(st.integers(0, 20), st.integers(0, 10**9))
whole_numbers = integers.map(Decimal)
decimals = st.decimals(0, 10**9, places=2, allow_nan=False, allow_infinity=False) | st.decimals(
    0, 100, places=1, allow_nan=False, allow_infinity=False
)

counts = node(tree.Number, whole_numbers, st.just(True))
few = node(tree.Number, st.integers(0, 100).map(Decimal), st.just(True))
numbers = counts | node(tree.Number, decimals, st.just(False))
percents = node(tree.Percent, whole_numbers | decimals)
money = node(tree.Money, whole_numbers | decimals, st.sampled_from(["CNY", "USD", "JPY"]))
durations = node(tree.Duration, st.integers(0, 100), one_of_type(tree.DurationUnit))
days = st.dates(date(1900, 1, 1), date(2999, 12, 31))
times = st.builds(time, st.integers(0, 23), st.integers(0, 59))
dates = node(tree.DateLiteral, days)
clock_times = node(tree.TimeLiteral, times)
timestamps = node(tree.TimestampLiteral, st.builds(datetime.combine, days, times))
booleans = node(tree.Boolean, st.booleans())
CHARACTERS = st.characters(exclude_categories=["Cs"]) | st.sampled_from('\\"#{}`\n\r\t ')
texts = node(
    tree.Text,
    st.sampled_from(
        ["新客见面礼", "95xxx", "投资有风险，入市需谨慎", "{{ reward.label }} is here", ""]
    )
    | st.text(CHARACTERS, max_size=12),
)

literals = st.one_of(
    numbers, percents, money, durations, dates, timestamps, clock_times, booleans, texts
)

# ------------------------------------------------------------------ expressions

stage_refs = node(tree.StageRef, maybe(names), names)
members = node(tree.Member, names, names)

leaves = st.one_of(
    literals,
    node(tree.NameRef, names),
    members,
    node(tree.Now),
    node(tree.Today),
    node(tree.StageIs, some(stage_refs), st.booleans()),
    node(tree.ArmIs, names),
)


def windows(inner):
    """Windows of a history."""
    return st.one_of(
        node(tree.WindowLast, durations),
        node(tree.WindowCalendar, one_of_type(tree.CalendarUnit), st.booleans()),
        node(tree.WindowBeforeEvent),
        node(tree.WindowSince, inner),
    )


NO_FIELD = st.none()


def histories(inner, fields=NO_FIELD):
    """Events of a history; those of the ledger (`received`) may name a step."""
    where, window = maybe(inner), maybe(windows(inner))
    return st.one_of(
        node(tree.History, names, fields, where=where, window=window),
        node(tree.History, names, maybe(names), received=st.just(True), where=where, window=window),
    )


@st.composite
def runs(draw, inner):
    """`a + b - c`: a run of operators of one precedence."""
    sign = st.sampled_from(draw(st.sampled_from(["+-", "*/"])))
    rest = draw(some(st.tuples(sign, inner), most=2))
    return tree.Arithmetic(draw(inner), rest, span=SPAN)


def conditions_over(inner):
    """A condition one step above its parts."""
    return st.one_of(
        node(tree.Not, inner),
        node(tree.And, some(inner, least=2)),
        node(tree.Or, some(inner, least=2)),
        node(tree.Comparison, one_of_type(tree.ComparisonSign), inner, inner, st.booleans()),
        node(tree.Membership, inner, some(inner), st.booleans(), st.booleans()),
        node(tree.Between, inner, inner, inner),
        node(tree.IsKnown, inner, st.booleans()),
        node(tree.Within, inner, st.sampled_from(["last", "next"]), durations),
        node(tree.AnniversaryToday, inner),
        node(tree.AnniversaryWithin, inner, durations),
        node(tree.Has, histories(inner), st.booleans()),
    )


def values_over(inner):
    """A value one step above its parts."""
    return st.one_of(
        runs(inner),
        node(tree.Negative, inner),
        node(tree.Else, some(inner, least=2)),
        node(tree.Extreme, st.sampled_from(["min", "max"]), some(inner, least=2)),
        node(tree.DaysSince, inner),
        node(tree.DaysUntil, inner),
        node(tree.Whole, st.sampled_from(["floor", "ceil", "round"]), inner),
        aggregates(inner),
        node(tree.Balance, names),
        node(tree.Pick, st.sampled_from(["first", "last"]), histories(inner), maybe(names)),
    )


def aggregates(inner):
    """`count(distinct order.product where …)` and the like."""
    past = histories(inner, fields=maybe(names))
    return node(tree.Aggregate, one_of_type(tree.AggregateFunction), past) | node(
        tree.Aggregate, st.just("count"), past, st.just(True)
    )


expressions = st.recursive(
    leaves, lambda inner: conditions_over(inner) | values_over(inner), max_leaves=8
)

# ------------------------------------------------------------------ benefits, rewards, budgets

periods = one_of_type(tree.CapPeriod)
stocks = node(tree.Stock, counts, maybe(periods))
expirations = node(tree.ExpiresAfter, durations, st.sampled_from([None, True, False]))

benefits = node(
    tree.Benefit,
    names,
    maybe(texts),
    some(
        st.one_of(
            node(tree.BenefitKind, names),
            node(tree.BenefitValue, expressions | node(tree.Computed, money)),
            node(tree.BenefitCost, expressions),
            stocks,
            node(tree.BenefitCodes, names),
            expirations,
        ),
        most=5,
    ),
)

roundings = st.sampled_from((None, *get_args(tree.Whole)))
prices = node(tree.Price, expressions, names, roundings)
choices = node(tree.Choice, counts, some(names), maybe(money))
bundles = node(tree.Bundle, choices.map(lambda one: (one,)), st.none()) | node(
    tree.Bundle,
    some(
        st.one_of(
            node(tree.BenefitReward, names),
            node(tree.WalletReward, expressions, names, roundings),
            node(tree.PerReward, expressions, names, counts | money, expressions),
            node(tree.CashReward, expressions, names, roundings, maybe(money)),
        )
    ),
    maybe(prices),
)


@st.composite
def rewards_by(draw):
    """Branches with conditions, and perhaps an `otherwise` at the end."""
    branches = draw(some(node(tree.RewardBranch, expressions, bundles)))
    final = draw(some(node(tree.RewardBranch, st.none(), bundles), least=0, most=1))
    return tree.RewardBy(branches + final, draw(maybe(prices)), span=SPAN)


@st.composite
def rewards_draw(draw):
    """Prizes with odds, and perhaps a `rest` at the end."""
    prizes = draw(some(node(tree.Prize, percents, bundles)))
    final = draw(some(node(tree.Prize, st.none(), bundles), least=0, most=1))
    return tree.RewardDraw(prizes + final, draw(maybe(prices)), span=SPAN)


reward_terms = st.one_of(
    node(tree.RewardToEach),
    node(tree.RewardTo, expressions),
    node(tree.Limit, counts, maybe(members), maybe(members), maybe(periods)),
)
takes = node(
    tree.Reward, node(tree.Take, expressions, names, roundings), some(reward_terms, least=0)
)
rewards = takes | node(
    tree.Reward,
    bundles | rewards_by() | rewards_draw(),
    some(
        st.one_of(
            reward_terms,
            node(tree.First, counts, maybe(periods)),
            node(tree.ClaimedOn, names, maybe(expressions), members),
            node(tree.DeliverOn, counts, counts),
            expirations,
        ),
        least=0,
    ),
)

budget_statements = st.one_of(
    node(tree.CapTotal, money),
    node(tree.CapPer, periods, money),
    node(tree.CapPerCustomer, maybe(periods), money),
    stocks,
    node(tree.Share, percents, names),
    node(tree.FromPool, names),
    node(tree.Reserve, percents),
    node(tree.Alert, some(percents)),
    node(tree.WhenExhausted, st.sampled_from(["stop", "waitlist"]), st.none()),
    node(tree.WhenExhausted, st.just("reward"), bundles),
)

pools = node(tree.Pool, names, maybe(texts), some(budget_statements, most=5))

# ------------------------------------------------------------------ policies

applies = st.one_of(
    node(tree.EventHas, names), node(tree.GoalIs, names), node(tree.BudgetOver, money)
)

policy_statements = st.one_of(
    node(tree.Require, expressions, maybe(applies), maybe(texts)),
    node(tree.ForbidPhrase, some(texts)),
    node(tree.ForbidField, names),
    node(tree.Disclose, texts, maybe(applies)),
    node(tree.QuietHours, clock_times, clock_times),
    node(tree.AtMostMessages, counts, durations),
    node(tree.AtMostMoney, money, maybe(periods)),
    node(tree.HoldoutAtLeast, percents),
    node(tree.ApprovalBy, texts, maybe(applies)),
    node(tree.ApprovedBy, texts, dates),
)

policies = node(tree.Policy, names, maybe(texts), some(policy_statements, least=2, most=6))

# ------------------------------------------------------------------ lifecycles, audiences


@st.composite
def lifecycles(draw):
    """The three kinds; a ladder's first stage needs no condition."""
    kind = draw(st.sampled_from(["conditions", "ladder", "score"]))
    condition = {"conditions": expressions, "ladder": maybe(expressions), "score": st.none()}[kind]
    threshold = expressions if kind == "score" else st.none()
    stages = some(node(tree.Stage, names, maybe(texts), condition, threshold), most=4)
    score = expressions if kind == "score" else st.none()
    return tree.Lifecycle(
        draw(names), draw(maybe(texts)), kind, draw(score), draw(stages), span=SPAN
    )


audiences = node(tree.Audience, names, maybe(texts), expressions)

# ------------------------------------------------------------------ campaigns
no, none = st.just(False), st.none()
spans = (maybe(durations), maybe(one_of_type(tree.PatternPeriod)))
day_counts = node(tree.Duration, st.integers(0, 100), st.just("day"))
patterns = st.one_of(
    node(tree.Pattern, no, counts, names, maybe(names), maybe(names), no, *spans),
    node(tree.Pattern, st.just(True), counts, names, maybe(names), none, no, *spans),
    node(tree.Pattern, st.booleans(), numbers | money, none, names, none, no, *spans),
    node(tree.Pattern, st.booleans(), day_counts, none, none, none, st.booleans(), *spans),
)
schedules = st.one_of(
    node(tree.Every, st.sampled_from(["day", *get_args(tree.Weekday)]), clock_times),
    node(tree.Monthly, counts, clock_times),
    node(
        tree.Nth,
        st.sampled_from(get_args(tree.Which)),
        st.sampled_from(["day", *get_args(tree.Weekday)]),
        st.sampled_from(["month", "quarter"]),
        clock_times,
    ),
    node(tree.Hourly, st.integers(0, 99)),
    node(tree.EveryWeeks, durations, names, clock_times),
    node(tree.Once, timestamps),
    node(tree.WhenBalance, names, counts),
    node(tree.OnFestival, names, clock_times),
)
moments = st.one_of(
    node(tree.Moment, maybe(names), names, no),
    node(tree.Moment, maybe(names), names, st.just(True)),
)
unless = node(tree.Unless, names, maybe(expressions))
timers = node(tree.Timer, durations, st.booleans(), moments, maybe(clock_times), maybe(unless))
openings = node(tree.OpenMonthly, counts, maybe(clock_times), counts)
triggers = node(
    tree.Trigger,
    node(tree.OnEvent, names, maybe(expressions), maybe(patterns)) | timers,
    maybe(openings),
) | node(tree.Trigger, schedules, st.none())

messages = node(tree.Message, names, texts, some(node(tree.Message, names, texts), least=0))
parts = some(rewards | messages, least=0, most=2)
events = node(tree.OnEvent, names, maybe(expressions), maybe(patterns))
tasks = node(
    tree.Tasks,
    some(
        st.one_of(
            node(
                tree.Task,
                *(names, maybe(texts), maybe(one_of_type(tree.TaskPeriod)), events),
                *(maybe(names), parts),
            ),
            node(tree.AllDone, maybe(periods), parts),
        ),
        least=0,
    ),
)

measures = node(
    tree.Measures,
    some(
        st.one_of(
            node(tree.Conversion, names, maybe(expressions), durations),
            node(tree.Revenue, expressions, durations),
            node(tree.Success, stage_refs, durations),
            node(tree.Guard, percents, names, maybe(expressions), durations),
        ),
        least=0,
    ),
)
targets = node(tree.GoalCount, numbers, names) | node(tree.GoalSum, money, members)

clauses = st.one_of(
    node(tree.Owner, texts),
    node(tree.Goal, names, maybe(targets)),
    node(tree.Peak, dates | timestamps, dates | timestamps),
    node(tree.Active, dates | timestamps, dates | timestamps),
    node(tree.StageClause, some(stage_refs)),
    node(tree.AudienceClause, expressions),
    triggers,
    tasks,
    rewards,
    node(tree.BudgetClause, some(budget_statements, most=5)),
    messages,
    node(tree.Compliance, some(node(tree.Follows, some(names)) | policy_statements)),
    node(tree.Priority, counts),
    node(tree.ReversedOn, names, maybe(expressions), members),
    node(tree.ReversedOn, names, maybe(expressions), members, members, names),
    node(tree.LateWithin, st.sampled_from(("late events", "catch up")), durations),
    node(tree.WhilePaused, st.sampled_from(("lapse", "resume"))),
    measures,
    node(tree.PauseWhen, names, percents, maybe(counts), durations, maybe(texts)),
    node(tree.PauseWhen, names, percents, st.none(), st.none(), maybe(texts)),
    node(tree.PauseWhen, names, counts, st.none(), durations, maybe(texts)),
    node(tree.ExclusiveWith, some(names), st.booleans()),
    node(tree.RenamedFrom, names),
    node(tree.Appeal, texts),
    node(tree.SettledWithin, few, st.booleans()),
    node(
        tree.Experiment,
        names,
        some(
            node(tree.Holdout, percents) | node(tree.Split, some(node(tree.Arm, names, percents))),
            least=0,
        ),
    ),
)

campaigns = node(tree.Campaign, names, maybe(texts), some(clauses, least=2, most=8))

others = st.one_of(lifecycles(), audiences, benefits, pools, policies)

# Campaigns have most of the syntax, so they are as many as all others together.
campaign_files = node(
    tree.CampaignFile,
    st.builds(lambda first, more: first + more, some(others, least=0), some(campaigns))
    | some(others, least=0),
)
