"""Thousands of names, mistakes or campaigns do not take the product of two of them."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from ..projects import ROOT, compile_folder

BANK = ROOT / "campaigns" / "bank"
LINES = {
    "unknown names": "audience a{0} agee > 3",
    "stages": "lifecycle l{0} {{ stage s{0} when employee }}\naudience a{0} stage is s{0}",
    "audiences of audiences": "audience a{0} a{1} or employee",
    "campaigns": (
        'campaign c{0} "C" {{ owner "growth" goal growth audience not employee'
        " trigger every day at 10:00 reward 1 points limit 1 per customer"
        ' budget {{ total 100 CNY }} compliance {{ forbid phrase "sure" }} }}'
    ),
    "unknown stages": "lifecycle l{0} {{ stage s{0} when employee }}\naudience a{0} stage is t{0}",
}


def taken(folder: Path, line: str, count: int) -> float:
    text = "\n".join(line.format(number, max(number - 1, 0)) for number in range(count))
    (folder / "many.campaign").write_text(text, "utf-8")
    start = time.process_time()
    compile_folder(folder)
    return time.process_time() - start


@pytest.mark.parametrize("kind", LINES)
def test_ten_times_as_much_takes_about_ten_times_as_long(tmp_path: Path, kind: str) -> None:
    for name in ("campaigner.toml", "catalog.yaml"):
        shutil.copy(BANK / name, tmp_path)
    small = min(taken(tmp_path, LINES[kind], 150) for _ in range(3))
    # The least of two: a search for cycles through all that other tests left may fall into one.
    large = min(taken(tmp_path, LINES[kind], 1_500) for _ in range(2))
    assert large < 25 * small
