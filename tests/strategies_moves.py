"""A stage and an audience to enter and leave, whose past is known, and triggers on them."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from .strategies_expressions import condition
from .strategies_rewards import Wanted
from .strategies_words import Draw, Env

AUDIENCE, STAGE = "movers", "moving.still"


def declared(draw: Draw, env: Env, wanted: Wanted) -> list[str]:
    """The declarations of both, which rest upon events and fields with a history."""
    past = tuple(one for one in env.catalog.customers if one.past is not None)
    known = replace(
        env, catalog=replace(env.catalog, customers=past), audiences=(), stages=(), granted=()
    )
    event = draw(st.sampled_from(env.catalog.events)).name
    turning = (f"has {event} in last 1 day", f"no {event} in last 24 hours", f"count({event}) >= 2")
    text = draw(st.sampled_from((*turning, None))) or condition(draw, known, wanted.depth).text
    return [
        f'audience {AUDIENCE} "moves" {text}',
        f"lifecycle moving {{\n  stage still when not {AUDIENCE}\n  stage gone when yes\n}}",
    ]


def moved(draw: Draw, schedule: str) -> str:
    """A trigger on entering or leaving, by a schedule that comes again."""
    of = draw(st.sampled_from((f"audience {AUDIENCE}", f"stage {STAGE}", "stage moving.gone")))
    verb = draw(st.sampled_from(("entering", "leaving")))
    lengths = ("1 hour", "90 minutes", "1 day")
    if "hour" not in schedule:
        lengths = ("1 hour", "1 day", "1 week", "1 month")
    lasting = draw(st.sampled_from(("", "", *(f" for {one}" for one in lengths))))
    return f"when {verb} {of}{lasting}, {schedule}"
