"""Mail, through a real SMTP server."""

import asyncio
import email
import email.policy
import shutil
import ssl
import subprocess
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from campaigner.compiler.project.mail_addresses import is_mail_address
from campaigner.runtime.delivery import deliver
from campaigner.runtime.delivery.channels.mail import MailChannel
from campaigner.runtime.delivery.channels.sending import Patience

from ..ledger.ledgers import account, gift, opened
from .receivers import LATER, TOTAL, decide, free_port, letters

QUICK = Patience(timeout=2, per_run=5, batch=50)
PASSWORD = "tulip-and-rose"


@dataclass
class Mailbox:
    """The mails that the server got, and its answers by recipient."""

    mails: list[tuple[list[str], bytes]] = field(default_factory=list)
    to: dict[str, list[str]] = field(default_factory=dict)
    after_data: list[str] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        said = self.to.get(address, ["250 OK"])
        answer = said.pop(0) if len(said) > 1 else said[0]
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        answer = self.after_data.pop(0) if self.after_data else "250 OK"
        if answer == "close":
            server.transport.close()
            return "421 bye"
        if answer.startswith("250"):
            self.mails.append((envelope.rcpt_tos, envelope.content))
        return answer

    def authenticate(self, server, session, envelope, mechanism, data):
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)

    def channel(self, **more: object) -> MailChannel:
        settings = {"tls": False, "patience": QUICK} | more
        return MailChannel(
            "push",
            f"smtp://127.0.0.1:{self.port}",
            "银行 <news@bank.example>",
            "来自银行的消息",
            "customer.email",
            **settings,
        )

    def read(self) -> list[email.message.EmailMessage]:
        return [email.message_from_bytes(mail, policy=email.policy.SMTP) for _, mail in self.mails]


def run(mailbox: Mailbox, **settings: object) -> Controller:
    mailbox.port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port, **settings)
    controller.start()
    return controller


@pytest.fixture
def mailbox():
    found = Mailbox()
    controller = run(found, authenticator=found.authenticate, auth_require_tls=False)
    yield found
    controller.stop()


def known(_: str, recipients) -> dict[str, str]:
    return {who: f"{who}@example.com" for who in recipients}


def test_a_mail_as_it_arrives(tmp_path, mailbox):
    project = gift(TOTAL, messages=[("push", "视频会员月卡已到账，30 天内有效。\n\nA second line")])
    with opened(tmp_path) as ledger:
        decide(ledger, ["ann", "bob"], project)
        done = deliver(ledger, {"push": mailbox.channel()}, LATER, addresses=known)
        assert (done.delivered, done.failed, done.dead) == ({"push": 2}, {}, {})
    assert [to for to, _ in mailbox.mails] == [["ann@example.com"], ["bob@example.com"]]
    first, second = mailbox.read()
    assert first["From"] == "银行 <news@bank.example>"
    assert first["To"] == "ann@example.com"
    assert first["Subject"] == "来自银行的消息"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first.get_content_type() == "text/plain"
    assert first.get_content_charset() == "utf-8"
    text = first.get_content().replace("\r\n", "\n")
    assert text == "视频会员月卡已到账，30 天内有效。\n\nA second line\n"
    assert first["Message-ID"].endswith("@bank.example>")
    assert first["Message-ID"] != second["Message-ID"]
    assert first.defects == second.defects == []


def test_the_address_is_looked_up_and_kept_nowhere(tmp_path, mailbox):
    asked = []

    def addresses(field, recipients):
        asked.append((field, sorted(recipients)))
        return {"ann": "secret-place@example.com"}

    with opened(tmp_path) as ledger:
        decide(ledger, ["ann", "bob"])
        done = deliver(ledger, {"push": mailbox.channel()}, LATER, addresses=addresses)
        assert asked == [("customer.email", ["ann", "bob"])]
        assert (done.delivered, done.suppressed) == ({"push": 1}, {"push": 1})
        assert [one.reason for one in ledger.letters("suppressed")] == ["no_address"]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if b"secret-place" in path.read_bytes()]


def test_alerts_go_to_those_who_watch(tmp_path, mailbox):
    alerting = account("campaign/gift/total", "12.50", alerts=(Decimal(1),))
    channel = replace(mailbox.channel(), name="alerts", address="team@bank.example")
    with opened(tmp_path, ["alerts"]) as ledger:
        decide(ledger, ["ann"], gift(alerting))
        assert deliver(ledger, {"alerts": channel}, LATER).delivered == {"alerts": 1}
    ((to, _),) = mailbox.mails
    assert to == ["team@bank.example"]
    assert '"account": "campaign/gift/total"' in mailbox.read()[0].get_content()


@pytest.mark.parametrize(
    ("said", "fate"),
    [
        (["550 <ann@example.com> is nobody here"], ("dead", 1, "smtp 550")),
        (["450 greylisted", "250 OK"], ("delivered", 0, None)),
        (["421 shutting down", "250 OK"], ("delivered", 0, None)),
    ],
)
def test_what_the_server_says_to_a_recipient(tmp_path, mailbox, hasty, said, fate):
    mailbox.to = {"ann@example.com": said}
    with opened(tmp_path) as ledger:
        decide(ledger, ["ann", "bob"])
        deliver(ledger, {"push": mailbox.channel()}, LATER, addresses=known)
        assert letters(ledger) == {"ann": fate, "bob": ("delivered", 0, None)}


@pytest.mark.parametrize(
    ("said", "fate"),
    [
        ("554 looks like spam", ("dead", 1, "smtp 554")),
        ("451 try again", ("delivered", 0, None)),
        ("close", ("delivered", 0, None)),
    ],
)
def test_what_the_server_says_to_a_mail(tmp_path, mailbox, hasty, said, fate):
    mailbox.after_data = [said]
    with opened(tmp_path) as ledger:
        decide(ledger, ["ann", "bob"])
        deliver(ledger, {"push": mailbox.channel()}, LATER, addresses=known)
        assert letters(ledger) == {"ann": fate, "bob": ("delivered", 0, None)}


def test_a_mail_that_is_sent_again_is_the_same_mail(tmp_path, mailbox, hasty):
    with opened(tmp_path) as ledger:
        decide(ledger, ["ann"])
        deliver(ledger, {"push": mailbox.channel()}, LATER, addresses=known)
    with opened(tmp_path / "again") as ledger:
        decide(ledger, ["ann"])
        deliver(ledger, {"push": mailbox.channel()}, LATER, addresses=known)
    first, again = mailbox.read()
    assert first["Message-ID"] == again["Message-ID"]


def test_a_login(tmp_path, mailbox, hasty, caplog, capfd):
    good = mailbox.channel(user="app", password=PASSWORD)
    with opened(tmp_path) as ledger:
        decide(ledger, ["ann"])
        briefly = replace(good.patience, per_run=0.5)
        wrong = replace(good, password="wrong-one", patience=briefly)
        done = deliver(ledger, {"push": wrong}, LATER, addresses=known)
        assert done.faults == {"push": "smtp 535"}
        assert letters(ledger) == {"ann": ("waiting", 0, None)}
        later = clock_later()
        deliver(ledger, {"push": good}, LATER, addresses=known, clock=lambda: later)
        assert letters(ledger) == {"ann": ("delivered", 0, None)}
    assert mailbox.logins[-1] == (b"app", PASSWORD.encode())
    assert PASSWORD not in repr(good)
    assert not [text for text in (*capfd.readouterr(), caplog.text) if "wrong-one" in text]


def clock_later():
    return datetime.now(UTC) + timedelta(hours=12)


def test_nothing_goes_out_in_the_clear_unless_that_is_said(tmp_path, mailbox, hasty):
    with opened(tmp_path) as ledger:
        decide(ledger, ["ann"])
        done = deliver(ledger, {"push": mailbox.channel(tls=True)}, LATER, addresses=known)
        assert done.faults == {"push": "the server offers no secure connection"}
    assert mailbox.mails == []


@pytest.fixture
def certificate(tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    made = tmp_path / "cert.pem", tmp_path / "key.pem"
    options = "req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost"
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    command = ["openssl", *options.split(), "-addext", names, "-out", made[0], "-keyout", made[1]]
    subprocess.run(command, check=True, capture_output=True)
    return made


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_over_tls(tmp_path, certificate, monkeypatch, hasty, scheme):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    mailbox = Mailbox()
    options = {"tls_context": context} if scheme == "smtp" else {"ssl_context": context}
    controller = run(mailbox, **options)
    channel = replace(mailbox.channel(tls=True), url=f"{scheme}://127.0.0.1:{mailbox.port}")
    try:
        with opened(tmp_path) as ledger:
            decide(ledger, ["ann"])
            done = deliver(ledger, {"push": channel}, LATER, addresses=known)
            assert done.faults == {"push": "no secure connection: certificate verify failed"}
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
            later = clock_later()
            deliver(ledger, {"push": channel}, LATER, addresses=known, clock=lambda: later)
            assert letters(ledger) == {"ann": ("delivered", 0, None)}
    finally:
        controller.stop()


def test_a_server_that_hangs(tmp_path, mailbox, monkeypatch):
    async def hang(self, arg):
        await asyncio.sleep(3)

    monkeypatch.setattr(SMTP, "smtp_MAIL", hang)
    patience = Patience(timeout=0.4, per_run=0.5, batch=50)
    with opened(tmp_path) as ledger:
        decide(ledger, ["ann"])
        start = time.monotonic()
        deliver(ledger, {"push": mailbox.channel(patience=patience)}, LATER, addresses=known)
        assert time.monotonic() - start < 3
        (fate,) = letters(ledger).values()
        assert fate == ("waiting", 1, "timed out")


@pytest.mark.parametrize("address", ["ann@example.com\r\nBcc: all@example.com", "<x>", "", "a b@c"])
def test_what_is_no_address_never_gets_to_a_server(address):
    assert not is_mail_address(address)
