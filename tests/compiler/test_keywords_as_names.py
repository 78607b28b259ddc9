"""Any word of the language can be a name: in backticks it is read, and bare it is read or
reported.

A bare keyword is read as a name, or is a mistake whose help proposes backticks. A name that
would be read as another construct is reported where the catalog declares it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

import pytest
from campaigner.dsl.diagnostics.source import SourceFile
from campaigner.dsl.parsing.keywords import KEYWORDS, PHRASES, VALUES, spelled
from campaigner.dsl.parsing.parser import parse

from ..laws.cases import compile_files

WORDS = sorted(
    KEYWORDS | {word for each in PHRASES for word in spelled(each).split() if word.isidentifier()}
)

SETTINGS = """
[project]
name = "shop"
language = 1
time_zone = "UTC"
currency = "USD"
[warehouse]
url = "duckdb:///shop.duckdb"
[ledger]
url = "sqlite:///ledger.db"
[channels.rewards]
kind = "file"
path = "rewards.jsonl"

[channels.push]
kind = "file"
path = "push.jsonl"
"""

CATALOG = """
customer:
  table: customers
  key: customer_id
  fields:
    FIELD: {type: integer}
    consent: {type: boolean}
    segment: {type: enum, values: [WORD, gold]}
events:
  EVENT:
    table: orders
    key: order_id
    customer: customer_id
    at: ordered_at
    fields:
      DETAIL: {type: integer}
"""

USUAL = {
    "AUDIENCE": "consent",
    "TRIGGER": "on order",
    "REWARD": "coffee",
    "BENEFIT": "coffee",
    "MESSAGE": "hi",
    "NAME": "gift",
    "BUDGET": "total 100 USD",
    "COMPLIANCE": 'forbid phrase "risk free"',
    "ALSO": "",
    "BEFORE": "",
}

CAMPAIGN = """
benefit BENEFIT "B" { kind coupon value 5 USD }
BEFORE
campaign NAME "C" {
  ALSO
  audience AUDIENCE
  trigger TRIGGER
  reward REWARD
  budget { BUDGET }
  message push "MESSAGE"
  compliance { COMPLIANCE }
}
"""

LIFECYCLE = (
    'lifecycle {0} "L" {{\n  stage {1} "S" when consent\n  stage others "O" when not consent\n}}'
)

Said = Callable[[str], Mapping[str, str]]

USES: Mapping[str, Said] = {
    "field compared": lambda n: {"AUDIENCE": f"{n} > 3"},
    "field denied": lambda n: {"AUDIENCE": f"consent and not {n} = 4"},
    "field between": lambda n: {"AUDIENCE": f"{n} between 3 and 4"},
    "field given": lambda n: {"REWARD": f"{n} points"},
    "word equal": lambda n: {"AUDIENCE": f"segment = {n}"},
    "word in": lambda n: {"AUDIENCE": f"segment in (gold, {n})"},
    "event trigger": lambda n: {"TRIGGER": f"on {n}"},
    "event where": lambda n: {"TRIGGER": f"on {n} where qty > 3"},
    "event has": lambda n: {"AUDIENCE": f"has {n}", "TRIGGER": f"on `{n.strip('`')}`"},
    "event no": lambda n: {"AUDIENCE": f"no {n} this month", "TRIGGER": f"on `{n.strip('`')}`"},
    "event count": lambda n: {
        "AUDIENCE": f"count({n} in last 3 days) > 2",
        "TRIGGER": f"on `{n.strip('`')}`",
    },
    "event last": lambda n: {"AUDIENCE": f"last({n}).qty > 2", "TRIGGER": f"on `{n.strip('`')}`"},
    "event sum": lambda n: {"AUDIENCE": f"sum({n}.qty) > 2", "TRIGGER": f"on `{n.strip('`')}`"},
    "detail": lambda n: {"TRIGGER": f"on order where {n} > 2"},
    "detail of event": lambda n: {"REWARD": f"max(event.{n}, 2) points"},
    "detail counted": lambda n: {"AUDIENCE": f"count(order where {n} > 2) > 2"},
    "benefit": lambda n: {"BENEFIT": n, "REWARD": f"`{n.strip('`')}`"},
    "benefit given": lambda n: {"BENEFIT": f"`{n.strip('`')}`", "REWARD": n},
    "benefit and": lambda n: {"BENEFIT": f"`{n.strip('`')}`", "REWARD": f"{n} and 3 points"},
    "benefit received": lambda n: {
        "BENEFIT": f"`{n.strip('`')}`",
        "REWARD": "3 points",
        "AUDIENCE": f"not received({n})",
    },
    "audience": lambda n: {"BEFORE": f'audience {n} "A" consent'},
    "audience meant": lambda n: {
        "BEFORE": f'audience `{n.strip("`")}` "A" consent',
        "AUDIENCE": n,
    },
    "campaign": lambda n: {"NAME": n},
    "stage": lambda n: {"BEFORE": LIFECYCLE.format("life", n)},
    "stage meant": lambda n: {
        "BEFORE": LIFECYCLE.format("life", f"`{n.strip('`')}`"),
        "ALSO": f"stage life.{n}",
    },
    "lifecycle": lambda n: {"BEFORE": LIFECYCLE.format(n, "some")},
    "lifecycle meant": lambda n: {
        "BEFORE": LIFECYCLE.format(f"`{n.strip('`')}`", "some"),
        "AUDIENCE": f"stage is {n}.some",
    },
    "pool": lambda n: {
        "BEFORE": f'budget `{n.strip("`")}` "B" {{ total 900 USD }}',
        "BUDGET": f"total 100 USD from {n}",
    },
    "pool declared": lambda n: {"BEFORE": f'budget {n} "B" {{ total 900 USD }}'},
    "policy": lambda n: {"BEFORE": f'policy {n} "P" {{ forbid phrase "zz" }}'},
    "policy followed": lambda n: {
        "BEFORE": f'policy `{n.strip("`")}` "P" {{ forbid phrase "zz" }}',
        "COMPLIANCE": f"follows {n}",
    },
}
"""A place for a name, and what of a campaign is written with it."""

OF_CATALOG = {"field": "FIELD", "word": "WORD", "event": "EVENT", "detail": "DETAIL"}
PLAIN = {"FIELD": "age", "WORD": "mass", "EVENT": "order", "DETAIL": "qty"}
NEVER = {"detail": {"at", "key", "customer"}}
"""Names that the catalog itself refuses (E169)."""


COMPILED = (
    "field compared",
    "word equal",
    "event trigger",
    "event count",
    "detail",
    "benefit given",
    "audience meant",
    "campaign",
    "stage meant",
    "lifecycle meant",
    "pool",
    "policy followed",
)
"""Those of which a whole project is compiled."""


def written(use: str, word: str, name: str) -> dict[str, str]:
    """The files of a project with something called `word`, which the campaign calls `name`."""
    kind = use.split(maxsplit=1)[0]
    names = {**PLAIN, **({OF_CATALOG[kind]: word} if kind in OF_CATALOG else {})}
    said = {**USUAL, **USES[use](name)}
    catalog = re.sub(r"[A-Z]{4,}", lambda found: json.dumps(names[found[0]]), CATALOG)
    campaign = re.sub(r"[A-Z]{4,}", lambda found: said.get(found[0], found[0]), CAMPAIGN)
    return {"campaigner.toml": SETTINGS, "catalog.yaml": catalog, "a.campaign": campaign}


def known(use: str) -> list[str]:
    kind = use.split(maxsplit=1)[0]
    return [word for word in WORDS if word not in NEVER.get(kind, ())]


@pytest.mark.parametrize("use", COMPILED)
def test_between_backticks_every_word_is_a_name(use: str) -> None:
    in_catalog = use.split(maxsplit=1)[0] in ("field", "word", "detail")
    for word in known(use):
        found = compile_files(written(use, word, f"`{word}`")).diagnostics
        warned = ["W151"] if in_catalog and word in VALUES else []
        assert [one.code.id for one in found] == warned, word


@pytest.mark.parametrize("use", USES)
def test_bare_it_is_read_or_the_way_out_is_told(use: str) -> None:
    for word in known(use):
        text = written(use, word, word)["a.campaign"]
        found = parse(SourceFile("a.campaign", text)).diagnostics
        helps = [one.help() or "" for one in found]
        assert not found or any(f"`{word}`" in help_ for help_ in helps), (word, found)


@pytest.mark.parametrize("word", sorted(VALUES))
def test_what_is_read_as_a_value_is_told_in_the_catalog(word: str) -> None:
    found = compile_files(written("field compared", word, word)).diagnostics
    (warned,) = (one for one in found if one.code.id == "W151")
    assert (warned.place.file, warned.place.line) == ("catalog.yaml", 6)
    assert f"`{word}`" in warned.message()
    assert f"`{word}`" in warned.help("zh")
