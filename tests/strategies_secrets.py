"""Secrets as people choose them, and whether some output gives one away."""

from __future__ import annotations

from urllib.parse import quote

from hypothesis import strategies as st

_MEANING = "@/:?#%&= '\"\\秘密éßΩ+$;,~!*()[]{}"
_RARE = "qvjwkxz"
NASTY = "qz@v/j:w?k#x%q&z=v j'w\"k\\x秘q密z+v"
"""One with all that means something in URLs, quotes and shells."""


def secrets(least: int = 3, most: int = 9) -> st.SearchStrategy[str]:
    """Printable texts of characters that mean something in URLs, quotes and shells.

    Of any four characters one is a letter that is rare in messages. So a piece of a secret in an
    output cannot be there by accident.
    """
    chunk = st.tuples(st.text(_MEANING, min_size=1, max_size=2), st.sampled_from(_RARE))
    chunks = st.lists(chunk.map("".join), min_size=least, max_size=most)
    return chunks.map(lambda parts: f"qz{''.join(parts)}jx")


def leaked(secret: str, output: str, least: int = 4) -> str | None:
    """The first piece of the secret that the output shows, as it is or as in a URL."""
    shown = output.casefold()
    for form in (secret.casefold(), quote(secret, safe="").casefold()):
        pieces = dict.fromkeys(form[at : at + least] for at in range(len(form) - least + 1))
        for piece in pieces:
            if piece in shown and not set(piece) <= set("%0123456789abcdef"):
                return piece
    return None
