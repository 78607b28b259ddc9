import pytest
from campaigner.runtime.delivery import backoff

from .receivers import web


@pytest.fixture
def server():
    """An HTTP server on this machine."""
    with web() as found:
        yield found


@pytest.fixture
def hasty(monkeypatch):
    """The first retry comes after a twentieth of a second at most."""
    monkeypatch.setattr(backoff, "FIRST", 0.05)
