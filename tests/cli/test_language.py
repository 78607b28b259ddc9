"""Everything of the command line in the language of the session."""

import re

import pytest

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
