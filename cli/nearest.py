"""The nearest of the words that would have been right."""

from __future__ import annotations

from collections.abc import Iterable

from ..dsl.diagnostics.diagnostic import Code, Diagnostic, Phrase, names_listed


def misspelt(code: Code, wrong: str, known: Iterable[str], **values: str | Phrase) -> Diagnostic:
    """A diagnostic whose help has the `nearest` word if one is near, else `all` of them."""
    from difflib import get_close_matches

    words = list(known)
    near = get_close_matches(wrong, words, n=1)
    if near:
        values["nearest"] = near[0]
    elif words:
        values["all"] = names_listed(words)
    return Diagnostic(code, None, tuple(sorted(values.items())))
