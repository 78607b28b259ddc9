"""Parse SQL for engines that no test executes: it may only call functions that the engine has.

Each dialect lists the functions that its engine documents (`WORDS`).
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import sqlglot
from campaigner.compiler.dialects.registry import DIALECTS, dialect_of
from sqlglot import exp
from sqlglot.tokens import TokenType

from ...warehouses import EXECUTED

RENDERED = tuple(name for name in DIALECTS if name not in (*EXECUTED, "spark"))
"""Those that no default test executes; Spark's text is that of Databricks."""

TITLES = ["campaign", "step", "recipient", "occurrence", "at", "reward", "amount", "currency"]


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


EVERYWHERE = words(
    """
    abs as by case cast ceil coalesce count distinct floor greatest least max md5 min nullif replace
    lag round row_number translate
    and else exists from group having in join not on or over select sum then using values when where
    with
    """
)
"""Functions of all these engines, and keywords that precede a bracket."""

WORDS = {
    "clickhouse": words(
        """
        abs addseconds argmax argmin arrayjoin arraymap date_diff datetime64 datetrunc decimal
        filter formatdatetime hex intdivorzero lower moduloorzero nullable position replaceall
        round roundbankers startswith substring subtractseconds timezoneoffset todayofmonth
        todecimal128 todecimal256 todecimalstring toint128 toint256 tomonth tostring totime64
        totimezone translateutf8 tuple tupleelement
        """
    ),
    "databricks": words(
        """
        add_months array bround contains convert_timezone date_add date_format datediff day decimal
        filter last_day length max_by min_by month replace startswith struct substring transform
        trunc try_add try_cast try_divide try_multiply try_subtract
        """
    ),
    "bigquery": words(
        """
        array_agg date_add date_diff datetime datetime_add datetime_trunc div extract format
        format_datetime if instr last_day mod round safe_add safe_cast safe_multiply safe_negate
        safe_offset safe_subtract starts_with struct substring timestamp to_hex unnest
        """
    ),
    "snowflake": words(
        """
        contains convert_timezone date_trunc dateadd datediff day dayofweekiso decimal
        greatest_ignore_nulls last_day least_ignore_nulls max_by min_by month replace round
        startswith substring to_char
        """
    ),
    "trino": words(
        """
        array at_timezone date_add date_diff date_trunc day decimal filter last_day_of_month lower
        max_by min_by month replace round row starts_with strpos substr substring time timestamp
        to_hex to_utf8 transform truncate try try_cast with_timezone
        """
    ),
    "mysql": words(
        """
        abs addtime char char_length concat date date_format datediff datetime day decimal hex
        interval last_day left locate makedate month quarter replace round sec_to_time subdate
        substring subtime time truncate weekday year
        """
    ),
    "redshift": words(
        """
        convert_timezone date_trunc dateadd datediff decimal extract last_day length position
        replace round substring to_char to_hex trunc varchar
        """
    ),
}
"""The functions, and the types with sizes, that an engine's SQL may use; its engine documents them.
"""

UNNAMED: dict[str, frozenset[str]] = {
    "clickhouse": frozenset(word.upper() for word in WORDS["clickhouse"]),
    "databricks": frozenset({"BROUND"}),
    "mysql": frozenset({"ADDTIME", "MAKEDATE", "SEC_TO_TIME", "SUBDATE", "SUBTIME", "WEEKDAY"}),
    "trino": frozenset({"AT_TIMEZONE", "WITH_TIMEZONE"}),
}
"""Functions that an engine documents and sqlglot does not know."""


class _Warnings(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())


@contextmanager
def nothing_unsupported() -> Iterator[None]:
    """sqlglot only warns of what it leaves out."""
    listening, logger = _Warnings(), logging.getLogger("sqlglot")
    logger.addHandler(listening)
    try:
        yield
    finally:
        logger.removeHandler(listening)
    assert listening.told == []


def read_back(sql: str, name: str) -> exp.Query:
    """The statement as sqlglot reads it in that dialect, which writes the same text again."""
    dialect = dialect_of(name).sqlglot
    (tree,) = sqlglot.parse(sql, read=dialect)
    assert isinstance(tree, exp.Query)
    assert not list(tree.find_all(exp.Command))
    unknown = {one.name.upper() for one in tree.find_all(exp.Anonymous)}
    assert unknown <= UNNAMED.get(name, frozenset()), unknown
    with nothing_unsupported():
        assert tree.sql(dialect, pretty=True) == sql
    assert called(sql, dialect) <= WORDS[name] | EVERYWHERE
    return tree


def called(sql: str, dialect: str) -> set[str]:
    """All words that stand before a bracket, but for names that an alias gives."""
    tokens = sqlglot.tokenize(sql, read=dialect)
    named = (TokenType.IDENTIFIER, TokenType.STRING)
    return {
        token.text.lower()
        for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if after.token_type == TokenType.L_PAREN
        and before.token_type != TokenType.ALIAS
        and token.token_type not in named
        and token.text.isidentifier()
    }
