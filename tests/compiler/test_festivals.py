"""The festivals' days are those of the calendar, and what is not announced yet says so."""

from datetime import date

import pytest
from campaigner.compiler.check.festivals import FESTIVAL_YEARS, KNOWN_FESTIVALS, festival_days
from campaigner.compiler.plan import Holiday
from campaigner.compiler.project.config import OwnDays


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("new_year", date(2026, 1, 1)),
        ("spring_festival_eve", date(2026, 2, 16)),
        ("spring_festival", date(2026, 2, 17)),
        ("spring_festival", date(2027, 2, 6)),
        ("lantern", date(2026, 3, 3)),
        ("qingming", date(2026, 4, 5)),
        ("labour_day", date(2026, 5, 1)),
        ("dragon_boat", date(2026, 6, 19)),
        ("mid_autumn", date(2026, 9, 25)),
        ("mid_autumn", date(2015, 9, 27)),
        ("mid_autumn", date(2020, 10, 1)),
        ("national_day", date(2026, 10, 1)),
        ("thanksgiving", date(2026, 11, 26)),
        ("christmas", date(2026, 12, 25)),
    ],
)
def test_the_day_is_that_of_the_festival_itself(name: str, day: date) -> None:
    assert [holiday.day for holiday in festival_days([name], [day.year], {})] == [day]


def test_a_year_not_yet_announced_is_provisional() -> None:
    days = festival_days(["mid_autumn"], [2008, 2026, 2027], {})
    assert [holiday.provisional for holiday in days] == [False, False, True]


def test_the_project_says_the_last_word() -> None:
    own = {
        "mid_autumn": OwnDays({2027: date(2027, 9, 16)}),
        "birthday": OwnDays({2026: date(2026, 8, 8)}),
    }
    assert festival_days(["mid_autumn", "birthday"], [2026, 2027], own) == (
        Holiday("birthday", date(2026, 8, 8), provisional=False),
        Holiday("mid_autumn", date(2026, 9, 25), provisional=False),
        Holiday("mid_autumn", date(2027, 9, 16), provisional=False),
    )


def test_a_day_of_every_year_gives_way_to_one_of_a_year() -> None:
    own = {"fair": OwnDays({2027: date(2027, 11, 12)}, every_year=(11, 11))}
    days = [holiday.day for holiday in festival_days(["fair"], [2026, 2027, 2028], own)]
    assert days == [date(2026, 11, 11), date(2027, 11, 12), date(2028, 11, 11)]


def test_a_leap_day_is_in_leap_years_alone() -> None:
    own = {"leap": OwnDays(every_year=(2, 29))}
    days = [holiday.day for holiday in festival_days(["leap"], range(2023, 2030), own)]
    assert days == [date(2024, 2, 29), date(2028, 2, 29)]


def test_every_known_festival_has_a_day_in_every_year_of_an_open_campaign() -> None:
    days = festival_days(KNOWN_FESTIVALS, FESTIVAL_YEARS, {})
    assert len(days) == len(KNOWN_FESTIVALS) * len(FESTIVAL_YEARS)


def test_an_unknown_festival_has_no_days() -> None:
    assert festival_days(["mid_autum"], [2026], {}) == ()
