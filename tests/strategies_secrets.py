"""Secrets as people choose them, and whether some output gives one away."""

from __future__ import annotations

import random
from urllib.parse import quote

from hypothesis import strategies as st

_ALPHABET = "@/:?#%&= '\"\\秘密éßΩ+$;,xyzXYZ0189kqvjw~!*()[]{}"


def secrets(least: int = 8, most: int = 24) -> st.SearchStrategy[str]:
    """Texts of printable characters that mean something in URLs, quotes and shells.

    They begin and end with letters that no message has beside each other.
    """
    return st.text(_ALPHABET, min_size=least, max_size=most).map(lambda text: f"qz{text}jx")


def ascii_secret(seed: int) -> str:
    """One such text in ASCII."""
    drawn = random.Random(seed)
    alphabet = [one for one in _ALPHABET if one.isascii()]
    return "qz" + "".join(drawn.choice(alphabet) for _ in range(16)) + "jx"


def leaked(secret: str, output: str, least: int = 4) -> str | None:
    """The first piece of the secret that the output shows, as it is or as in a URL."""
    shown = output.casefold()
    for form in (secret.casefold(), quote(secret, safe="").casefold()):
        for at in range(len(form) - least + 1):
            piece = form[at : at + least]
            if piece in shown:
                return piece
    return None
