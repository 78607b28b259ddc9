"""The reasons that refuse a rewind, or a write after one."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

REWIND_SPENT = Code("E768")
REWIND_AHEAD = Code("E778")
REWOUND_SINCE = Code("E779")

TAKEN_BACK = Phrase("rewinding.taken_back")
NOTHING = Phrase("rewinding.nothing")
DROPPED = Phrase("rewinding.dropped")
IRREVOCABLE = Phrase("rewinding.irrevocable")
MORE = Phrase("rewinding.more")
AGAIN = Phrase("rewinding.again")
NOT_KEPT = Phrase("rewinding.not_kept")
