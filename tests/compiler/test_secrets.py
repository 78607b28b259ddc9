"""No words that repeat a secret, in whatever form, get out; words that do not are left alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from campaigner.compiler.files.environment import Setting, expand
from campaigner.compiler.files.secrets import PIECE, Secrets, secrets_of
from campaigner.dsl.diagnostics.diagnostic import CannotRun, Foreign, Phrase, diagnose, in_language
from campaigner.dsl.diagnostics.source import Place
from campaigner.runtime.codes import ledger as codes
from hypothesis import example, given
from hypothesis import strategies as st

from ..strategies_secrets import leaked, secrets

FORMS: tuple[Callable[[str], str], ...] = (
    str,
    str.lower,
    str.upper,
    repr,
    ascii,
    json.dumps,
    quote,
    quote_plus,
    lambda text: quote(text, safe=""),
    lambda text: repr(text.encode()),
    lambda text: text.replace("'", "''"),
    lambda text: text.split("@")[-1],
    lambda text: text.rpartition("/")[0],
    lambda text: text[len(text) // 2 :],
    lambda text: text[1:-1],
)


@given(secret=secrets(), form=st.sampled_from(FORMS), before=st.sampled_from(["", 'port "', "at "]))
@example("p@ss/word", str, "")
@example("Ünï@codé", str.lower, "")
def test_no_form_and_no_piece_of_a_secret_is_shown(
    secret: str, form: Callable[[str], str], before: str
) -> None:
    kept = Secrets({"LPW": secret})
    shown = in_language(kept.hide(f"{before}{form(secret)}"), "en")
    assert not leaked(secret, shown.replace("${LPW}", ""))


@given(secret=secrets(), at=st.integers(0, 40), length=st.integers(PIECE, 12))
def test_pieces_of_a_driver_are_hidden(secret: str, at: int, length: int) -> None:
    piece = secret[at : at + length]
    shown = in_language(Secrets({"X": secret}).hide(f"invalid port: <{piece}>"), "en")
    assert not leaked(secret, shown) or len(piece) < PIECE


def test_a_whole_value_is_named() -> None:
    kept = Secrets({"HOST": "db.example.com", "PW": "tulip@garden"})
    assert kept.hide("no route to db.example.com") == "no route to ${HOST}"
    assert kept.hide("could not translate garden/sales") == "could not translate ***/sales"
    assert kept.hide("connection refused") == "connection refused"
    cut = Secrets({"URL": "postgresql://u:p@ss/word@127.0.0.1/db"})
    assert cut.hide("failed to resolve host 'ss'") == "failed to resolve host '***'"


SHORT = st.text(st.sampled_from("abcdxyz019_-@%"), min_size=1, max_size=PIECE - 1)
PLACES = (
    '[ledger]\nurl = "postgresql://u:${PW}@db/x"\n',
    '[warehouse]\nurl = "postgresql://db/x?password=${PW}"\n',
    '[chance]\nseed = "${PW}"\n',
    '[channels.push]\ntoken = "${PW}"\n',
)


@given(
    secret=SHORT,
    place=st.sampled_from(PLACES),
    around=st.tuples(st.text("abcxyz 09", max_size=5), st.text("abcxyz 09", max_size=5)),
    cut=st.integers(0, 1),
)
def test_no_piece_of_a_short_secret_is_shown(
    secret: str, place: str, around: tuple[str, str], cut: int
) -> None:
    """By its place: that of a password or a token. A short name of a host withholds less."""
    kept = secrets_of(place.encode(), {"PW": secret})
    piece = secret[cut:] if len(secret) > 2 else secret
    shown = kept.hide(piece.join(around))
    assert not isinstance(shown, str) or piece.lower() not in shown.lower()


def test_a_short_value_that_is_no_secret_withholds_its_word_alone() -> None:
    kept = secrets_of(b'[ledger]\nurl = "postgresql://u:${PW}@${HOST}/x"\n', {"HOST": "eu"})
    assert kept.hide("the queue is full") == "the queue is full"
    assert isinstance(kept.hide("no route to eu"), Phrase)


def test_a_short_secret_withholds_words_and_spoils_none() -> None:
    kept = Secrets({"PW": "a", "NO": "12"})
    assert kept.hide("connection refused at port 5432") == "connection refused at port 5432"
    for words in ("user a was refused", 'role "12" is unknown', "a"):
        assert isinstance(kept.hide(words), Phrase)


def test_ordinary_words_are_changed_only_by_a_whole_long_value() -> None:
    kept = Secrets({"PW": "shop", "LONG": "correct horse"})
    values = {"path": "var/shop.db", "reason": Foreign("shop is closed")}
    hidden = kept.hidden(diagnose(codes.LEDGER_UNREACHABLE, None, **values))
    assert hidden.message() == codes.LEDGER_UNREACHABLE.message.say(
        "en", {"path": "var/shop.db", "reason": "${PW} is closed"}
    )
    long = kept.hidden(diagnose(codes.LEDGER_UNREACHABLE, None, path="a/correct horse", reason="x"))
    assert "a/${LONG}" in long.message()


def test_a_traceback_keeps_its_places_and_no_secret() -> None:
    secret = "tulip@garden"
    kept = Secrets({"PW": secret, "SHORT": "a"})
    try:
        try:
            raise OSError(f"could not reach {secret[6:]}")
        except OSError as error:
            raise ValueError(f"{quote(secret)}\nand a line") from error
    except ValueError as error:
        told = kept.traceback(error)
    assert 'File "' in told
    assert "OSError" in told
    assert "ValueError" in told
    assert not leaked(secret, told.replace("${PW}", ""))


SETTINGS = b"""
[project]
name = "${NAME}"
[ledger]
url = "sqlite:///${NAME}/${DIR}"
[chance]
seed = "${DRAW_SEED}"
[channels.push]
token = "x${TOKEN}${GONE}"
more = ["${LISTED}"]
"""


def test_values_of_every_setting_but_of_the_project_are_secrets() -> None:
    given = {
        "NAME": "shop",
        "DIR": "d",
        "DRAW_SEED": "s",
        "TOKEN": "t",
        "LISTED": "l",
        "OTHER": "o",
    }
    assert secrets_of(SETTINGS, given).values == {
        name: given[name] for name in ("DIR", "DRAW_SEED", "TOKEN", "LISTED")
    }
    assert "'t'" not in repr(secrets_of(SETTINGS, given))


@given(value=st.text(st.characters(), max_size=8))
def test_a_value_is_taken_if_it_is_utf_8(value: str) -> None:
    setting = Setting("ledger.url", "${X}", "text", Path("/"), Place("campaigner.toml", 1, 1, 1, 1))
    try:
        value.encode()
    except UnicodeEncodeError:
        with pytest.raises(CannotRun) as stopped:
            expand(setting, {"X": value})
        assert stopped.value.diagnostic.code.id == "E183"
    else:
        assert expand(setting, {"X": value}) == value


@pytest.mark.parametrize("text", [b"not = [toml", b"", b"[project]"])
def test_settings_that_cannot_be_read_have_none(text: bytes) -> None:
    assert secrets_of(text, {}).values == {}
