"""Mail: plain text in UTF-8 over SMTP, one for each row."""

from __future__ import annotations

import hashlib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
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
            self.close()
            return Later(_words(fault))
        self._server = server
        with at_most(self._channel.patience.timeout, server) as over:
            try:
                server.send_message(message(self._channel, parcel))
            except (OSError, SMTPException) as fault:
                fate = _fate(fault)
                if over.is_set() or not self._alive(server):
                    self.close()
                return Later("timed out") if over.is_set() else fate
        return Arrived()

    def _alive(self, server: SMTP) -> bool:
        """Whether the next mail may use it: `send_message` has begun anew after a refusal."""
        return server.sock is not None

    def _connected(self) -> SMTP:
        channel, url = self._channel, urlsplit(self._channel.url)
        host, timeout = url.hostname or "", channel.patience.timeout
        secure = ssl.create_default_context()
        # A name of our own, because the library would ask the network for one.
        here = socket.gethostname()
        if url.scheme == "smtps":
            return self._greeted(
                SMTP_SSL(host, url.port or _SMTPS_PORT, here, timeout=timeout, context=secure)
            )
        server = SMTP(host, url.port or _SMTP_PORT, here, timeout=timeout)
        if channel.tls:
            server.starttls(context=secure)
        return self._greeted(server)

    def _greeted(self, server: SMTP) -> SMTP:
        if self._channel.user is not None:
            server.login(self._channel.user, self._channel.password or "")
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
            return "connection closed"
        case _:
            return fault_words(fault)
