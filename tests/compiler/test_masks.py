"""Masks: so many characters are shown and no more, however a value is written."""

import unicodedata

import pytest
from campaigner.compiler.messages.filters import FILTERS
from campaigner.compiler.messages.masks import (
    masked,
    masked_account,
    masked_mail,
    masked_name,
    masked_phone,
)
from campaigner.compiler.messages.reading import read
from campaigner.compiler.messages.uses import uses
from hypothesis import given
from hypothesis import strategies as st

_INVISIBLE = ("\u200b", "\u200d", "\ufe0f", "\u0301", "\u202e", " ", "\t", "\u00ad")
_PIECES = st.sampled_from(
    (*"0123456789", *_INVISIBLE, "@", ".", "-", "(", "+", "a", "张", "٣", "３", "🙂", "한", "é")
)
TEXTS = st.text(max_size=40) | st.lists(_PIECES, max_size=30).map("".join)


def visible(text: str) -> list[str]:
    """The characters of a text that a reader sees, without the stars."""
    composed = unicodedata.normalize("NFC", text)
    return [one for one in composed if unicodedata.category(one)[0] not in "MCZ"]


def shown(mask: str) -> int:
    return sum(one != "*" for one in visible(mask))


@given(TEXTS.filter(lambda text: "*" not in text))
def test_no_mask_shows_more_than_its_page_says(text: str) -> None:
    has = len(visible(text))
    assert shown(masked_name(text)) <= min(1, has // 2)
    assert shown(masked_account(text)) <= min(4, has // 3)
    digits = masked_phone(text)
    assert shown(digits) <= min(7, has * 2 // 3)
    assert shown(digits) <= 3 or has >= 11
    if "@" not in text:
        assert masked_mail(text) == masked_name(text)
        assert shown(masked(text)) <= min(7, has * 2 // 3)


@pytest.mark.parametrize(
    ("mask", "text", "said"),
    [
        (masked_phone, "13812345678", "138****5678"),
        (masked_phone, "138-1234-5678", "138****5678"),
        (masked_phone, "123\u200b\u200b\u200b4567", "*****67"),
        (masked_phone, "", ""),
        (masked_account, "6222021234567890", "************7890"),
        (masked_name, "张三", "张**"),
        (masked_name, "张", "**"),
        (masked_name, "e\u0301", "**"),
        (masked_name, " \u200b ", ""),
        (masked_mail, "ann@example.com", "a***@example.com"),
        (masked_mail, "a@example.com", "***@example.com"),
        (masked_mail, "@13812345678", "@**"),
        (masked_mail, "13812345678", "1**"),
        (masked, "@handle of Ann", "@**"),
    ],
)
def test_masks(mask: object, text: str, said: str) -> None:
    assert mask(text) == said


FIRST = sorted(name for name, row in FILTERS.items() if not row.masks and row.takes == "text")
ARGUMENTS = {"replace": '("13", "13@")', "truncate": "(8)"}


@pytest.mark.parametrize("first", FIRST)
def test_what_another_filter_has_changed_first_is_shown(first: str) -> None:
    """`replace("1", "@1")` would have a mask of mail show all that follows."""
    template = f"{{{{ customer.phone | {first}{ARGUMENTS.get(first, '')} | masked_mail }}}}"
    assert [one.masked for one in uses(read(template))] == [False]


@pytest.mark.parametrize(
    "template",
    [
        "{{ customer.phone | masked }}",
        "{{ customer.phone | masked | upper | replace('1', '2') }}",
        "{{ customer.phone | default('-') | masked }}",
        "{{ customer.phone | string | masked }}",
        "{{ (customer.phone or '-') | masked }}",
    ],
)
def test_a_mask_behind_the_variable_counts(template: str) -> None:
    assert all(one.masked for one in uses(read(template)))
