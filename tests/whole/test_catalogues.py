"""Every text has its French words, with the same parameters, set as French typographers do."""

import re

import pytest

from tests import catalogues

PARAMETERS = re.compile(r"%\(\w+\)[sd]|\{\w+\}|%%")
SLIPS = {
    "a straight apostrophe": re.compile(r"\w'\w"),
    "an ordinary space before a sign": re.compile(r"\S [;?!»]"),
    "an ordinary space before a colon": re.compile(r"\S :(\s|$)"),
    "no space before a sign": re.compile(r"[^\W\d](?<!https)[;?!](\s|$)"),
    "an ordinary space after «": re.compile(r"« "),
    "an ordinary space between a sign and its number": re.compile(r"(\b[Aa]rt\.|§|n°|N°) \d"),
    "three dots": re.compile(r"\.\.\."),
}


def messages(part, language):
    for message in catalogues.kept(part, language):
        if message.id:
            ids = message.id if isinstance(message.id, tuple) else (message.id,)
            said = message.string if isinstance(message.string, tuple) else (message.string,)
            yield ids, said


parts = pytest.mark.parametrize("part", catalogues.DOMAINS)
languages = pytest.mark.parametrize("language", catalogues.LANGUAGES)


@parts
@languages
def test_every_text_is_translated_and_no_translation_is_left_over(part, language):
    catalogue = catalogues.kept(part, language)
    assert catalogues.untranslated(catalogue) == []
    found = {message.id for message in catalogues.found(part) if message.id}
    assert {message.id for message in catalogue if message.id} == found


@parts
@languages
def test_translations_have_the_parameters_of_their_texts(part, language):
    for ids, said in messages(part, language):
        wanted = [set(PARAMETERS.findall(text)) for text in ids]
        for words in said:  # a singular may do without its number
            assert set(PARAMETERS.findall(words)) in (wanted if len(ids) > 1 else wanted[:1]), words


@parts
def test_the_typography_is_french(part):
    slips = [
        (slip, words)
        for _ids, said in messages(part, "fr")
        for words in said
        for slip, pattern in SLIPS.items()
        if pattern.search(words)
    ]
    assert slips == []
