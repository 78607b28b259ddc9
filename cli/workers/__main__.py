"""`python -m campaigner.cli.workers DESCRIPTOR`: one worker of `campaigner events --workers`."""

from __future__ import annotations

import sys
from multiprocessing.connection import Connection

from .deciding import work


def main() -> None:
    """Work for the parent at the other end of the socket."""
    with Connection(int(sys.argv[1])) as connection:
        work(connection)


if __name__ == "__main__":
    main()
