"""Words that mean something else by what is around them: `after` of tasks, `within` of measures.

`task gift daily on invest where paid_at after due_at after first reward 5 points` has both. No
grammar that looks one word ahead can tell them apart, so the words around each do. Behind a
condition a plain `within` is a mistyped `within last`, in a measure the length of its window.
"""

from __future__ import annotations

from collections.abc import Sequence

from .tokens import Token, is_word

_PARTS = frozenset({"REWARD", "TAKE", "MESSAGE", "TASK", "ALL_DONE", "CLOSE_BRACE"})
_BEFORE_VALUE = frozenset({"WHERE", "AND", "OR", "NOT"})


def following(tokens: list[Token]) -> list[Token]:
    """The words, with an `AFTER_TASK` or a `MEASURED_WITHIN` for each of these."""
    inside = measured = False
    for at, word in enumerate(tokens):
        measured = (measured and word.type != "CLOSE_BRACE") or word.type == "MEASURE"
        if measured and word.type == "WITHIN":
            tokens[at] = word._replace(type="MEASURED_WITHIN")
        if word.starts_line and word.type in ("CAMPAIGN", "POLICY"):
            inside = False
        inside = inside or word.type == "TASK"
        if inside and word.type == "AFTER" and _follows(tokens, at):
            tokens[at] = word._replace(type="AFTER_TASK")
    return tokens


def _follows(tokens: Sequence[Token], at: int) -> bool:
    """Whether the name behind it ends the task's head.

    Behind a bare value of a `where` it is a time to compare with; brackets around the value say
    that it is not.
    """
    if at + 2 >= len(tokens) or not is_word(tokens[at + 1]) or tokens[at + 2].type not in _PARTS:
        return False
    value = at - 2 if tokens[at - 1].type == "FIELD" else at - 1
    return tokens[value - 1].type not in _BEFORE_VALUE
