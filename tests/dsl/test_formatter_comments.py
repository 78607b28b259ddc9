"""Where comments go when a file is formatted."""

from __future__ import annotations

from textwrap import dedent

import pytest
from campaigner.dsl.diagnostics.source import SourceFile
from campaigner.dsl.formatting.formatter import format_source

CASES = {
    "before, after and at the end": (
        """
        # the file

        # about a
        campaign a   {   # opens
            # first of all
          owner "x"   # who

             # the goal
          goal   growth
          # at the end of the block
        }   # closes
        # the last word
        """,
        """
        # the file

        # about a
        campaign a {  # opens
          # first of all
          owner    "x"  # who

          # the goal
          goal     growth
          # at the end of the block
        }  # closes
        # the last word
        """,
    ),
    "between the parts of a condition": (
        """
        audience a x > 1 # one
        # the next two
          and y and z # three
        """,
        """
        audience a
          x > 1  # one
          # the next two
          and y
          and z  # three
        """,
    ),
    "where no line would have ended": (
        """
        campaign a {
          owner # why here
            "x"
          reward video_month # nice
            # only one
            limit # ?
            1 per customer
        }
        """,
        """
        campaign a {
          owner  # why here
            "x"

          reward   video_month  # nice
                   # only one
                   limit  # ?
                   1 per customer
        }
        """,
    ),
    "beside parentheses that go": (
        """
        audience a ( # why
          x # one
          ) # two
          and y
        """,
        """
        audience a  # why
          x  # one
          # two
          and y
        """,
    ),
    "inside a list and a phrase": (
        """
        campaign a {
          stage retail.new, # fresh
            # on their way
            retail.growing
          exclusive # with whom
            with b
        }
        """,
        """
        campaign a {
          stage    retail.new,  # fresh
                   # on their way
                   retail.growing
          exclusive             # with whom
            with b
        }
        """,
    ),
    "in an empty block and an empty file": (
        """
        budget b { # none
        # yet

        }
        """,
        """
        budget b {  # none
          # yet
        }
        """,
    ),
    "nothing else": ("\n\n  # a\n\n\n  # b\n\n", "# a\n\n# b\n"),
    "a sign of number in a text": (
        'audience a x = "#1" # not "this"\n',
        'audience a x = "#1"  # not "this"\n',
    ),
}


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES.keys())
def test_comments_keep_their_place(before: str, after: str) -> None:
    wanted = dedent(after).lstrip("\n")
    assert format_source(SourceFile("x.campaign", dedent(before))) == wanted
    assert format_source(SourceFile("x.campaign", wanted)) == wanted
