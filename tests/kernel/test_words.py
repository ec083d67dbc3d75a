"""Words: numbers and hours as people of each language write them."""

from datetime import datetime

import pytest

from registers.kernel.showing import shown
from registers.kernel.words import Words, plural


@pytest.mark.parametrize(
    ("language", "number", "hour", "counted"),
    [
        (
            "fr",
            "1\N{NARROW NO-BREAK SPACE}200",
            "2\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}55",
            "1 200",
        ),
        ("en", "1,200", "02:55", "1,200"),
    ],
)
def test_numbers_and_hours_are_written_in_one_way(language, number, hour, counted):
    words = Words(language)
    assert words.number(1200) == shown(1200, words) == number
    assert words.hour(datetime(2026, 11, 22, 2, 55)) == hour
    said = words.say(plural("{count} of these", "{count} of these", 1200))
    assert said.replace("\N{NARROW NO-BREAK SPACE}", " ").startswith(counted)
    assert shown(True, words) != "1"
