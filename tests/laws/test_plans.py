"""Law 1: what is laid out otherwise is the same project."""

from __future__ import annotations

from campaigner.dsl.diagnostics.source import SourceFile
from campaigner.dsl.formatting.formatter import format_tree
from campaigner.dsl.parsing.parser import parse
from hypothesis import given

from ..strategies import projects
from . import at_most
from .cases import meaning, plan_of


@at_most(20)
@given(projects())
def test_a_formatted_project_is_the_same_project(files):
    text = files["all.campaign"]
    formatted = format_tree(parse(SourceFile("all.campaign", text)))
    again = format_tree(parse(SourceFile("all.campaign", formatted)))
    assert again == formatted
    laid_out = {**files, "all.campaign": formatted}
    assert meaning(plan_of(laid_out)) == meaning(plan_of(files))
