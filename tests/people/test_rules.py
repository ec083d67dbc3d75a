"""Passwords, waiting, sessions, codes: pure rules."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registers.kernel.errors import Invalid
from registers.people import rules

NOW = datetime(2026, 11, 22, 9, 30, 10, tzinfo=UTC)
SECRET = pyotp.random_base32()
STEP = int(NOW.timestamp()) // 30
HALF_A_MINUTE = timedelta(seconds=30)


def code_at(step):
    return pyotp.TOTP(SECRET).at(step * 30)


@pytest.mark.parametrize(
    "password",
    [
        "elevenchars",
        "",
        "alix.morel-2026",
        "ALIX.MOREL et le reste",
        "ma fille s'appelle morel",
        "aaaaaaaaaaaabbb",
        "121212121212121212",
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(password):
    with pytest.raises(Invalid) as refused:
        rules.checked_password(password, "alix.morel@ponant.example", "Alix Morel")
    assert refused.value.field == "password"


@pytest.mark.parametrize(
    "password",
    ["douze lettre", "correct horse battery staple", "пароль из двенадцати", "é" * 6 + "àçùî12"],
)
def test_a_long_phrase_is_a_password_whatever_its_letters(password):
    assert rules.checked_password(password, "alix@ponant.example", "Alix Morel") == password


def test_a_short_name_forbids_no_letters():
    rules.checked_password("Bob aime le thé vert", "bob@ponant.example", "Bob Li")


def test_nobody_waits_for_a_first_slip_and_everybody_does_for_guessing():
    waits = [rules.wait_after(failures) for failures in range(40)]
    assert set(waits[: rules.FREE_ATTEMPTS]) == {timedelta()}
    assert waits[rules.FREE_ATTEMPTS :][:3] == [HALF_A_MINUTE * times for times in (1, 2, 4)]
    assert waits == sorted(waits)
    assert waits[-1] == rules.LONGEST_WAIT


@pytest.mark.parametrize("drift", [-1, 0, 1])
def test_a_code_is_right_half_a_minute_around_its_own(drift):
    assert rules.accepted_step(SECRET, code_at(STEP + drift), None, NOW) == STEP + drift


@pytest.mark.parametrize("drift", [-2, 2])
def test_a_code_from_farther_off_is_not(drift):
    assert rules.accepted_step(SECRET, code_at(STEP + drift), None, NOW) is None


def test_a_code_may_be_typed_in_two_groups():
    code = code_at(STEP)
    assert rules.accepted_step(SECRET, f" {code[:3]} {code[3:]} ", None, NOW) == STEP


@settings(max_examples=30)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=6))
def test_no_code_is_accepted_twice_nor_an_older_one_after_it(half_minutes):
    last, accepted = None, []
    for passed in sorted(half_minutes):
        now = NOW + passed * HALF_A_MINUTE
        for step in range(STEP - 1, STEP + 14):
            found = rules.accepted_step(SECRET, code_at(step), last, now)
            if found is not None:
                last = found
                accepted.append(found)
    assert accepted == sorted(set(accepted))


@pytest.mark.parametrize("code", ["", "123", "1234567", "abcdef", "１２３４５６", "12345é"])
def test_what_is_no_code_is_merely_wrong(code):
    assert rules.accepted_step(SECRET, code, None, NOW) is None


def test_without_a_secret_no_code_is_right():
    assert rules.accepted_step("", "123456", None, NOW) is None


def test_a_session_ends_when_unused_when_old_and_when_ended():
    opened = NOW
    moment = timedelta(microseconds=1)
    used = [opened + rules.IDLE * part for part in range(7)]
    assert rules.is_live(opened, opened, None, opened)
    assert rules.is_live(opened, opened, None, opened + rules.IDLE - moment)
    assert not rules.is_live(opened, opened, None, opened + rules.IDLE)
    assert rules.is_live(opened, used[5], None, opened + rules.LONGEST - moment)
    assert not rules.is_live(opened, used[6], None, opened + rules.LONGEST)
    assert not rules.is_live(opened, opened, opened, opened)


def test_tokens_and_recovery_codes_are_never_the_same_and_only_their_digests_are_kept():
    for make in (rules.new_token, rules.new_recovery_code):
        made = {make() for _ in range(500)}
        assert len(made) == 500
        assert len({rules.digest_of(each) for each in made}) == 500
    assert rules.new_recovery_code().count("-") == 3
