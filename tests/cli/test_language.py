"""Everything of the command line in the language of the session."""

import ast
import re
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from campaigner.cli.screen.headings import COLUMNS_OF_WORDS, HEADINGS, OWNERS, WORDS
from campaigner.compiler.plan.value import Measure
from campaigner.runtime.decide.claims import ClaimOutcome
from campaigner.runtime.decide.decisions import Outcome
from campaigner.runtime.ledger.contract import BudgetRow
from campaigner.runtime.ledger.outbox import State
from campaigner.runtime.ledger.rewound import Irrevocable

from .lines import leaves

LEAVES = {leaf.name: leaf for leaf in leaves()}
HAN = re.compile("[\u4e00-\u9fff]")


@pytest.mark.parametrize("name", ["", "ledger", "outbox", *LEAVES])
def test_help_in_chinese(name, campaigner):
    for told in (
        campaigner(*name.split(), "--help", env={"LC_ALL": "zh_CN.UTF-8"}),
        campaigner(*name.split(), *(["--lang", "zh"] if name in LEAVES else []), "--help"),
    )[: 2 if name in LEAVES else 1]:
        assert told.returncode == 0
        assert told.stdout.startswith("用法：campaigner")
        assert "选项:" in told.stdout
        assert "显示本帮助并退出。" in told.stdout
        assert not {"Usage:", "Options:", "Commands:"} & set(told.stdout.split())
    assert campaigner(*name.split(), "--help").stdout.startswith("Usage: campaigner")


def test_options_of_help_are_translated_with_their_defaults(campaigner):
    told = campaigner("sql", "--help", "--lang", "zh")
    assert "一次处理所有活动" in told.stdout
    assert "[默认：duckdb]" in told.stdout
    assert "[必填]" in campaigner("explain", "--help", "--lang", "zh").stdout


MISTAKES = (
    ["--nonsense"],
    ["one", "two", "three", "four", "five"],
    ["--lang"],
)


@pytest.mark.parametrize("name", LEAVES)
def test_every_mistake_of_a_command_line_in_both_languages(name, campaigner):
    leaf = LEAVES[name]
    lines = [[*leaf.line, *more] for more in MISTAKES]
    lines += [
        [*leaf.words, *leaf.arguments[:1], f"{option.opts[-1]}=x"]
        for option in leaf.options
        if option.is_flag
    ]
    lines += [leaf.words] if any(option.required for option in leaf.options) else []
    for line in lines:
        english = campaigner(*line)
        chinese = campaigner(*line, env={"LC_ALL": "zh_CN.UTF-8"})
        if english.returncode != 2:
            continue  # a command that takes any number of words
        assert (english.stdout, chinese.returncode, chinese.stdout) == ("", 2, "")
        assert english.stderr.startswith("error[E")
        assert not HAN.search(english.stderr)
        assert chinese.stderr.startswith("错误[E")
        assert HAN.search(chinese.stderr.splitlines()[0].removeprefix("错误"))


def test_a_command_that_is_nearly_one(campaigner):
    assert "did you mean `check`?" in campaigner("chekc").stderr
    assert "是否想用 `check`？" in campaigner("chekc", env={"LANG": "zh_CN.UTF-8"}).stderr


def columns():
    """The headings of every table and listing, where they are written."""
    for path in sorted((Path(__file__).parents[2] / "cli").rglob("*.py")):
        module = ast.parse(path.read_text("utf-8"))
        shared = {
            node.targets[0].id: node.value
            for node in module.body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        for node in ast.walk(module):
            match node:
                case ast.Call(func=ast.Name("Column"), args=[ast.Constant(heading), *_]):
                    yield heading
                case ast.Call(func=ast.Name("Listing"), args=[_, *tuples]):
                    # The first tuple is for programs where people see another one.
                    names = list(ast.walk(tuples[1] if len(tuples) > 1 else tuples[0]))
                    names += [
                        constant
                        for one in names
                        if isinstance(one, ast.Name) and isinstance(shared.get(one.id), ast.Tuple)
                        for constant in ast.walk(shared[one.id])
                    ]
                    yield from (one.value for one in names if isinstance(one, ast.Constant))


def test_every_heading_of_a_table_has_its_words():
    found = set(columns())
    assert len(found) > 30
    assert found <= HEADINGS.keys()
    assert found >= COLUMNS_OF_WORDS


def test_every_outcome_has_its_words():
    assert {*get_args(Outcome), *get_args(ClaimOutcome), *get_args(State)} <= WORDS.keys()


def test_every_measure_kind_and_owner_has_its_words():
    assert {*get_args(Measure)} <= WORDS.keys()
    assert {*get_args(get_type_hints(Irrevocable)["kind"])} <= WORDS.keys()
    assert {*get_args(get_type_hints(BudgetRow)["owner_kind"])} == OWNERS.keys()


def test_a_run_on_a_terminal_and_an_explanation_follow_the_language(campaigner):
    assert campaigner("init", "shop").returncode == 0
    campaigner("run", "shop", "--from", "2026-01-01", "--to", "2026-02-10")
    line = ("explain", "shop", "--campaign", "cash_back", "--customer", "c001")
    told = campaigner(*line, "--at", "2026-02-06", "--lang", "zh").stdout
    assert told.startswith("cash_back · c001 · o0001：已发放（以账本记录为准）")
    assert re.search(r"已用 = [0-9.]+、上限 = 300.00、剩余 = [0-9.]+\n", told)
    assert "此刻 = 2026-01-25T" in told
    never = campaigner(*line, "--at", "2026-01-02", "--lang", "zh").stdout
    assert "order = 截至 2026-01-02T00:00:00+08:00 没有" in never
    budgets = campaigner("ledger", "budgets", "shop", "--lang", "zh").stdout
    assert re.search(r"活动 cash_back +total +金额 ", budgets)


def test_tables_and_notes_follow_the_language(campaigner):
    assert campaigner("init", "shop").returncode == 0
    ran = campaigner("run", "shop", "--from", "2026-01-01", "--to", "2026-01-31", "--lang", "zh")
    assert ran.returncode == 0
    assert ran.stdout.split()[:7] == [
        "活动",
        "涉及",
        "已发放",
        "此前",
        "未发放",
        "已用（CNY）",
        "剩余",
    ]
    for line in (*ran.stdout.splitlines(), *ran.stderr.splitlines()):
        assert HAN.search(line) or re.match(r"(cash_back|win_back) ", line)
    status = campaigner("status", "shop", "--lang", "zh").stdout
    assert status.startswith("截至 ")
    assert "已决定到" in status
    for name in ("grants", "budgets", "balances", "offers", "claims"):
        heading = campaigner("ledger", name, "shop", "--lang", "zh").stdout.splitlines()[0]
        assert all(HAN.search(word) for word in heading.split()), heading
    reversed_ = campaigner("ledger", "reverse", "shop", "1", "--reason", "x", "--lang", "zh")
    assert "已撤销" in reversed_.stdout
    programs = campaigner("ledger", "grants", "shop", "--format", "csv", "--lang", "zh").stdout
    assert programs.startswith("grant,campaign,step,")
