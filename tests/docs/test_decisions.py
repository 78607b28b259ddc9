"""The decisions of `docs/adr`: one a file, numbered without gaps, dated, listed in the index."""

import re
from datetime import date

import pytest

from ..projects import ROOT

FOLDER = ROOT / "docs" / "adr"
FILES = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
ROWS = re.findall(
    r"^\| \[(\d{4})\]\((\S+)\) \| (.*) \| (\S+) \|$",
    (FOLDER / "README.md").read_text("utf-8"),
    re.M,
)


def test_the_index_lists_every_decision_in_order() -> None:
    assert [row[1] for row in ROWS] == [path.name for path in FILES]
    assert [int(row[0]) for row in ROWS] == list(range(1, len(FILES) + 1))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_decision_has_its_number_date_context_decision_and_consequences(
    row: tuple[str, str, str, str],
) -> None:
    number, name, title, day = row
    text = (FOLDER / name).read_text("utf-8")
    assert name.startswith(f"{number}-")
    assert text.startswith(f"# {int(number)}. {title}\n\n{day}\n")
    assert date.fromisoformat(day)
    assert re.findall(r"^## (.*)$", text, re.M) == ["Context", "Decision", "Consequences"]


@pytest.mark.parametrize("path", [FOLDER / "README.md", *FILES], ids=lambda path: path.stem)
def test_links_of_a_decision_lead_to_files(path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), target
