"""E36x, E39x, W870: tasks and steps that cannot be taken as they are written."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

UNKNOWN_STEP = Code("E390")
STEP_BEFORE = Code("E391")
DEADLINE_BEFORE_STEP = Code("E392")
UNLESS_AFTERWARDS = Code("E393")
NEVER_AFTER_STEP = Code("E394")
STEP_NOT_SURE = Code("E395")
WITHOUT_END = Code("E396")
STEP_NAME_TAKEN = Code("E397")
STEP_WITHOUT_EVENT = Code("E398")
WHERE_ASKS_OTHERS = Code("E399")
FOLLOWS_THE_LINE_BEFORE = Code("W870")
NO_SUCH_STEP = Code("E840")
STEP_GIVES_NOTHING = Code("E841")
NOT_AN_END = Code("E842")
NO_STEP = Code("E335")
ENTRY_FOLLOWS = Code("E336")
LATER_ON_SCHEDULE = Code("E337")
NOT_OF_THE_ENTRY = Code("E338")
NOT_A_LATER_GROUP = Code("E339")

A_STEP = Phrase("names.another_step")
THE_LANGUAGE = Phrase("names.the_language")
NO_PERIOD = Code("E360")
TWO_FORMS = Code("E361")
FOLLOWS_NO_TASK = Code("E362")
LONGER_THAN_SET = Code("E363")
NAME_TAKEN = Code("E364")
PART_OUTSIDE = Code("E365")
TASK_GIVES_NOTHING = Code("E366")
SET_PERIOD = Code("E367")
NOT_IN_TASK = Code("E368")
TASK_CIRCLE = Code("E369")
