"""Both stores: a file, and a schema of a real PostgreSQL server that runs as long as the tests."""

import itertools
from pathlib import Path

import psycopg
import pytest

from ...warehouses import postgresql_server
from .ledgers import URL, opened


@pytest.fixture(scope="session")
def server():
    """The address of a server of its own for this process."""
    running = postgresql_server()
    with psycopg.connect(running.get_uri(), autocommit=True) as connection:
        # Workers are killed here, never the machine.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("CREATE ROLE locked LOGIN PASSWORD 'sesame'")
        ((rules,),) = connection.execute("SHOW hba_file").fetchall()
        path = Path(rules)
        path.write_text(f"local all locked scram-sha-256\n{path.read_text()}")
        connection.execute("SELECT pg_reload_conf()")
    yield running.get_uri()
    running.cleanup()


@pytest.fixture(scope="session")
def schema_url(server):
    """Makes an address where no ledger is yet."""
    numbers = itertools.count()
    mark = "&" if "?" in server else "?"
    return lambda: f"{server}{mark}schema=ledger_{next(numbers)}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request):
    """A ledger's address, on either store."""
    return URL if request.param == "sqlite" else request.getfixturevalue("schema_url")()


@pytest.fixture
def ledger(tmp_path, url):
    with opened(tmp_path, url=url) as one:
        yield one
