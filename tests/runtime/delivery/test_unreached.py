"""Receivers that are down, and hostile rows: no row pays for what is not its own fault."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime.delivery import FileChannel, backoff, deliver
from campaigner.runtime.delivery.channels.kafka import KafkaChannel
from campaigner.runtime.delivery.channels.mail import MailChannel
from campaigner.runtime.delivery.channels.nats import NatsChannel
from campaigner.runtime.delivery.channels.sending import (
    Arrived,
    Fate,
    Later,
    Parcel,
    Patience,
    Refused,
    Remote,
    Unreached,
    Unsent,
    all_unsent,
)
from campaigner.runtime.delivery.channels.webhook import WebhookChannel
from hypothesis import given
from hypothesis import strategies as st

from ...laws import at_most
from ...on_postgresql import new_schema, schema_url
from ..ledger.ledgers import URL, opened
from .receivers import LATER, SECRET, decide, free_port, letters

BRIEFLY = Patience(timeout=0.3, per_run=0.6, parallel=2, batch=3)
PEOPLE = [f"{n:02}" for n in range(12)]


def at(port: int) -> list[Remote]:
    """A channel of each kind whose receiver would be at that port of this machine."""
    here = f"127.0.0.1:{port}"
    return [
        WebhookChannel("push", f"http://{here}/", SECRET, patience=BRIEFLY),
        WebhookChannel("push", f"https://{here}/", SECRET, patience=BRIEFLY),
        MailChannel(
            "push", f"smtp://{here}", "a@example.com", "News", "b@example.com", patience=BRIEFLY
        ),
        NatsChannel("push", f"nats://{here}", "some.subject", patience=BRIEFLY),
        KafkaChannel("push", here, "messages", patience=BRIEFLY),
    ]


@pytest.mark.parametrize("kind", range(5))
@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_a_receiver_that_is_down_costs_no_row_an_attempt(
    tmp_path: Path, store: str, kind: int
) -> None:
    channel = at(free_port())[kind]
    url = URL if store == "sqlite" else schema_url(new_schema())
    with opened(tmp_path, url=url) as ledger:
        decide(ledger, PEOPLE)
        for _ in range(2):
            done = deliver(ledger, {"push": channel}, LATER)
            (warning,) = done.warnings(ledger.waiting_channels(LATER))
            assert (warning.code.id, done.failed, done.dead) == ("W750", {}, {})
            assert set(letters(ledger).values()) == {("waiting", 0, None)}
            assert all(one.try_after is None for one in ledger.letters("waiting"))


def test_a_file_that_is_away_costs_no_row_an_attempt(tmp_path: Path) -> None:
    (tmp_path / "push.jsonl").mkdir()
    with opened(tmp_path) as ledger:
        decide(ledger, PEOPLE)
        with pytest.raises(CannotRun):
            deliver(ledger, {"push": FileChannel("push", tmp_path / "push.jsonl", "x")}, LATER)
        assert set(letters(ledger).values()) == {("waiting", 0, None)}


# --- a channel with a script ----------------------------------------------------------------------


@dataclass(eq=False)
class Scripted:
    """A channel of which rows have fates of their own; its receiver is down at first.

    `down`: how many connections fail. `sent`: recipients in the order in which they arrived.
    """

    fates: dict[str, Fate]
    down: int = 0
    patience: Patience = field(
        default_factory=lambda: Patience(timeout=1, per_run=0.4, parallel=1, batch=4)
    )
    name: str = "push"
    address: None = None
    connected: bool = False
    sent: list[str] = field(default_factory=list)

    def sender(self) -> Scripted:
        return self

    def send(
        self, parcels: Sequence[Parcel], stopped: Callable[[], bool]
    ) -> Iterator[tuple[Parcel, Fate]]:
        for place, parcel in enumerate(parcels):
            if stopped():
                yield parcel, Unsent()
                continue
            if self.down:
                self.down -= 1
                yield parcel, Unreached("connection refused")
                yield from all_unsent(parcels[place + 1 :])
                return
            fate = self.fates.get(parcel.recipient, Arrived())
            if isinstance(fate, Arrived):
                self.sent.append(parcel.recipient)
            yield parcel, fate

    def close(self) -> None:
        """There is no connection to close."""


HOSTILE = st.sampled_from(
    [Refused("http 422"), Later("http 503"), Later("timed out"), Later("http 429", 0.01)]
)


@at_most(4)
@given(
    hostile=st.dictionaries(st.sampled_from(PEOPLE), HOSTILE, max_size=3),
    down=st.integers(0, 3),
    batch=st.integers(1, 12),
)
def test_a_hostile_row_is_charged_and_nobody_else(
    hostile: dict[str, Fate], down: int, batch: int
) -> None:
    """Wherever it is in a batch, and whether the receiver is up at once or later."""
    channel = Scripted(hostile, down)
    channel.patience = replace(channel.patience, batch=batch)
    with (
        TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patched,
        opened(Path(folder)) as ledger,
    ):
        patched.setattr(backoff, "FIRST", 0.02)
        decide(ledger, PEOPLE)
        for days in range(4):
            later = timedelta(days=days)
            deliver(ledger, {"push": channel}, LATER, clock=lambda later=later: _now() + later)
        found = letters(ledger)
    for who in PEOPLE:
        match hostile.get(who):
            case None:
                assert found[who] == ("delivered", 0, None)
            case Refused(error):
                assert found[who] == ("dead", 1, error)
            case Later(error):
                assert found[who][0] in {"waiting", "dead"}
                assert found[who][2] == error
    assert sorted(channel.sent) == sorted(set(PEOPLE) - hostile.keys())


def _now() -> datetime:
    return datetime.now(UTC)


def test_a_name_that_is_looked_up_for_ever_costs_no_row_an_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()

    def hang(*_: object, **__: object) -> None:
        over.wait(20)
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    channel = WebhookChannel("push", "http://slow.invalid/", SECRET, patience=BRIEFLY)
    with opened(tmp_path) as ledger:
        decide(ledger, PEOPLE)
        done = deliver(ledger, {"push": channel}, LATER)
        over.set()
        assert done.faults == {"push": "timed out"}
        assert set(letters(ledger).values()) == {("waiting", 0, None)}
