"""One row whose receiver answers anything at all: the other rows arrive, each once."""

import socket
import threading
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field

import pytest
from campaigner.runtime.delivery.channels.sending import Arrived, Later, Parcel, Patience, Refused
from campaigner.runtime.delivery.channels.webhook import WebhookChannel, fate_of
from hypothesis import given
from hypothesis import strategies as st

from ...laws import at_most
from .raw_server import accepting
from .receivers import SECRET

FINE = b"HTTP/1.1 204 No Content\r\n\r\n"
PATIENCE = Patience(timeout=0.3, per_run=5.0, parallel=1, batch=50)


@dataclass
class Raw:
    """A server that answers the hostile with these bytes, and then hangs up or does not."""

    port: int
    answer: bytes = FINE
    hangs_up: bool = True
    took: Counter[bytes] = field(default_factory=Counter)

    def channel(self) -> WebhookChannel:
        return WebhookChannel("push", f"http://127.0.0.1:{self.port}/", SECRET, patience=PATIENCE)

    def serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as stream:
                while stream.readline():
                    length = 0
                    while (line := stream.readline()) not in (b"\r\n", b""):
                        if line.lower().startswith(b"content-length:"):
                            length = int(line.split(b":")[1])
                    body = stream.read(length)
                    self.took[body] += 1
                    if b"hostile" not in body:
                        connection.sendall(FINE)
                    else:
                        connection.sendall(self.answer)
                        if self.hangs_up:
                            return
        except OSError:
            return  # the client has cut it


@pytest.fixture(scope="module")
def receiver():
    with accepting(Raw) as found:
        yield found


HEADERS = st.one_of(
    st.tuples(
        st.just(b"Retry-After"),
        st.sampled_from(
            [
                b"Mon, 1 Jan 2024 00:00:00 +99999999999999999",
                b"-1",
                b"9" * 5000,
                b"1.5",
                b"NaN",
                b"inf",
                b"Mon, 99 Foo 99999 99:99:99 GMT",
                b"\xff\x00",
                b"",
            ]
        ),
    ),
    st.tuples(
        st.just(b"Content-Length"),
        st.sampled_from([b"-5", b"0", b"1_0", b"9" * 5000, b"x", b"3, 3", b"\xb2"]),
    ),
    st.tuples(st.just(b"Transfer-Encoding"), st.sampled_from([b"chunked", b"gzip, chunked"])),
    st.tuples(st.just(b"Connection"), st.sampled_from([b"close", b"keep-alive", b"upgrade"])),
    st.tuples(st.binary(max_size=20), st.binary(max_size=50)),
)
BODIES = st.one_of(
    st.binary(max_size=200),
    st.sampled_from(
        [b"-5\r\n\r\n", b"-1\r\nabc", b"ffffffffffffffff\r\nab", b"5\r\nabcde\r\n0\r\n\r\n"]
    ),
    st.sampled_from([FINE, b"x" * 200_000, b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"]),
)
STATUSES = st.one_of(
    st.integers(-10, 1100).map(lambda code: b"HTTP/1.1 %d Words\r\n" % code),
    st.sampled_from([b"HTTP/1.1 103 Hints\r\n", b"HTTP/1.1 101 Other\r\n", b"HTTP/0.9 200\r\n"]),
    st.sampled_from(
        [b"HTTP/1.1 100 Go on\r\n\r\n" * 200, b"HTTP/1.1\r\n", b"\r\n", b"HTTP/2 200 OK\r\n"]
    ),
    st.binary(max_size=40),
)
ANSWERS = st.one_of(
    st.binary(max_size=300),
    st.tuples(STATUSES, st.lists(HEADERS, max_size=4), BODIES).map(
        lambda parts: (
            parts[0] + b"".join(b"%s: %s\r\n" % pair for pair in parts[1]) + b"\r\n" + parts[2]
        )
    ),
    st.just(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n"),
    st.just(b"HTTP/1.1 200 OK\r\nA: " + b"b" * 100_000),
)


def parcel(name: str) -> Parcel:
    return Parcel(name, name, name.encode(), name)


@given(ANSWERS, st.booleans())
@at_most(20)
def test_whatever_is_answered_to_one_the_others_arrive_once(receiver, answer, hangs_up):
    receiver.answer, receiver.hangs_up = answer, hangs_up
    receiver.took.clear()
    parcels = [parcel("good one"), parcel("hostile"), parcel("good two")]
    with closing(receiver.channel().sender()) as sender:
        fates = list(sender.send(parcels, lambda: False))
    assert [one for one, _ in fates] == parcels
    assert [fates[0][1], fates[2][1]] == [Arrived(), Arrived()]
    assert isinstance(fates[1][1], Arrived | Later | Refused)
    assert receiver.took[b"good one"] == receiver.took[b"good two"] == 1


@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        (
            b"HTTP/1.1 503 No\r\nRetry-After: Mon, 1 Jan 2024 00:00:00 +99999999999999999\r\n"
            b"Content-Length: 0\r\n\r\n",
            Later("http 503"),
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabcde\r\n",
            Later("connection closed"),
        ),
        (
            b"HTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
            Refused("http 404"),
        ),
        (b"HTTP/1.1 103 Hints\r\n\r\n" * 20_000, Later("timed out")),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n" + b"x" * 9, None),
    ],
)
def test_the_one_that_is_answered_so(receiver, answer, fate):
    receiver.answer, receiver.hangs_up = answer, False
    with closing(receiver.channel().sender()) as sender:
        ((_, found),) = sender.send([parcel("hostile")], lambda: False)
        assert found == fate or (fate is None and isinstance(found, Later))


def test_a_body_without_an_end_that_closes_the_connection_takes_no_longer(receiver):
    """The library lets go of its socket there, and each byte would start its clock anew."""
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        with connection:
            connection.recv(65_536)
            try:
                connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
                while not over.wait(0.05):
                    connection.sendall(b"x")
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=lambda: drip(listening.accept()[0]), daemon=True).start()
        receiver_of_drips = Raw(listening.getsockname()[1])
        with closing(receiver_of_drips.channel().sender()) as sender:
            ((_, fate),) = sender.send([parcel("any")], lambda: False)
    over.set()
    assert fate == Later("timed out")


@given(st.one_of(st.text(max_size=60), st.integers().map(str), st.floats().map(str)))
def test_retry_after_is_a_number_of_seconds_or_says_nothing(told):
    fate = fate_of(503, told)
    assert isinstance(fate, Later)
    assert fate.after is None or 0 <= fate.after < 1e12


@pytest.mark.parametrize("told", ["Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"])
def test_the_older_ways_to_write_a_date(told):
    assert fate_of(503, told) == Later("http 503", 0.0)
