"""The folder of a site: written anew where it is ours, and left alone where it is not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from ....dsl.diagnostics.diagnostic import CannotRun, diagnose, names_listed
from ...codes import pages as codes
from ...screen.files import replace_all

MARK = ".campaigner-doc.json"
"""The list of our files in a folder, by which the next call knows them."""

_SHOWN_AT_MOST = 3


def write(folder: Path, site: Mapping[str, str]) -> None:
    """Write all pages below the folder, and take away those that a former site had more.

    `CannotRun` if the folder has other content than a former site; `OSError` if it cannot be used.
    """
    former = _former(folder)
    folder.mkdir(exist_ok=True)
    for parent in sorted({str(PurePosixPath(name).parent) for name in site}):
        (folder / parent).mkdir(exist_ok=True)
    listed = json.dumps({"files": sorted(site)}, ensure_ascii=False, indent=1)
    contents = {folder / name: text.encode() for name, text in site.items()}
    replace_all({folder / MARK: listed.encode(), **contents})
    for name in former - site.keys():
        (folder / name).unlink(missing_ok=True)


def _former(folder: Path) -> set[str]:
    """The files of the site that is in the folder, which may be none."""
    if not folder.exists():
        return set()
    found = sorted(entry.name for entry in folder.iterdir())
    if not found:
        return set()
    try:
        names = json.loads((folder / MARK).read_text("utf-8"))["files"]
        return {name for name in names if _is_inside(name)}
    except (OSError, ValueError, KeyError, TypeError):
        shown = names_listed(found[:_SHOWN_AT_MOST])
        raise CannotRun(
            diagnose(codes.NOT_OUR_FOLDER, None, path=str(folder), found=shown)
        ) from None


def _is_inside(name: object) -> bool:
    """Whether it is the name of a page: no way leads out of the folder."""
    if not isinstance(name, str) or not name.endswith(".html"):
        return False
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts
