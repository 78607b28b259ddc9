"""Addresses of mail: which of them every mail server and library takes for one."""

from __future__ import annotations

import re

_LONGEST = 254
_LONGEST_USER = 64
_OTHER = r"[^\x00-\x7f]"
_WORD = rf"(?:[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~-]|{_OTHER})+"
_LETTER = rf"(?:[A-Za-z0-9_]|{_OTHER})"
_LABEL = rf"{_LETTER}(?:(?:{_LETTER}|-){{0,61}}{_LETTER})?"
_ADDRESS = re.compile(rf"{_WORD}(?:\.{_WORD})*@{_LABEL}(?:\.{_LABEL})*")
"""`Dot-string "@" Domain` of RFC 5321, 4.1.2, with the characters of RFC 6531; nothing quoted."""


def is_mail_address(text: str) -> bool:
    """Whether mail could be sent to it: `ann@example.com`.

    RFC 5321, 4.5.3.1, says how many bytes it may have.
    """
    if len(text) > _LONGEST or not text.isprintable() or not _ADDRESS.fullmatch(text):
        return False
    return len(text.encode()) <= _LONGEST and len(text.partition("@")[0].encode()) <= _LONGEST_USER


def is_sender(text: str) -> bool:
    """Whether mail could come from it: an address, or `Bank <news@example.com>`."""
    from email.utils import parseaddr  # noqa: PLC0415  (what takes long to load, few projects need)

    return text.isprintable() and is_mail_address(parseaddr(text)[1])
