"""Well-typed conditions and values of the language, as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from hypothesis import strategies as st

from .strategies_catalog import Event, Field, Kind
from .strategies_words import (
    EVERY,
    NUMBERS,
    ORDERED,
    Draw,
    Env,
    Said,
    duration,
    fields,
    literal,
    made_by_one,
    money,
)

# --- values -------------------------------------------------------------------------------------


def value(draw: Draw, env: Env, kind: Kind, depth: int) -> Said:
    """A value of a kind; no deeper than so many levels."""
    known = fields(env, kind)
    makers: list[Callable[[], Said]] = []
    if known:
        makers.append(lambda: draw(st.sampled_from(known)))
    if kind != "enum":
        makers.append(lambda: literal(draw, env, kind))
    if depth > 0:
        makers += _compound(draw, env, kind, depth - 1)
    return made_by_one(draw, makers)


def _compound(draw: Draw, env: Env, kind: Kind, depth: int) -> list[Callable[[], Said]]:
    makers: list[Callable[[], Said]] = []
    if env.row is None:
        makers.append(lambda: history(draw, env, kind, depth))
        makers.append(lambda: history(draw, env, kind, depth))
    if kind in ("integer", "decimal", "money"):
        makers.append(lambda: _arithmetic(draw, env, kind, depth))
        makers.append(lambda: _negative(draw, env, kind, depth))
    if kind in ("date", "timestamp"):
        makers.append(lambda: _moved(draw, env, kind, depth))
    if kind in ORDERED:
        makers.append(lambda: _extreme(draw, env, kind, depth))
    if kind == "integer":
        makers.append(lambda: _days_since(draw, env, depth))
        makers.append(lambda: _whole(draw, env, depth))
    makers.append(lambda: _else(draw, env, kind, depth))
    return makers


def _arithmetic(draw: Draw, env: Env, kind: Kind, depth: int) -> Said:
    sign = draw(st.sampled_from("+-*/" if kind != "integer" else "+-*"))
    part = kind
    other = kind
    if kind == "money" and sign in "*/":
        other = draw(st.sampled_from(NUMBERS))
    if kind == "decimal" and sign == "/":
        part = draw(st.sampled_from((*NUMBERS, "money")))
        other = "money" if part == "money" else draw(st.sampled_from(NUMBERS))
    elif kind == "decimal":
        other = draw(st.sampled_from(NUMBERS))
    left = value(draw, env, part, depth)
    if sign == "/":
        right = _divisor(draw, env, other, depth)
        doubt = left.doubt or right.doubt
        return Said(f"{left.inner} / {right.inner}", doubt, False)
    right = value(draw, env, other, depth)
    if kind == "decimal" and sign == "*" and draw(st.booleans()):
        return Said(f"5% of {left.inner}", left.doubt, False)
    return Said(f"{left.inner} {sign} {right.inner}", left.doubt or right.doubt, False)


def _negative(draw: Draw, env: Env, kind: Kind, depth: int) -> Said:
    operand = value(draw, env, kind, depth)
    return Said(f"-{operand.inner}", operand.doubt, not operand.text.startswith("-"))


def _divisor(draw: Draw, env: Env, kind: Kind, depth: int) -> Said:
    """A divisor: a literal that is not zero, or something that may well be zero."""
    if draw(st.booleans()):
        literals = {"integer": "3", "decimal": "0.7", "money": money(env.catalog, "3")}
        return Said(literals[kind])
    known = value(draw, env, kind, depth)
    if known.text[0].isdigit():
        return Said({"integer": "7", "decimal": "1.5"}.get(kind, money(env.catalog, "8")))
    return replace(known, doubt=True)


def _moved(draw: Draw, env: Env, kind: Kind, depth: int) -> Said:
    start = value(draw, env, kind, depth)
    if not start.whole:
        # SQLite's parser has no room for an instant that is moved twice on a zone's clock.
        start = value(draw, env, kind, 0)
    sign = draw(st.sampled_from("-+"))
    return Said(f"{start.inner} {sign} {duration(draw, env)}", start.doubt, False)


def _extreme(draw: Draw, env: Env, kind: Kind, depth: int) -> Said:
    which = draw(st.sampled_from(("min", "max")))
    parts = [value(draw, env, kind, depth) for _ in range(draw(st.integers(2, 3)))]
    joined = ", ".join(part.text for part in parts)
    return Said(f"{which}({joined})", any(part.doubt for part in parts))


def _else(draw: Draw, env: Env, kind: Kind, depth: int) -> Said:
    first = value(draw, env, kind, depth)
    second = literal(draw, env, kind) if draw(st.booleans()) else value(draw, env, kind, 0)
    return Said(f"{first.inner} else {second.inner}", first.doubt and second.doubt, False)


def _days_since(draw: Draw, env: Env, depth: int) -> Said:
    kind: Kind = draw(st.sampled_from(("date", "timestamp")))
    moment = value(draw, env, kind, depth)
    word = draw(st.sampled_from(("since", "until")))
    return Said(f"days {word} {moment.inner}", moment.doubt, False)


def _whole(draw: Draw, env: Env, depth: int) -> Said:
    which = draw(st.sampled_from(("floor", "ceil", "round")))
    number = value(draw, env, draw(st.sampled_from(("decimal", "decimal", "integer"))), depth)
    return Said(f"{which}({number.text})", number.doubt)


# --- histories ----------------------------------------------------------------------------------


def history(draw: Draw, env: Env, kind: Kind, depth: int) -> Said:
    """An aggregate, or a field of the first or last event."""
    event = draw(st.sampled_from(env.catalog.events))
    named = [one for one in event.fields if one.kind == kind]
    makers: list[Callable[[], Said]] = []
    if kind == "integer":
        makers.append(lambda: _counted(draw, env, event, depth))
    if named:
        makers.append(lambda: _picked(draw, env, event, draw(st.sampled_from(named)), depth))
    if kind == "timestamp":
        at = Field("at", "timestamp")
        makers.append(lambda: _picked(draw, env, event, at, depth))
        makers.append(lambda: _aggregated(draw, env, event, at, ("min", "max"), depth))
    if kind in ("integer", "decimal", "money") and named:
        functions = ("sum", "min", "max") if kind == "integer" else ("sum", "min", "max", "average")
        makers.append(
            lambda: _aggregated(draw, env, event, draw(st.sampled_from(named)), functions, depth)
        )
    if kind == "date" and named:
        makers.append(
            lambda: _aggregated(
                draw, env, event, draw(st.sampled_from(named)), ("min", "max"), depth
            )
        )
    if kind == "decimal":
        whole = [one for one in event.fields if one.kind == "integer"]
        average = [lambda: _aggregated(draw, env, event, whole[0], ("average",), depth)]
        makers += average if whole else []
    if not makers:
        return value(draw, env, kind, 0)
    return made_by_one(draw, makers)


def _counted(draw: Draw, env: Env, event: Event, depth: int) -> Said:
    if env.granted and draw(st.integers(0, 3)) == 3:
        if draw(st.booleans()):
            return Said("balance(points)")
        name = draw(st.sampled_from(env.granted))
        return Said(f"count(received({name}){window(draw, env, depth)})")
    looked = f"{where(draw, env, event, depth)}{window(draw, env, depth)}"
    if draw(st.booleans()):
        field = draw(st.sampled_from((*event.fields, event.at)))
        return Said(f"count(distinct {event.name}.{field.written}{looked})")
    return Said(f"count({event.name}{looked})")


def _aggregated(
    draw: Draw, env: Env, event: Event, field: Field, functions: Sequence[str], depth: int
) -> Said:
    function = draw(st.sampled_from(functions))
    looked = f"{where(draw, env, event, depth)}{window(draw, env, depth)}"
    return Said(f"{function}({event.name}.{field.written}{looked})", function != "sum")


def _picked(draw: Draw, env: Env, event: Event, field: Field, depth: int) -> Said:
    which = draw(st.sampled_from(("last", "first")))
    looked = f"{where(draw, env, event, depth)}{window(draw, env, depth)}"
    shown = f".{field.written}" if field.name != "at" or draw(st.booleans()) else ""
    return Said(f"{which}({event.name}{looked}){shown}", True)


def where(draw: Draw, env: Env, event: Event, depth: int) -> str:
    """An empty text, or a condition on the events that count."""
    if not draw(st.booleans()):
        return ""
    return f" where {condition(draw, _inside(env, event), min(depth, 1)).text}"


def _inside(env: Env, event: Event) -> Env:
    return replace(env, row=event, bare=False, audiences=(), stages=(), granted=())


def window(draw: Draw, env: Env, depth: int) -> str:
    """An empty text, or a window."""
    units = ["day", "week", "month", "quarter", "year"] if env.calendar else ["day", "week"]
    kinds = ["", "last", "this", "previous", "since"]
    if env.trigger is not None:
        kinds.append("before")
    match draw(st.sampled_from(kinds)):
        case "last":
            return f" in last {duration(draw, env)}"
        case "this":
            return f" this {draw(st.sampled_from(units))}"
        case "previous":
            return f" last {draw(st.sampled_from(units))}"
        case "since":
            kind: Kind = draw(st.sampled_from(("timestamp", "date")))
            return f" since {value(draw, env.without_grants(), kind, min(depth, 1)).inner}"
        case "before":
            return " before event"
        case _:
            return ""


# --- conditions ---------------------------------------------------------------------------------


def condition(draw: Draw, env: Env, depth: int, *, deniable: bool = False) -> Said:
    """A condition; `deniable`: one that may stand under a `not`."""
    for _ in range(4 if deniable else 1):
        found = _condition(draw, env, depth)
        if not (deniable and found.doubt):
            return found
    return Said("1 >= 1", False, False)


def _condition(draw: Draw, env: Env, depth: int) -> Said:
    makers: list[Callable[[], Said]] = [
        lambda: _compared(draw, env, depth),
        lambda: _boolean(draw, env),
        lambda: _compared(draw, env, depth),
        lambda: _between(draw, env, depth),
        lambda: _member(draw, env, depth),
        lambda: _known(draw, env, depth),
        lambda: _within(draw, env, depth),
        lambda: _matched(draw, env, depth),
        lambda: _unequal(draw, env, depth),
    ]
    if env.calendar:
        makers.append(lambda: _anniversary(draw, env, depth))
    if env.row is None:
        makers += [lambda: _has(draw, env, depth)] * 2
    if env.audiences:
        makers.append(lambda: draw(st.sampled_from(env.audiences)))
    if env.stages:
        makers.append(lambda: _stage(draw, env))
    if env.granted and env.row is None:
        makers.append(lambda: _received(draw, env, depth))
    if depth > 0:
        makers += [lambda: _joined(draw, env, depth - 1)] * 3
        makers.append(lambda: _not(draw, env, depth - 1))
    return made_by_one(draw, makers)


def _pair(draw: Draw, env: Env, kinds: Sequence[Kind], depth: int) -> tuple[Said, Said, Kind]:
    """Two values that can be compared; numbers of both kinds can."""
    kind = draw(st.sampled_from(_sayable(env, kinds)))
    left = value(draw, env, kind, depth)
    if kind == "enum" and draw(st.booleans()):
        return left, literal(draw, env, kind), kind
    other = draw(st.sampled_from(NUMBERS)) if kind in NUMBERS else kind
    if kind in ("date", "timestamp"):
        other = draw(st.sampled_from(("date", "timestamp")))
    right = value(draw, env, other, min(depth, 1))
    return left, right, kind


def _compared(draw: Draw, env: Env, depth: int) -> Said:
    left, right, kind = _pair(draw, env, (*ORDERED, "text", "enum"), depth)
    signs = ["=", ">=", "<", ">", "<="] if kind in ORDERED else ["="]
    if kind in ("date", "timestamp"):
        signs += ["before", "after"]
    sign = draw(st.sampled_from(signs))
    folding = _folding(draw, right) if kind == "text" else ""
    text = f"{left.inner} {sign} {right.inner}{folding}"
    return Said(text, left.doubt or right.doubt, False)


def _sayable(env: Env, kinds: Sequence[Kind]) -> tuple[Kind, ...]:
    """Without enums where there is no field of that kind: a word needs one to compare with."""
    return tuple(kind for kind in kinds if kind != "enum" or fields(env, kind))


def _unequal(draw: Draw, env: Env, depth: int) -> Said:
    left, right, _ = _pair(draw, env, EVERY, depth)
    settled = [f"{one.inner} is known" for one in (left, right) if one.doubt]
    return Said(" and ".join([*settled, f"{left.inner} != {right.inner}"]), False, False)


def _boolean(draw: Draw, env: Env) -> Said:
    known = fields(env, "boolean")
    return draw(st.sampled_from(known)) if known else Said("yes")


def _between(draw: Draw, env: Env, depth: int) -> Said:
    kind = draw(st.sampled_from(ORDERED))
    parts = [value(draw, env, kind, depth), value(draw, env, kind, 0), value(draw, env, kind, 0)]
    operand, low, high = (part.inner for part in parts)
    return Said(f"{operand} between {low} and {high}", any(one.doubt for one in parts), False)


def _member(draw: Draw, env: Env, depth: int) -> Said:
    kind = draw(st.sampled_from(_sayable(env, EVERY)))
    operand = value(draw, env, kind, depth)
    choices = [
        literal(draw, env, kind) if draw(st.booleans()) else value(draw, env, kind, 0)
        for _ in range(draw(st.integers(1, 3)))
    ]
    doubt = operand.doubt or any(one.doubt for one in choices)
    sign = "not in" if not doubt and draw(st.booleans()) else "in"
    joined = ", ".join(one.text for one in choices)
    folding = _folding(draw, *choices) if kind == "text" else ""
    return Said(f"{operand.inner} {sign} ({joined}){folding}", doubt, False)


def _known(draw: Draw, env: Env, depth: int) -> Said:
    kind = draw(st.sampled_from(_sayable(env, EVERY)))
    operand = value(draw, env, kind, depth)
    return Said(f"{operand.inner} is {draw(st.sampled_from(('known', 'unknown')))}", False, False)


def _within(draw: Draw, env: Env, depth: int) -> Said:
    kind: Kind = draw(st.sampled_from(("timestamp", "date")))
    operand = value(draw, env, kind, depth)
    which = draw(st.sampled_from(("last", "next")))
    text = f"{operand.inner} within {which} {duration(draw, env)}"
    return Said(text, operand.doubt, False)


def _anniversary(draw: Draw, env: Env, depth: int) -> Said:
    kind: Kind = draw(st.sampled_from(("date", "timestamp")))
    operand = value(draw, env, kind, min(depth, 1))
    when = "is today" if draw(st.booleans()) else f"within next {duration(draw, env)}"
    return Said(f"anniversary of {operand.inner} {when}", operand.doubt, False)


def _matched(draw: Draw, env: Env, depth: int) -> Said:
    operand, part = value(draw, env, "text", depth), value(draw, env, "text", 0)
    sign = draw(st.sampled_from(("contains", "starts with")))
    text = f"{operand.inner} {sign} {part.inner}{_folding(draw, part)}"
    return Said(text, operand.doubt or part.doubt, False)


def _folding(draw: Draw, *others: Said) -> str:
    """Only with literals: of two columns MySQL cannot say it."""
    literal_ = all(one.text.startswith('"') for one in others)
    return draw(st.sampled_from(("", " ignoring case"))) if literal_ else ""


def _has(draw: Draw, env: Env, depth: int) -> Said:
    event = draw(st.sampled_from(env.catalog.events))
    word = draw(st.sampled_from(("has", "no")))
    asked = ""
    if draw(st.booleans()):
        one = condition(draw, _inside(env, event), min(depth, 1))
        asked = f" where ({one.text})"
    return Said(f"{word} {event.name}{asked}{window(draw, env, depth)}", False, False)


def _received(draw: Draw, env: Env, depth: int) -> Said:
    name = draw(st.sampled_from(env.granted))
    return Said(f"received({name}){window(draw, env, depth)}", False, False)


def _stage(draw: Draw, env: Env) -> Said:
    stages = draw(st.lists(st.sampled_from(env.stages), min_size=1, max_size=2, unique=True))
    if len(stages) == 1 and draw(st.booleans()):
        return Said(f"stage is {stages[0]}", True, False)
    word = draw(st.sampled_from(("in", "not in")))
    return Said(f"stage {word} ({', '.join(stages)})", True, False)


def _joined(draw: Draw, env: Env, depth: int) -> Said:
    word = draw(st.sampled_from(("and", "or")))
    parts = [condition(draw, env, depth) for _ in range(draw(st.integers(2, 3)))]
    text = f" {word} ".join(part.inner for part in parts)
    return Said(text, any(part.doubt for part in parts), False)


def _not(draw: Draw, env: Env, depth: int) -> Said:
    return Said(f"not {condition(draw, env, depth, deniable=True).inner}", False, False)
