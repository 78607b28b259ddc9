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
