"""Names that an engine would not take as they stand, quoted."""

from __future__ import annotations

import re

from sqlglot import exp
from sqlglot.tokens import Tokenizer

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")

_MORE = """
    add analyse at authorization before both cascade change check collation condition convert count
    current_date current_time current_timestamp current_user cursor databases day declare deferrable
    each elseif exit foreign freeze generated group groups having hour if ignore initially iterate
    key keys lag lead leading leave level line lines linear long loop match minute month only option
    order outfile placing placement primary processlist purge rank read recursive release
    repeat require restrict return schemas second sensitive separator share signal snapshot ssl
    starting stored symmetric system system_user tag tablespace to trailing trim undo unlock
    unsigned usage user variadic varying verbose virtual while window write year zerofill
"""
"""Words that some engine reserves."""

_WORDS = frozenset(_MORE.split()) | {word.lower() for word in Tokenizer.KEYWORDS}


def quoted(query: exp.Select, *, folds_up: bool = False) -> exp.Select:
    """The query with every name in quotes that is not a plain word, or is reserved somewhere.

    `folds_up`: the engine takes a plain word for one in capitals, so that is what is quoted.
    """
    for name in query.find_all(exp.Identifier):
        plain, reserved = _PLAIN.fullmatch(name.name), name.name in _WORDS
        if not plain or reserved:
            name.set("quoted", True)
        elif folds_up:
            name.set("quoted", False)
        if plain and reserved and folds_up:
            name.set("this", name.name.upper())
    return query
