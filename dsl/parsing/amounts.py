"""Amounts as people write them elsewhere: `10万`, `1.5m CNY`, `10,000 CNY`, `¥10.000,50`."""

from __future__ import annotations

import re
from decimal import Decimal

_ZEROS = {
    "十": 1,
    "百": 2,
    "千": 3,
    "万": 4,
    "亿": 8,
    "k": 3,
    "K": 3,
    "thousand": 3,
    "m": 6,
    "M": 6,
    "mn": 6,
    "million": 6,
    "bn": 9,
    "billion": 9,
}
_WORD = re.compile("|".join(sorted(_ZEROS, key=len, reverse=True)))
_DIGITS = re.compile(r"[0-9](?:[0-9_.,'’ ]*[0-9])?")
_GROUPED = re.compile(r"[0-9]{1,3}(?:[,'’ ][0-9]{3})+(?:\.[0-9]+)?")
_REST = re.compile(r"[A-Z]{3}$|元|块|rmb|yuan|cny|usd|eur|gbp|jpy|hkd|[¥￥$€£]")


def amount(text: str) -> tuple[str, str]:
    """The number as the language writes it, and the sign or word of its currency, if it has one."""
    found = _REST.search(text)
    currency = "" if found is None else found[0]
    bare = text if found is None else text[: found.start()] + text[found.end() :]
    digits = _DIGITS.search(bare)
    written = "0" if digits is None else digits[0]
    zeros = sum(_ZEROS[word] for word in _WORD.findall(bare))
    value = Decimal(_plain(written)).scaleb(zeros)
    whole, _, fraction = format(value, "f").partition(".")
    fraction = fraction.rstrip("0") if zeros else fraction
    return f"{int(whole):_}" + (f".{fraction}" if fraction else ""), currency


def _plain(written: str) -> str:
    """Digits and a point: a comma parts thousands, or it is the point where no thousand follows."""
    if _GROUPED.fullmatch(written):
        return re.sub(r"[,'’ ]", "", written)
    written = written.replace("_", "")
    if "," in written or written.count(".") > 1:
        return written.replace(".", "").replace(",", ".")
    return written
