"""A diff is empty exactly when two plans mean the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from campaigner.compiler.diff.changes import changes
from campaigner.compiler.plan import Audience, Campaign, Plan
from campaigner.compiler.plan.expressions import AudienceValue, Operation, Origin
from campaigner.compiler.plan.steps import steps_of
from campaigner.dsl.diagnostics.source import SourceFile
from campaigner.dsl.formatting.formatter import format_tree
from campaigner.dsl.parsing.parser import parse
from hypothesis import assume, given, note
from hypothesis import strategies as st

from ..strategies import Wanted, cases, projects
from . import at_most
from .cases import compile_case, plan_of, to_json
from .engines import reference

Path = tuple[str | int, ...]

# --- edits without a meaning --------------------------------------------------------------------


@at_most(5)
@given(projects())
def test_another_layout_is_no_change(files):
    plan = plan_of(files)
    formatted = format_tree(parse(SourceFile("all.campaign", files["all.campaign"])))
    moved = {**files, "all.campaign": f"# moved down\n\n{formatted}# the end\n"}
    assert changes(plan, plan_of(moved)) == ()


@at_most(10)
@given(projects(Wanted(campaigns=1, timers=4)), st.sampled_from(["0 days", "0 weeks"]))
def test_nothing_before_is_nothing_after(files, written):
    text = files["all.campaign"]
    assume("0 days after" in text or "0 days before" in text)
    both = (text.replace("0 days after", f"{written} {side}") for side in ("before", "after"))
    one, other = (plan_of({**files, "all.campaign": text}) for text in both)
    assert changes(one, other) == ()


def mapped(value: Any, turn: Callable[[Any], Any]) -> Any:
    """The same part of a plan with `turn` applied to each node, from the leaves up."""
    if isinstance(value, tuple):
        return tuple(mapped(one, turn) for one in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, Origin | type):
        fields = {f.name: mapped(getattr(value, f.name), turn) for f in dataclasses.fields(value)}
        return turn(replace(value, **fields))
    return value


MIRRORED = {"less": "greater", "greater": "less", "at_most": "at_least", "at_least": "at_most"}


def written_otherwise(data: st.DataObject, node: Any) -> Any:
    """The same condition as another author would write it."""
    if isinstance(node, Origin):
        return node
    match node:
        case Operation(operator="and" | "or", arguments=arguments):
            shuffled = data.draw(st.permutations(arguments))
            return replace(node, arguments=(*shuffled, shuffled[0]))
        case Operation(operator="equal" | "not_equal", arguments=(one, other)):
            return replace(node, arguments=(other, one))
        case Operation(operator=operator, arguments=(one, other)) if operator in MIRRORED:
            return replace(node, operator=MIRRORED[operator], arguments=(other, one))
        case Operation(operator="in", arguments=(one, *others)):
            return replace(node, arguments=(one, *data.draw(st.permutations(others))))
        case AudienceValue(audience=name):
            return replace(node, audience=f"{name}_renamed")
        case Audience(name=name):
            return replace(node, name=f"{name}_renamed", label="Another label")
        case Campaign():
            shares = tuple(replace(one, audience=f"{one.audience}_renamed") for one in node.shares)
            eligibility = tuple(data.draw(st.permutations(node.eligibility)))
            return replace(node, shares=shares, eligibility=eligibility, owner="somebody else")
        case _:
            return node


@at_most(10)
@given(cases(), st.data())
def test_conditions_written_otherwise_mean_the_same(case, data):
    """The reference decides as before, and the diff is empty."""
    note(to_json(case))
    plan = compile_case(case)
    edited = mapped(plan, lambda node: written_otherwise(data, node))
    assert changes(plan, edited) == ()
    assert changes(edited, plan) == ()
    for key, _, _ in steps_of(plan):
        due = case.due(plan, *key)
        assert decided(edited, case, due) == decided(plan, case, due)


def decided(plan: Plan, case: Any, due: Any) -> list[Any]:
    return [
        (one.identity, one.at, one.lines, one.deliver_at, one.held_out, one.share, one.keys)
        for one in reference(plan, due_campaign(plan), case, due)
    ]


def due_campaign(plan: Plan) -> str:
    return plan.campaigns[0].name


# --- edits with a meaning -----------------------------------------------------------------------

MEANINGLESS = frozenset(
    {
        ("Campaign", "label"),  # unless a message shows it
        ("Campaign", "owner"),
        ("Campaign", "goal"),
        ("Campaign", "renamed"),
        ("Campaign", "policies"),  # what a policy demands is in the campaign's own clauses
        ("Lifecycle", "label"),
        ("Stage", "label"),
        ("Audience", "label"),
        ("Audience", "name"),
        ("Pool", "label"),
        ("Eligibility", "clause"),  # all of them are conditions of the audience
        ("Check", "policy"),
        ("Check", "because"),
        ("QuietHours", "policy"),
        ("ChoiceLine", "value"),
        ("ChoiceLine", "cost"),
        ("Holiday", "provisional"),
        ("CustomerField", "field"),  # its id is the field's name
        ("Column", "label"),
        ("Column", "minimum"),
        ("Column", "maximum"),
        ("Plan", "language"),
        ("Plan", "format_version"),
    }
)
"""Fields that decide nothing: for people alone, or found again in others."""

DERIVED = frozenset({"kind", "type", "optional", "id", "origin"})
"""Fields that follow from others: no edit of a file changes one of them alone."""

NAMES = frozenset(
    {
        "lifecycle",
        "feature",
        "audience",
        "name",
        "benefit",
        "account",
        "owner",
        "owner_kind",
        "operator",
        "tasks",
        "events",
        "event",
        "parent",
        "message_caps",
        "options",
        "steps",
        "step",
        "unless_reached",
        "following",
        "columns",
        "past_of",
        "since",
    }
)
"""References: a plan in which one of them alone is another is broken."""


def leaves(value: Any, path: Path = (), owner: str = "") -> Iterator[tuple[Path, Any]]:
    """The values of a plan that an edit may change, with the way to each."""
    if isinstance(value, tuple):
        for place, one in enumerate(value):
            yield from leaves(one, (*path, place), owner)
    elif dataclasses.is_dataclass(value) and not isinstance(value, Origin | type):
        kind = type(value).__name__
        for field in dataclasses.fields(value):
            name = field.name
            if (kind, name) not in MEANINGLESS and name not in DERIVED | NAMES:
                if kind.endswith("Type") or (kind in ("Column", "EventTable")):
                    continue
                yield from leaves(getattr(value, name), (*path, name), kind)
    elif value is not None:
        yield path, value


UNITS = ("hour", "day", "week", "month", "quarter", "year", "hour")
"""Each unit of time before another one."""


def another(value: Any) -> Any:
    """Another value of the same kind."""
    match value:
        case str() if value in UNITS:
            return UNITS[UNITS.index(value) + 1]
        case bool():
            return not value
        case int():
            return value + 1
        case Decimal():
            return value + Decimal("0.01")
        case datetime():
            return value - timedelta(hours=1)
        case date():
            return value - timedelta(days=1)
        case time():
            return value.replace(minute=(value.minute + 1) % 60)
        case _:
            return f"{value}1"


def changed(value: Any, path: Path, new: Any) -> Any:
    """The plan with another value at the end of a path."""
    if not path:
        return new
    first, *rest = path
    if isinstance(value, tuple):
        assert isinstance(first, int)
        inner = changed(value[first], tuple(rest), new)
        return (*value[:first], inner, *value[first + 1 :])
    return replace(value, **{str(first): changed(getattr(value, str(first)), tuple(rest), new)})


@at_most(10)
@given(projects(), st.data())
def test_every_value_of_a_plan_counts(files, data):
    plan = plan_of(files)
    known = list(leaves(plan))
    for path, value in data.draw(st.lists(st.sampled_from(known), min_size=4, max_size=8)):
        edited = changed(plan, path, another(value))
        note(f"{path}: {value} is {another(value)}")
        assert changes(plan, edited) != ()
        assert changes(edited, plan) != ()


@at_most(8)
@given(projects(), st.data())
def test_a_part_that_is_gone_shows(files, data):
    plan = plan_of(files)
    parts = [
        (("campaigns", place, name), getattr(one, name))
        for place, one in enumerate(plan.campaigns)
        for name in ("eligibility", "checks", "shares", "quiet_hours", "message_caps")
        if getattr(one, name)
    ]
    parts += [
        ((*("campaigns", place, "steps", number), name), getattr(step, name))
        for place, one in enumerate(plan.campaigns)
        for number, step in enumerate(one.steps)
        for name in ("messages", "charges")
        if getattr(step, name)
    ]
    parts += [(("campaigns",), plan.campaigns), (("accounts",), plan.accounts)]
    path, values = data.draw(st.sampled_from([one for one in parts if one[1]]))
    gone = data.draw(st.integers(0, len(values) - 1))
    left = (*values[:gone], *values[gone + 1 :])
    assume(values[gone] not in left)
    edited = changed(plan, path, left)
    note(f"{path} without {values[gone]}")
    assert changes(plan, edited) != ()
    assert changes(edited, plan) != ()
