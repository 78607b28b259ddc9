"""The file that caches the parser's tables between processes.

Building them costs about 0.4 s of CPU per process, and reading 0.08 s (`bench/startup.py`). lark
reuses tables only for the same grammar and options, and the same versions of lark and Python. It
rebuilds them if the file cannot be read.
"""

from __future__ import annotations

from pathlib import Path

from ..user_cache import cache_folder


def kept_tables() -> Path | None:
    """The file in the user's cache folder; `None` if there is no folder that others cannot write.

    Reading tables runs what the file says (pickle), so that nobody else may have written it.
    """
    folder = cache_folder()
    return None if folder is None else folder / "grammar.tables"
