"""`campaigner help`."""

from campaigner.cli.codes import AREAS
from campaigner.dsl.codes import by_id


def test_help_alone_lists_every_code_with_its_title(campaigner):
    told = campaigner("help")
    assert told.returncode == 0
    lines = dict(line.split("  ", 1) for line in told.stdout.splitlines())
    assert lines == {code.id: code.title.say("en") for code in by_id(AREAS).values()}


def test_help_of_a_code_names_it_in_any_case(campaigner):
    assert campaigner("help", "e784").stdout.startswith("# E784")


def test_help_of_an_unknown_code_offers_the_nearest(campaigner):
    told = campaigner("help", "E78")
    assert (told.returncode, told.stdout) == (2, "")
    assert "there is no code `E78`" in told.stderr
    assert "`E780`" in told.stderr


def test_help_in_chinese(campaigner):
    assert "没有代码" in campaigner("help", "x", "--lang", "zh").stderr
    assert "没有代码" in campaigner("help", "x", env={"LC_ALL": "zh_CN.UTF-8"}).stderr


def test_every_title_in_chinese(campaigner):
    told = campaigner("help", "--lang", "zh").stdout
    lines = dict(line.split("  ", 1) for line in told.splitlines())
    assert lines == {code.id: code.title.say("zh") for code in by_id(AREAS).values()}


def test_a_page_in_chinese_begins_with_the_texts_of_its_code(campaigner):
    told = campaigner("help", "E120", "--lang", "zh").stdout
    assert told.startswith(
        "# E120: 日历中没有的日期\n\n- 日历中没有 `{found}` 这一天\n- 该月最后一天是 `{last}`\n"
    )
    assert "# E120: a day that the calendar does not have" in told
