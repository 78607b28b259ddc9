"""Open a source of events from its settings."""

from __future__ import annotations

from importlib.util import find_spec
from typing import assert_never

from ...compiler.project import channels as settings
from ...dsl.diagnostics.diagnostic import CannotRun, diagnose
from ..codes.events import SOURCE_NEEDS
from ..delivery.from_settings import line_of, url_in, word_of
from .messages import Source


def open_source(source: settings.EventSource) -> Source:
    """Return the source; nothing is connected yet.

    Raise `CannotRun` if a variable is missing or unusable, or the library of an extra is missing.
    """
    match source:
        case settings.NatsEvents():
            from .nats import NatsPlace, NatsSource  # noqa: PLC0415

            _needs("nats", source.name, "nats")
            return NatsSource(
                NatsPlace(
                    source.name,
                    url_in(source.url),
                    line_of(source.subject),
                    word_of(source.user),
                    word_of(source.password),
                    word_of(source.token),
                    source.timeout,
                )
            )
        case settings.KafkaEvents():
            from .kafka import KafkaPlace, KafkaSource  # noqa: PLC0415

            _needs("confluent_kafka", source.name, "kafka")
            return KafkaSource(
                KafkaPlace(
                    source.name,
                    line_of(source.servers),
                    line_of(source.topic),
                    line_of(source.group),
                    word_of(source.user),
                    word_of(source.password),
                    source.tls,
                    source.timeout,
                )
            )
        case _:
            assert_never(source)


def _needs(library: str, source: str, extra: str) -> None:
    if find_spec(library) is None:
        raise CannotRun(diagnose(SOURCE_NEEDS, None, source=source, extra=extra))
