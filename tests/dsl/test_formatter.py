"""The canonical form, shown on files as they are written and as they come out."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from campaigner.dsl.diagnostics.source import SourceFile
from campaigner.dsl.formatting.formatter import format_source

SHOWN = Path(__file__).parent / "formatted"


def formatted(text: str) -> str | None:
    return format_source(SourceFile("x.campaign", text))


def check(before: str, after: str) -> None:
    wanted = dedent(after).lstrip("\n")
    assert formatted(dedent(before)) == wanted
    assert formatted(wanted) == wanted


@pytest.mark.parametrize("path", sorted(SHOWN.glob("*.campaign")), ids=lambda path: path.stem)
def test_a_canonical_file_stays_as_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert formatted(text) == text


def test_how_the_author_laid_it_out_does_not_matter() -> None:
    text = (SHOWN / "welcome_gift.campaign").read_text(encoding="utf-8")
    assert formatted(" ".join(text.split())) == text
    assert formatted(text.replace("\n", "\r\n\r\n")) == text


@pytest.mark.parametrize("text", ["", " \n\n", "\t"])
def test_nothing_stays_nothing(text: str) -> None:
    assert formatted(text) == ""


def test_a_file_with_an_error_is_left_alone() -> None:
    assert formatted("audience a aum >= \n") is None


def test_numbers_keep_their_value_and_get_underscores() -> None:
    check(
        """
        audience a aum >= 5000 CNY and x > 1_0 and x < 9999 and x != 1234567.50
        budget b { total 600000 CNY reserve 05.0% per day 0019.90 CNY }
        """,
        """
        audience a aum >= 5_000 CNY and x > 10 and x < 9999 and x != 1_234_567.50

        budget b {
          total 600_000 CNY
          reserve 5.0%
          per day 19.90 CNY
        }
        """,
    )


def test_limits_of_a_step_stand_before_one_at_a_time_however_they_were_written() -> None:
    check(
        """
        campaign gift "gift" { journey {
          step begun on order one at a time limit 1 per customer reward 1 points
        } }
        """,
        """
        campaign gift "gift" {
          journey {
            step begun on order
              limit 1 per customer
              one at a time
              reward 1 points
          }
        }
        """,
    )


def test_parentheses_stand_only_where_the_meaning_needs_them() -> None:
    check(
        """
        audience a ((x) > (1 + (2 * 3))) and (y or (z)) and not (not (y)) and not (y and z)
        audience b ((x + 1) * 2 - (y - z) > -(3)) or ((a and b))
        audience c (a and b) and c
        audience d x else (1 else 2) > (y is known)
        """,
        """
        audience a x > 1 + 2 * 3 and (y or z) and not not y and not (y and z)

        audience b (x + 1) * 2 - (y - z) > -3 or a and b

        audience c (a and b) and c

        audience d (x else (1 else 2)) > (y is known)
        """,
    )


def test_names_stand_in_backticks_only_where_they_must() -> None:
    check(
        """
        audience `a` `limit` > 5 and `plain` and first(`order`).`at` > event.`count`
        benefit `新客` { kind coupon }
        """,
        """
        audience a `limit` > 5 and plain and first(order).at > event.count

        benefit 新客 {
          kind  coupon
        }
        """,
    )


def test_a_name_that_reads_as_a_unit_keeps_its_backticks_after_a_number() -> None:
    text = """campaign team {
  trigger  on order
           reaching 3 `CNY`
}
"""
    assert format_source(SourceFile("team.campaign", text)) == text


def test_a_comment_inside_of_a_phrase_stays_there() -> None:
    text = """benefit tea {
  expires after 30 days returning  # why
                to budget
}
"""
    once = format_source(SourceFile("tea.campaign", text))
    assert once is not None
    assert once.index("returning") < once.index("# why") < once.index("to budget")


def test_texts_keep_what_they_say() -> None:
    check(
        r'''
        campaign a """one line""" {
          message push "say \"hi\" \\ there"
          message mail """Dear {{ customer.name }},

            "yes" #1"""
          message sms "two\nlines"
          owner "two\nlines"
        }
        ''',
        r'''
        campaign a "one line" {
          message push "say \"hi\" \\ there"
          message mail """
            Dear {{ customer.name }},

                "yes" #1
          """
          message sms """
            two
            lines
          """

          owner    "two\nlines"
        }
        ''',
    )


def test_a_text_of_several_lines_that_cannot_be_indented_goes_on_one_line() -> None:
    check(
        r"""
        campaign a {
          message mail "  all\n  indented"
          message mail "blanks\n  \nbetween"
        }
        """,
        r"""
        campaign a {
          message mail "  all\n  indented"
          message mail "blanks\n  \nbetween"
        }
        """,
    )


def test_what_does_not_fit_goes_on_under_its_first_part() -> None:
    one, two = "first_condition_of_all > 1000", "(second_condition or third_condition_here)"
    three = (
        'city in ("Shanghai 1", "Beijing", "Guangzhou", "Shenzhen", "Chengdu", "Hangzhou", "Wuhan",'
    )
    check(
        f"""
        audience a "long" {one} and {two} and fourth_condition
        audience b "longer" {one} and {two} and fourth_condition and {two}
        audience c {three} "Harbin 2", "Suzhou")
        lifecycle l {{
          stage one when {one} and {two} and fourth_condition
        }}
        """,
        f"""
        audience a "long"
          {one} and {two} and fourth_condition

        audience b "longer"
          {one}
          and {two}
          and fourth_condition
          and {two}

        audience c
          {three}
                   "Harbin 2", "Suzhou")

        lifecycle l {{
          stage one  when {one}
                          and {two}
                          and fourth_condition
        }}
        """,
    )


def test_an_audience_clause_of_three_parts_has_one_a_line() -> None:
    check(
        """
        campaign a { audience x and y }
        campaign b { audience x and y and z }
        """,
        """
        campaign a {
          audience x and y
        }

        campaign b {
          audience x
                   and y
                   and z
        }
        """,
    )


def test_rewards_have_a_term_a_line_and_branches_in_columns() -> None:
    check(
        """
        campaign a {
          reward by {
            when aum >= 5_000_000 CNY: lounge_pass when aum >= 500 CNY: coffee and 5 points
            otherwise: 5% of event.amount as cash up to 20 CNY
          } to event.referrer_id limit 1 per customer
        }
        """,
        """
        campaign a {
          reward   by {
                     when aum >= 5_000_000 CNY: lounge_pass
                     when aum >= 500 CNY:       coffee and 5 points
                     otherwise:                 5% of event.amount as cash up to 20 CNY
                   }
                   to event.referrer_id
                   limit 1 per customer
        }
        """,
    )


def test_a_pool_that_says_little_stays_on_one_line() -> None:
    check(
        """
        budget a "x" {
          total 5_000_000 CNY
          per day 100_000 CNY
        }
        budget b { }
        """,
        """
        budget a "x" { total 5_000_000 CNY  per day 100_000 CNY }

        budget b { }
        """,
    )


def test_remarks_of_lines_that_stand_together_stand_in_a_column() -> None:
    check(
        """
        campaign a {
          owner "x" # who
          goal growth # 目标
          # between
          priority 10 # high
          message push "some words that are more than a line with comments leaves room for" # !
          budget { total 5 CNY # so little
          }
        }
        """,
        """
        campaign a {
          owner    "x"     # who
          goal     growth  # 目标
          # between
          priority 10      # high

          message push "some words that are more than a line with comments leaves room for"  # !

          budget {
            total 5 CNY  # so little
          }
        }
        """,
    )


def test_what_the_parser_takes_is_not_too_deep() -> None:
    text = "audience a " + "count(x where " * 60 + "x" + ") > 1" * 60
    assert formatted(text) is not None
