"""The messages that have come to a worker, received while it decides.

The parent gives no more lines than a worker may hold, so the inbox is bounded. It receives at once:
the parent never waits for a worker that waits for the parent.
"""

from __future__ import annotations

import threading
from collections import deque
from multiprocessing.connection import Connection

from .messages import Given, ToWorker


class Inbox:
    """Receives in a thread. `is_closed`: the parent is gone."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._messages: deque[ToWorker] = deque()
        self._changed = threading.Condition()
        self.is_closed = False
        threading.Thread(target=self._receive, daemon=True).start()

    def next(self) -> ToWorker | None:
        """Return the next message once there is one; `None` if there will be none."""
        with self._changed:
            self._changed.wait_for(lambda: self._messages or self.is_closed)
            return None if self.is_closed else self._messages.popleft()

    def more(self, given: Given, most: int) -> Given:
        """Return lines with those after them that have come already: about `most` at once."""
        numbers, contents, at = [*given.numbers], [*given.contents], given.at
        with self._changed:
            while self._messages and len(numbers) < most:
                coming = self._messages[0]
                if not isinstance(coming, Given):
                    break
                self._messages.popleft()
                numbers += coming.numbers
                contents += coming.contents
                at = coming.at
        return Given(numbers, contents, at)

    def _receive(self) -> None:
        while not self.is_closed:
            try:
                message: ToWorker | None = self._connection.recv()
            except (EOFError, OSError):
                message = None
            with self._changed:
                if message is None:
                    self.is_closed = True
                else:
                    self._messages.append(message)
                self._changed.notify()
