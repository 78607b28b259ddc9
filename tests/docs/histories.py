"""Projects in a repository of git, for pages and tests of versions."""

from __future__ import annotations

import subprocess
from pathlib import Path


def git(folder: Path, *arguments: str) -> None:
    """Git in a folder, under a name of its own."""
    who = ("-c", "user.name=Shop", "-c", "user.email=shop@shop.example")
    subprocess.run(
        ["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True, timeout=60
    )


def committed(folder: Path, message: str = "one more") -> None:
    """Everything in the folder as a commit of the repository, which is made if there is none."""
    if not (folder / ".git").exists():
        git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)
