"""Why a system refused: in the reader's language where the words are known."""

import errno
import os
import re

import pytest
from campaigner.compiler.files.reasons import phrase_of
from campaigner.dsl.diagnostics.diagnostic import Foreign, in_language

HAN = re.compile("[\u4e00-\u9fff]")
COMMON = (
    errno.EACCES,
    errno.ECONNREFUSED,
    errno.EEXIST,
    errno.EHOSTUNREACH,
    errno.EISDIR,
    errno.ELOOP,
    errno.ENAMETOOLONG,
    errno.ENETUNREACH,
    errno.ENOENT,
    errno.ENOSPC,
    errno.ENOTDIR,
    errno.EPERM,
    errno.EROFS,
    errno.ETIMEDOUT,
)


@pytest.mark.parametrize("number", COMMON)
def test_a_common_reason_is_in_the_readers_language(number: int) -> None:
    words = os.strerror(number).lower()
    assert in_language(phrase_of(words), "en") == words
    assert HAN.search(in_language(phrase_of(words), "zh"))
    assert phrase_of(words.capitalize()) == phrase_of(words)


def test_other_words_stay_those_of_the_driver() -> None:
    words = Foreign("password of Anna is wrong")
    assert phrase_of(words) is words
