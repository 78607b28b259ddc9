"""E6xx, E424 to E432, W402, W403: compliance: what policies demand, and what messages may say."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

THIS_CAMPAIGN = Phrase("compliance.this_campaign")
REQUIRED_HERE = Phrase("compliance.required_here")
FORBIDDEN_HERE = Phrase("compliance.forbidden_here")

FORBIDDEN_PHRASE = Code("E601")
FORBIDDEN_FIELD = Code("E603")
NOT_DISCLOSED = Code("E604")
NOT_APPROVED = Code("E605")
UNKNOWN_VARIABLE = Code("E606")
BAD_TEMPLATE = Code("E607")
TEMPLATE_TOO_CLEVER = Code("E608")
LOOP = Phrase("compliance.loop")
CALL = Phrase("compliance.call")
PART = Phrase("compliance.part")
ARITHMETIC = Phrase("compliance.arithmetic")
SETTING = Phrase("compliance.setting")
OTHER_BLOCK = Phrase("compliance.other_block")
TOO_DEEP = Phrase("compliance.too_deep")
UNKNOWN_FILTER = Code("E612")
BAD_CLASS = Code("E609")
ONLY_IN_CAMPAIGN = Code("E610")
NO_SUCH_REWARD = Code("E611")
NOT_COMPARABLE = Code("E424")
WRONG_FILTER = Code("E425")
BAD_ARGUMENTS = Code("E426")
LONG_MESSAGE = Code("E427")
PHRASE_IN_LABEL = Code("E428")
EMPTY_PHRASE = Code("E429")
DATA_OF_ANOTHER = Code("E430")
NOT_SHARED = Code("E431")
NO_SENDER = Code("E432")
MAY_BE_UNKNOWN = Code("W402")
FOLLOWS_NOTHING = Code("W403")
