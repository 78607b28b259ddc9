"""The rewards of a generated campaign, as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hypothesis import strategies as st

from .strategies_catalog import Catalog, Event
from .strategies_expressions import condition, value
from .strategies_words import Draw, Env, fields, money

BENEFITS = ("coffee", "ride")
COMPUTED = "voucher"
"""A benefit whose value the reward says."""

ROUNDED = ("", " rounded down", " rounded up", " rounded half up")


@dataclass(frozen=True)
class Wanted:
    """The bounds of a generated project.

    `campaigns`: at most so many. `depth`: of conditions. `ledger`: rules may ask for past grants.
    `calendar`: months and years may be spoken of. `scarce`: caps are small enough to be reached.
    `holdout`: some customers may get nothing, for comparison. `draws`: chance may decide, which
    asks the scheduled instant too. `timers`: one trigger in so many waits for one, 0 for none.
    `moves`: one schedule in so many waits for entering or leaving, 0 for none.
    """

    campaigns: int = 1
    depth: int = 2
    ledger: bool = True
    calendar: bool = True
    scarce: bool = False
    holdout: bool = True
    draws: bool = True
    timers: int = 0
    moves: int = 0


def reward(
    draw: Draw, env: Env, event: Event | None, wanted: Wanted, grouped: bool
) -> Iterator[str]:
    named = [
        one
        for one in fields(env, "text")
        if one.text.startswith("event.") and one.text != "event.device"
    ]
    to = draw(st.sampled_from(named)).text if named and draw(st.integers(0, 2)) == 2 else None
    to = "each" if grouped and draw(st.booleans()) else to
    if draw(st.integers(0, 7)) == 7:
        yield f"take {_points(draw, env, wanted)}"
        yield from _terms(draw, env.catalog, event, wanted, to)
        return
    given = list(_given(draw, env, wanted))
    yield from given
    if to is None and draw(st.integers(0, 3)) == 3:
        yield f"  for {_points(draw, env, wanted)}"
    yield from _terms(draw, env.catalog, event, wanted, to)
    if draw(st.integers(0, 4)) == 4:
        yield f"  first {count(draw, wanted)}{per(draw)}"
    if draw(st.integers(0, 3)) == 3 and wanted.calendar and event is not None:
        yield f"  deliver on day {draw(st.sampled_from((5, 31)))} of month 1 after event"
    if draw(st.integers(0, 3)) == 3:
        yield f"  expires after {validity(draw, wanted)}{then(draw)}"
    if any("choose" in line for line in given) and draw(st.booleans()):
        yield from _claimed(draw, env)


def _terms(
    draw: Draw, catalog: Catalog, event: Event | None, wanted: Wanted, to: str | None
) -> Iterator[str]:
    if to is not None:
        yield f"  to {to}"
    if draw(st.integers(0, 2)) == 2:
        yield f"  limit {count(draw, wanted)} per customer{per(draw)}"
    keys = [f"customer.{one}" for one in ("key", *(each.written for each in catalog.customers))]
    if event is not None:
        written = [one.written for one in event.fields if one.kind != "boolean"]
        keys += [f"event.{one}" for one in ("key", *written, *written)]
    if draw(st.integers(0, 2)) == 2:
        counted = draw(st.lists(st.sampled_from(keys), min_size=1, max_size=2, unique=True))
        yield f"  limit {count(draw, wanted)} per {' and '.join(counted)}{per(draw)}"


def _claimed(draw: Draw, env: Env) -> Iterator[str]:
    """By which event an offer is claimed, if any event could name what is chosen."""
    named = [
        (one, field)
        for one in env.catalog.events
        for field in one.fields
        if field.kind in ("text", "enum")
    ]
    if named:
        event, field = draw(st.sampled_from(named))
        asked = f" where event.{field.written} is known" if draw(st.booleans()) else ""
        yield f"  claimed on {event.name}{asked} by event.{field.written}"


def _of_arm(draw: Draw, env: Env, asked: str) -> str:
    """A condition that asks for an arm, by itself or with another one."""
    arm = f"arm is {draw(st.sampled_from(env.arms))}"
    return draw(st.sampled_from((arm, f"not {arm}", f"{arm} and ({asked})", f"{arm} or {asked}")))


def _given(draw: Draw, env: Env, wanted: Wanted) -> Iterator[str]:
    if draw(st.integers(0, 3)) == 0:
        yield f"reward {_bundle(draw, env, wanted)}"
    elif wanted.draws and draw(st.integers(0, 3)) == 0:
        yield "reward draw {"
        for odds in draw(st.sampled_from((("50%",), ("33.3%", "40%"), ("10%", "90%")))):
            yield f"  {odds}: {_bundle(draw, env, wanted)}"
        if odds != "90%" and draw(st.booleans()):
            yield f"  rest: {_bundle(draw, env, wanted)}"
        yield "}"
    else:
        yield "reward by {"
        for _ in range(draw(st.integers(1, 2))):
            asked = condition(draw, env, wanted.depth).text
            if env.arms and draw(st.booleans()):
                asked = _of_arm(draw, env, asked)
            yield f"  when {asked}: {_bundle(draw, env, wanted)}"
        if env.arms or draw(st.integers(0, 3)) > 0:
            yield f"  otherwise: {_bundle(draw, env, wanted)}"
        yield "}"


def _bundle(draw: Draw, env: Env, wanted: Wanted) -> str:
    if draw(st.integers(0, 6)) == 6:
        worth = f" worth up to {money(env.catalog, '30')}" if draw(st.booleans()) else ""
        return f"choose {draw(st.integers(1, 2))} of {', '.join(BENEFITS)}{worth}"
    lines = draw(
        st.lists(
            st.sampled_from((*BENEFITS, COMPUTED, "points", "cash")),
            min_size=1,
            max_size=2,
            unique=True,
        )
    )
    return " and ".join(_line(draw, env, line, wanted) for line in lines)


def _line(draw: Draw, env: Env, line: str, wanted: Wanted) -> str:
    match line:
        case "points":
            return _points(draw, env, wanted, per=True)
        case "cash" | "voucher":
            cap = ""
            if wanted.scarce or draw(st.booleans()):
                cap = f" up to {money(env.catalog, '9')}"
            amount = value(draw, env, "money", wanted.depth)
            cap = f"{draw(st.sampled_from(ROUNDED))}{cap}"
            if draw(st.booleans()):
                least, other = money(env.catalog, "1"), money(env.catalog, "2")
                return f"max({amount.inner} else {other}, {least}) as {line}{cap}"
            if draw(st.booleans()):
                return f"5% of {amount.inner} as {line}{cap}"
            return f"{amount.inner} as {line}{cap}"
        case _:
            return line


def _points(draw: Draw, env: Env, wanted: Wanted, *, per: bool = False) -> str:
    if env.times and draw(st.booleans()):
        return draw(st.sampled_from(("times points", "(times + 1) * 2 points")))
    if draw(st.booleans()):
        return "10 points"
    if draw(st.integers(0, 2)) == 2:
        return _computed(draw, env, wanted, per=per)
    number = value(draw, env, "integer", wanted.depth)
    if draw(st.booleans()):
        return f"max({number.inner} else 2, 1) points"
    if number.text.startswith("-") or number.text == "0":
        return "3 points"
    return f"{number.inner} points"


def _computed(draw: Draw, env: Env, wanted: Wanted, *, per: bool) -> str:
    """Points from money: rounded, or for each full amount."""
    amount = value(draw, env, "money", wanted.depth).inner
    least = money(env.catalog, draw(st.sampled_from(("3", "10"))))
    if per and draw(st.booleans()):
        return f"{draw(st.integers(1, 3))} points per {least} of {amount}"
    rounding = draw(st.sampled_from(ROUNDED[1:]))
    return f"{amount} / {least} points{rounding}"


# --- numbers ------------------------------------------------------------------------------------


def count(draw: Draw, wanted: Wanted) -> int:
    return draw(st.integers(1, 3)) if wanted.scarce else draw(st.sampled_from((1, 1000)))


def validity(draw: Draw, wanted: Wanted) -> str:
    lengths = ("30 days", "36 hours", "0 days", *(("1 month",) if wanted.calendar else ()))
    return draw(st.sampled_from(lengths))


def then(draw: Draw) -> str:
    return draw(st.sampled_from(("", " returning to budget", " forfeited")))


def per(draw: Draw) -> str:
    return draw(
        st.sampled_from(
            ("", " per hour", " per day", " per week", " per month", " per quarter", " per year")
        )
    )


def amount(draw: Draw, catalog: Catalog, wanted: Wanted, scarce: tuple[str, ...]) -> str:
    return money(catalog, draw(st.sampled_from(scarce)) if wanted.scarce else "1000")
