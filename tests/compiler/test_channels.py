"""Channels in campaigner.toml: every kind as documented, and what is wrong with one."""

from __future__ import annotations

from pathlib import Path

import pytest
from campaigner.compiler.project.channels import (
    KafkaSettings,
    NatsSettings,
    SmtpSettings,
    WebhookSettings,
)

from ..projects import compile_folder, write
from .test_project_config import PROJECT, read, told

WEBHOOK = """\
kind = "webhook"
url = "https://push.example.com/v1"
secret = "${PUSH_SECRET}"
"""
SMTP = """\
kind = "smtp"
url = "smtp://mail.example.com:587"
from = "Bank <news@example.com>"
subject = "来自银行的消息"
address = "customer.email"
"""
NATS = """\
kind = "nats"
url = "nats://broker.example.com:4222"
subject = "campaigner.push"
"""
KAFKA = """\
kind = "kafka"
servers = "one.example.com:9092,two.example.com:9092"
topic = "messages"
"""


def channel(text: str, name: str = "push") -> str:
    return f"{PROJECT}[channels.{name}]\n{text}"


def test_every_kind_and_what_it_takes_for_granted() -> None:
    for text, kind in (
        (WEBHOOK, WebhookSettings),
        (SMTP, SmtpSettings),
        (NATS, NatsSettings),
        (KAFKA, KafkaSettings),
    ):
        config, found = read(channel(text))
        assert found == ()
        settings = config.channels["push"]
        assert isinstance(settings, kind)
        limits = settings.limits
        assert (limits.timeout, limits.per_run, limits.attempts) == (10, 60, 16)


def test_what_can_be_set() -> None:
    config, found = read(
        channel(
            WEBHOOK + "token = '${TOKEN}'\ntimeout = 3\nper_run = 5\nattempts = 2\nparallel = 1\n"
        )
    )
    assert found == ()
    settings = config.channels["push"]
    assert isinstance(settings, WebhookSettings)
    assert (settings.limits.timeout, settings.parallel) == (3, 1)
    assert settings.token is not None
    assert settings.token.name == "channels.push.token"
    config, found = read(channel(SMTP + "tls = false\nuser = 'app'\npassword = '${MAIL}'\n"))
    assert found == ()
    mail = config.channels["push"]
    assert isinstance(mail, SmtpSettings)
    assert (mail.tls, mail.sender.text) == (False, "Bank <news@example.com>")


MISTAKES = [
    (WEBHOOK.replace("https", "ftp"), "E173", '"ftp://push.example.com/v1"'),
    (WEBHOOK.replace("${PUSH_SECRET}", "tulip"), "E174", '"tulip"'),
    (WEBHOOK.replace("secret", "#"), "E161", "push"),
    (WEBHOOK + "path = 'x'", "E160", "path"),
    (WEBHOOK + "timeout = 0", "E162", "0"),
    (WEBHOOK + "timeout = '10'", "E162", "'10'"),
    (WEBHOOK + "attempts = 1000", "E162", "1000"),
    (WEBHOOK + "token = 'abc'", "E174", "'abc'"),
    (SMTP.replace("smtp://", "imap://"), "E173", '"imap://mail.example.com:587"'),
    (SMTP.replace("news@", ""), "E162", '"Bank <example.com>"'),
    (SMTP.replace("来自", "a\\nb"), "E162", '"a\\nb银行的消息"'),
    (SMTP.replace("customer.email", "email"), "E178", '"email"'),
    (SMTP.replace("from", "sender"), "E160", "sender"),
    (NATS.replace(".push", ".>"), "E162", '"campaigner.>"'),
    (NATS + "password = 'abc'", "E174", "'abc'"),
    (KAFKA.replace(":9092,", ","), "E162", '"one.example.com,two.example.com:9092"'),
    (KAFKA.replace("messages", "my messages"), "E162", '"my messages"'),
    ("kind = 'sms'", "E163", "'sms'"),
    ("path = 'x'", "E161", "push"),
]


@pytest.mark.parametrize(("text", "code", "at"), MISTAKES)
def test_a_mistake_is_told_at_its_place(text: str, code: str, at: str) -> None:
    found = [(found, where) for found, where, _ in told(channel(text))]
    assert (code, at) in found
    assert {one for one, _ in found} <= {code, "E161"}


def test_what_is_missing_can_be_copied_from_the_help() -> None:
    helps = [told(channel(text.splitlines()[0]))[0][2] for text in (WEBHOOK, SMTP, NATS, KAFKA)]
    assert all(help_.startswith("add `") for help_ in helps)


# --- whose address ------------------------------------------------------------------------------

CATALOG = """\
customer:
  table: customers
  key: customer_id
  fields:
    age: {type: integer}
    email: {type: text, sensitivity: C2}
"""


GIFT = "benefit coffee { kind coupon value 30 CNY }"


def told_of(folder: Path, text: str, name: str = "mail") -> list[str]:
    files = {
        "campaigner.toml": channel(text, name),
        "catalog.yaml": CATALOG,
        "a.campaign": GIFT,
    }
    compiled = compile_folder(write(folder, files))
    return [f"{one.code.id}: {one.message()}; {one.help()}" for one in compiled.diagnostics]


HTTP = WEBHOOK.replace("https:", "http:")
LOGIN = "user = 'app'\npassword = '${MAIL}'\n"
HERE = SMTP.replace("mail.example.com", "localhost")


@pytest.mark.parametrize(
    "text", [SMTP + LOGIN, SMTP + "tls = false\n", HERE + LOGIN + "tls = false"]
)
def test_a_password_may_go_over_a_secure_connection(tmp_path: Path, text: str) -> None:
    assert told_of(tmp_path, text) == []


def test_a_password_never_goes_out_in_the_clear(tmp_path: Path) -> None:
    (said,) = told_of(tmp_path, SMTP + LOGIN + "tls = false\n")
    assert said == (
        "E184: channel `mail` would send its password in the clear, for all on the way to read;"
        " write `tls = true`, or leave the password out"
    )


IN_THE_CLEAR = {
    "kafka": (KAFKA + LOGIN, "write `tls = true`, or leave the password out"),
    "nats password": (NATS + LOGIN, "write `tls://` for `nats://`, or leave the password out"),
    "nats token": (
        NATS + "token = '${TOKEN}'\n",
        "write `tls://` for `nats://`, or leave the token out",
    ),
    "webhook": (HTTP + "token = '${TOKEN}'\n", "write `https://`, or leave the token out"),
}
SAFE = {
    "kafka": KAFKA + LOGIN + "tls = true\n",
    "kafka here": KAFKA.replace("one.example.com:9092,two.example.com", "localhost") + LOGIN,
    "kafka of all": KAFKA,
    "nats": NATS.replace("nats://", "tls://") + LOGIN,
    "nats here": NATS.replace("broker.example.com", "127.0.0.1") + LOGIN,
    "nats of all": NATS,
    "webhook": HTTP.replace("http:", "https:") + "token = '${TOKEN}'\n",
    "webhook here": HTTP.replace("push.example.com", "[::1]:8080") + "token = '${TOKEN}'\n",
    "webhook given": HTTP.replace("push.example.com", "${WHERE}"),
}


@pytest.mark.parametrize("kind", IN_THE_CLEAR)
def test_nor_does_that_of_another_channel(tmp_path: Path, kind: str) -> None:
    text, way = IN_THE_CLEAR[kind]
    files = {"campaigner.toml": channel(text, "push"), "catalog.yaml": CATALOG, "a.campaign": GIFT}
    (found,) = compile_folder(write(tmp_path, files)).diagnostics
    assert found.code.id == "E184"
    assert found.help() == way
    secret = next(
        number
        for number, line in enumerate(files["campaigner.toml"].splitlines(), 1)
        if line.startswith(("password", "token"))
    )
    assert (found.place.file, found.place.line) == ("campaigner.toml", secret)


@pytest.mark.parametrize("kind", SAFE)
def test_it_may_where_nobody_else_reads_it(tmp_path: Path, kind: str) -> None:
    assert told_of(tmp_path, SAFE[kind], "push") == []


def test_messages_in_the_clear_are_told(tmp_path: Path) -> None:
    (said,) = told_of(tmp_path, HTTP, "push")
    assert said.startswith("W152: channel `push` sends its messages in the clear")


def test_an_address_may_be_of_a_class_that_messages_may_not_show(tmp_path: Path) -> None:
    assert told_of(tmp_path, SMTP) == []


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (
            "customer.emial",
            "E178: `customer.emial` is no address for this channel: expected a customer field of"
            " the catalog that is text; did you mean `customer.email`?",
        ),
        (
            "customer.age",
            "E178: `customer.age` is no address for this channel: expected a customer field of the"
            " catalog that is text; None",
        ),
    ],
)
def test_an_address_that_the_catalog_does_not_have(tmp_path: Path, address: str, said: str) -> None:
    assert told_of(tmp_path, SMTP.replace("customer.email", address)) == [said]


def test_alerts_are_not_for_customers(tmp_path: Path) -> None:
    (said,) = told_of(tmp_path, SMTP, "alerts")
    assert said.startswith("E178: `customer.email` is no address for this channel")
    assert told_of(tmp_path, SMTP.replace("customer.email", "team@example.com"), "alerts") == []
