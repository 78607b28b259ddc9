"""`campaigner help`."""

from campaigner.cli.codes import AREAS
from campaigner.cli.commands import help as help_command
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


def test_a_page_in_chinese_has_the_examples_of_the_english_one(campaigner):
    told = campaigner("help", "E120", "--lang", "zh").stdout
    assert told.startswith("# E120: 日历中没有的日期\n\n日历中没有这一天")
    assert "## 错误\n\n```campaign\n" in told
    assert "## 正确\n\n```campaign\n" in told
    assert "## Wrong" not in told


def test_a_section_of_a_page_begins_with_its_own_words():
    english = "# E1: t\n\nwords\n\n## Wrong\n\n```a\nx\n```\n\n## Right\n\nSo:\n\n```a\ny\n```\n"
    translated = "# E1: 题\n\n说明\n\n## 正确\n\n这样：\n"
    assert help_command.with_examples(translated, english, "zh") == (
        "# E1: 题\n\n说明\n\n## 错误\n\n```a\nx\n```\n\n## 正确\n\n这样：\n\n```a\ny\n```\n"
    )


def test_a_session_is_shown_in_the_language_of_the_page():
    right = "## Right\n\n```a\ny\n```\n"
    english = f"# E1: t\n\nw\n\n## Wrong\n\n```toml\nx\n```\n\n```console\nerror\n```\n\n{right}"
    translated = "# E1: 题\n\n说明\n\n## 错误\n\n```console\n错误\n```\n"
    assert help_command.with_examples(translated, english, "zh") == (
        "# E1: 题\n\n说明\n\n## 错误\n\n```console\n错误\n```\n\n```toml\nx\n```\n\n"
        "## 正确\n\n```a\ny\n```\n"
    )


def test_a_page_that_is_not_translated_follows_the_texts_of_its_code(tmp_path, monkeypatch):
    (tmp_path / "E120.md").write_text("# E120: the English page\n", "utf-8")
    monkeypatch.setattr(help_command, "files", lambda package: tmp_path)
    assert help_command.page(by_id(AREAS)["E120"], "zh") == (
        "# E120: 日历中没有的日期\n\n- 日历中没有 `{found}` 这一天\n- 该月最后一天是 `{last}`\n\n"
        "# E120: the English page\n"
    )
