"""The catalogue of texts is complete: each language has every text, and each text has a use."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import click
import pytest
from campaigner.cli.arguments.lazy import LazyGroup
from campaigner.cli.arguments.spoken import key_of
from campaigner.cli.codes import AREAS
from campaigner.cli.main import cli
from campaigner.dsl.codes import by_id
from campaigner.dsl.diagnostics.diagnostic import Code, Phrase, in_language, joined
from campaigner.dsl.words import catalogue
from campaigner.dsl.words.catalogue import ENGLISH, is_known, languages, of_locale, text, texts
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).parents[2]
PARTS = ("dsl", "compiler", "runtime", "cli", "api")
FILES = Path(catalogue.__file__).parent
CODES = by_id(AREAS)
MAKES = {"Phrase", "joined"}
"""The functions of `dsl.diagnostics.diagnostic` whose first argument is the key of a text."""
ANY_KEY = {"dsl/diagnostics/diagnostic.py", "compiler/project/cache.py"}
"""Modules that take keys from elsewhere: the number of a code, and an entry of the cache."""


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Where the program makes a phrase: `compiler/files/places.py:28` and the call."""
    for path in sorted(file for part in PARTS for file in (ROOT / part).rglob("*.py")):
        source = path.read_text("utf-8")
        if not any(f"{name}(" in source for name in MAKES):
            continue
        tree = ast.parse(source)
        makes = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            and (node.module or "").endswith("diagnostics.diagnostic")
            for alias in node.names
        } & MAKES
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in makes:
                yield f"{path.relative_to(ROOT).as_posix()}:{node.lineno}", node


CALLS = list(calls())
WRITTEN = {
    str(argument.value): (place, call)
    for place, call in CALLS
    if isinstance(argument := call.args[0], ast.Constant)
}


def help_texts(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    """Every text of `--help` of a command and of those below it, with where it is."""
    path = context.command_path
    yield path, command.help or ""
    if command.epilog:
        yield path, command.epilog
    for option in command.get_params(context):
        if isinstance(option, click.Option):
            # What follows in brackets is translated by itself.
            yield f"{path} {option.opts[-1]}", re.sub(r" *\[.*\]$", "", option.help or "")
    if isinstance(command, LazyGroup):
        for name, summary in command.summaries.items():
            yield f"{path} {name}", summary
            inner = command.get_command(context, name)
            assert inner is not None
            yield from help_texts(inner, click.Context(inner, context, name))


HELP_TEXTS = list(help_texts(cli, click.Context(cli, info_name="campaigner")))


def test_every_command_and_option_has_help_in_every_language() -> None:
    """The catalogue has it, and so each language does."""
    assert len(HELP_TEXTS) > 100
    assert [where for where, english in HELP_TEXTS if key_of(english) is None] == []


def places_of(template: str) -> list[str]:
    """The values that a text needs, each as often as it is in it."""
    return sorted(name for _, name, _, _ in Formatter().parse(template) if name is not None)


def test_the_key_of_a_phrase_is_written_where_it_is_made() -> None:
    """Only so can it be seen which texts have a use."""
    assert len(WRITTEN) > 100
    assert [
        place
        for place, call in CALLS
        if not isinstance(call.args[0], ast.Constant) and place.partition(":")[0] not in ANY_KEY
    ] == []


@pytest.mark.parametrize("language", languages())
def test_a_language_has_every_text_and_no_other(language: str) -> None:
    assert texts(language).keys() == texts(ENGLISH).keys()
    assert [key for key, words in texts(language).items() if not words] == []


@pytest.mark.parametrize("language", languages())
def test_a_text_has_the_same_values_in_every_language(language: str) -> None:
    english = texts(ENGLISH)
    assert [
        key
        for key, words in texts(language).items()
        if set(places_of(words)) != set(places_of(english[key]))
    ] == []


@pytest.mark.parametrize("language", languages())
def test_a_file_is_in_the_order_of_its_keys(language: str) -> None:
    keys = list(texts(language))
    assert keys == sorted(keys)
    lines = (FILES / f"{language}.json").read_text("utf-8").splitlines()
    assert len(lines) == len(keys) + 2, "a key has a line, and no key is in the file twice"


def test_every_text_has_a_use_and_every_use_a_text() -> None:
    of_codes = {
        phrase.key for code in CODES.values() for phrase in (code.title, code.message, *code.helps)
    }
    assert of_codes.isdisjoint(WRITTEN)
    of_help = {found[0] for _, english in HELP_TEXTS if (found := key_of(english)) is not None}
    assert texts(ENGLISH).keys() == of_codes | WRITTEN.keys() | of_help


def test_a_phrase_gives_only_values_that_its_text_has() -> None:
    assert [
        f"{place}: {key} has no {{{keyword.arg}}}"
        for key, (place, call) in WRITTEN.items()
        for keyword in call.keywords
        if keyword.arg is not None and keyword.arg not in places_of(text(key, ENGLISH))
    ] == []


def test_a_missing_text_is_said_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    there = catalogue.texts
    monkeypatch.setattr(catalogue, "texts", lambda name: there(name) if name == ENGLISH else {})
    assert Code("E120").message.say("zh", {"found": "x"}) == "`x` is not a day of the calendar"
    with pytest.raises(KeyError):
        Phrase("no.such.text").say("zh")
    assert not is_known("no.such.text")


def test_a_third_language_is_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in languages():
        (tmp_path / f"{name}.json").write_text(f'{{"text.help": "{name}"}}', "utf-8")
    (tmp_path / "pt_br.json").write_text('{"text.help": "ajuda"}', "utf-8")
    monkeypatch.setattr(catalogue, "_FOLDER", tmp_path)
    for kept in (languages, texts):
        kept.cache_clear()
    try:
        assert languages() == ("en", "pt_br", "zh")
        assert of_locale("pt_BR.UTF-8") == "pt_br"
        assert in_language(Phrase("text.help"), "pt_br") == "ajuda"
    finally:
        monkeypatch.undo()
        for kept in (languages, texts):
            kept.cache_clear()


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("zh_CN.UTF-8", "zh"),
        ("ZH-tw", "zh"),
        ("zh", "zh"),
        ("en_GB", "en"),
        ("C", "en"),
        ("", "en"),
    ],
)
def test_the_language_of_a_locale(locale: str, language: str) -> None:
    assert of_locale(locale) == language


VALUES = st.text(max_size=8)


@given(st.lists(VALUES, min_size=1, max_size=5), st.sampled_from(languages()))
def test_values_are_never_read_as_templates(parts: list[str], language: str) -> None:
    said = in_language(joined("blocks.comma", parts), language)
    assert said == {"en": ", ", "zh": "、"}[language].join(parts)
    phrase = Phrase("config.channel", name=parts[0])
    assert phrase == Phrase("config.channel", name=parts[0])
    assert f"`{parts[0]}`" in in_language(phrase, language)
    assert hash(phrase) == hash(Phrase("config.channel", name=parts[0]))


def test_a_phrase_without_one_of_its_values_says_nothing() -> None:
    assert Phrase("config.channel").say("en") is None
    assert Phrase("config.channel").say("en", {"name": "x"}) == "channel `x`"
    with pytest.raises(ValueError, match=r"config\.channel"):
        in_language(Phrase("config.channel"), "en")
