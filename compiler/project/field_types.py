"""The small types that the entries of campaigner.toml and of the catalog share."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache
from importlib.resources import files as resources
from typing import Annotated

from pydantic import AfterValidator, Field

from ...dsl.diagnostics.diagnostic import Phrase, names_listed
from ..codes import files
from ..files.positions import nfkc
from ..plan.currencies import CURRENCIES, NO_CURRENCY
from .config import CLUSTER
from .entries import described, one_line, refuse

_YUAN = ("RMB", "元", "人民币", "¥", "￥", "YUAN")
_BEIJING = ("beijing", "peking", "北京", "中国", "cst", "utc+8", "gmt+8", "utc+08:00", "+08:00")


def _currency(value: str) -> str:
    if value.upper() in _YUAN:
        raise refuse(files.BAD_CURRENCY, value=value, nearest="CNY")
    if value not in CURRENCIES and value != NO_CURRENCY:
        upper = value.upper()
        swapped = [code for code in CURRENCIES if sorted(code) == sorted(upper)]
        near = swapped or get_close_matches(upper, sorted(CURRENCIES), n=1, cutoff=0.6)
        raise refuse(
            files.BAD_CURRENCY, value=one_line(value), **({"nearest": near[0]} if near else {})
        )
    return value


@cache
def _zones() -> frozenset[str]:
    """The names in the IANA database, from the package that every machine has in one version."""
    return frozenset((resources("tzdata") / "zones").read_text(encoding="ascii").split())


def _zone(value: str) -> str:
    if value not in _zones():
        if any(word in value.lower() for word in _BEIJING):
            near = ["Asia/Shanghai"]
        else:
            near = get_close_matches(value, sorted(_zones()), n=1, cutoff=0.6)
        nearest = {"nearest": near[0]} if near else {}
        raise refuse(files.UNKNOWN_ZONE, value=one_line(value), **nearest)
    return value


def _name(value: str) -> str:
    """A name in NFKC that a campaign can use: letters, digits and `_`."""
    return _usable(value, {})


def _field_name(value: str) -> str:
    return _usable(value, {"column": value})


def _without_nul(value: str) -> str:
    if "\0" in value:
        expected = Phrase("field_types.text_without_nul")
        raise refuse(files.WRONG_VALUE, expected=expected, found=described(value))
    return value


def _usable(value: str, values: dict[str, str]) -> str:
    name = nfkc(value)
    if not name.isidentifier():
        better = re.sub(r"\W+", "_", name).strip("_")
        near = {"better": better} if better.isidentifier() else {}
        raise refuse(files.BAD_NAME, name=one_line(value), **near, **values)
    return name


def url_of(owner: Phrase, schemes: tuple[str, ...], example: str) -> AfterValidator:
    """An address that starts with one of these schemes, as far as it is known yet."""

    def check(url: str) -> str:
        scheme, mark, _ = url.partition("://")
        if "$" in scheme or (mark and scheme in schemes):
            return url
        # What has no scheme may hold a password at its very start.
        begins = f"{scheme}://" if mark else re.split("[:/@]", url)[0] if "@" not in url else "…"
        raise refuse(
            files.BAD_URL,
            owner=owner,
            known=names_listed(f"{one}://" for one in schemes),
            found=one_line(begins),
            example=CLUSTER if scheme == "sc" and "spark" in schemes else example,
        )

    return AfterValidator(check)


Text = Annotated[str, Field(min_length=1), AfterValidator(_without_nul)]
"""Some text, not nothing. NUL ends a text for the system, and has no place in a path or a name."""

Label = Annotated[str | None, Field()]
"""The display name; optional."""

Currency = Annotated[str, AfterValidator(_currency)]
"""A code of ISO 4217: `CNY`."""

Zone = Annotated[str, AfterValidator(_zone)]
"""A name of the IANA time zone database: `Asia/Shanghai`."""

Name = Annotated[str, AfterValidator(_name)]
"""A name that campaigns use."""

FieldName = Annotated[str, AfterValidator(_field_name)]
"""A name of a field, whose column in the warehouse may be called otherwise."""
