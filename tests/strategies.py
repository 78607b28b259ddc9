"""Generated projects with data: every law draws its cases here.

`cases()` gives a project that compiles, tables for it, and a period. What a project never names is
left out of its catalog and its data, so that a case that was reduced can be read.
"""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import strategies as st

from .laws.cases import Case
from .seeds import SETTINGS as SEEDED
from .strategies_campaigns import Wanted, sources
from .strategies_catalog import (
    WALLS,
    ZONES,
    Catalog,
    Field,
    catalog_text,
    catalogs,
    settings_text,
)
from .strategies_data import grants, moves, periods, tables
from .strategies_expressions import condition
from .strategies_words import Env, money

USUAL = Wanted(timers=4, moves=4)
PLAIN = Wanted(campaigns=4, depth=1, ledger=False, scarce=True, timers=4, moves=4)
MANY = Wanted(campaigns=3, timers=4, moves=4)

__all__ = ["Wanted", "cases", "halves", "plain", "projects", "rivals"]


@st.composite
def cases(
    draw: st.DrawFn,
    wanted: Wanted = USUAL,
    zones: tuple[str, ...] = ZONES,
    late: bool = True,
    pasts: bool = True,
) -> Case:
    """A project, its data and a period; `pasts`: fields may have a history."""
    catalog = draw(catalogs(zones, pasts))
    return draw(_case(catalog, draw(sources(catalog, wanted)), late))


@st.composite
def halves(draw: st.DrawFn) -> Case:
    """Two campaigns on a schedule: one for those of whom a condition holds, one for the others."""
    catalog = draw(catalogs())
    found = condition(draw, Env(catalog), 3, deniable=True)
    at = draw(st.sampled_from(WALLS)).isoformat("minutes")
    written = [
        f"campaign {name} {{\n"
        f"  audience {audience}\n"
        f"  trigger every day at {at}\n"
        "  reward 1 points\n"
        f"  budget {{ total {money(catalog, '10')} }}\n"
        '  compliance { forbid phrase "sure" }\n'
        "}\n"
        for name, audience in (("those", found.text), ("others", f"not {found.inner}"))
    ]
    return draw(_case(catalog, "".join(written), late=False))


@st.composite
def rivals(draw: st.DrawFn) -> Case:
    """Campaigns of one instant that ask about each other's grants, each in its own order."""
    catalog = draw(catalogs())
    at = draw(st.sampled_from(WALLS)).isoformat("minutes")
    names = draw(st.permutations(("a_gift", "b_gift", "c_gift")))[: draw(st.integers(2, 3))]
    event = draw(st.sampled_from((*catalog.events, None)))
    written = []
    for name in names:
        others = st.sampled_from([one for one in names if one != name])
        asked = draw(
            st.sampled_from(
                (
                    "yes",
                    "received({})",
                    "not received({})",
                    "count(received({}) in last 1 day) = 0",
                    "yes or received({})",
                )
            )
        ).format(draw(others))
        exhausted = draw(st.sampled_from(("stop", "waitlist", "reward 1 points")))
        cash = draw(st.sampled_from(("1", "20")))
        each = draw(st.sampled_from(("", " per event")))
        lines = [
            f"audience {asked}",
            f"trigger every day at {at}" if event is None else f"trigger on {event.name}",
            f"reward {money(catalog, cash)} as cash",
            *draw(st.sampled_from(([], ["limit 1 per customer"]))),
            f"budget {{ total {money(catalog, '40')} when exhausted {exhausted} }}",
            *draw(st.sampled_from(([], ["priority 2"], [f"exclusive with {draw(others)}{each}"]))),
            f"compliance {{ {draw(st.sampled_from(('', 'holdout at least 50% ')))}"
            'forbid phrase "sure" }',
        ]
        written.append(f"campaign {name} {{\n" + "".join(f"  {one}\n" for one in lines) + "}\n")
    return draw(_case(catalog, "".join(written), late=False))


@st.composite
def plain(draw: st.DrawFn) -> Case:
    """Campaigns that are mostly decided by columns: nothing of them is left to become of."""
    catalog = draw(catalogs())
    source = draw(sources(catalog, PLAIN))
    for found, put in _NOT_PLAIN:
        source = re.sub(found, put, source, flags=re.MULTILINE)
    return draw(_case(catalog, source, late=False))


_NOT_PLAIN = (
    (r"^ *when exhausted .*\n", ""),
    (r" returning to budget", " forfeited"),
    (r"^ *for .* points.*\n", ""),
    (r"^ *claimed on .*\n", ""),
    (r"^ *to (each|event\.\w+)\n", ""),
    (r"^( *)take ", r"\1reward "),
    (r"choose \d of [\w, ]+?( worth up to [\d.]+ [A-Z]+)?$", "coffee"),
)
"""Clauses for which a decision needs the ledger, and what is written in their place."""


@st.composite
def _case(draw: st.DrawFn, catalog: Catalog, source: str, late: bool) -> Case:
    """A project with data and a period."""
    catalog = _needed(catalog, source)
    stored = draw(tables(catalog))
    start, end = draw(periods(catalog))
    names = tuple(sorted(re.findall(r"^campaign (\w+)", source, re.MULTILINE)))
    keys = [str(row[0]) for event in catalog.events for row in stored[event.table].rows]
    return Case(
        draw(_settings(catalog, source)),
        catalog_text(catalog),
        source,
        stored,
        start,
        end,
        draw(grants(catalog, names)) if "received(" in source else (),
        frozenset(draw(st.lists(st.sampled_from(keys), max_size=3)) if late and keys else ()),
        draw(moves(catalog)) if "balance(" in source else (),
    )


@st.composite
def _settings(draw: st.DrawFn, catalog: Catalog, source: str) -> str:
    """The settings; of a project with draws half of the time with a seed."""
    seeded = "reward draw {" in source and draw(st.booleans())
    return settings_text(catalog) + (SEEDED if seeded else "")


@st.composite
def projects(draw: st.DrawFn, wanted: Wanted = MANY) -> dict[str, str]:
    """A project without data, as files."""
    catalog = draw(catalogs())
    source = draw(sources(catalog, wanted))
    catalog = _needed(catalog, source)
    return {
        "campaigner.toml": draw(_settings(catalog, source)),
        "catalog.yaml": catalog_text(catalog),
        "all.campaign": source,
    }


def _needed(catalog: Catalog, source: str) -> Catalog:
    """The catalog without the fields that the project never names."""

    def named(fields: tuple[Field, ...]) -> tuple[Field, ...]:
        return tuple(one for one in fields if one.named_in(source))

    events = tuple(
        one if one.cancels else replace(one, fields=named(one.fields)) for one in catalog.events
    )
    return replace(catalog, customers=named(catalog.customers), events=events)
