"""The seed of draws in tests, and the values of the parameters that a statement takes."""

from __future__ import annotations

import re

from campaigner.compiler.plan import Plan
from campaigner.compiler.plan.chance import NO_SEEDS, Seeds

SEED = "a seed for tests, no secret"
SETTINGS = '[chance]\nseed = "${DRAW_SEED}"\n'
"""The seed in a project's settings."""

_PARAMETER = re.compile(r"parameter (seed_[0-9]+): the seed of (\w+)")


def seeds_of(plan: Plan) -> Seeds:
    """The seeds with which the plan's campaigns draw here."""
    return Seeds(SEED) if plan.seeded else NO_SEEDS


def values_of(sql: str) -> dict[str, str]:
    """The value of each parameter, whose campaign a comment in the statement names."""
    found = dict(_PARAMETER.findall(sql))
    seeds = Seeds(SEED)
    return {name: seeds.of(found[name]) or "" for name in sorted(found, key=_number)}


def filled(sql: str, written: str) -> str:
    """The statement with texts in place of parameters, which are `written` so."""
    for name, value in values_of(sql).items():
        sql = sql.replace(written.replace("seed_1", name), f"'{value}'")
    return sql


def _number(name: str) -> int:
    return int(name.removeprefix("seed_"))
