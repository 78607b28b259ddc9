"""E15x to E19x: mistakes in campaigner.toml, the catalog, a plan and the project's folder."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

FIRST_HERE = Phrase("files.first_here")
THE_CATALOG = Phrase("files.the_catalog")

# --- the project's folder -----------------------------------------------------------------------

NO_PROJECT = Code("E150")
UNREADABLE = Code("E151")
NOTHING_THERE = Code("E152")
NO_CATALOG = Code("E153")
NO_CAMPAIGNS = Code("W150")

# --- the text of campaigner.toml and the catalog ------------------------------------------------

TOML_SYNTAX = Code("E154")
YAML_SYNTAX = Code("E155")
REPEATED = Code("E156")
SAME_NAME = Code("E157")
REFERENCE = Code("E158")
TOO_DEEP = Code("E159")

# --- entries and their values -------------------------------------------------------------------

UNKNOWN_ENTRY = Code("E160")
MISSING_ENTRY = Code("E161")
WRONG_VALUE = Code("E162")
NOT_ONE_OF = Code("E163")
UNKNOWN_ZONE = Code("E164")
BAD_CURRENCY = Code("E165")
BAD_LANGUAGE = Code("E166")
BAD_RANGE = Code("E167")
BAD_NAME = Code("E168")
RESERVED_NAME = Code("E169")
BAD_TABLE = Code("E170")
BAD_DAY = Code("E171")
BAD_YEAR = Code("E177")

# --- fields that have a history -----------------------------------------------------------------

HISTORY_WITHOUT_TIME = Code("E341")
HISTORY_NOT_OPTIONAL = Code("E342")
HISTORY_OF_EVENT = Code("E343")
SINCE_TWICE = Code("E344")

# --- costs of acquisition -----------------------------------------------------------------------

COSTS_BY_NO_FIELD = Code("E660")
COSTS_BY_NO_WORDS = Code("E661")

# --- what is opened when campaigns run ----------------------------------------------------------

BAD_ADDRESS = Code("E178")
BAD_SHARE = Code("E749")
BAD_HOLDOUT = Code("E624")
BAD_URL = Code("E173")
SECRET_WRITTEN = Code("E174")
VARIABLE_NOT_SET = Code("E175")
VARIABLE_NOT_TEXT = Code("E183")
BAD_VARIABLE = Code("E176")
PATH_USED_TWICE = Code("E172")
OUTPUT_IN_USE = Code("E179")
SECRET_IN_THE_CLEAR = Code("E184")
MESSAGES_IN_THE_CLEAR = Code("W152")
