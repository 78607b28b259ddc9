"""Mail: plain text in UTF-8 over SMTP, one for each row."""

from __future__ import annotations

import hashlib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as AS_SENT
from email.utils import formatdate, parseaddr
from smtplib import (
    SMTP,
    SMTP_SSL,
    SMTPDataError,
    SMTPException,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
)
from urllib.parse import urlsplit

from .sending import (
    Arrived,
    Fate,
    Later,
    Parcel,
    Patience,
    Refused,
    Unsent,
    all_unsent,
    at_most,
    fault_words,
)

_SMTP_PORT = 587
_SMTPS_PORT = 465

PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class MailChannel:
    """`kind = "smtp"`. `address` is one, or `customer.FIELD`.

    With `tls` nothing goes out in the clear.
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
        """A connection of its own."""
        return MailSender(self)


class MailSender:
    """One connection to a mail server."""

    def __init__(self, channel: MailChannel) -> None:
        self._channel = channel
        self._server: SMTP | None = None

    def send(
        self, parcels: Sequence[Parcel], stopped: Callable[[], bool]
    ) -> Iterator[tuple[Parcel, Fate]]:
        """See `Sender.send`."""
        for place, parcel in enumerate(parcels):
            if stopped():
                yield from all_unsent(parcels[place:])
                return
            yield parcel, self._mail(parcel)

    def close(self) -> None:
        """See `Sender.close`."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def _mail(self, parcel: Parcel) -> Fate:
        if parcel.address is None:
            return Unsent()
        try:
            server = self._server or self._connected()
        except (OSError, SMTPException) as fault:
            return Later(_words(fault))
        self._server = server
        with at_most(self._channel.patience.timeout, server) as over:
            try:
                server.send_message(message(self._channel, parcel))
            except (OSError, SMTPException) as fault:
                if over.is_set() or server.sock is None:
                    self.close()
                return Later("timed out") if over.is_set() else _fate(fault)
        return Arrived()

    def _connected(self) -> SMTP:
        channel = self._channel
        url, timeout = urlsplit(channel.url), channel.patience.timeout
        host, secure = url.hostname or "", ssl.create_default_context()
        # A name of our own, because the library would ask the network for one.
        here = socket.gethostname()
        with ExitStack() as unless_fine:
            if url.scheme == "smtps":
                port = url.port or _SMTPS_PORT
                server: SMTP = SMTP_SSL(host, port, here, timeout=timeout, context=secure)
            else:
                server = SMTP(host, url.port or _SMTP_PORT, here, timeout=timeout)
            unless_fine.callback(server.close)
            with at_most(timeout, server):
                if channel.tls and url.scheme != "smtps":
                    server.starttls(context=secure)
                if channel.user is not None:
                    server.login(channel.user, channel.password or "")
            unless_fine.pop_all()
        return server


def message(channel: MailChannel, parcel: Parcel) -> EmailMessage:
    """The mail, with an id that is the same however often it is sent."""
    name, sender = parseaddr(channel.sender_address)
    mail = EmailMessage(policy=AS_SENT)
    mail["From"] = Address(name, addr_spec=sender)
    mail["To"] = Address(addr_spec=parcel.address or "")
    mail["Subject"] = channel.subject
    mail["Date"] = formatdate()
    digest = hashlib.sha256(parcel.key.encode()).hexdigest()[:40]
    mail["Message-ID"] = f"<{digest}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(parcel.text)
    return mail


def _fate(fault: Exception) -> Fate:
    """What became of a mail. The server's words stay out of it: they may name the customer."""
    match fault:
        case SMTPRecipientsRefused(recipients=refusals):
            code = next(iter(refusals.values()))[0]
            return Refused(f"smtp {code}") if code >= 500 else Later(f"smtp {code}")
        case SMTPDataError(smtp_code=code) if code >= 500:
            return Refused(f"smtp {code}")
        case SMTPNotSupportedError():
            return Refused("the server takes no address with such characters")
        case _:
            return Later(_words(fault))


def _words(fault: Exception) -> str:
    match fault:
        case SMTPResponseException(smtp_code=code):
            return f"smtp {code}"
        case SMTPNotSupportedError():
            return "the server offers no secure connection"
        case SMTPException():
            late = isinstance(fault.__context__, TimeoutError)
            return "timed out" if late else "connection closed"
        case _:
            return fault_words(fault)
