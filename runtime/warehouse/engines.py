"""Open a warehouse; its URL chooses the engine."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from ...compiler.project.config import CLUSTER
from ...dsl.diagnostics.diagnostic import CannotRun, Foreign, diagnose
from ..codes import running, warehouses
from .contract import Warehouse
from .freshness import FileStamp, Freshness, Seconds


def open_warehouse(
    url: str, root: Path, shown: str | None = None
) -> AbstractContextManager[Warehouse]:
    """Open the warehouse at a URL for the `with` block; paths are relative to `root`.

    `shown` is its address for messages, if `url` contains more. URLs are `duckdb:///PATH`,
    `postgresql://…`, `spark:///FOLDER` or `spark://HOST:PORT/DATABASE`. Raise `CannotRun` if it
    cannot be opened.
    """
    scheme, mark, _ = url.partition("://")
    # An engine's driver is loaded by those who ask that engine.
    match scheme.lower() if mark else "":
        case "duckdb":
            from .duckdb import client  # noqa: PLC0415

            return client.open_duckdb(url, root, shown)
        case "postgresql" | "postgres":
            return _postgresql(url, shown)
        case "spark":
            return _spark(url, root, shown)
        case "sc":
            problem = diagnose(running.WAREHOUSE_UNSUPPORTED, None, scheme="sc", cluster=CLUSTER)
            raise CannotRun(problem)
        case _:
            found = Foreign(scheme if mark else url)
            problem = diagnose(running.WAREHOUSE_UNSUPPORTED, None, scheme=found)
            raise CannotRun(problem)


def freshness_of(url: str, root: Path, seconds: int) -> Freshness:
    """Return what says whether rows of the warehouse at a URL may be used again.

    `seconds`: how long they may be, where nothing else says it.
    """
    scheme, _, _ = url.partition("://")
    if scheme.lower() != "duckdb":
        return Seconds(seconds)
    from .duckdb import client  # noqa: PLC0415

    return FileStamp(client.path_of(url, root), Seconds(seconds))


def _postgresql(url: str, shown: str | None) -> AbstractContextManager[Warehouse]:
    # The driver is an extra, and nobody who reads a file needs it.
    try:
        from .postgresql import client  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        scheme = "postgresql"
        problem = diagnose(warehouses.WAREHOUSE_DRIVER, None, scheme=scheme, extra=scheme)
        raise CannotRun(problem) from missing
    return client.open_postgresql(url, shown)


def _spark(url: str, root: Path, shown: str | None) -> AbstractContextManager[Warehouse]:
    try:
        from .spark import client  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        scheme = "spark"
        problem = diagnose(warehouses.WAREHOUSE_DRIVER, None, scheme=scheme, extra=scheme)
        raise CannotRun(problem) from missing
    return client.open_spark(url, root, shown)
