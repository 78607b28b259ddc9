"""Addresses of servers: any text is one that the driver can try, or none."""

import socket
from contextlib import suppress
from unittest.mock import patch

import psycopg
from campaigner.runtime.postgresql_url import postgresql_url
from hypothesis import example, given
from hypothesis import strategies as st

HOSTS = st.lists(st.text("ab-_.:%ü中/@[]", max_size=5) | st.just("x" * 64), max_size=4).map(
    ".".join
)


def _nowhere(host: str | bytes, *_: object, **__: object) -> None:
    """Encode a name as Python does before it asks anybody; then nobody knows it."""
    if isinstance(host, str):
        host.encode("idna")
    raise socket.gaierror(-2, "Name or service not known")


@given(host=HOSTS)
@example("a..b")
@example("x" * 64)
@example("p@ss..word")
def test_the_driver_fails_with_an_error_of_its_own(host: str) -> None:
    at = postgresql_url(f"postgresql://u:secret@{host}/db?connect_timeout=1")
    if at is None:
        return
    assert "secret" not in at.place
    with patch("socket.getaddrinfo", _nowhere), suppress(psycopg.Error):
        psycopg.conninfo.conninfo_attempts(psycopg.conninfo.conninfo_to_dict(at.driver))
