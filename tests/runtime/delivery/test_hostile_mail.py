"""One mail whose address or server is anything at all: the other mails arrive, each once."""

import socket
import threading
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field

import pytest
from campaigner.compiler.project.mail_addresses import is_mail_address
from campaigner.runtime.delivery import deliver
from campaigner.runtime.delivery.channels.mail import MailChannel
from campaigner.runtime.delivery.channels.sending import (
    Arrived,
    Later,
    Parcel,
    Patience,
    Refused,
    Unreached,
    Unsent,
)
from hypothesis import given
from hypothesis import strategies as st

from ...laws import at_most
from ..ledger.ledgers import opened
from .raw_server import accepting
from .receivers import LATER, decide, letters

PATIENCE = Patience(timeout=0.5, per_run=3, batch=50)
FINE = {"MAIL": b"250 OK\r\n", "RCPT": b"250 OK\r\n", "DATA": b"354 Go on\r\n", ".": b"250 OK\r\n"}


@dataclass
class Raw:
    """A mail server that answers the mail to `hostile@x.com` with these bytes at this stage."""

    port: int
    stage: str = "RCPT"
    answer: bytes = b"250 OK\r\n"
    hangs_up: bool = False
    greeting: bytes = b"220 here\r\n"
    login: bytes = b"235 welcome\r\n"
    took: Counter[str] = field(default_factory=Counter)

    def channel(self, **more: object) -> MailChannel:
        where, own = f"smtp://127.0.0.1:{self.port}", {"tls": False, "patience": PATIENCE} | more
        return MailChannel("push", where, "news@bank.example", "news", "customer.email", **own)

    def serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as stream:
                connection.sendall(self.greeting)
                self.talk(connection, stream)
        except OSError:
            return  # the client has cut it

    def talk(self, connection: socket.socket, stream) -> None:
        to, hostile_next = "", False
        while line := stream.readline():
            word = line[:4].decode("latin-1").strip().upper()
            match word:
                case "EHLO":
                    connection.sendall(b"250-here\r\n250 AUTH CRAM-MD5\r\n")
                    continue
                case "AUTH":
                    connection.sendall(self.login)
                    continue
                case "MAIL":
                    hostile_next = False
                case "RCPT":
                    to = line.decode("latin-1").partition("<")[2].partition(">")[0]
                    hostile_next = to == "hostile@x.com"
            answer = FINE.get(word, b"250 OK\r\n")
            if hostile_next and word == self.stage:
                answer = self.answer
            connection.sendall(answer)
            if hostile_next and word == self.stage and self.hangs_up:
                return
            if word == "DATA" and answer.startswith(b"354"):
                while stream.readline() not in (b".\r\n", b""):
                    continue
                last = self.answer if hostile_next and self.stage == "." else FINE["."]
                if last.startswith(b"250"):
                    self.took[to] += 1
                connection.sendall(last)
                if hostile_next and self.stage == "." and self.hangs_up:
                    return


@pytest.fixture
def server():
    with accepting(Raw) as found:
        yield found


@pytest.fixture(scope="module")
def shared():
    with accepting(Raw) as found:
        yield found


def parcel(name: str, address: str | None = None, text: str = "words") -> Parcel:
    return Parcel(name, name, b"{}", text, f"{name}@x.com" if address is None else address)


def sent(channel: MailChannel, parcels: list[Parcel]) -> list[object]:
    with closing(channel.sender()) as sender:
        fates = list(sender.send(parcels, lambda: False))
    assert [one for one, _ in fates] == parcels
    return [fate for _, fate in fates]


ADDRESSES = st.one_of(
    st.sampled_from(
        [
            "a..b@c.com",
            ".a@c.com",
            "a.@c.com",
            "",
            "@",
            "a@",
            "@c",
            "a@b..c",
            "a@-b.c",
            "a\0@c.com",
            "a@c.com\r\nRCPT TO:<all@c.com>",
            "\ud800@c.com",
            "安@c.com",
            "a@安.com",
            "é" * 40 + "@c.com",
            "a" * 10_000 + "@c.com",
            "a@" + "c." * 5_000 + "com",
            '"a b"@c.com',
            "a@[127.0.0.1]",
            "=?utf-8?q?a?=@c.com",
            "a@c.com ",
        ]
    ),
    st.text(max_size=30),
    st.text(alphabet=".@-_a安\0\n<>\ud800 ", max_size=12),
)


@given(ADDRESSES, st.text(st.characters(), max_size=30), st.text(st.characters(), max_size=20))
@at_most(30)
def test_any_address_any_words_any_key(shared, address, text, key):
    shared.stage, shared.answer, shared.hangs_up = "none", b"", False
    shared.took.clear()
    odd = Parcel(key, key, b"{}", text, address)
    fates = sent(shared.channel(), [parcel("one"), odd, parcel("two")])
    assert (fates[0], fates[2]) == (Arrived(), Arrived())
    assert isinstance(fates[1], Arrived | Refused)
    assert is_mail_address(address) or fates[1] == Refused("no usable address")
    assert shared.took["one@x.com"] == shared.took["two@x.com"] == 1


ANSWERS = st.one_of(
    st.binary(max_size=60),
    st.integers(-10, 1100).map(lambda code: b"%d words\r\n" % code),
    st.sampled_from(
        [
            b"250 OK\r\n250 more\r\n250 more\r\n",
            b"550 no\r\n250 OK\r\n",
            b"421 bye\r\n",
            b"250-\r\n250-\xff\r\n250 \x00\r\n",
            b"354 go on\r\n",
            b"x" * 20_000 + b"\r\n",
            b"\r\n",
        ]
    ),
)


@given(st.sampled_from(["RCPT", "DATA", "."]), ANSWERS, st.booleans())
@at_most(20)
def test_whatever_is_answered_to_one_the_others_arrive_once(shared, stage, answer, hangs_up):
    shared.stage, shared.answer, shared.hangs_up = stage, answer, hangs_up
    shared.took.clear()
    fates = sent(shared.channel(), [parcel("one"), parcel("hostile"), parcel("two")])
    assert (fates[0], fates[2]) == (Arrived(), Arrived())
    assert isinstance(fates[1], Arrived | Later | Refused)
    assert shared.took["one@x.com"] == shared.took["two@x.com"] == 1


@pytest.mark.parametrize(
    ("greeting", "error"),
    [
        (b"554 not you\r\n", "smtp 554"),
        (b"421 busy\r\n", "smtp 421"),
        (b"\xff\x00garbage\r\n", "the answer is not smtp"),
        (b"220-" + b"x" * 20_000 + b"\r\n", "smtp 500"),
        (b"", "timed out"),
    ],
)
def test_no_greeting_costs_no_row_an_attempt(server, greeting, error):
    server.greeting = greeting
    fates = sent(server.channel(), [parcel(name) for name in ("one", "two", "three")])
    assert fates == [Unreached(error), Unsent(), Unsent()]


@pytest.mark.parametrize("login", [b"334 !\r\n", b"334 YQ\r\n", b"334 \xff\xff\r\n", b"535 no\r\n"])
def test_no_login_costs_no_row_an_attempt(server, login):
    server.login = login
    channel = server.channel(user="app", password="tulip")
    first, second = sent(channel, [parcel("one"), parcel("two")])
    assert isinstance(first, Unreached)
    assert second == Unsent()


def test_a_greeting_without_an_end_takes_no_longer(server):
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        with connection:
            try:
                while not over.wait(0.05):
                    connection.sendall(b"220-x\r\n")
            except OSError:
                return

    server.serve = drip
    fates = sent(server.channel(), [parcel("one"), parcel("two")])
    assert fates == [Unreached("timed out"), Unsent()]
    over.set()


def test_a_subject_that_no_mail_may_have_is_each_mails_own_refusal(server):
    channel = server.channel()
    object.__setattr__(channel, "subject", "a\nBcc: all@x.com")
    assert sent(channel, [parcel("one")]) == [Refused("it cannot be written as a mail")]


def test_an_address_of_one_customer_stops_nobody(tmp_path, server):
    def addresses(_: str, who) -> dict[str, str]:
        return {one: "a..b@c.com" if one == "hostile" else f"{one}@x.com" for one in who}

    good = [f"{n:02}" for n in range(49)]
    with opened(tmp_path) as ledger:
        decide(ledger, [*good[:20], "hostile", *good[20:]])
        done = deliver(ledger, {"push": server.channel()}, LATER, addresses=addresses)
        assert (done.delivered, done.suppressed) == ({"push": 49}, {"push": 1})
        found = letters(ledger)
        assert found.pop("hostile") == ("suppressed", 0, None)
        assert set(found.values()) == {("delivered", 0, None)}
    assert server.took == Counter(f"{one}@x.com" for one in good)
