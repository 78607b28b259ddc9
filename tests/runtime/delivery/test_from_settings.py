"""From settings to channels: what the environment gives, what must be installed."""

import importlib.util
from pathlib import Path

import pytest
from campaigner.compiler.project.config_file import read_config
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.dsl.diagnostics.source import SourceFile
from campaigner.runtime.delivery import from_settings
from campaigner.runtime.delivery.channels.kafka import KafkaChannel
from campaigner.runtime.delivery.channels.mail import MailChannel
from campaigner.runtime.delivery.channels.nats import NatsChannel
from campaigner.runtime.delivery.channels.sending import Patience
from campaigner.runtime.delivery.channels.webhook import WebhookChannel
from campaigner.runtime.delivery.from_settings import open_channel

ENVIRONMENT = {
    "SECRET": "tulip",
    "TOKEN": "opaque",
    "WHERE": "127.0.0.1:1234",
    "FROM": "Bank <news@bank.example>",
    "NOTHING": "",
    "BROKEN": "a\nb: c",
    "CHINESE": "秘密",
}
LIMITS = "timeout = 3\nper_run = 20\nattempts = 5\n"
WEBHOOK = """
kind = "webhook"
url = "http://${WHERE}/in"
secret = "${SECRET}"
token = "${TOKEN}"
"""
SMTP = """
kind = "smtp"
url = "smtp://${WHERE}"
from = "${FROM}"
subject = "News"
address = "customer.email"
user = "app"
password = "${SECRET}"
"""
NATS = """
kind = "nats"
url = "nats://${WHERE}"
subject = "a.b"
token = "${TOKEN}"
"""
KAFKA = """
kind = "kafka"
servers = "${WHERE}"
topic = "messages"
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def opened(text):
    source = SourceFile("campaigner.toml", f"[channels.push]{text}")
    config, _ = read_config(source, Path("/srv/bank"))
    return open_channel(config.channels["push"])


def test_every_kind():
    assert opened(WEBHOOK + LIMITS + "parallel = 2\n") == WebhookChannel(
        "push", "http://127.0.0.1:1234/in", "tulip", "opaque", Patience(3, 20, 5, 2, 1)
    )
    mail = opened(SMTP + LIMITS)
    assert isinstance(mail, MailChannel)
    assert (mail.sender_address, mail.user, mail.password) == (ENVIRONMENT["FROM"], "app", "tulip")
    assert mail.patience == Patience(3, 20, 5, 1, 50)
    assert isinstance(opened(NATS), NatsChannel)
    assert isinstance(opened(KAFKA), KafkaChannel)
    shown = [repr(opened(text)) for text in (WEBHOOK, SMTP, NATS, KAFKA)]
    assert not [text for text in shown if "tulip" in text or "opaque" in text]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (WEBHOOK.replace("SECRET", "NOTHING"), "`channels.push.secret` takes from the environment"),
        (WEBHOOK.replace("TOKEN", "BROKEN"), "it holds characters that may not stand there"),
        (WEBHOOK.replace("TOKEN", "CHINESE"), "it holds characters that may not stand there"),
        (WEBHOOK.replace("WHERE", "NOTHING"), "it is no address with a host"),
        (WEBHOOK.replace("WHERE", "BROKEN"), "it is no address with a host"),
        (WEBHOOK.replace("${WHERE}", "h:${TOKEN}"), "it is no address with a host"),
        (SMTP.replace("FROM", "TOKEN"), "it is no address of mail"),
        (SMTP.replace("FROM", "BROKEN"), "it holds characters that may not stand there"),
        (SMTP.replace("customer.email", "${TOKEN}"), "it is no address of mail"),
        (KAFKA.replace("WHERE", "NOTHING"), "it is empty"),
    ],
)
def test_what_the_environment_gives_must_be_usable(text, said):
    with pytest.raises(CannotRun) as stopped:
        opened(text)
    diagnostic = stopped.value.diagnostic
    assert diagnostic.code.id == "E754"
    assert said in diagnostic.message()
    assert diagnostic.place is not None
    words = [diagnostic.message(), diagnostic.message("zh"), diagnostic.help() or ""]
    assert not [one for one in words for value in ENVIRONMENT.values() if value and value in one]


@pytest.mark.parametrize(("text", "extra"), [(NATS, "nats"), (KAFKA, "kafka")])
def test_an_extra_that_is_not_installed_is_named(monkeypatch, text, extra):
    found = importlib.util.find_spec
    gone = {"nats", "confluent_kafka"}
    monkeypatch.setattr(
        from_settings, "find_spec", lambda name: None if name in gone else found(name)
    )
    with pytest.raises(CannotRun) as stopped:
        opened(text)
    assert stopped.value.diagnostic.code.id == "E753"
    assert f"campaigner[{extra}]" in (stopped.value.diagnostic.help() or "")
    opened(WEBHOOK)
    opened(SMTP)
