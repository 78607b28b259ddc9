"""Masks: so much of a private value that its owner knows it, and nobody else learns it."""

from __future__ import annotations

import re
import unicodedata

from ..project.mail_addresses import is_mail_address

STAR = "*"


def masked(text: str) -> str:
    """Mask by the form: an address of mail, a telephone or account number, else a name."""
    if is_mail_address(text.strip()):
        return masked_mail(text)
    digits = sum(one.isdigit() for one in text)
    if digits < 6:
        return masked_name(text)
    return masked_phone(text) if digits <= 13 else masked_account(text)


def masked_phone(text: str) -> str:
    """The first three and the last four digits of eleven: `138****5678`; of fewer, fewer."""
    return _middle(_joined(text), 3, 4, 11)


def masked_account(text: str) -> str:
    """The last four characters, of fewer than twelve at most a third: `************5678`."""
    return _middle(_joined(text), 0, 4, 12)


def masked_name(text: str) -> str:
    """The first character, where there are several: `张**`. Always two stars, whatever it is."""
    return _first(text) + STAR * 2 if _visible(text) else ""


def masked_mail(text: str) -> str:
    """The first character before the `@`, and the host: `a***@example.com`.

    A text that is not a mail address is masked like a name.
    """
    address = text.strip()
    if not is_mail_address(address):
        return masked_name(text)
    name, at, host = address.rpartition("@")
    return f"{_first(name)}{STAR * 3}{at}{host}"


def _first(text: str) -> str:
    """The first character of several; none of one alone, which would be all of it."""
    seen = _visible(text)
    return seen[0] if len(seen) > 1 else ""


def _visible(text: str) -> str:
    """The characters that a reader counts: composed, without accents and what shows nothing."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(one for one in composed if unicodedata.category(one)[0] not in "MCZ")


def _joined(text: str) -> str:
    return re.sub(r"[().\-]+", "", _visible(text))


def _middle(text: str, first: int, last: int, whole: int) -> str:
    """Stars for the middle; of a text shorter than `whole` the last third alone is shown."""
    if len(text) < whole:
        first, last = 0, min(last, len(text) // 3)
    end = text[len(text) - last :]
    return text[:first] + STAR * (len(text) - first - last) + end
