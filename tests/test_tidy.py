"""The English of docstrings, comments, pages and commits, where a machine can judge it.

Rules for Python (docstrings include those of attributes):

- `openings`: a docstring opens with its subject, never with a relative pronoun or with *Nothing*.
- `words`: docstrings and comments use plain words, none of `WORDS`.
- `sentences`: a sentence of a docstring has at most `LONGEST` words. Code in backticks is one word.

Pages in Markdown are held to `words` alone, without their code and quotations of output.
"""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("api", "bench", "campaigns", "cli", "compiler", "dsl", "runtime", "tests")
LONGEST = 25
"""Words of a sentence."""
SUBJECT = 72
"""Characters of a commit's subject."""
SINCE = "954c5d82aed564367b251ca6b4f270ea1770f389"
"""Later commits have subjects `area: imperative verb …`."""

OPENING = re.compile(r"(What|Whatever|Who|Whoever|Whom|Whose|Which|Whichever|Of|Nothing)\b")
WORDS = re.compile(
    r"\b(told|said|stands|save(?!\s+(?:it|the|a)\b)|beside|likewise|comes\s+to\s+nothing"
    r"|looked\s+at|nothing\s+where"
    r"|(?<!there\s)is\s+no\s+(?!longer\b|later\b|more\b|less\b|fewer\b|other\b)[a-z]+)\b",
    re.IGNORECASE,
)
CODE = re.compile(r"``.+?``|`[^`]+`", re.DOTALL)
FENCE = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)
IMPORTS = re.compile(r"^Imports go one way:.*?\.$", re.DOTALL | re.MULTILINE)
ITEM = re.compile(r"\n(?=\s*(?:[-*|] |\d+\. ))")
END = re.compile(r"(?<=[.!?])[)*\"”]?\s+")
COMMIT = re.compile(r"[a-z][a-z0-9 ,/._-]*: \S.*")


class Fault(NamedTuple):
    rule: str
    place: str
    text: str


def docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The line and text of every string that is a statement by itself."""
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))):
                yield node.lineno, "\n".join(line.strip() for line in text.strip().splitlines())


def comments(text: str) -> Iterator[tuple[int, str]]:
    """The first line and text of every comment; comments on consecutive lines are one."""
    first, last, lines = 0, 0, list[str]()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        line = token.start[0]
        if lines and line != last + 1:
            yield first, " ".join(lines)
            lines = []
        first, last = (first if lines else line), line
        lines.append(token.string.lstrip("#: "))
    if lines:
        yield first, " ".join(lines)


def bad_words(text: str) -> list[str]:
    return [" ".join(found[0].split()) for found in WORDS.finditer(CODE.sub("x", text))]


def long_sentences(text: str) -> list[str]:
    prose = CODE.sub("x", IMPORTS.sub("", text))
    return [
        " ".join(sentence.split())
        for paragraph in prose.split("\n\n")
        for item in ITEM.split(paragraph)
        if not item.lstrip().startswith((">>>", "|"))
        for sentence in END.split(item)
        if sum(any(map(str.isalnum, word)) for word in sentence.split()) > LONGEST
    ]


def faults_of_python(path: Path) -> Iterator[Fault]:
    text, name = path.read_text("utf-8"), str(path.relative_to(ROOT))
    for line, doc in docstrings(ast.parse(text)):
        if opening := OPENING.match(doc):
            yield Fault("openings", f"{name}:{line}", opening[0])
        for word in bad_words(doc):
            yield Fault("words", f"{name}:{line}", word)
        for sentence in long_sentences(doc):
            yield Fault("sentences", f"{name}:{line}", sentence)
    if "#" in text:
        for line, comment in comments(text):
            for word in bad_words(comment):
                yield Fault("words", f"{name}:{line}", word)


def faults_of_page(path: Path) -> Iterator[Fault]:
    text = FENCE.sub("", path.read_text("utf-8"))
    for word in bad_words(text):
        yield Fault("words", str(path.relative_to(ROOT)), word)


def faults() -> list[Fault]:
    sources = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [
        *(fault for path in sources for fault in faults_of_python(path)),
        *(fault for path in pages for fault in faults_of_page(path)),
    ]


def kept_subjects(since: str) -> list[str] | None:
    """The subjects of the commits after `since`; `None` without a history that has it."""
    git = ["git", "-C", str(ROOT)]
    try:
        log = subprocess.run(
            [*git, "log", "--format=%s", f"{since}..HEAD"],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return None
    return log.stdout.splitlines() if log.returncode == 0 else None


def test_docstrings_comments_and_pages_are_in_plain_words():
    assert "\n".join(f"{one.place}: {one.rule}: {one.text}" for one in faults()) == ""


def test_subjects_of_commits_name_an_area_and_fit_a_line():
    subjects = kept_subjects(SINCE)
    if subjects is None:
        pytest.skip("no history from that commit on")
    assert [
        subject for subject in subjects if len(subject) > SUBJECT or not COMMIT.fullmatch(subject)
    ] == []


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ('"""What a customer gets."""', ["openings"]),
        ('"""The reward of a customer."""', []),
        ('a = 1\n"""Of the two, the first."""', ["openings"]),
        ('def f():\n    """Return what is told."""', ["words"]),
        ('def f():\n    """Return `told`, a name."""', []),
        ('"""A row that is no\n    number."""', ["words"]),
        ('"""A row that is no longer read."""', []),
        ('"""There is no row."""', []),
        ('"""Save the file."""', []),
        ('"""Everybody save one."""', ["words"]),
        ("# It comes to\n# nothing.\n", ["words"]),
        ("a = 1  # noqa: E501\n\n# one is saved\n", []),
        ("a = 'told'\n", []),
        ('"""' + "word " * 25 + '."""', []),
        ('"""' + "word " * 26 + '."""', ["sentences"]),
        ('"""' + "word " * 20 + ". " + "word " * 20 + '."""', []),
        ('"""' + "`a b c` " * 20 + '."""', []),
        ('"""Each:\n\n- ' + "word " * 20 + "\n- " + "word " * 20 + '."""', []),
    ],
)
def test_a_fault_is_found(tmp_path, monkeypatch, text, rules):
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    path = tmp_path / "dsl" / "module.py"
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    assert [fault.rule for fault in faults_of_python(path)] == rules


def test_code_of_a_page_is_not_judged(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    path = tmp_path / "README.md"
    path.write_text("A word is `said`.\n\n```\nsaid\n```\n\nIt is\nsaid twice.\n", "utf-8")
    assert [fault.text for fault in faults_of_page(path)] == ["said"]
