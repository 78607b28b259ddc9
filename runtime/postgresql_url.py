"""The parts of `postgresql://…` that the driver does not know: the schema, and what to show."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg import conninfo


@dataclass(frozen=True, slots=True)
class PostgreSQLUrl:
    """The URL for the driver, our parameter `?schema=NAME`, and the place for messages."""

    driver: str
    schema: str | None
    place: str


def postgresql_url(url: str) -> PostgreSQLUrl | None:
    """Return the parts of a URL; `None` if it is invalid.

    The driver's text about a bad URL is dropped: it may contain a part of the password.
    """
    try:
        parts = urlsplit(url)
        asked = parse_qsl(parts.query, keep_blank_values=True)
        rest = urlencode([(key, value) for key, value in asked if key != "schema"])
        driver = urlunsplit(parts._replace(query=rest))
        known = conninfo.conninfo_to_dict(driver)
    except (ValueError, psycopg.ProgrammingError):
        return None
    host, port, name = (known.get(key) for key in ("host", "port", "dbname"))
    if not all(map(_can_be_looked_up, str(host or "").split(","))):
        return None
    place = f"postgresql://{host or 'localhost'}{f':{port}' if port else ''}/{name or ''}"
    return PostgreSQLUrl(driver, dict(asked).get("schema") or None, place)


def _can_be_looked_up(host: str) -> bool:
    """Whether it is the folder of a socket, or has no empty and no overlong label.

    The driver passes any other on to Python, whose error is none of the driver's.
    """
    try:
        return host.startswith("/") or host.encode("idna") is not None
    except UnicodeError:
        return False
