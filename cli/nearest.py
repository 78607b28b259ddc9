"""The nearest of the words that would have been right."""

from __future__ import annotations

from collections.abc import Iterable

from ..dsl.diagnostics.diagnostic import Code, Diagnostic


def misspelt(code: Code, wrong: str, known: Iterable[str], **values: str) -> Diagnostic:
    """A diagnostic whose help has the `nearest` word if one is near, else `all` of them."""
    from difflib import get_close_matches

    words = list(known)
    near = get_close_matches(wrong, words, n=1)
    if near:
        values["nearest"] = near[0]
    elif words:
        values["all"] = ", ".join(f"`{word}`" for word in words)
    return Diagnostic(code, None, tuple(sorted(values.items())))
