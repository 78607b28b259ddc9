"""The `after` of a task, and the `after` that compares two times.

`task gift daily on invest where paid_at after due_at after first reward 5 points` has both. No
grammar that looks one word ahead can tell them apart, so the words around each do.
"""

from __future__ import annotations

from collections.abc import Sequence

from .tokens import Token, is_word

_PARTS = frozenset({"REWARD", "TAKE", "MESSAGE", "TASK", "ALL_DONE", "CLOSE_BRACE"})
_BEFORE_VALUE = frozenset({"WHERE", "AND", "OR", "NOT"})


def following(tokens: list[Token]) -> list[Token]:
    """The words, in which each `after` of a task is an `AFTER_TASK`."""
    inside = False
    for at, word in enumerate(tokens):
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
