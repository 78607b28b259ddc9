"""Whole projects as the text of campaign files: they compile, or there is a mistake somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from campaigner.compiler.plan.calendar import first_day
from hypothesis import strategies as st

from .strategies_catalog import WALLS, Catalog, Event
from .strategies_expressions import condition, value
from .strategies_moves import declared, moved
from .strategies_rewards import (
    BENEFITS,
    COMPUTED,
    Wanted,
    amount,
    count,
    per,
    reward,
    then,
    validity,
)
from .strategies_timers import timer
from .strategies_words import Draw, Env, Said, money

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@st.composite
def sources(draw: st.DrawFn, catalog: Catalog, wanted: Wanted) -> str:
    """The declarations of a project."""
    gift = draw(st.sampled_from(("gift", "gift", "gift", "reward_lines", "礼")))
    names = tuple(f"{gift}_{n}" for n in range(1, draw(st.integers(1, wanted.campaigns)) + 1))
    granted = (*names, "coffee") if wanted.ledger and draw(st.booleans()) else ()
    env = Env(catalog, granted=granted, calendar=wanted.calendar)
    written: list[str] = []
    if draw(st.booleans()):
        written.append(_audience(draw, env, wanted, "fans"))
        env = replace(env, audiences=(Said("fans"),), asking=_asking(env, written[-1], "fans"))
    if draw(st.booleans()):
        text, stages = _lifecycle(draw, env, wanted)
        written.append(text)
        env = replace(env, stages=stages, asking=_asking(env, text, *stages))
    if env.audiences and draw(st.booleans()):
        written.append(_audience(draw, env, wanted, "loyal"))
        asking = _asking(env, written[-1], "loyal")
        env = replace(env, audiences=(*env.audiences, Said("loyal")), asking=asking)
    if wanted.moves:
        written += declared(draw, env, wanted)
    written += [_benefit(draw, catalog, name, wanted) for name in BENEFITS]
    most = money(catalog, draw(st.sampled_from(("5", "50"))))
    written.append(f'benefit {COMPUTED} "off" {{ kind coupon value computed up to {most} }}')
    written += _pools(draw, catalog, wanted)
    written.append(_policy(draw, env, wanted))
    written += [_campaign(draw, env, wanted, name, names) for name in names]
    text = "\n\n".join(written) + "\n"
    # A wallet that no campaign moves has no name.
    moved = re.search(r"(?<!balance\()\bpoints\b", text)
    return text if moved else text.replace("balance(points)", "7")


def _asking(env: Env, text: str, *names: str) -> frozenset[str]:
    """The names that read past grants, now that these names mean the text."""
    asked = [*env.asking, r"(received|balance)\("]
    found = any(re.search(rf"\b{word}", text) for word in asked)
    return env.asking | frozenset(names if found else ())


def _block(head: str, lines: Iterator[str]) -> str:
    inside = "".join(f"  {line}\n" for line in lines)
    return f"{head} {{\n{inside}}}"


# --- what campaigns rest upon -------------------------------------------------------------------


def _audience(draw: Draw, env: Env, wanted: Wanted, name: str) -> str:
    return f'audience {name} "{name}" {condition(draw, env, wanted.depth).text}'


def _lifecycle(draw: Draw, env: Env, wanted: Wanted) -> tuple[str, tuple[str, ...]]:
    stages = ("new", "grown", "best")[: draw(st.integers(1, 3))]
    kind = draw(st.sampled_from(("conditions", "ladder", "score")))

    def lines() -> Iterator[str]:
        for place, stage in enumerate(stages):
            match kind:
                case "conditions":
                    yield f"stage {stage} when {condition(draw, env, wanted.depth).text}"
                case "ladder" if place == 0 and draw(st.booleans()):
                    yield f"stage {stage}"
                case "ladder":
                    yield f"stage {stage} from {condition(draw, env, wanted.depth).text}"
                case _:
                    yield f"stage {stage} from {place * 3}"

    head = {"conditions": "lifecycle life", "ladder": "lifecycle life ladder"}.get(kind)
    if head is None:
        score = value(draw, env, draw(st.sampled_from(("integer", "decimal"))), wanted.depth)
        head = f"lifecycle life by score {score.text}"
    return _block(head, lines()), tuple(f"life.{stage}" for stage in stages)


def _benefit(draw: Draw, catalog: Catalog, name: str, wanted: Wanted) -> str:
    def lines() -> Iterator[str]:
        yield f"kind {draw(st.sampled_from(('coupon', 'digital', 'service')))}"
        yield f"value {money(catalog, draw(st.sampled_from(('5', '12.34'))))}"
        if wanted.scarce or draw(st.booleans()):
            yield f"cost {money(catalog, draw(st.sampled_from(('4', '0', '4.5'))))}"
        if draw(st.integers(0, 3)) == 3:
            yield f"stock {count(draw, wanted)}{per(draw)}"
        if draw(st.booleans()):
            yield f"expires after {validity(draw, wanted)}{then(draw)}"

    return _block(f'benefit {name} "{name}!"', lines())


def _pools(draw: Draw, catalog: Catalog, wanted: Wanted) -> list[str]:
    def lines(parent: str | None) -> Iterator[str]:
        yield f"total {amount(draw, catalog, wanted, ('20', '40'))}"
        if draw(st.booleans()):
            yield f"per {draw(st.sampled_from(('day', 'week', 'month')))} {money(catalog, '30')}"
        if parent:
            yield f"from {parent}"

    return [
        _block("budget year", lines(None)),
        _block("budget quarter", lines("year" if draw(st.booleans()) else None)),
    ]


def _policy(draw: Draw, env: Env, wanted: Wanted) -> str:
    def lines() -> Iterator[str]:
        yield 'forbid phrase "risk free"'
        yield "forbid field from C3 in messages"
        if draw(st.integers(0, 5)) == 5:
            plain = env.without_grants()
            because = ' because "it is the law"' if draw(st.booleans()) else ""
            yield f"require {condition(draw, plain, 1).text}{because}"
        if draw(st.integers(0, 5)) == 5:
            yield (
                "require event.qty >= 2 when event has qty"
                if not _optional(env, "qty")
                else ("require event.qty is known when event has qty")
            )
        if draw(st.booleans()):
            yield "quiet hours 21:00 to 08:00"
        if draw(st.booleans()):
            yield f"at most {draw(st.integers(1, 3))} messages per 7 days"
        if draw(st.booleans()):
            yield f"at most {money(env.catalog, '20')} per customer{per(draw)}"
        if wanted.holdout and draw(st.booleans()):
            yield f"holdout at least {draw(st.sampled_from(('20%', '50%')))}"

    return _block("policy rules", lines())


def _optional(env: Env, name: str) -> bool:
    return any(
        one.optional for event in env.catalog.events for one in event.fields if one.name == name
    )


# --- campaigns ----------------------------------------------------------------------------------


def _campaign(draw: Draw, env: Env, wanted: Wanted, name: str, campaigns: tuple[str, ...]) -> str:
    event = draw(st.sampled_from((*env.catalog.events, None)))
    experiment = draw(st.sampled_from((*EXPERIMENTS, *(None,) * 6)))
    inside = replace(env, trigger=event, arms=arms_of(experiment))
    giving = draw(st.integers(0, 7)) > 0

    def lines() -> Iterator[str]:
        active = draw(st.integers(0, 3)) == 3
        if draw(st.integers(0, 3)) == 3:
            yield f"goal growth {draw(st.sampled_from((1, 3_000)))} {_counted(draw, event)}"
        if active:
            days = _active(draw, env.catalog)
            yield f"active {days}"
            if draw(st.booleans()):
                yield f"peak {days}"
        if env.stages and draw(st.integers(0, 3)) == 3:
            yield f"stage {draw(st.sampled_from(env.stages))}"
        if experiment is not None:
            yield experiment
        yield f"audience {_reached(draw, inside, wanted)}"
        trigger = _trigger(draw, inside, event, wanted, active=active)
        yield f"trigger {trigger}"
        given: list[str] = []
        if giving:
            grouped = " reaching " in trigger and " per " in trigger
            has_times = event is not None and " every " in trigger.partition(" open ")[0]
            giver = replace(inside.without_grants(), times=has_times)
            given += reward(draw, giver, event, wanted, grouped)
        yield from given
        yield "budget {"
        yield from (f"  {line}" for line in _budget(draw, env, wanted))
        yield "}"
        if draw(st.integers(0, 3)) == 3:
            is_on = event is not None and trigger.startswith("on ")
            of = "late events" if is_on else "catch up"
            yield f"{of} within 100 years"
        if not giving or draw(st.booleans()):
            said = _message(draw, inside, event, giving, _to_another(given))
            instead = f' otherwise sms "{said}"' if draw(st.integers(0, 3)) == 3 else ""
            yield f'message push "{said}"{instead}'
        if env.catalog.events and draw(st.integers(0, 3)) == 3:
            counted = draw(st.sampled_from(env.catalog.events)).name
            yield f"measure {{ conversion on {counted} within {draw(st.integers(1, 30))} days }}"
        if draw(st.integers(0, 3)) == 3:
            yield f"priority {draw(st.integers(1, 3))}"
        others = [one for one in campaigns if one != name]
        if wanted.ledger and others and draw(st.integers(0, 3)) == 3:
            yield f"exclusive with {draw(st.sampled_from(others))}"
        follows = draw(st.sampled_from(("follows rules", 'forbid phrase "sure"')))
        yield f"compliance {{ {follows} }}"

    return _block(f'campaign {name} "Gift"', lines())


def _reached(draw: Draw, env: Env, wanted: Wanted) -> str:
    """Mostly everybody: what a condition says is seen as well in the branch that is taken."""
    match draw(st.integers(0, 3)):
        case 0 | 1:
            return "yes"
        case 2:
            return f"yes or {condition(draw, env, 0).inner}"
        case _:
            return condition(draw, env, wanted.depth).text


def _counted(draw: Draw, event: Event | None) -> str:
    """The word of a goal for customers, or an event."""
    return draw(st.sampled_from(("customers", *(() if event is None else (event.name,)))))


def _active(draw: Draw, catalog: Catalog) -> str:
    start = catalog.focus - timedelta(days=draw(st.sampled_from((1, 0, 30))))
    end = catalog.focus + timedelta(days=draw(st.sampled_from((0, 1, 30))))
    wall = draw(st.sampled_from(("", " 10:00", " 02:30")))
    return f"{start}{wall} to {end}" if start < end or not wall else f"{start} to {end}{wall}"


def _trigger(draw: Draw, env: Env, event: Event | None, wanted: Wanted, *, active: bool) -> str:
    opened = ""
    if wanted.calendar and draw(st.integers(0, 5)) == 5:
        day = env.catalog.focus.day
        since = draw(st.sampled_from((day, 1, 31)))
        clock = draw(st.sampled_from((" at 10:00", "", " at 02:30")))
        last = draw(st.sampled_from((31, max(day, since))))
        opened = f" open every month from day {since}{clock} to day {last}"
    waits = wanted.timers and draw(st.integers(1, wanted.timers)) == wanted.timers
    timed = timer(draw, env, event, wanted) if waits else None
    if timed is not None:
        return f"{timed}{opened}"
    if event is not None:
        asked = ""
        if draw(st.integers(0, 3)) == 3:
            asked = f" where {condition(draw, replace(env, bare=True), 1).text}"
        awaited = _group(draw, event, wanted) or _pattern(draw, event, wanted)
        return f"on {event.name}{'' if awaited else asked}{awaited}{opened}"
    at = draw(st.sampled_from(WALLS)).isoformat("minutes")
    focus = env.catalog.focus
    forms = [
        f"every day at {at}{opened}",
        f"every {WEEKDAYS[focus.weekday()]} at {at}{opened}",
    ]
    if wanted.calendar:
        forms += [
            f"on day {focus.day} of every month at {at}{opened}",
            f"on last day of every month at {at}{opened}",
            f"on {draw(st.sampled_from(_nth(focus)))} at {at}{opened}",
            f"on festival fair at {at}{opened}",
            f"every hour at :{at[3:]}{opened}",
        ]
        if active:
            weeks = draw(st.sampled_from(("1 week", "2 weeks", "3 weeks")))
            forms.append(f"every {weeks} on {WEEKDAYS[focus.weekday()]} at {at}{opened}")
        if (focus.month, focus.day) == (1, 1):
            forms.append(f"on festival new_year at {at}{opened}")
    if wanted.moves and draw(st.integers(1, wanted.moves)) == wanted.moves:
        return moved(draw, draw(st.sampled_from(forms)))
    return draw(st.sampled_from([*forms, f"at {focus} {at}{opened}"]))


def _nth(day: date) -> list[str]:
    """The phrases that mean a day, by its month and by its quarter."""
    found = []
    for period in ("month", "quarter"):
        first = first_day(period, day)
        for word, step in (("day", 1), (WEEKDAYS[day.weekday()], 7)):
            place = (day - first).days // step
            if place < 4:
                found.append(f"{('first', 'second', 'third', 'fourth')[place]} {word}")
            if first_day(period, day + timedelta(days=step)) != first:
                found.append(f"last {word}")
            found = [one if " of " in one else f"{one} of every {period}" for one in found]
    return found or ["last day of every month"]


def _group(draw: Draw, event: Event, wanted: Wanted) -> str:
    keys = [one for one in event.fields if one.kind in ("text", "integer")]
    if not keys or draw(st.integers(0, 4)) != 4:
        return ""
    first = next((one for one in event.fields if one.kind == "boolean"), None)
    asked = f" where event.{first.written}" if first and draw(st.booleans()) else ""
    lengths = ("3 hours", "1 day", "2 weeks", *(("1 month",) if wanted.calendar else ()))
    within = draw(st.sampled_from(("", *(f" within {each}" for each in lengths))))
    key, of = draw(st.sampled_from(keys)).written, draw(st.sampled_from(("customers", "times")))
    return f"{asked} reaching {draw(st.integers(1, 3))} {of} per {key}{within}"


def _pattern(draw: Draw, event: Event, wanted: Wanted) -> str:
    """A pattern of few events, since few are generated."""
    if draw(st.integers(0, 3)) != 3:
        return ""
    first = next((one for one in event.fields if one.kind == "boolean"), None)
    asked = f" where event.{first.written}" if first and draw(st.booleans()) else ""
    count = draw(st.integers(1, 3))
    different = [one for one in event.fields if one.kind in ("text", "integer", "date")]
    measures = [f"{count} times", f"{count} days"]
    if different:
        measures.append(f"{count} different {draw(st.sampled_from(different)).written}")
    sums = [one for one in event.fields if one.kind == "integer"]
    rising = [*measures, *(f"{draw(st.integers(1, 5))} of {one.written}" for one in sums[:1])]
    form = draw(st.sampled_from(("plain", "within", "each", "every", "row")))
    units = ("week", "month", "quarter", "year") if wanted.calendar else ("week",)
    if form == "row":
        verb = draw(st.sampled_from(("reaching", "every")))
        return f"{asked} {verb} {count} days in a row"
    if form == "every":
        each = draw(st.sampled_from(("", *(f" each {one}" for one in units))))
        return f"{asked} every {draw(st.sampled_from(rising))}{each}"
    more = ""
    if form == "within":
        lengths = ("3 hours", "1 day", "2 weeks", *(("1 month",) if wanted.calendar else ()))
        more = f" within {draw(st.sampled_from(lengths))}"
    elif form == "each":
        more = f" each {draw(st.sampled_from(units))}"
    return f"{asked} reaching {draw(st.sampled_from(rising))}{more}"


def _budget(draw: Draw, env: Env, wanted: Wanted) -> Iterator[str]:
    plain = env.without_grants()
    shares = [one.text for one in plain.audiences if draw(st.booleans())]
    yield f"total {amount(draw, env.catalog, wanted, ('40',) if shares else ('13', '20'))}"
    if draw(st.integers(0, 2)) == 2:
        yield f"per {draw(st.sampled_from(('day', 'week', 'month')))} {money(env.catalog, '40')}"
    if draw(st.integers(0, 2)) == 2:
        yield f"per customer{per(draw)} {money(env.catalog, '30')}"
    if draw(st.integers(0, 5)) == 5:
        yield f"stock {count(draw, wanted)}{per(draw)}"
    parts = zip(("40%", "30%"), shares, strict=False)
    yield from (f"share {part} for {name}" for part, name in parts)
    if draw(st.integers(0, 2)) == 2:
        yield "from quarter"
    if draw(st.integers(0, 2)) == 2:
        yield "reserve 10%"
    if draw(st.integers(0, 2)) == 2:
        yield "alert at 50%, 90%"
    action = draw(st.sampled_from(("", "stop", "waitlist", "reward 3 points", "reward ride")))
    if action:
        yield f"when exhausted {action}"


def _to_another(reward: list[str]) -> bool:
    """Whether the reward goes to somebody else, whom no message may tell of the customer."""
    return any(line.split(maxsplit=1)[0] == "to" for line in reward)


EXPERIMENTS = (
    "experiment spring { split a 50%, b 50% }",
    "experiment 夏天 { split a 33.3333%, b 33.3333%, 第三 33.3334% }",
    "experiment autumn { holdout 20%  split a 0.0001%, b 99.9999% }",
    "experiment held { holdout 30% }",
)
"""Experiments of one name are written alike in every campaign."""


def arms_of(experiment: str | None) -> tuple[str, ...]:
    """The names of the arms of one of `EXPERIMENTS`."""
    split = "" if experiment is None else experiment.partition("split")[2]
    return tuple(re.findall(r"(\w+) [0-9.]+%", split))


def _message(draw: Draw, env: Env, event: Event | None, giving: bool, to_another: bool) -> str:
    fields = [] if to_another else env.catalog.customers
    known = [f"customer.{one.name}" for one in fields if one.sensitivity == "C1"]
    if event is not None:
        known += [f"event.{one.name}" for one in event.fields if one.sensitivity == "C1"]
        known += ["event.at"]
    said = draw(st.lists(st.sampled_from(known), max_size=2)) if known else []
    said += ["arm"] if env.arms and draw(st.booleans()) else []
    said += ["reward.label"] if giving and draw(st.booleans()) else ["campaign.label"]
    return "Dear " + ", ".join(f"{{{{ {one} }}}}" for one in said)
