"""The sentences of the page in other languages."""

import re
from pathlib import Path

import pytest

from colorlib.page import scripts

PAGE = Path(scripts.__file__).parent
LANGUAGES = scripts.languages()


def test_there_are_five_beside_english():
    assert set(LANGUAGES) == {"ar", "de", "es", "fr", "zh"}
    assert LANGUAGES["ar"]["direction"] == "rtl"


@pytest.mark.parametrize("code", LANGUAGES)
def test_each_has_the_same_sentences_with_as_many_gaps(code):
    sentences = LANGUAGES[code]["sentences"]
    assert set(sentences) == set(LANGUAGES["de"]["sentences"])
    for english, words in sentences.items():
        assert words.strip() and words.count("{}") == english.count("{}"), english
    assert LANGUAGES[code]["direction"] in ("ltr", "rtl") and LANGUAGES[code]["language"]


def test_every_key_is_a_sentence_of_the_page():
    """A sentence that was changed in the code and not in the languages would stay English."""
    code = " ".join(path.read_text(encoding="utf-8") for path in [*PAGE.glob("*.py"), *PAGE.glob("*.js")])
    without_gaps = re.sub(r"\{[^{}]*\}", " ", code)  # which removes short blocks of JavaScript, too
    plain = re.sub(r"[^\w]+", " ", f"{without_gaps} {code}")
    for english in LANGUAGES["de"]["sentences"]:
        for part in english.split("{}"):
            words = re.sub(r"[^\w]+", " ", part).strip()
            assert all(word in plain for word in words.split()), english
