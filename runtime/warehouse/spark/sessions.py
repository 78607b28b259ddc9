"""From `spark://…` to a session of Spark, and what can fail on the way."""

from __future__ import annotations

import logging
import os
import re
import socket
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from py4j.java_gateway import JavaGateway
from py4j.protocol import Py4JError, Py4JJavaError, Py4JNetworkError
from pyspark import SparkConf, SparkContext
from pyspark.errors import PySparkException
from pyspark.java_gateway import launch_gateway
from pyspark.sql import SparkSession

from ....compiler.files.folder import NOT_REGULAR
from ....compiler.files.reasons import phrase_of
from ....dsl.diagnostics.diagnostic import CannotRun, Diagnostic, Foreign, diagnose
from ...codes import running, spark, warehouses

_SECONDS_TO_CONNECT = 10
_CHATTER = ("WARNING", "Using ", "Setting ", "To adjust")
_IN_A_SCRIPT = re.compile(r"^\S+: line [0-9]+: ")
_HOST = re.compile(r"[\w.-]+:[0-9]{1,5}")
_LAST_PORT = 65_535
_HERE = "local[*]"
_TASKS_A_CORE = 2

_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    # `${…}` in a text of a campaign is the author's.
    "spark.sql.variable.substitute": "false",
    "spark.sql.caseSensitive": "false",
    "spark.sql.decimalOperations.allowPrecisionLoss": "true",
}


@dataclass(frozen=True, slots=True)
class Address:
    """Where Spark is, what plain names of tables mean there, and what people may see of it."""

    master: str
    shown: str
    folder: Path | None = None
    database: str | None = None


def address(url: str, root: Path, shown: str | None = None) -> Address:
    """The address that a url names: `spark:///FOLDER`, from the project's folder, where Spark runs
    in this process over its Parquet files, or `spark://HOST:PORT/DATABASE`, a cluster's."""
    hosts, _, path = url.partition("://")[2].partition("/")
    if not hosts and path:
        folder = root / path
        found = folder.relative_to(root) if folder.is_relative_to(root) else folder
        return Address(_HERE, shown or found.as_posix(), folder=folder)
    known = all(
        _HOST.fullmatch(host) and int(host.rpartition(":")[2]) <= _LAST_PORT
        for host in hosts.split(",")
    )
    if not known or "/" in path or "?" in path:
        raise CannotRun(diagnose(spark.SPARK_ADDRESS, None))
    place = shown or f"spark://{hosts}/{path}"
    return Address(f"spark://{hosts}", place, database=path or None)


@contextmanager
def session(at: Address) -> Iterator[SparkSession]:
    """A session of its own at this address; in a process that has Spark running already, there."""
    _look(at)
    with ExitStack() as stack:
        # What pyspark has to say of other libraries is nothing to whoever runs a campaign.
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore", FutureWarning)
        logging.getLogger("SQLQueryContextLogger").disabled = True
        running_already = SparkSession.getActiveSession()
        if running_already is None:
            place = tempfile.TemporaryDirectory(prefix="campaigner-", ignore_cleanup_errors=True)
            running_already = _started(at, stack.enter_context(place))
            stack.callback(running_already.stop)
        found = running_already.newSession()
        with faults_named(at.shown):
            for name, value in _SETTINGS.items():
                found.conf.set(name, value)
        _open(found, at)
        yield found


def _look(at: Address) -> None:
    """See that the folder is there, or that somebody answers: Spark itself tries for minutes."""
    if at.folder is not None:
        if not at.folder.is_dir():
            raise CannotRun(diagnose(running.WAREHOUSE_MISSING, None, path=at.shown))
        return
    fault: OSError | None = None
    for host in at.master.removeprefix("spark://").split(","):
        name, _, port = host.partition(":")
        try:
            socket.create_connection((name, int(port)), _SECONDS_TO_CONNECT).close()
        except OSError as refused:
            fault = refused
        else:
            return
    said = (fault and fault.strerror) or str(fault)
    problem = diagnose(
        warehouses.WAREHOUSE_SERVER, None, path=at.shown, reason=phrase_of(said.lower())
    )
    raise CannotRun(problem) from fault


@cache
def _log() -> IO[bytes]:
    """Return the file for Java's output, which no terminal shows."""
    return tempfile.TemporaryFile(prefix="campaigner-spark-")


@cache
def _java() -> JavaGateway:
    """The process of Java that Spark runs in; it ends with this one."""
    launch: Callable[..., JavaGateway] = launch_gateway  # which says nothing of its types
    return launch(None, {"stdout": _log(), "stderr": _log()})


def _started(at: Address, place: str) -> SparkSession:
    conf = SparkConf(loadDefaults=False).setMaster(at.master).setAppName("campaigner")
    settings = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
    if at.folder is not None:
        settings |= {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.local.dir": place,
            "spark.sql.warehouse.dir": f"{place}/warehouse",
            "spark.sql.shuffle.partitions": str(_TASKS_A_CORE * (os.cpu_count() or 1)),
        }
    for name, value in settings.items():
        conf.set(name, value)
    try:
        context = SparkContext(conf=conf, gateway=_java())
    except (PySparkException, Py4JError, OSError, ValueError) as fault:
        problem = diagnose(spark.SPARK_START, None, reason=_last_words(fault))
        raise CannotRun(problem) from fault
    context.setLogLevel("ERROR")
    return SparkSession.builder.getOrCreate()


def _open(found: SparkSession, at: Address) -> None:
    """Let plain names mean the folder's tables, or those of the database."""
    if at.database is not None:
        with faults_named(at.shown):
            if not found.catalog.databaseExists(at.database):
                reason = Foreign(f"it has no database `{at.database}`")
                problem = diagnose(warehouses.WAREHOUSE_SERVER, None, path=at.shown, reason=reason)
                raise CannotRun(problem)
            found.catalog.setCurrentDatabase(at.database)
    if at.folder is None:
        return
    for path in sorted(at.folder.iterdir()):
        if path.name.startswith((".", "_")) or not (path.is_dir() or path.suffix == ".parquet"):
            continue
        if not (path.is_dir() or path.is_file()):
            shown = f"{at.shown}/{path.name}"
            problem = diagnose(
                running.WAREHOUSE_UNREADABLE, None, path=shown, reason=phrase_of(NOT_REGULAR)
            )
            raise CannotRun(problem)
        try:
            table = found.read.parquet(str(path))
        except (PySparkException, Py4JError) as fault:
            shown = f"{at.shown}/{path.name}"
            problem = diagnose(
                running.WAREHOUSE_UNREADABLE, None, path=shown, reason=_reason(fault)
            )
            raise CannotRun(problem) from fault
        table.createOrReplaceTempView(quoted(path.name.removesuffix(".parquet")))


@contextmanager
def faults_named(shown: str) -> Iterator[None]:
    """Turns faults of Spark or of the way to it into `CannotRun`."""
    try:
        yield
    except (Py4JNetworkError, ConnectionError, EOFError) as fault:
        raise CannotRun(diagnose(warehouses.WAREHOUSE_LOST, None, path=shown)) from fault
    except (PySparkException, Py4JError) as fault:
        raise CannotRun(_failed(fault)) from fault


def _failed(fault: PySparkException | Py4JError) -> Diagnostic:
    return diagnose(running.WAREHOUSE_FAILED, None, reason=_reason(fault))


def _reason(fault: Exception) -> Foreign:
    """Return Spark's first sentence about the cause, without numbers and class names."""
    said = str(fault)
    if isinstance(fault, Py4JJavaError):
        causes = re.findall(r"^(?:Caused by|): (.+)$", said, re.MULTILINE)
        said = causes[-1] if causes else said
    line = next((one for one in said.splitlines() if one.strip()), type(fault).__name__)
    line = re.sub(r"^[\w.$]+(?:Exception|Error): ", "", line.strip())
    line = re.sub(r"^\[[\w.]+\] ", "", line).partition(" SQLSTATE: ")[0].strip().rstrip(".")
    return Foreign(line[:1].lower() + line[1:])


def _last_words(fault: Exception) -> Foreign:
    """Return why Spark did not start: Java's last output, or else pyspark's error."""
    log = _log()
    log.seek(0)
    lines = [line.strip() for line in log.read().decode("utf-8", "replace").splitlines()]
    told = next((line for line in lines if line and not line.startswith(_CHATTER)), "")
    return _reason(RuntimeError(_IN_A_SCRIPT.sub("", told))) if told else _reason(fault)


def quoted(*names: str) -> str:
    """Quote a name for Spark's SQL."""
    return ".".join("`" + name.replace("`", "``") + "`" for name in names)
