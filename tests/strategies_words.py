"""The parts of generated expressions: fields, literals, and the names that a place allows."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from .strategies_catalog import WALLS, WORDS, Catalog, Event, Kind, days

Draw = st.DrawFn


@dataclass(frozen=True)
class Said:
    """Words of the language. `doubt`: the value may be unknown, or a denial of it may not stand.

    `whole`: needs no parentheses as a part of something larger.
    """

    text: str
    doubt: bool = False
    whole: bool = True

    @property
    def inner(self) -> str:
        """As a part of something larger."""
        return self.text if self.whole else f"({self.text})"


@dataclass(frozen=True)
class Env:
    """The names that the place of an expression allows.

    `trigger`: the triggering event; `bare`: in its own condition; `row`: the past event that a
    history looks at. `calendar`: months, quarters and years may be spoken of. `asking`: the
    audiences and stages that rest upon past grants. `times`: how many multiples the event crossed.
    `arms`: those of the campaign's experiment.
    """

    catalog: Catalog
    trigger: Event | None = None
    bare: bool = False
    row: Event | None = None
    audiences: tuple[Said, ...] = ()
    stages: tuple[str, ...] = ()
    granted: tuple[str, ...] = ()
    calendar: bool = True
    asking: frozenset[str] = frozenset()
    times: bool = False
    arms: tuple[str, ...] = ()

    def without_grants(self) -> Env:
        """The names that are allowed where past grants cannot be read."""
        audiences = tuple(one for one in self.audiences if one.text not in self.asking)
        stages = tuple(one for one in self.stages if one not in self.asking)
        return replace(self, audiences=audiences, stages=stages, granted=())


NUMBERS: tuple[Kind, ...] = ("integer", "decimal")
ORDERED: tuple[Kind, ...] = ("integer", "decimal", "money", "date", "timestamp", "time")
EVERY: tuple[Kind, ...] = (*ORDERED, "text", "enum", "boolean")
TEXTS = (
    "",
    "a",
    "S",
    "A",
    "ab",
    "é",
    "上海",
    "o'x",
    'say \\"x\\"',
    "50%",
    "a_b",
    "🙂",
    "*",
    "e\u0301",
)


def made_by_one(draw: Draw, makers: Sequence[Callable[[], Said]]) -> Said:
    """The result of one of the makers.

    Its place is drawn, not the maker: hypothesis distinguishes what it draws by its hash. The hash
    of a function is where it lies in memory, which is another one in each process.
    """
    return makers[draw(st.sampled_from(range(len(makers))))]()


# --- leaves -------------------------------------------------------------------------------------


def fields(env: Env, kind: Kind) -> list[Said]:
    """Every field of a kind, as it is named there."""
    found = [Said(one.written, one.optional) for one in env.catalog.customers if one.kind == kind]
    if kind == "text" and env.catalog.customers:
        found.append(Said("customer.key"))
    if env.row is not None:
        return _of(env.row, kind, "") + _of(env.trigger, kind, "event.") + found
    if env.bare:
        return _of(env.trigger, kind, "") + found
    return found + _of(env.trigger, kind, "event.")


def _of(event: Event | None, kind: Kind, before: str) -> list[Said]:
    if event is None:
        return []
    found = [
        Said(f"{before}{one.written}", one.optional) for one in event.fields if one.kind == kind
    ]
    if kind == "timestamp":
        found.append(Said(f"{before or event.name + '.'}at"))
    return found


def literal(draw: Draw, env: Env, kind: Kind) -> Said:
    """A literal of a kind."""
    catalog = env.catalog
    match kind:
        case "integer":
            return Said(str(draw(st.sampled_from((0, 1, 2, 3, 7, 30, 2_000_000_000, 2**63 - 1)))))
        case "decimal":
            return Said(draw(st.sampled_from(("0.5", "5%", "1.0", "3.3333333333", "0.1", "99.99"))))
        case "money":
            return Said(money(catalog, draw(st.sampled_from(AMOUNTS))))
        case "text":
            return Said(f'"{draw(st.sampled_from(TEXTS))}"')
        case "enum":
            return Said(draw(st.sampled_from(WORDS)))
        case "boolean":
            return Said(draw(st.sampled_from(("yes", "no"))))
        case "date":
            return Said(draw(days(catalog)).isoformat())
        case "timestamp":
            shown = datetime.combine(draw(days(catalog)), draw(st.sampled_from(WALLS)))
            return Said(shown.isoformat(" ", "minutes"))
        case "time":
            return Said(draw(st.sampled_from(WALLS)).isoformat("minutes"))


AMOUNTS = ("0", "5", "10", "12.34", "100", "0.01", "999999999999")


def money(catalog: Catalog, amount: str) -> str:
    """An amount, with no more digits than the currency has."""
    grain = Decimal(1).scaleb(-catalog.places)
    return f"{Decimal(amount).quantize(grain)} {catalog.currency}"


def duration(draw: Draw, env: Env) -> str:
    """A duration."""
    lengths = ["1 day", "7 days", "24 hours", "2 weeks", "30 days", "90 minutes", "0 days"]
    if env.calendar:
        lengths += ["1 month", "3 months", "1 year", "99 years", "52000000 minutes"]
    return draw(st.sampled_from(lengths))


def shifted_dates(text: str, by: timedelta) -> str:
    """The text with every date in it moved."""

    def moved(found: re.Match[str]) -> str:
        return (datetime.fromisoformat(found[0]) + by).date().isoformat()

    return re.sub(r"\d{4}-\d\d-\d\d", moved, text)
