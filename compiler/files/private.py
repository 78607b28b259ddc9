"""New files and folders that only their owner may read, since they hold customers' data.

Existing ones keep their mode.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

FILE = 0o600
FOLDER = 0o700


def make_folder(path: Path) -> None:
    """Make the folder, and those around it that are missing, for their owner alone."""
    missing = [path]
    while not missing[-1].parent.exists() and missing[-1].parent != missing[-1]:
        missing.append(missing[-1].parent)
    for folder in reversed(missing):
        with suppress(FileExistsError):  # made by another worker meanwhile
            folder.mkdir(mode=FOLDER)
    path.mkdir(mode=FOLDER, exist_ok=True)
