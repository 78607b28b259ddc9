"""Every code has its page, and what the page shows is what happens."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

import pytest
from campaigner.cli.codes import AREAS
from campaigner.cli.main import invoke
from campaigner.dsl.codes import by_id
from campaigner.dsl.diagnostics.diagnostic import Code, Phrase
from campaigner.dsl.words.catalogue import languages, text

from ..projects import ROOT, codes, compile_folder, write
from ..seeds import SEED
from .situations import BETWEEN, SITUATIONS, UNSPOKEN, UNTESTED

FOLDER = ROOT / "docs" / "codes"
CODES = by_id(AREAS)
BLOCK = re.compile(r"^```(\S+)\n(.*?)^```$", re.M | re.S)

BENEFITS = "benefit coffee { kind coupon value 30 CNY }\n"
"""The campaigns of a project whose catalog is on the page: they need no other catalog."""


@dataclass(frozen=True)
class Page:
    """A page in its parts: the blocks by kind of what is wrong, and of what is right."""

    title: str
    words: str
    wrong: dict[str, str]
    right: dict[str, str]


def page(code: str) -> Page:
    text = (FOLDER / f"{code}.md").read_text("utf-8")
    shape = re.fullmatch(r"# (.+?)\n\n(.+?)\n\n## Wrong\n\n(.+?)\n\n## Right\n\n(.+)\n", text, re.S)
    assert shape is not None, f"{code}.md has another shape than its neighbours"
    title, words, wrong, right = shape.groups()
    return Page(title, words, dict(BLOCK.findall(wrong)), dict(BLOCK.findall(right)))


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    written = {path.stem for path in FOLDER.glob("*.md")} - {"README"}
    assert written == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_a_page_has_the_title_of_its_code(code: str) -> None:
    assert page(code).title == f"{code}: {CODES[code].title.say('en')}"


TRANSLATED = [(language, code) for language in languages() if language != "en" for code in CODES]
CODE_SPAN = re.compile(r"`[^`\n]+`")


@pytest.mark.parametrize("language", sorted(set(languages()) - {"en"}))
def test_every_page_is_in_every_language(language: str) -> None:
    assert {path.stem for path in (FOLDER / language).glob("*.md")} == set(CODES)


@pytest.mark.parametrize(("language", "code"), TRANSLATED)
def test_a_translated_page_explains_what_the_english_one_does(language: str, code: str) -> None:
    """Its title is the code's, and each section has the same names and commands in its words."""
    english = sections((FOLDER / f"{code}.md").read_text("utf-8"))
    found = sections((FOLDER / language / f"{code}.md").read_text("utf-8"))
    title, _, words = found.pop("").partition("\n\n")
    assert title == f"# {code}: {CODES[code].title.say(language)}"
    assert not language.startswith("zh") or re.search("[\u4e00-\u9fff]", words)
    spoken = {"Wrong": text("help.wrong", language), "Right": text("help.right", language)}
    expected = {spoken.get(name, name): prose for name, prose in english.items() if prose}
    assert names_in(words) == names_in(expected.pop("").partition("\n\n")[2])
    assert {name: names_in(prose) for name, prose in found.items() if prose} == {
        name: names_in(prose) for name, prose in expected.items()
    }


SESSIONS = [one for one in TRANSLATED if "console" in page(one[1]).wrong]
HEADS = {"zh": {"error": "错误", "warning": "警告", "help": "建议"}}
"""The words before the texts of a code, which sessions have in each language."""


@pytest.mark.parametrize(("language", "code"), SESSIONS)
def test_a_translated_session_has_the_texts_of_its_code(language: str, code: str) -> None:
    """Line by line: the commands and excerpts of the English session, the texts of the language."""
    translated = (FOLDER / language / f"{code}.md").read_text("utf-8")
    found = dict(BLOCK.findall(translated))["console"].splitlines()
    english = page(code).wrong["console"].splitlines()
    heads = HEADS[language]
    for one, other in zip(english, found, strict=True):
        match re.match(r"(error|warning)\[(\w+)\]: |( *= )(help): ", one):
            case None if SPOKEN_LABEL.search(one):
                assert names_in(other) == names_in(one)
            case None:
                assert other == one
            case re.Match() as head if head[1]:
                told = other.removeprefix(f"{heads[head[1]]}[{head[2]}]: ")
                assert fits(CODES[head[2]].message, told, language)
            case head:
                told = other.removeprefix(f"{head[3]}{heads['help']}: ")
                assert any(fits(way, told, language) for way in CODES[code].helps)


SPOKEN_LABEL = re.compile(r"[-^] [a-z]")
"""A mark under an excerpt, followed by words."""


def fits(phrase: Phrase, told: str, language: str) -> bool:
    """Whether `told` is the phrase with some values."""
    parts = Formatter().parse(text(phrase.key, language))
    pattern = "".join(re.escape(words) + (".+" if name else "") for words, name, _, _ in parts)
    return re.fullmatch(pattern, told) is not None


def sections(page: str) -> dict[str, str]:
    """The words under each heading, without the examples."""
    first, *rest = re.split(r"^## (.+)\n", page, flags=re.M)
    parts = {"": first} | dict(zip(rest[::2], rest[1::2], strict=True))
    return {
        name: re.sub(r"^```.*?^```$", "", part, flags=re.M | re.S).strip()
        for name, part in parts.items()
    }


def names_in(prose: str) -> set[str]:
    """The names between backticks, and the targets of links."""
    targets = {Path(link).name for link in re.findall(r"\]\(([^)]+)\)", prose)}
    return targets | set(CODE_SPAN.findall(" ".join(prose.split())))


def test_no_number_stands_for_two_codes() -> None:
    defined = [one for area in AREAS for one in vars(area).values() if isinstance(one, Code)]
    assert len(defined) == len(CODES)


@pytest.mark.parametrize("code", CODES)
def test_the_words_of_a_code_are_a_sentence_of_the_house(code: str) -> None:
    """Lower case in English, no full stop in any language."""
    title = CODES[code].title
    for phrase in (title, CODES[code].message, *CODES[code].helps):
        first = text(phrase.key, "en").split()[0]
        assert first == first.lower() or first.isupper()
        for language in languages():
            assert not text(phrase.key, language).endswith(("。", "."))


# --- examples of campaigns, settings and catalogs -----------------------------------------------

SHOWN = {code for code in CODES if set(page(code).wrong) & {"campaign", "toml", "yaml"}}


def test_every_page_is_held_to_what_it_says_or_says_why_not() -> None:
    kinds = [SHOWN, SITUATIONS.keys(), UNSPOKEN.keys(), UNTESTED.keys()]
    assert sorted(code for kind in kinds for code in kind) == sorted(CODES)


@pytest.fixture(scope="module")
def base() -> dict[str, str]:
    """The project of docs/language.md, to which each example is added."""
    text = (ROOT / "docs" / "language.md").read_text("utf-8")
    blocks = BLOCK.findall(text)
    return {
        "campaigner.toml": next(found for kind, found in blocks if kind == "toml"),
        "catalog.yaml": next(found for kind, found in blocks if kind == "yaml"),
        "page.campaign": "\n".join(found for kind, found in blocks if kind == "campaign"),
    }


def project(folder: Path, base: dict[str, str], blocks: dict[str, str]) -> Path:
    """The base with the blocks: a campaign file more, headings of the settings, another catalog."""
    files = dict(base)
    if "toml" in blocks:
        files["campaigner.toml"] = in_place(base["campaigner.toml"], blocks["toml"])
    if "yaml" in blocks:
        files |= {"catalog.yaml": blocks["yaml"], "page.campaign": BENEFITS}
    if "campaign" in blocks:
        files["example.campaign"] = blocks["campaign"]
    return write(folder, files)


def in_place(settings: str, block: str) -> str:
    """The settings with the headings of the block in place of theirs."""
    ours, others = headings(block), headings(settings)
    return "\n".join((others | ours).values())


def headings(settings: str) -> dict[str, str]:
    parts = re.split(r"^(?=\[)", settings, flags=re.M)
    return {part.splitlines()[0]: part for part in parts if part.startswith("[")}


@pytest.mark.parametrize("code", sorted(SHOWN))
def test_the_wrong_example_gives_the_code(tmp_path: Path, base: dict[str, str], code: str) -> None:
    compiled = compile_folder(project(tmp_path, base, page(code).wrong))
    assert set(codes(compiled)) == {code}


@pytest.mark.parametrize("code", sorted(SHOWN))
def test_the_right_example_is_right(
    tmp_path: Path, base: dict[str, str], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = page(code).right
    for name in re.findall(r"\$\{(\w+)\}", blocks.get("toml", "")):
        monkeypatch.setenv(name, "value")
    compiled = compile_folder(project(tmp_path, base, blocks))
    assert [one.message() for one in compiled.diagnostics] == []


# --- sessions -----------------------------------------------------------------------------------

Session = Callable[[str], str]


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project that `campaigner init` makes."""
    folder = tmp_path_factory.mktemp("starter") / "shop"
    assert invoke(["init", str(folder)]) == 0
    return folder


@pytest.fixture
def shop(tmp_path: Path, starter: Path) -> Path:
    return Path(shutil.copytree(starter, tmp_path / "shop"))


@pytest.fixture
def say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Session:
    """Give a command next to the project, in English; return all its output.

    `NAME=VALUE` before the command sets a variable of the environment, as in a shell.
    """
    for name in [one for one in os.environ if one.startswith("LC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("DRAW_SEED", SEED)
    monkeypatch.chdir(tmp_path)

    def run(command: str) -> str:
        words = shlex.split(command)
        while "=" in words[0]:
            name, _, value = words.pop(0).partition("=")
            monkeypatch.setenv(name, value)
        program, *arguments = words
        assert program == "campaigner"
        capsys.readouterr()
        invoke(arguments)
        said = capsys.readouterr()
        return said.err + said.out

    return run


def commands(session: str) -> list[str]:
    return [line.removeprefix("$ ") for line in session.splitlines() if line.startswith("$ ")]


def answer(session: str) -> str:
    """The output that the page shows after the last command."""
    return re.split(r"^\$ .*\n", session, flags=re.M)[-1]


@pytest.mark.parametrize("code", SITUATIONS)
def test_a_session_goes_as_the_page_shows(shop: Path, say: Session, code: str) -> None:
    session = page(code).wrong["console"]
    SITUATIONS[code](shop)
    first, *others = commands(session)
    said = say(first)
    for command in others:
        BETWEEN[code](shop)
        said = say(command)
    assert answer(session)
    assert answer(session) in said
    assert f"[{code}]" in answer(session)


@pytest.mark.parametrize("code", UNSPOKEN)
def test_what_no_command_says_is_found(shop: Path, say: Session, code: str) -> None:
    say("campaigner run shop --from 2026-01-01 --to 2026-01-31")
    # Whatever else does not add up then, the audit chain shows it too.
    assert {found.code.id for found in UNSPOKEN[code](shop)} | {"E763"} == {code, "E763"}


@pytest.mark.parametrize("code", UNTESTED)
def test_a_session_that_is_not_repeated_shows_the_words_of_its_code(code: str) -> None:
    session = page(code).wrong.get("console")
    if session is not None:
        shown = answer(session).splitlines()[0]
        assert shown.startswith(f"{CODES[code].severity}[{code}]: ")
