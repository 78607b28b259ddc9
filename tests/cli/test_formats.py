"""Every format over hand-made diagnostics: what people and programs read, to the character."""

import json

import click
import pytest
from campaigner.cli.formats import concise, github, sarif, text
from campaigner.cli.formats import json as json_format
from campaigner.cli.formats.report import Report
from campaigner.cli.screen.excerpt import cut, safe, text_width
from campaigner.dsl.diagnostics.diagnostic import Code, Fix, Label, Phrase, diagnose
from campaigner.dsl.diagnostics.source import Place, SourceFile
from campaigner.dsl.words import catalogue

UNKNOWN = Code("E201")
DOUBTFUL = Code("W301")
HERE = Phrase("here")
NOBODY = Phrase("nobody")

TEXTS = {
    "E201.title": ("unknown name", "未知的名称"),
    "E201.message": ("there is no field `{name}`", "没有字段 `{name}`"),
    "E201.help.1": ("did you mean `{nearest}`", "您是不是想写 `{nearest}`"),
    "E201.help.2": ("its fields are {known}", "可用的字段有 {known}"),
    "W301.title": ("a doubt", "疑问"),
    "W301.message": ("this is doubtful", "此处可疑"),
    "W301.help.1": ("ask {whom}", "请询问 {whom}"),
    "here": ("declared here", "在此声明"),
    "nobody": ("reaches nobody", "无人可达"),
}


@pytest.fixture(autouse=True)
def _own_texts(monkeypatch):
    """The texts of these tests over those of the catalogue."""
    known = catalogue.texts
    own = {
        language: {key: pair[at] for key, pair in TEXTS.items()}
        for at, language in enumerate(("en", "zh"))
    }
    monkeypatch.setattr(catalogue, "texts", lambda language: {**known(language), **own[language]})


SOURCE = SourceFile("winback.campaign", "campaign a {\n  audience agee > 3\n}\n")
PLACE = Place("winback.campaign", 2, 12, 2, 16)
MISTAKE = diagnose(UNKNOWN, PLACE, name="agee", nearest="age")


def report(*diagnostics, source=SOURCE, **settings):
    return Report(tuple(diagnostics), {source.path: source}, **settings)


def shown(source_text, column, end_column, **settings):
    """The excerpt's two lines: the source and the marks under it."""
    source = SourceFile("f", source_text)
    page = text.render(
        report(diagnose(DOUBTFUL, Place("f", 1, column, 1, end_column)), source=source, **settings)
    )
    lines = page.splitlines()
    return lines[3][5:], lines[4][5:]


# --- text ---------------------------------------------------------------------------------------


def test_text_shows_sentence_place_line_and_way_out():
    assert text.render(report(MISTAKE)) == (
        "error[E201]: there is no field `agee`\n"
        "  --> winback.campaign:2:12\n"
        "   |\n"
        " 2 |   audience agee > 3\n"
        "   |            ^^^^\n"
        "   |\n"
        "   = help: did you mean `age`\n"
        "\n"
    )


def test_text_in_chinese():
    page = text.render(report(MISTAKE, language="zh"))
    assert page.startswith("错误[E201]: 没有字段 `agee`\n")
    assert "= 建议: 您是不是想写 `age`" in page


def test_text_shows_labels_here_and_in_other_files():
    other = SourceFile("catalog.yaml", "customer:\n  fields: {}\n")
    mistake = diagnose(
        UNKNOWN,
        PLACE,
        name="agee",
        labels=[
            Label(PLACE, NOBODY),
            Label(Place("winback.campaign", 1, 10, 1, 11), HERE),
            Label(Place("catalog.yaml", 2, 3, 2, 9), HERE),
        ],
    )
    page = text.render(
        Report((mistake,), {SOURCE.path: SOURCE, other.path: other}, prefix="campaigns/bank/")
    )
    assert page == (
        "error[E201]: there is no field `agee`\n"
        "  --> campaigns/bank/winback.campaign:2:12\n"
        "   |\n"
        " 1 | campaign a {\n"
        "   |          - declared here\n"
        " 2 |   audience agee > 3\n"
        "   |            ^^^^ reaches nobody\n"
        "   |\n"
        "  ::: campaigns/bank/catalog.yaml:2:3\n"
        "   |\n"
        " 2 |   fields: {}\n"
        "   |   ------ declared here\n"
        "   |\n"
        "\n"
    )


def test_text_without_a_place_or_without_the_source():
    assert text.render(report(diagnose(DOUBTFUL, None))) == "warning[W301]: this is doubtful\n\n"
    lost = diagnose(DOUBTFUL, Place("gone.campaign", 3, 1, 3, 2))
    assert text.render(report(lost)) == (
        "warning[W301]: this is doubtful\n  --> gone.campaign:3:1\n\n"
    )


def test_text_leaves_a_gap_between_lines_that_are_apart():
    source = SourceFile("f", "a\nb\nc\nd\n")
    mistake = diagnose(
        DOUBTFUL, Place("f", 4, 1, 4, 2), labels=[Label(Place("f", 1, 1, 1, 2), HERE)]
    )
    assert "...\n 4 | d\n" in text.render(report(mistake, source=source))


def test_text_marks_the_first_line_of_a_longer_span():
    source = SourceFile("f", "budget {\n  total 1\n}\n")
    page = text.render(report(diagnose(DOUBTFUL, Place("f", 1, 8, 3, 2)), source=source))
    assert " 1 | budget {\n   |        ^ …\n" in page


def test_text_aligns_many_digit_line_numbers():
    source = SourceFile("f", "\n" * 99 + "here\n")
    page = text.render(report(diagnose(DOUBTFUL, Place("f", 100, 1, 100, 5)), source=source))
    assert "    --> f:100:1\n     |\n 100 | here\n     | ^^^^\n     |\n" in page


def test_marks_stand_under_wide_characters():
    line, marks = shown("受众 年龄 > 3", 4, 6)
    assert line == "受众 年龄 > 3"
    assert marks == "     ^^^^"


def test_marks_stand_under_characters_after_tabs_and_accents():
    assert shown("\tage", 2, 5) == ("    age", "    ^^^")
    line, marks = shown("cafe\u0301 age", 7, 10)
    assert line == "cafe\u0301 age"
    assert marks == "     ^^^"


def test_a_mark_of_no_width_is_still_seen():
    assert shown("reward", 7, 7) == ("reward", "      ^")
    assert shown("", 1, 1)[1] == "^"


def test_control_and_direction_characters_are_shown_not_obeyed():
    line, marks = shown("a\x1b[31m\u202eb", 7, 8)
    assert line == "a␛[31m\ufffdb"
    assert marks == "      ^"


def test_a_megabyte_on_one_line_shows_the_part_that_matters():
    line, marks = shown("x" * 700_000 + " agee " + "y" * 300_000, 700_002, 700_006, width=100)
    assert text_width(line) <= 100
    start = marks.index("^")
    assert line[start : start + 4] == "agee"
    assert line.startswith("…")
    assert line.endswith("…")


def test_a_long_line_is_shown_from_its_start_where_the_mark_is_near_it():
    excerpt = cut("age" + "," * 500, 1, 4, 80)
    assert excerpt.text.startswith("age,,")
    assert (excerpt.start, excerpt.width) == (0, 3)


def test_colour_changes_nothing_but_colour():
    painted = text.render(report(MISTAKE, colour=True))
    assert "\x1b[" in painted
    assert click.unstyle(painted) == text.render(report(MISTAKE))


def test_counts_in_words():
    doubt = diagnose(DOUBTFUL, None)
    assert report().count() == "no mistakes found"
    assert report(MISTAKE, doubt, doubt).count() == "found 1 error, 2 warnings"
    assert report(MISTAKE, doubt, language="zh").count() == "发现 1 个错误，1 个警告"


# --- for programs -------------------------------------------------------------------------------


def test_concise():
    page = concise.render(report(MISTAKE, diagnose(DOUBTFUL, None), prefix="bank/"))
    assert page == (
        "bank/winback.campaign:2:12: E201 there is no field `agee`\nW301 this is doubtful\n"
    )


def test_json_is_as_documented():
    document = json.loads(
        json_format.render(report(MISTAKE, diagnose(DOUBTFUL, None), prefix="x/"))
    )
    assert document == {
        "format_version": 1,
        "diagnostics": [
            {
                "code": "E201",
                "severity": "error",
                "message": "there is no field `agee`",
                "file": "winback.campaign",
                "line": 2,
                "column": 12,
                "end_line": 2,
                "end_column": 16,
                "help": "did you mean `age`",
                "fix": None,
            },
            {
                "code": "W301",
                "severity": "warning",
                "message": "this is doubtful",
                "file": None,
                "line": None,
                "column": None,
                "end_line": None,
                "end_column": None,
                "help": None,
                "fix": None,
            },
        ],
    }


def test_github_escapes_what_would_end_a_command():
    odd = Place("a,b:c%\n.campaign", 1, 1, 1, 2)
    page = github.render(report(diagnose(UNKNOWN, odd, name="100%\r\n::error::x")))
    assert page.count("\n") == 1
    assert page == (
        "::error file=a%2Cb%3Ac%25%0A.campaign,line=1,col=1,endLine=1,endColumn=2,title=E201"
        "::there is no field `100%25%0D%0A::error::x`\n"
    )


def test_github_gives_the_way_out_on_a_second_line():
    assert github.render(report(MISTAKE, prefix="bank/")) == (
        "::error file=bank/winback.campaign,line=2,col=12,endLine=2,endColumn=16,title=E201"
        "::there is no field `agee`%0Adid you mean `age`\n"
    )


def test_sarif_names_rules_once_and_points_at_them():
    label = Label(Place("目录.yaml", 1, 1, 1, 5), HERE)
    fix = Fix(PLACE, "age")
    log = json.loads(
        sarif.render(
            report(
                MISTAKE,
                diagnose(UNKNOWN, PLACE, name="b", labels=[label], fix=fix),
                diagnose(DOUBTFUL, None),
            )
        )
    )
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["E201", "W301"]
    assert [result["ruleIndex"] for result in run["results"]] == [0, 0, 1]
    assert [result["level"] for result in run["results"]] == ["error", "error", "warning"]
    assert run["results"][0]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "winback.campaign"},
        "region": {"startLine": 2, "startColumn": 12, "endLine": 2, "endColumn": 16},
    }
    related = run["results"][1]["relatedLocations"][0]
    assert related["physicalLocation"]["artifactLocation"]["uri"] == "%E7%9B%AE%E5%BD%95.yaml"
    assert run["results"][2]["locations"] == []


def test_sarif_of_a_clean_project_has_a_run_without_results():
    (run,) = json.loads(sarif.render(report()))["runs"]
    assert run["results"] == []


def test_safe_text_has_nothing_a_terminal_would_obey():
    every = "".join(chr(code) for code in range(0x300))
    assert all(character.isprintable() for character in safe(every) if character not in "\xa0\xad")
