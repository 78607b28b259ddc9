"""The description on an index: README.md, whose links lead to the project's own pages there."""

import re
from pathlib import Path

from setuptools import setup

HOME = "https://campaigner.example/"
"""The home page in pyproject.toml."""

README = (Path(__file__).parent / "README.md").read_text(encoding="utf-8")

setup(
    long_description=re.sub(r"\]\((?!\w+:|#)", f"]({HOME}", README),
    long_description_content_type="text/markdown",
)
