"""E185–E190 and E197–E199: command lines that lack something, or have too much."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

EXTRA = Code("E185")
INCOMPLETE = Code("E186")
NOT_A_DAY = Code("E187")
MISSING = Code("E197")
NO_VALUE = Code("E198")
A_FLAG = Code("E199")

ONE_PERIOD = Phrase("usage.one_period")
AT_MOST_ONE_PERIOD = Phrase("usage.at_most_one_period")
WATCH_ALONE = Phrase("usage.watch_alone")
ONE_OR_ALL = Phrase("usage.one_or_all")
CAMPAIGN_OR_ALL = Phrase("usage.campaign_or_all")
GRANT_NUMBERS = Phrase("usage.grant_numbers")
ONE_GRANT = Phrase("usage.one_grant")
STDIN_ALONE = Phrase("usage.stdin_alone")
NOTHING_TO_FIX = Phrase("usage.nothing_to_fix")
DIFF_OF_FILES = Phrase("usage.diff_of_files")
PROJECT_AND_FILE = Phrase("usage.project_and_file")
PLAN_FOR_DRAWS = Phrase("usage.plan_for_draws")
ONE_SOURCE = Phrase("usage.one_source")
STDIN_TWICE = Phrase("usage.stdin_twice")
OUTPUT_OF_PROGRAMS = Phrase("usage.output_of_programs")
GRANTS_OF_REHEARSAL = Phrase("usage.grants_of_rehearsal")
KEYS_OF_WAREHOUSE = Phrase("usage.keys_of_warehouse")
WATCH_OF_FILES = Phrase("usage.watch_of_files")
PREVIEW_WORDS = Phrase("usage.preview_words")
MEASURE_OUTPUT = Phrase("usage.measure_output")
LIFECYCLE_WORDS = Phrase("usage.lifecycle_words")
EXPORT_WORDS = Phrase("usage.export_words")
EXPORT_TARGET = Phrase("usage.export_target")
GROUP_AT = Phrase("usage.group_at")
AGAINST_WHOM = Phrase("usage.against_whom")
