"""Timers of a generated campaign, as text: what is due lies around the day of everything else."""

from __future__ import annotations

from hypothesis import strategies as st

from .strategies_catalog import WALLS, Event, Field
from .strategies_rewards import Wanted
from .strategies_words import Draw, Env

_HOURS = ("90 minutes", "1 hour", "24 hours", "36 hours")
_DAYS = ("1 day", "2 days", "3 days", "1 week")
_MONTHS = ("1 month", "1 year")


def timer(draw: Draw, env: Env, event: Event | None, wanted: Wanted) -> str | None:
    """The text of a timer of the event, or of the customer; `None` where nothing has a date."""
    fields = env.catalog.customers if event is None else event.fields
    dates = [one for one in fields if one.kind in ("date", "timestamp") and one.past is None]
    if event is None:
        return _of_customer(draw, dates, wanted) if dates else None
    field = draw(st.sampled_from((None, None, *dates)))
    before = field is not None and draw(st.booleans())
    length, at = _length(draw, wanted, nothing=field is not None)
    word = "before" if before else "after"
    moment = event.name if field is None else f"{event.name}.{field.written}"
    return f"{length} {word} {moment}{at}{_unless(draw, env, event)}"


def _of_customer(draw: Draw, dates: list[Field], wanted: Wanted) -> str:
    length, at = _length(draw, wanted, nothing=True)
    word = draw(st.sampled_from(("before", "after")))
    of = draw(st.sampled_from(("", "anniversary of ", "anniversary of ", "customer.")))
    return f"{length} {word} {of}{draw(st.sampled_from(dates)).written}{at}"


def _length(draw: Draw, wanted: Wanted, *, nothing: bool) -> tuple[str, str]:
    """A length, and a clock time where it may have one; no length means the day itself."""
    if draw(st.booleans()):
        return draw(st.sampled_from(_HOURS)), ""
    zero = ("0 days",) if nothing else ()
    months = _MONTHS if wanted.calendar else ()
    length = draw(st.sampled_from((*_DAYS, *zero, *months)))
    whole = [wall for wall in WALLS if not wall.second]
    clock = draw(st.sampled_from((None, *whole)))
    return length, "" if clock is None else f" at {clock.isoformat('minutes')}"


def _unless(draw: Draw, env: Env, event: Event) -> str:
    if draw(st.booleans()):
        return ""
    other = draw(st.sampled_from(env.catalog.events))
    same = [
        (one, two)
        for one in other.fields
        for two in event.fields
        if one.kind == two.kind and one.kind in ("text", "integer", "date", "boolean")
    ]
    asked = [f"{other.name}.{one.written} = event.{two.written}" for one, two in same[:4]]
    asked.append(f"{other.name}.at > event.at")
    where = draw(st.sampled_from(("", f" where {draw(st.sampled_from(asked))}")))
    return f" unless {other.name}{where}"
