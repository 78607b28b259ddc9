"""The examples of docs/api.md are carried out, one after the other, and print what it shows."""

from __future__ import annotations

import doctest
import inspect
import re

import campaigner
from campaigner.cli.main import invoke

from ..projects import ROOT

PAGE = (ROOT / "docs" / "api.md").read_text("utf-8")
EXAMPLES = "".join(re.findall(r"^```python\n(.*?)^```$", PAGE, re.M | re.S))


def test_the_examples_print_what_the_page_shows(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert invoke(["init", "shop"]) == 0
    capsys.readouterr()
    examples = doctest.DocTestParser().get_doctest(EXAMPLES, {}, "docs/api.md", "docs/api.md", 0)
    assert len(examples.examples) > 20
    told: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    found = runner.run(examples, out=told.append)
    assert found.failed == 0, "".join(told)


def test_the_page_names_everything_that_is_public_and_each_parameter():
    named = set(re.findall(r"`(\w+)", PAGE)) | set(re.findall(r"campaigner\.(\w+)", PAGE))
    assert set(campaigner.__all__) - named == set()
    functions = [getattr(campaigner, name) for name in campaigner.__all__ if name.islower()]
    for function in filter(inspect.isfunction, functions):
        for parameter in inspect.signature(function).parameters:
            assert f"`{parameter}`" in PAGE or f"({parameter}" in PAGE, (function, parameter)


def test_everything_public_is_documented():
    for name in campaigner.__all__:
        assert name == "__version__" or inspect.getdoc(getattr(campaigner, name))
