"""E1xx: what is wrong with the text itself: syntax, encoding, literals."""

from __future__ import annotations

from ..diagnostics.diagnostic import Code, Phrase

# --- E101-E109: clauses and what holds them together --------------------------------------------

UNEXPECTED = Code("E101")
UNKNOWN_CLAUSE = Code("E102")
INCOMPLETE = Code("E103")
UNCLOSED_BRACE = Code("E104")
STRAY_BRACE = Code("E105")
MISPLACED_CLAUSE = Code("E106")
NOT_SUPPORTED_YET = Code("E107")
KEYWORD_AS_NAME = Code("E108")
TOO_DEEP = Code("E109")

# --- E110-E119: characters, quotes and names ----------------------------------------------------

FULL_WIDTH = Code("E110")
WRONG_QUOTES = Code("E111")
STRAY_CHARACTER = Code("E112")
FOREIGN_SIGN = Code("E113")
WRONG_CASE = Code("E114")
UNCLOSED_TEXT = Code("E115")
TEXT_OVER_LINES = Code("E116")
UNKNOWN_ESCAPE = Code("E117")
BAD_NAME = Code("E118")
INVISIBLE_CHARACTER = Code("E119")

# --- E130-E139: the file, and what came later -----------------------------------------------------

NOT_UTF8 = Code("E130")
BINARY_FILE = Code("E131")
UNCLOSED_NAME = Code("E132")
UNKNOWN_DECLARATION = Code("E133")
FAR_DATE = Code("E134")
NOTHING_DECLARED = Code("W101")
READS_AS_VALUE = Code("W151")
A_FIELD = Phrase("text.a_field")
A_WORD = Phrase("text.a_word")
