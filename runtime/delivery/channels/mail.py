"""The mail channel: plain text in UTF-8 over SMTP, one mail for each row."""

from __future__ import annotations

import binascii
import hashlib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as AS_SENT
from email.utils import formatdate, parseaddr
from smtplib import (
    SMTP,
    SMTPConnectError,
    SMTPDataError,
    SMTPException,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
)
from urllib.parse import urlsplit

from ....compiler.project.mail_addresses import is_mail_address
from .sending import (
    TIMED_OUT,
    Arrived,
    Fate,
    Later,
    Parcel,
    Patience,
    Refused,
    Unreached,
    all_unsent,
    fault_words,
)
from .wire import Wire

_SMTP_PORT = 587
_SMTPS_PORT = 465
_READY = 220

_FOR_GOOD = range(500, 600)
_REFUSALS = range(400, 600)

PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class MailChannel:
    """`kind = "smtp"`. `address` is a mail address, or `customer.FIELD`.

    With `tls`, nothing is sent in the clear.
    """

    name: str
    url: str = field(repr=False)
    sender_address: str
    subject: str
    address: str
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    tls: bool = True
    patience: Patience = PATIENCE

    def sender(self) -> MailSender:
        """Return a sender with its own connection."""
        return MailSender(self)


@dataclass(frozen=True, slots=True)
class _Letter:
    """A mail as it is sent. `international`: one of its addresses is not ASCII."""

    sender: str
    to: str
    data: bytes
    international: bool


class _Server(SMTP):
    """A mail client that is not connected yet, so that our `Wire` can make the connection."""

    def __init__(self, host: str, timeout: float) -> None:
        # A name of our own, because the library would ask the network for one.
        super().__init__(local_hostname=socket.gethostname(), timeout=timeout)
        self._host = host  # whom STARTTLS expects


class MailSender:
    """A sender with one connection."""

    def __init__(self, channel: MailChannel) -> None:
        self._channel = channel
        self._server: SMTP | None = None
        self._wire = Wire()

    def send(
        self, parcels: Sequence[Parcel], stopped: Callable[[], bool]
    ) -> Iterator[tuple[Parcel, Fate]]:
        """See `Sender.send`."""
        for place, parcel in enumerate(parcels):
            if stopped():
                yield from all_unsent(parcels[place:])
                return
            letter = _written(self._channel, parcel)
            if isinstance(letter, Refused):
                yield parcel, letter
                continue
            server = self._reached()
            if isinstance(server, Unreached):
                yield parcel, server
                yield from all_unsent(parcels[place + 1 :])
                return
            yield parcel, self._mail(server, letter)

    @property
    def connected(self) -> bool:
        """See `Sender.connected`."""
        return self._server is not None

    def close(self) -> None:
        """See `Sender.close`."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._wire.close()

    def _reached(self) -> SMTP | Unreached:
        if self._server is not None and not self._wire.quiet(self._server.sock):
            # The server sent something unasked, or hung up while the connection was idle.
            self.close()
        with self._wire.at_most(self._channel.patience.timeout) as over:
            try:
                self._server = self._server or self._connected()
            except (OSError, SMTPException, binascii.Error) as fault:
                return Unreached(TIMED_OUT.error if over.is_set() else _words(fault))
        return self._server

    def _mail(self, server: SMTP, letter: _Letter) -> Fate:
        with self._wire.at_most(self._channel.patience.timeout) as over:
            try:
                server.ehlo_or_helo_if_needed()
                if letter.international and not server.has_extn("smtputf8"):
                    return Refused("the server takes no address with such characters")
                options = ("SMTPUTF8", "BODY=8BITMIME") if letter.international else ()
                server.sendmail(letter.sender, [letter.to], letter.data, options)
            except (OSError, SMTPException) as fault:
                fate = TIMED_OUT if over.is_set() else _fate(fault)
                if over.is_set() or server.sock is None or not _orderly(fault):
                    self.close()
                return fate
            finally:
                # Lines left over from this mail must not answer the next one.
                server.file = None
        return Arrived()

    def _connected(self) -> SMTP:
        channel = self._channel
        url, timeout = urlsplit(channel.url), channel.patience.timeout
        host, secure = url.hostname or "", ssl.create_default_context()
        smtps = url.scheme == "smtps"
        server = _Server(host, timeout)
        with ExitStack() as unless_fine:
            unless_fine.callback(server.close)
            default = _SMTPS_PORT if smtps else _SMTP_PORT
            server.sock = self._wire.connect(host, url.port or default, timeout)
            if smtps:
                server.sock = secure.wrap_socket(server.sock, server_hostname=host)
            code, said = server.getreply()
            if code != _READY:
                raise SMTPConnectError(code, said)
            if channel.tls and not smtps:
                server.starttls(context=secure)
            if channel.user is not None:
                server.login(channel.user, channel.password or "")
            unless_fine.pop_all()
        return server


def _written(channel: MailChannel, parcel: Parcel) -> _Letter | Refused:
    """Return the mail, or its refusal, before any server is contacted."""
    to = parcel.address or ""
    if not is_mail_address(to):
        return Refused("no usable address")
    sender = parseaddr(channel.sender_address)[1]
    international = not (to.isascii() and sender.isascii())
    try:
        data = message(channel, parcel).as_bytes(policy=AS_SENT.clone(utf8=international))
    except (ValueError, MessageError):  # what `email` documents for headers and for text
        return Refused("it cannot be written as a mail")
    return _Letter(sender, to, data, international)


def message(channel: MailChannel, parcel: Parcel) -> EmailMessage:
    """Return the mail. Its id is the same in every attempt."""
    name, sender = parseaddr(channel.sender_address)
    mail = EmailMessage(policy=AS_SENT)
    mail["From"] = Address(name, addr_spec=sender)
    user, _, domain = (parcel.address or "").rpartition("@")
    mail["To"] = Address(username=user, domain=domain)
    mail["Subject"] = channel.subject
    mail["Date"] = formatdate()
    digest = hashlib.sha256(parcel.key.encode(errors="replace")).hexdigest()[:40]
    mail["Message-ID"] = f"<{digest}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(parcel.text.encode(errors="replace").decode())
    return mail


def _fate(fault: Exception) -> Fate:
    """Return the fate of a mail. The server's text is dropped: it may name the customer."""
    match fault:
        case SMTPRecipientsRefused(recipients=refusals):
            code = next(iter(refusals.values()))[0]
            return Refused(f"smtp {code}") if code in _FOR_GOOD else Later(_code_words(code))
        case SMTPDataError(smtp_code=code) if code in _FOR_GOOD:
            return Refused(f"smtp {code}")
        case _:
            return Later(_words(fault))


def _orderly(fault: Exception) -> bool:
    """Whether the server refused by an SMTP reply, so that the connection can be used again."""
    match fault:
        case SMTPRecipientsRefused(recipients=refusals):
            return all(code in _REFUSALS for code, _ in refusals.values())
        case SMTPResponseException(smtp_code=code):
            return code in _REFUSALS
        case _:
            return False


def _code_words(code: int) -> str:
    return f"smtp {code}" if 100 <= code <= 999 else "the answer is not smtp"


def _words(fault: Exception) -> str:
    match fault:
        case SMTPResponseException(smtp_code=code):
            return _code_words(code)
        case SMTPNotSupportedError():
            return "the server offers no secure connection"
        case binascii.Error():
            return "the answer is not smtp"
        case SMTPException():
            late = isinstance(fault.__context__, TimeoutError)
            return "timed out" if late else "connection closed"
        case _:
            return fault_words(fault)
