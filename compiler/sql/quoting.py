"""Names that an engine would not take as they stand, quoted."""

from __future__ import annotations

import re

from sqlglot import exp
from sqlglot.tokens import Tokenizer

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")

_MORE = """
    add analyse authorization before both cascade change check collation condition convert count
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


def quoted(query: exp.Select) -> exp.Select:
    """The query with every name in quotes that is not a plain word, or is reserved somewhere."""
    for name in query.find_all(exp.Identifier):
        if not _PLAIN.fullmatch(name.name) or name.name in _WORDS:
            name.set("quoted", True)
    return query
