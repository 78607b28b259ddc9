"""A seed that somebody can guess is known as one; one of random characters never is."""

import random
import secrets
import uuid

import pytest
from campaigner.compiler.plan.chance import is_guessable
from hypothesis import given
from hypothesis import strategies as st

from ..seeds import SEED


@given(st.integers(0, 2**64))
def test_random_texts_are_none(number):
    chance = random.Random(number)
    assert not is_guessable(chance.randbytes(16).hex())
    assert not is_guessable("".join(chance.choices("0123456789", k=40)))


def test_what_people_make_their_seeds_with_is_none():
    made = (secrets.token_hex(32), secrets.token_urlsafe(24), str(uuid.uuid4()), SEED)
    assert [one for one in made if is_guessable(one)] == []


@pytest.mark.parametrize(
    "seed",
    [
        *("", " ", "x", "summer2026", "2026-01-01", "a" * 64, "0123456789" * 6, "changeme" * 8),
        *("abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba0", "ab" * 32),
        "secret-secret-secret",
    ],
)
def test_short_and_regular_ones_are(seed):
    assert is_guessable(seed)
    assert is_guessable(f"  {seed}\n")


@given(st.text(max_size=7), st.integers(1, 12))
def test_a_short_piece_said_often_is_one(piece, times):
    assert is_guessable(piece * times)
