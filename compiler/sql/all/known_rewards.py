"""Campaigns whose rewards are constants: their possible rewards form one numbered table.

A campaign whose schedule fires once needs no rows of its own. Each customer gets a list of numbers
of rows in that table. Facts are therefore read once, however many campaigns there are.
`decisions.py` writes campaigns whose amounts are computed per customer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from sqlglot import exp

from ...dialects.common.dialect import Dialect
from ...dialects.common.literals import as_text
from ...dialects.common.moments import Single
from ...dialects.common.terms import all_true, column, number, operand, text
from ...plan import RewardLine
from ...plan.chance import joined
from ...plan.expressions import Constant, Origin
from ...plan.steps import StepKey
from ...plan.types import MoneyType, ValueType
from .. import rewards
from ..comments import noted, place, places
from ..ctes import Job, Statement, Task
from ..decisions import has_own_columns, held_out, ticket
from ..histories.at_instant import single
from ..translate import Scope
from .blocks import Everybody, Option, by_blocks

Row = dict[str, exp.Expr]

OPTION, SEED = "option", "seed"
"""The number of what a customer gets; and what its key is joined to for the hash that says whose
turn it is."""

MANY = 400
"""More options than that are worked out for 62 customers at once."""


@dataclass(frozen=True, slots=True)
class Options:
    """The possible rewards of a campaign.

    `chosen` is the index of the customer's option, from zero; NULL for none. `rows` has the columns
    of each option. `further` are names and types of the cells that not all campaigns have.
    """

    chosen: exp.Expr
    conditions: tuple[exp.Expr, ...]
    rows: tuple[tuple[int, Row], ...]
    further: tuple[tuple[str, ValueType], ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """A campaign with options, and for which rows of the facts it holds.

    `stage`: what is asked of the stage that a customer is in, and by whom. Most customers are in
    another, of whom nothing else need be asked.
    """

    task: Task
    job: Job
    conditions: tuple[exp.Expr, ...]
    options: Options
    stage: tuple[exp.Expr | None, tuple[Origin, ...]]


Optional = Callable[[Task, Job, Scope], Options | None]
"""The options of a campaign; `None` if the campaign needs rows of its own."""


def options_to_show(task: Task, job: Job, scope: Scope) -> Options | None:
    """As people read them: a row for each line."""
    if not _is_plain(job, ()):
        return None
    dialect, plan, reward = task.dialect, task.plan, job.step.reward
    type_ = dialect.type_of(MoneyType(plan.currency))
    rows: list[tuple[int, Row]] = []
    if reward is None:
        empty = exp.cast(exp.Null(), dialect.text_type())
        nothing = exp.cast(exp.Null(), type_)
        rows.append((0, _line_row(job, empty, nothing, empty.copy(), 0)))
    else:
        made = {(one.branch, one.line): one for one in rewards.amounts(reward, scope, task.goods)}
        if not all(one.always for one in made.values()):
            return None
        for line in rewards.public_lines(reward, task.goods, scope):
            if line.fixed is not None:
                amount = dialect.decimal(line.fixed)
            else:
                amount = made[line.branch, line.line].term.expression
                amount = exp.Neg(this=operand(amount)) if line.leaves else amount
            shown = exp.cast(amount, type_.copy(), copy=False)
            words = text(line.reward), shown, text(line.currency), line.line
            rows.append((line.branch, _line_row(job, *words)))
    held = []
    if job.campaign.holds_out:
        held.append(exp.Not(this=exp.Paren(this=held_out(task, job, column("customer")))))
    return Options(_branch(task, job, scope), tuple(held), tuple(rows))


def _line_row(job: Job, reward: exp.Expr, amount: exp.Expr, currency: exp.Expr, line: int) -> Row:
    return {
        "step": text(job.step.name),
        "reward": reward,
        "amount": amount,
        "currency": currency,
        "line": number(line),
    }


def options_to_run(task: Task, job: Job, scope: Scope) -> Options | None:
    """As the runtime reads them: a row for each branch, and for those who are held out."""
    fallback = job.campaign.when_exhausted.lines
    if not _is_plain(job, fallback) or has_own_columns(task.index, job):
        return None
    dialect, reward = task.dialect, job.step.reward
    made = [] if reward is None else list(rewards.amounts(reward, scope, task.goods))
    if not all(one.always for one in made):
        return None
    terms = {one.name: one.term for one in made}
    terms |= dict(rewards.fallbacks(fallback, scope, task.goods))
    cells = {
        f"cell_{place}": exp.cast(as_text(dialect, term), dialect.text_type())
        for place, term in enumerate(terms.values())
    }
    branches: list[exp.Expr] = [exp.cast(exp.Null(), exp.DataType.Type.INT)]
    if reward is not None:
        branches = [number(place) for place, _ in enumerate(reward.branches)]
    chosen = _branch(task, job, scope)
    rows = [
        (
            place,
            {"step": text(job.step.name), "held_out": exp.false(), "branch": branch, **cells},
        )
        for place, branch in enumerate(branches)
    ]
    if job.campaign.holds_out:
        rows += [
            (len(branches) + place, {**row, "held_out": exp.true()}) for place, row in list(rows)
        ]
        other = exp.Add(this=operand(chosen.copy()), expression=number(len(branches)))
        held = held_out(task, job, column("customer"))
        chosen = exp.Case().when(held, other, copy=False).else_(chosen, copy=False)
    further = tuple((name, term.type) for name, term in terms.items())
    return Options(chosen, (), tuple(rows), further)


def _is_plain(job: Job, fallback: Sequence[RewardLine]) -> bool:
    """Whether who gets it, how much and in which turn is known of everybody beforehand."""
    reward = job.step.reward
    lines = [*fallback]
    if reward is not None:
        if reward.recipient is not None or reward.each:
            return False
        lines += [line for branch in reward.branches for line in branch.lines]
    computed = [line.amount for line in lines if line.amount is not None]
    return not job.campaign.shares and all(isinstance(one, Constant) for one in computed)


def _branch(task: Task, job: Job, scope: Scope) -> exp.Expr:
    reward = job.step.reward
    if reward is None:
        return number(0)
    drawn = ticket(task, job, column("customer"), text(_occurrence(single(task))))
    return rewards.branch_of(reward, scope, drawn)


def _occurrence(single: Single) -> str:
    return single.instant.astimezone(single.clock.zone).isoformat()


# --- in one statement ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of decisions, before their columns are chosen.

    The SELECT offers `customer` and the columns of the options. `lines` is whether a decision has
    several rows, numbered by `line`.
    """

    select: exp.Select
    lines: bool


def _chosen(statement: Statement, who: Everybody, listed: Sequence[Listed]) -> str:
    """The CTE with a row for each customer and each option that it gets."""
    firsts = list(accumulate(map(_count, listed), initial=0))
    numbered = list(zip(firsts, listed, strict=False))
    many = firsts[-1] > MANY
    apart = [(first, one) for first, one in numbered if many and not _is_hashed(one)]
    others = [(first, one) for first, one in numbered if not many or _is_hashed(one)]
    parts: list[exp.Select] = []
    if apart:
        options = [option for first, one in apart for option in _options(first, one)]
        parts.append(by_blocks(statement, who, options, OPTION))
    if others:
        parts.append(_each_known(statement, who.facts, others))
    union = exp.union(*parts, distinct=False, copy=False) if parts[1:] else parts[0]
    return statement.add("chosen", union, "who gets which of the options")


def _each_known(
    statement: Statement, facts: str, listed: Sequence[tuple[int, Listed]]
) -> exp.Select:
    """The options from a list of each customer."""
    numbers: dict[exp.Expr | None, list[exp.Expr]] = {}
    origins: dict[exp.Expr | None, list[Origin]] = {}
    for first, one in listed:
        which = one.options.chosen
        if first:
            which = exp.Add(this=number(first), expression=operand(which))
        if isinstance(one.options.chosen, exp.Literal):
            which = number(first + int(one.options.chosen.name))
        if one.conditions or one.options.conditions:
            every = (*one.conditions, *one.options.conditions)
            which = exp.Case().when(all_true(*every), which, copy=False)
        stage, asking = one.stage
        numbers.setdefault(stage, []).append(noted(which, _origin(one)))
        origins.setdefault(stage, []).extend(asking)
    groups = [
        (stage and noted(stage.copy(), f"stage: {places(origins[stage])}"), some)
        for stage, some in numbers.items()
    ]
    each = statement.dialect.each_known(groups)
    select = exp.select(column("customer"), exp.alias_(each, OPTION, copy=False))
    return select.from_(exp.to_identifier(facts), copy=False)


def _options(first: int, one: Listed) -> Iterator[Option]:
    """The options of a campaign, each with all its conditions."""
    stage, chosen = one.stage[0], one.options.chosen
    every = [*one.conditions, *one.options.conditions]
    if stage is not None:
        every.append(stage)
    failing: list[exp.Expr] = []
    last: exp.Expr | None = chosen
    if isinstance(chosen, exp.Case):
        for branch in chosen.args["ifs"]:
            place_ = int(branch.args["true"].name)
            yield Option(first + place_, [*every, branch.this], [*failing], _origin(one))
            failing.append(branch.this)
        last = chosen.args.get("default")
    if last is not None:
        yield Option(first + int(last.name), every, failing, _origin(one))


def _is_hashed(one: Listed) -> bool:
    """Whether a hash decides, which is not worked out of those who get nothing anyway."""
    reward = one.job.step.reward
    return one.job.campaign.holds_out or (reward is not None and reward.draws)


def _origin(one: Listed) -> str:
    campaign = one.job.campaign
    return f"{campaign.name}: {place(campaign.origin)}"


def _count(one: Listed) -> int:
    return 1 + max(place for place, _ in one.options.rows)


def rows_of(
    statement: Statement,
    who: Everybody,
    listed: Sequence[Listed],
    turns: Mapping[StepKey, int],
) -> Rows:
    """The rows of all these campaigns; the caller selects columns."""
    which = _chosen(statement, who, listed)
    words = statement.dialect.text_type()
    titles = dict.fromkeys(title for one in listed for _, row in one.options.rows for title in row)
    rows: list[list[exp.Expr]] = []
    first = 0
    for one in listed:
        name, moments = one.job.campaign.name, single(one.task)
        for place_, row in one.options.rows:
            cells = [row.get(title) or exp.cast(exp.Null(), words.copy()) for title in titles]
            rows.append(
                [
                    number(first + place_),
                    text(name),
                    text(_occurrence(moments)),
                    one.task.dialect.timestamp(moments.instant),
                    number(turns[one.job.key]),
                    text(joined("order", name, _occurrence(moments), "")),
                    *cells,
                ]
            )
        first += _count(one)
    every = (OPTION, "campaign", "occurrence", "moment", "campaign_turn", SEED, *titles)
    table = statement.dialect.table_of("every", every, rows)
    options = statement.add("options", table, "what campaigns give")
    same = exp.EQ(this=column(OPTION, options), expression=column(OPTION, which))
    select = exp.select().from_(exp.to_identifier(which)).join(exp.to_identifier(options), on=same)
    return Rows(select, any(len(one.options.rows) > _count(one) for one in listed))


def turn_of(dialect: Dialect) -> exp.Expr:
    """The text whose order decides whose turn it is."""
    return dialect.md5(dialect.joined(column(SEED), column("customer")))
