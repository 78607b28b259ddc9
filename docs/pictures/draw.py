"""Draw the pictures of docs/measuring.md: charts of pages that the commands write.

    make demo && python docs/pictures/draw.py

They are of the shipped project campaigns/complete_journey, whose year `make demo` has carried out.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1] / "campaigns" / "complete_journey"
STYLES = HERE.parents[1] / "cli" / "pages" / "templates" / "style.css"
NEEDED = re.compile(r"chart|sankey|--series|:root|--colour")
DRAWING = re.compile(r'<svg class="(?:chart|sankey)".*?</svg>', re.S)
YEAR = ("--from", "2017-01-01", "--to", "2018-01-01", "--every", "month")
BEFORE = ("--at", "2018-01-01")

PICTURES = {
    "review_spend.svg": (0, ("review", "campaign_8", BEFORE)),
    "review_reached.svg": (2, ("review", "campaign_8", BEFORE)),
    "lifecycle_moves.svg": (0, ("lifecycle", None, YEAR)),
    "lifecycle_sizes.svg": (1, ("lifecycle", None, YEAR)),
}
"""Each picture: which drawing it is, of which page."""


def page(command: str, campaign: str | None, options: tuple[str, ...], project: Path) -> str:
    """The page that a command writes about the project."""
    named = [command, *([campaign] if campaign else []), str(project), "--format", "html", *options]
    arguments = [sys.executable, "-m", "campaigner.cli", *named, "--lang", "en"]
    return subprocess.run(arguments, capture_output=True, text=True, check=True).stdout


def picture(drawing: str, styles: str) -> str:
    """A drawing of a page as a file of its own."""
    size = re.search(r'viewBox="0 0 (\S+) (\S+)"', drawing)
    width, height = (size[1], size[2]) if size else ("460", "260")
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
    more = "svg { background: #ffffff; } text { font-family: sans-serif; }"
    return drawing.replace("<svg", head, 1).replace(">", f"><style>{styles}\n{more}</style>", 1)


def main(project: Path) -> None:
    """Draw all pictures."""
    lines = STYLES.read_text("utf-8").splitlines()
    styles = "\n".join(line for line in lines if NEEDED.search(line) and "@media" not in line)
    for name, (number, (command, campaign, options)) in PICTURES.items():
        drawings = DRAWING.findall(page(command, campaign, options, project))
        (HERE / name).write_text(picture(drawings[number], styles) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PROJECT)
