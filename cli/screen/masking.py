"""Hide the project's secrets in the messages of drivers, servers and libraries."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ...dsl.diagnostics.diagnostic import CannotRun, in_language
from ...dsl.words.catalogue import ENGLISH

if TYPE_CHECKING:
    from ...compiler.files.secrets import Secrets


@contextmanager
def secrets_masked(secrets: Secrets) -> Iterator[None]:
    """Hide secrets in the fault that stops the work, and in drivers' logs."""
    before = logging.lastResort
    logging.lastResort = _Hiding(secrets)
    try:
        yield
    except CannotRun as stopped:
        hidden = secrets.hidden(stopped.diagnostic)
        if hidden == stopped.diagnostic or type(stopped) is not CannotRun:
            raise  # faults with several diagnostics are hidden where they are shown
        raise CannotRun(hidden) from None
    except OSError as error:
        path = error.filename
        hidden_path = in_language(secrets.hide(path), ENGLISH) if isinstance(path, str) else path
        if hidden_path == path:
            raise
        raise OSError(error.errno, error.strerror, hidden_path) from None
    finally:
        logging.lastResort = before


class _Hiding(logging.Handler):
    """Writes to stderr what a library logs, if nobody else has asked for it."""

    def __init__(self, secrets: Secrets) -> None:
        super().__init__(logging.WARNING)
        self._secrets = secrets

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        print(in_language(self._secrets.hide(self.format(record)), ENGLISH), file=sys.stderr)
