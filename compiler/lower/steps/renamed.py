"""Steps that were renamed: the plan has them under the names that the ledger knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from ... import plan
from ...plan.expressions import EventValue

_P = TypeVar("_P")


def with_old_names(campaign: plan.Campaign, old: Mapping[str, str]) -> plan.Campaign:
    """The campaign in which each step has the name that the ledger knows: `old` of the new one."""
    return _renamed(campaign, old) if old else campaign


def _renamed(part: _P, old: Mapping[str, str]) -> _P:
    changed: Any = part
    match part:
        case EventValue(field=name) if "." in name:
            step, _, field = name.partition(".")
            return replace(part, field=f"{old.get(step, step)}.{field}")
        case tuple():
            return type(part)(_renamed(one, old) for one in part)
        case plan.Step():
            changed = replace(part, name=old.get(part.name, part.name))
        case plan.Following():
            follows = tuple(old.get(name, name) for name in part.steps)
            barred = tuple(old.get(name, name) for name in part.unless_reached)
            changed = replace(part, steps=follows, unless_reached=barred)
        case plan.Deadline(step=str(name)):
            changed = replace(part, step=old.get(name, name))
        case plan.SpanAfterStep() | plan.DayAfterStep():
            changed = replace(part, step=old.get(part.step, part.step))
        case _:
            pass
    if not is_dataclass(changed) or isinstance(changed, type):
        return part
    inner = {one.name: getattr(changed, one.name) for one in fields(changed) if one.init}
    new = {name: _renamed(value, old) for name, value in inner.items()}
    differs = {name: value for name, value in new.items() if value is not inner[name]}
    made: Any = replace(changed, **differs)
    return made  # type: ignore[no-any-return]  # of the type of `part`
