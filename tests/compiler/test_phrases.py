"""Forbidden phrases: found however they are written, and only where their letters are."""

from campaigner.compiler.messages.phrases import Phrase
from campaigner.compiler.messages.reading import read
from campaigner.compiler.messages.renderings import UNKNOWN, may_say
from hypothesis import assume, given
from hypothesis import strategies as st
from opencc import OpenCC

PHRASES = ("guaranteed", "sure", "risk free", "保本", "稳赚不赔", "零风险", "Été", "straße")
_SEPARATORS = (
    "", "", "", " ", "-", "·", "\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u0301", "\ufe0f",
    "\n", "*", "_", ".", "、", "🙂", "\u202e", "\u3164", "\u115f", "\U000e0061",
)  # fmt: skip
_COMMENTS = ("{# #}", "{{ '' }}", '{{ "" | upper }}', "{% if true %}{% endif %}", "{{ ' ' }}")


def _wide(text: str) -> str:
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)


def _bold(text: str) -> str:
    return "".join(chr(0x1D41A + ord(one) - 97) if "a" <= one <= "z" else one for one in text)


def _circled(text: str) -> str:
    return "".join(chr(0x24D0 + ord(one) - 97) if "a" <= one <= "z" else one for one in text)


def _cyrillic(text: str) -> str:
    return text.translate(str.maketrans("aeopcy", "аеорсу"))


WRITTEN = st.sampled_from(
    (str, str.upper, str.title, _wide, _bold, _circled, _cyrillic, OpenCC("s2t").convert)
)


@st.composite
def disguised(draw: st.DrawFn, between: tuple[str, ...]) -> tuple[str, str]:
    """A phrase, and a way to write it."""
    phrase = draw(st.sampled_from(PHRASES))
    written = draw(WRITTEN)(phrase.lower())
    parts = [letter + draw(st.sampled_from(between)) for letter in written]
    return phrase, draw(st.text(max_size=5)) + "".join(parts) + draw(st.text(max_size=5))


@given(disguised(_SEPARATORS))
def test_a_phrase_is_found_however_it_is_written(told: tuple[str, str]) -> None:
    phrase, text = told
    assume("&" not in text)
    assert Phrase(phrase).is_in(text)


@given(disguised((*_COMMENTS, "", "")), st.integers(0, 3))
def test_a_template_says_it_however_it_is_put_together(told: tuple[str, str], cut: int) -> None:
    phrase, text = told
    template = text.strip()
    assume(not any(sign in template[:6] + template[-6:] for sign in "{}#%\0\r"))
    assume(not any("\ud800" <= one <= "\udfff" for one in template))
    parts = read(template)
    assert may_say(parts, Phrase(phrase), lambda _: UNKNOWN)
    label = (Phrase(phrase).fold(phrase)[:cut],)
    rest = Phrase(phrase).fold(phrase)[cut:]
    parts = read("{{ campaign.label }}" + rest)
    assert may_say(parts, Phrase(phrase), lambda _: (label,))


@given(st.sampled_from(PHRASES), st.text(max_size=60))
def test_a_text_without_its_letters_is_let_through(phrase: str, text: str) -> None:
    """A text that lacks one letter of a phrase cannot contain it."""
    folded = Phrase(phrase)
    missing = folded.letters[0]
    kept = "".join(one for one in text if missing not in folded.fold(one))
    assume("&" not in kept)
    assert not folded.is_in(kept)


def test_words_that_only_resemble_a_phrase_are_let_through() -> None:
    assert not Phrase("guaranteed").is_in("a guarantee of quality, ed.")
    assert not Phrase("100%").is_in("100 coffees")
    assert not Phrase("保本").is_in("保证本店新鲜")
    assert Phrase("sure").is_in("measure"), "where words begin makes no difference"
