"""Masks: so much of a private value that its owner knows it, and nobody else learns it."""

from __future__ import annotations

import re

STAR = "*"


def masked(text: str) -> str:
    """Mask by the form: an address of mail, a telephone or account number, else a name."""
    if "@" in text:
        return masked_mail(text)
    digits = sum(one.isdigit() for one in text)
    if digits < 6:
        return masked_name(text)
    return masked_phone(text) if digits <= 13 else masked_account(text)


def masked_phone(text: str) -> str:
    """The first three and the last four digits of eleven: `138****5678`; of fewer, fewer."""
    return _middle(_joined(text), 3, 4)


def masked_account(text: str) -> str:
    """The last four characters, of fewer than twelve at most a third: `************5678`."""
    return _middle(_joined(text), 0, 4)


def masked_name(text: str) -> str:
    """The first character, where there are several: `张**`. Always two stars, whatever it is."""
    name = text.strip()
    return name[0] + STAR * 2 if len(name) > 1 else STAR * 2 if name else ""


def masked_mail(text: str) -> str:
    """The first character before the `@`, and all behind it: `a***@example.com`."""
    name, at, host = text.strip().rpartition("@")
    shown = name[0] if len(name) > 1 else ""
    return f"{shown}{STAR * 3}{at}{host}" if at else masked_name(text)


def _joined(text: str) -> str:
    return re.sub(r"[\s().\-]+", "", text)


def _middle(text: str, first: int, last: int) -> str:
    """Stars for the middle: never is more than two thirds shown, and of short texts a third."""
    if len(text) < (first + last) * 3 // 2:
        part = len(text) // 3
        first, last = 0, min(last, part)
    end = text[len(text) - last :]
    return text[:first] + STAR * (len(text) - first - last) + end
