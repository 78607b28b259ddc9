"""The English of docstrings, comments, pages and commits, where a machine can judge it.

`tidy.toml` counts the faults that are left, per rule and folder. A count may only fall: the test
fails when one rises, and also when one has fallen and the file has not. After an improvement,
`python tests/test_tidy.py` writes the lower counts; it refuses to raise one.

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
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
COUNTS = Path(__file__).with_name("tidy.toml")
FOLDERS = ("api", "bench", "campaigns", "cli", "compiler", "dsl", "runtime", "tests")
LONGEST = 25
SUBJECT = 72

OPENING = re.compile(r"(What|Whatever|Who|Whoever|Whom|Whose|Which|Whichever|Of|Nothing)\b")
WORDS = re.compile(
    r"\b(told|said|stands|save|beside|likewise|comes\s+to\s+nothing|looked\s+at|nothing\s+where"
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
    folder: str
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


def folder_of(path: Path) -> str:
    return "/".join(path.relative_to(ROOT).parts[:-1][:2]) or "."


def faults_of_python(path: Path) -> Iterator[Fault]:
    text, folder, name = path.read_text("utf-8"), folder_of(path), str(path.relative_to(ROOT))
    for line, doc in docstrings(ast.parse(text)):
        if opening := OPENING.match(doc):
            yield Fault(folder, "openings", f"{name}:{line}", opening[0])
        for word in bad_words(doc):
            yield Fault(folder, "words", f"{name}:{line}", word)
        for sentence in long_sentences(doc):
            yield Fault(folder, "sentences", f"{name}:{line}", sentence)
    if "#" in text:
        for line, comment in comments(text):
            for word in bad_words(comment):
                yield Fault(folder, "words", f"{name}:{line}", word)


def faults_of_page(path: Path) -> Iterator[Fault]:
    text = FENCE.sub("", path.read_text("utf-8"))
    for word in bad_words(text):
        yield Fault(folder_of(path), "words", str(path.relative_to(ROOT)), word)


def faults() -> list[Fault]:
    sources = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [
        *(fault for path in sources for fault in faults_of_python(path)),
        *(fault for path in pages for fault in faults_of_page(path)),
    ]


def counted(found: list[Fault]) -> dict[str, dict[str, int]]:
    counts = Counter((fault.folder, fault.rule) for fault in found)
    table: dict[str, dict[str, int]] = {}
    for (folder, rule), count in sorted(counts.items()):
        table.setdefault(folder, {})[rule] = count
    return table


def stated() -> dict[str, dict[str, int]]:
    folders: dict[str, dict[str, int]] = tomllib.loads(COUNTS.read_text("utf-8"))["folders"]
    return folders


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


def test_counts_of_faults_only_fall():
    found, kept = faults(), stated()
    have = counted(found)
    risen, fallen = [], []
    for folder in sorted({*have, *kept}):
        for rule in ("openings", "words", "sentences"):
            now, then = have.get(folder, {}).get(rule, 0), kept.get(folder, {}).get(rule, 0)
            if now > then:
                risen.append(f"{folder}: {rule} {then} -> {now}")
                risen += [
                    f"  {one.place}: {one.text}"
                    for one in found
                    if (one.folder, one.rule) == (folder, rule)
                ]
            elif now < then:
                fallen.append(f"{folder}: {rule} {then} -> {now}")
    assert not risen, "\n".join(["say it in plain words:", *risen])
    assert not fallen, "\n".join(["run `python tests/test_tidy.py` to lower the counts:", *fallen])


def test_subjects_of_commits_name_an_area_and_fit_a_line():
    since = tomllib.loads(COUNTS.read_text("utf-8"))["commits"]["since"]
    subjects = kept_subjects(since)
    if subjects is None:
        pytest.skip("no history from that commit on")
    assert [
        subject for subject in subjects if len(subject) > SUBJECT or not COMMIT.fullmatch(subject)
    ] == []


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ('"""What a customer gets."""', {"openings": 1}),
        ('"""The reward of a customer."""', {}),
        ('a = 1\n"""Of the two, the first."""', {"openings": 1}),
        ('def f():\n    """Return what is told."""', {"words": 1}),
        ('def f():\n    """Return `told`, a name."""', {}),
        ('"""A row that is no\n    number."""', {"words": 1}),
        ('"""A row that is no longer read."""', {}),
        ('"""There is no row."""', {}),
        ("# It comes to\n# nothing.\n", {"words": 1}),
        ("a = 1  # noqa: E501\n\n# one is saved\n", {}),
        ("a = 'told'\n", {}),
        ('"""' + "word " * 25 + '."""', {}),
        ('"""' + "word " * 26 + '."""', {"sentences": 1}),
        ('"""' + "word " * 20 + ". " + "word " * 20 + '."""', {}),
        ('"""' + "`a b c` " * 20 + '."""', {}),
        ('"""Each:\n\n- ' + "word " * 20 + "\n- " + "word " * 20 + '."""', {}),
    ],
)
def test_a_fault_is_counted(tmp_path, monkeypatch, text, rules):
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    path = tmp_path / "dsl" / "module.py"
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    assert counted(list(faults_of_python(path))) == ({"dsl": rules} if rules else {})


def test_code_of_a_page_is_not_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    path = tmp_path / "README.md"
    path.write_text("A word is `said`.\n\n```\nsaid\n```\n\nIt is\nsaid twice.\n", "utf-8")
    assert [fault.text for fault in faults_of_page(path)] == ["said"]


def lower() -> None:
    kept, have = stated(), counted(faults())
    lines = []
    for folder, rules in kept.items():
        counts = {
            rule: min(then, have.get(folder, {}).get(rule, 0)) for rule, then in rules.items()
        }
        if left := [f"{rule} = {count}" for rule, count in counts.items() if count]:
            lines += [f'[folders."{folder}"]', *left, ""]
    head = COUNTS.read_text("utf-8").split("[folders.")[0]
    COUNTS.write_text(head + "\n".join(lines), "utf-8")


if __name__ == "__main__":
    lower()
