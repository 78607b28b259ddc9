"""E191–E199, E790, E793, E950 and W153–W159: words and files that a command line names."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

NO_SUCH_COMMAND = Code("E191")
NO_SUCH_OPTION = Code("E192")
NO_SUCH_CHOICE = Code("E193")
NO_TEXT = Code("E790")
NOT_UTF8 = Phrase("command_line.not_utf8")


def too_long(most: int) -> Phrase:
    """The reason: a text is longer than so many characters."""
    return Phrase("command_line.too_long", most=str(most))


CHANGED_MEANWHILE = Code("E793")
EMPTY_SEED = Code("E194")
SEED_GUESSABLE = Code("W154")
SEED_TOO_EARLY = Code("E195")
NO_END = Phrase("command_line.no_end")


def ends_on(day: str) -> Phrase:
    """The reason: the campaign has not ended."""
    return Phrase("command_line.ends_on", day=day)


NOTHING_TO_REVEAL = Code("E196")
DRAWN_WITHOUT = Phrase("command_line.drawn_without")
NO_SEED_SET = Phrase("command_line.no_seed_set")
OTHER_SEED = Phrase("command_line.other_seed")

NO_SUCH_GROUP = Code("E950")
NOT_COMPILED = Code("W153")

NOTHING_CHANGED = Phrase("command_line.nothing_changed")
STEPS_KEPT = Phrase("command_line.steps_kept")
DECISIONS_KEPT = Phrase("command_line.decisions_kept")
OUTPUT_CUT_OFF = Phrase("command_line.output_cut_off")
