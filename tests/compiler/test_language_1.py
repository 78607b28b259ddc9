"""Forms that join the language take no name from a project of `language = 1`.

A word that joined it later, alone or in a phrase, is still a name wherever one may stand. The plan
is that of the same project with backticks.
"""

from __future__ import annotations

import json

import pytest
from campaigner.compiler.plan import plan_json
from campaigner.dsl.parsing.keywords import KEYWORDS, LATER_WORDS, PHRASES, WORDS, spelled

from ..laws.cases import compile_files
from .test_keywords_as_names import USUAL, known, written

_RESERVED = """
active after and appeal as at audience average because before benefit between budget by campaign
choose compliance contains cost count disclose distinct draw else experiment first
follows for from goal has in is journey kind ladder last lifecycle limit max measure message
min no not now of on or otherwise owner pause per policy priority reaching received require
reserve reward share since stage step stock stop sum take task tasks to today total trigger
unless value waitlist when where yes
"""
RESERVED = frozenset(_RESERVED.split())
"""The words of language 1. No word may be added here: that would be another language."""

READ_WITH_ANOTHER = KEYWORDS - WORDS

NAMES = sorted(
    {word for each in PHRASES for word in spelled(each).split() if word.isidentifier()}
    - RESERVED
    - READ_WITH_ANOTHER
    | LATER_WORDS
)

PAIRS = sorted(
    tuple(spelled(each).split())
    for each in PHRASES
    if len(spelled(each).split()) == 2
    and not {*spelled(each).split()} & (RESERVED | READ_WITH_ANOTHER)
)
"""Phrases of two words that may be an amount and its wallet."""

COMPILED = [
    *("field compared", "field given", "word equal", "word in", "event trigger", "event count"),
    *("detail", "benefit given", "benefit and", "benefit received", "audience", "audience meant"),
    *("campaign", "stage", "stage meant", "lifecycle", "lifecycle meant", "pool", "policy"),
    "policy followed",
]


def plan_of(files: dict[str, str]) -> object:
    compiled = compile_files(files)
    errors = [one.message() for one in compiled.diagnostics if one.code.severity == "error"]
    assert compiled.plan is not None, errors
    return json.loads(plan_json.dump(compiled.plan), object_hook=_without_origin)


def _without_origin(one: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in one.items() if name not in ("origin", "digest")}


def test_no_word_was_reserved_since() -> None:
    assert WORDS - LATER_WORDS == RESERVED


@pytest.mark.parametrize("use", COMPILED)
def test_a_later_word_is_a_name_as_before(use: str) -> None:
    for word in NAMES:
        if word in known(use):
            bare, quoted = written(use, word, word), written(use, word, f"`{word}`")
            assert plan_of(bare) == plan_of(quoted), word


@pytest.mark.parametrize("pair", PAIRS, ids=" ".join)
def test_two_words_of_a_phrase_are_an_amount_and_its_wallet(pair: tuple[str, str]) -> None:
    amount, wallet = pair
    files = written("field compared", amount, f"`{amount}`")
    bare = files["a.campaign"].replace(f"reward {USUAL['REWARD']}", f"reward {amount} {wallet}")
    quoted = bare.replace(f"reward {amount} {wallet}", f"reward `{amount}` `{wallet}`")
    assert plan_of({**files, "a.campaign": bare}) == plan_of({**files, "a.campaign": quoted})


@pytest.mark.parametrize("word", NAMES)
def test_an_audience_before_its_brackets(word: str) -> None:
    """Where the names of functions would be known by the bracket that follows."""
    files = written("field compared", "age", "age")
    bare, quoted = (
        f"audience {name} (consent)\n{files['a.campaign']}" for name in (word, f"`{word}`")
    )
    assert plan_of({**files, "a.campaign": bare}) == plan_of({**files, "a.campaign": quoted})


@pytest.mark.parametrize("word", NAMES)
def test_a_prize_before_the_odds_of_the_next(word: str) -> None:
    """Where phrases of one word would be known by the number that follows."""
    files = written("benefit given", word, word)
    text = files["a.campaign"].replace(
        f"reward {word}", "reward draw {\n  1%: PRIZE\n  9%: PRIZE\n  rest: PRIZE }"
    )
    bare, quoted = (text.replace("PRIZE", name) for name in (word, f"`{word}`"))
    assert plan_of({**files, "a.campaign": bare}) == plan_of({**files, "a.campaign": quoted})
