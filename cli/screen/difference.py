"""The change of a file, as `diff -u` writes it."""

from __future__ import annotations

from difflib import unified_diff


def difference(path: str, before: bytes, after: bytes) -> str:
    """The unified diff of a text in UTF-8; empty if nothing changes."""
    if before == after:
        return ""
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in unified_diff(_lines(before), _lines(after), path, path)
    )


def _lines(data: bytes) -> list[str]:
    """The lines with their ends. Only `\\n` ends one: `patch` knows no other line break."""
    *whole, last = data.decode("utf-8").split("\n")
    return [*(f"{line}\n" for line in whole), *([last] if last else [])]
