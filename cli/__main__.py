"""`python -m campaigner.cli`: the same command, for where its script is not on the path."""

from __future__ import annotations

from .main import main

if __name__ == "__main__":
    main()
