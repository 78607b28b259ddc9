"""The same events by `run` in one piece, by `events` and by `ingest` give the same ledger."""

from __future__ import annotations

import json
import random
import signal
import time

import pytest
from campaigner.runtime.ledger import open_ledger

from ..test_event_workers import ledger_url
from .houses import (
    TOKEN,
    YEAR,
    Kafka,
    done,
    events,
    here,
    kept,
    nats_server,
    ready,
    start,
    wait_for,
)


@pytest.fixture(scope="module")
def stream():
    return events()


@pytest.fixture(scope="module")
def house(tmp_path_factory, stream):
    """A shop whose warehouse has all orders, and the file of them."""
    rows, messages = stream
    folder = ready(tmp_path_factory.mktemp("shop"), rows)
    (folder / "all.jsonl").write_bytes(b"\n".join(messages))
    return folder


@pytest.fixture(scope="module")
def expected(house):
    ledger = f"sqlite:///{house}/run.db"
    ended(0, ledger, "run", house, *YEAR)
    found = kept(house, ledger)
    assert {one[0] for one in found} == {"third", "after_coffee", "either", "teas"}
    assert "expired" in {one[8] for one in found}
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request, tmp_path):
    return ledger_url() if request.param == "postgresql" else f"sqlite:///{tmp_path}/ledger.db"


@pytest.fixture
def nats(tmp_path):
    with nats_server(tmp_path / "js") as server:
        yield server


@pytest.fixture
def kafka():
    brokers = Kafka()
    yield brokers
    brokers.close()


def ended(code, ledger, *arguments, **variables):
    """The stderr of a command that ends with the code."""
    found, out, err = here(ledger, *arguments, **variables)
    assert found == code, (found, out, err)
    return err


def letters(house, name="orders"):
    path = house / "var" / f"{name}.dead.jsonl"
    found = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    path.unlink(missing_ok=True)
    return found


def test_a_run_in_one_piece_and_events_as_a_stream(house, ledger, expected):
    ended(0, ledger, "events", house, house / "all.jsonl")
    assert kept(house, ledger) == expected


@pytest.mark.parametrize("options", [(), ("--plain",)])
def test_lines_of_a_file(house, tmp_path, expected, options):
    ledger = f"sqlite:///{tmp_path}/ledger.db"
    ended(0, ledger, "ingest", house, house / "all.jsonl", *options)
    assert kept(house, ledger) == expected


def test_nats(house, ledger, nats, stream, expected):
    nats.publish(stream[1])
    ended(0, ledger, "ingest", house, "orders", "--until-idle", **nats.variables)
    assert kept(house, ledger) == expected
    assert nats.acknowledged() == len(stream[1])
    again = ended(0, ledger, "ingest", house, "orders", "--until-idle", **nats.variables)
    assert "0 events\n" in again


def test_kafka(house, tmp_path, kafka, stream, expected):
    ledger = f"sqlite:///{tmp_path}/ledger.db"
    kafka.publish(stream[1])
    ended(0, ledger, "ingest", house, "records", "--until-idle", **kafka.variables)
    assert kept(house, ledger) == expected
    again = ended(0, ledger, "ingest", house, "records", "--until-idle", **kafka.variables)
    assert "0 events\n" in again


def killed(process, after):
    """Kill it after so many lines of its output."""
    for _ in range(after):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_killed_in_the_middle_and_started_again(house, ledger, nats, stream, expected):
    for part in range(3):
        nats.publish(stream[1][part * 50 : part * 50 + 50])
        killed(start(ledger, "ingest", house, "orders", "--format", "json", **nats.variables), 7)
    nats.publish(stream[1][150:])
    ended(0, ledger, "ingest", house, "orders", "--until-idle", **nats.variables)
    assert kept(house, ledger) == expected


def test_a_reader_of_kafka_killed_in_the_middle(house, tmp_path, kafka, stream, expected):
    ledger = f"sqlite:///{tmp_path}/ledger.db"
    kafka.publish(stream[1])
    killed(start(ledger, "ingest", house, "records", "--format", "json", **kafka.variables), 30)
    ended(0, ledger, "ingest", house, "records", "--until-idle", **kafka.variables)
    assert kept(house, ledger) == expected


def test_doubled_shuffled_and_malformed_messages(house, tmp_path, nats, stream, expected):
    ledger = f"sqlite:///{tmp_path}/ledger.db"
    odd = [
        b"not json",
        b"\xff\xfe{}",
        b"",
        b'{"event": "ordre", "key": "x", "customer": "c01", "at": "2026-01-01T00:00:00"}',
        b'{"event": "order", "key": "x", "customer": "c01", "at": "never"}',
        b'{"a": "' + b"x" * 1_000_100 + b'"}',
        b"[" * 100_000,
    ]
    messages = [one for each in stream[1] for one in (each, each)]
    random.Random(5).shuffle(messages)
    for number, one in enumerate(odd):
        messages.insert(number * 50, one)
    nats.publish(messages)
    ended(1, ledger, "ingest", house, "orders", "--until-idle", **nats.variables)
    assert kept(house, ledger) == expected
    found = letters(house)
    assert [one["number"] for one in found] == [1 + 50 * number for number in range(len(odd))]
    assert found[0]["raw"] == "not json"
    assert found[0]["reason"] == "it is not JSON"
    assert found[1]["raw_base64"] == "//57fQ=="
    assert {one["code"] for one in found} == {"E744"}


def test_a_signal_ends_it_between_two_batches(house, tmp_path, nats, stream, expected):
    ledger = f"sqlite:///{tmp_path}/ledger.db"
    nats.publish(stream[1][:100])
    worker = start(ledger, "ingest", house, "orders", "--format", "json", **nats.variables)
    worker.stdout.readline()
    worker.send_signal(signal.SIGTERM)
    done(worker, 143)
    nats.publish(stream[1][100:])
    ended(0, ledger, "ingest", house, "orders", "--until-idle", **nats.variables)
    assert kept(house, ledger) == expected


def test_a_broker_that_goes_away_and_comes_back(house, tmp_path, nats, stream, expected):
    ledger = f"sqlite:///{tmp_path}/ledger.db"
    nats.publish(stream[1][:100])
    worker = start(ledger, "ingest", house, "orders", "--format", "json", **nats.variables)
    for _ in range(100):
        worker.stdout.readline()
    nats.stop()
    time.sleep(1)
    nats.run()
    nats.publish(stream[1][100:])
    for _ in range(100):
        worker.stdout.readline()
    # A shell lets what it starts in the background ignore ctrl-c, but not the end of a service.
    worker.send_signal(signal.SIGTERM)
    _, err = done(worker, 143)
    assert "E806" in err
    assert TOKEN not in err
    ended(0, ledger, "run", house, *YEAR)
    assert kept(house, ledger) == expected


def test_killed_with_events_that_the_warehouse_does_not_have(tmp_path, nats, stream, expected):
    """The next process reads again, from the first that it must know of."""
    rows, messages = stream
    house = ready(tmp_path / "lagging", rows[:60])
    ledger = f"sqlite:///{tmp_path}/ledger.db"
    for start_at, after in ((0, 90), (100, 120)):
        nats.publish(messages[start_at : start_at + 100])
        worker = start(ledger, "ingest", house, "orders", "--format", "json", **nats.variables)
        killed(worker, min(after, 95))
    with open_ledger(ledger, "shop", "CNY", root=house) as opened:
        (offset,) = opened.offsets("orders").values()
        assert offset.remembered == 61
    ended(0, ledger, "ingest", house, "orders", "--until-idle", **nats.variables)
    of_events = {"third", "after_coffee", "either"}
    assert _of(kept(house, ledger), of_events) == _of(expected, of_events)


def test_status_tells_the_last_pass(house, tmp_path, nats, stream):
    ledger = f"sqlite:///{tmp_path}/ledger.db"
    nats.publish(stream[1][:5])
    ended(0, ledger, "ingest", house, "orders", "--until-idle", **nats.variables)
    _, out, err = here(ledger, "status", house, "--format", "json", **nats.variables)
    told = {one["source"]: one["at"] for one in json.loads(out)["ingested"]}
    assert told["orders"] is not None, err
    assert told["records"] is None
    _, out, _ = here(ledger, "status", house, **nats.variables)
    assert "`orders` last ingested at " in out


def test_a_second_reader_does_no_harm(house, tmp_path, nats, stream, expected):
    ledger = f"sqlite:///{tmp_path}/ledger.db"
    first = start(ledger, "ingest", house, "orders", "--format", "json", **nats.variables)
    nats.publish(stream[1][:1])
    first.stdout.readline()
    err = ended(2, ledger, "ingest", house, "orders", **nats.variables)
    assert "another process reads it" in err
    nats.publish(stream[1][1:])
    for _ in stream[1][1:]:
        first.stdout.readline()
    first.send_signal(signal.SIGTERM)
    done(first, 143)
    ended(0, ledger, "run", house, *YEAR)
    assert kept(house, ledger) == expected


def test_two_of_a_group_share_the_partitions(house, kafka, stream, expected):
    ledger = ledger_url()
    some = {"third", "either", "after_coffee"}
    workers = [
        start(ledger, "ingest", house, "records", "--format", "json", **kafka.variables)
        for _ in range(2)
    ]
    kafka.spread(stream[1])

    def all_there() -> bool:
        return _of(kept(house, ledger), some) == _of(expected, some)

    try:
        wait_for(all_there, 60)
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
    for worker in workers:
        worker.communicate(timeout=30)


def _of(rows, campaigns):
    return [one for one in rows if one[0] in campaigns]


def test_nothing_there_to_read(house, tmp_path):
    ledger = f"sqlite:///{tmp_path}/ledger.db"
    assert "E806" in ended(2, ledger, "ingest", house, "orders")
    assert "E806" in ended(2, ledger, "ingest", house, "records")
    assert "E809" in ended(2, ledger, "ingest", house, "ordres")
    assert "E186" in ended(2, ledger, "ingest", house)
