"""The recipes of CONTRIBUTING.md work as they are written."""

from __future__ import annotations

import csv
import re
from io import StringIO
from pathlib import Path

import duckdb
import pytest

from ..projects import ROOT, write
from .recipes import PAGE, apply, changes, commands, copy_repository, passing, recipe, run, shell

CHECKS = (
    "tests/docs/test_language_page.py",
    "tests/docs/test_language_examples.py",
    "tests/compiler/sql/test_meaning.py",
    "tests/dsl/test_lexer.py",
)
RECIPES = re.findall(r"^### (.*)$", PAGE.split("\n## Recipes\n")[1], re.M)


@pytest.mark.parametrize("title", RECIPES)
def test_every_file_that_a_recipe_names_exists(title: str) -> None:
    made = {change.file for change in changes(title) if not change.before}
    named = re.findall(r"`([\w./]+\.(?:py|md|lark|toml|sql|json|yaml|ini|pot?))`", recipe(title))
    assert named
    assert [name for name in named if name not in made and not (ROOT / name).exists()] == []


def applied(title: str, folder: Path) -> Path:
    """A copy of the repository with the recipe's changes."""
    copy = copy_repository(folder)
    for change in changes(title):
        apply(copy, change)
    for command in commands(title):
        shell(copy, command)
    return copy


def test_an_operator_is_added_as_its_recipe_says(tmp_path: Path) -> None:
    copy = applied("Add an operator", tmp_path)
    # Conditions of the page, its examples on three engines, the grid of values, the keywords.
    chosen = "in_month_of and duckdb or month and of and (reference or path or duckdb or condition)"
    assert passing(copy, f"{chosen} or phrases_are_those", *CHECKS) >= 10
    found = granted(copy, "registered_at in month of 2025-12-24", "5 points")
    assert set(found) == registered_in_december(copy) != set()


OF_REWARDS = (
    "tests/compiler/test_rewards.py",
    "tests/compiler/sql/test_reward_meaning.py",
    "tests/compiler/test_plan_json.py",
    "tests/docs/test_language_page.py",
    "tests/docs/test_language_examples.py",
    "tests/dsl/test_lexer.py",
    "tests/test_house.py",
)


def test_a_reward_is_added_as_its_recipe_says(tmp_path: Path) -> None:
    copy = applied("Add a reward", tmp_path)
    # The table, its meaning on DuckDB, the schema, the page, its example, the keywords, imports.
    chosen = (
        "test_rewards or duckdb and DonationLine or schema or donate or phrases_are_those"
        " or duckdb and cash or rewards and imports"
    )
    assert passing(copy, chosen, *OF_REWARDS) >= 12
    found = granted(copy, "registered_at is known", "donate 1.5 CNY to red_cross")
    assert found
    assert set(found.values()) == {"1.50"}


CAMPAIGN = """campaign recipe "A recipe" {{
  owner    "growth"
  goal     retention
  active   2026-01-01 to 2035-12-31
  audience {audience}
  trigger  at 2026-02-06 10:00
  reward   {reward}
  budget {{ total 1_000_000 CNY }}
  compliance {{ follows fair_play }}
}}
"""


def granted(copy: Path, audience: str, reward: str) -> dict[str, str]:
    """Grant amounts by customer of the starter's shop, after a run of the copy."""
    campaigner = ("-m", "campaigner.cli")
    run(copy, *campaigner, "init", "shop")
    written = CAMPAIGN.format(audience=audience, reward=reward)
    write(copy / "shop", {"recipe.campaign": written})
    run(copy, *campaigner, "fmt", "shop")
    run(copy, *campaigner, "check", "shop")
    run(copy, *campaigner, "run", "shop", "--from", "2026-02-01", "--to", "2026-02-28")
    listed = run(
        copy, *campaigner, "ledger", "grants", "shop", "--campaign", "recipe", "--format", "csv"
    )
    rows = csv.DictReader(StringIO(listed))
    return {row["recipient"]: row["amount"] for row in rows}


def registered_in_december(copy: Path) -> set[str]:
    """The customers with consent, by a query that the compiler did not write."""
    with duckdb.connect(str(copy / "shop" / "data" / "shop.duckdb"), read_only=True) as shop:
        shop.execute("SET TimeZone = 'Asia/Shanghai'")
        december = shop.table("customers").filter("month(registered_at) = 12 AND consent_marketing")
        return {key for (key,) in december.project("customer_id").fetchall()}
