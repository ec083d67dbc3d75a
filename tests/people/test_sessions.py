"""Signing in and out, second factors, one-time links and slow guessing, on both databases."""

import contextlib
import uuid
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet

from registers.kernel.errors import Invalid, NotFound
from registers.people import operations, queries, rules, sessions
from registers.people.models import User
from registers.people.roles import VISITOR, Role
from tests.people.accounts import (
    BROWSER,
    PASSWORD,
    VAULT,
    actor,
    add,
    code,
    live,
    set_factor,
    sign_in,
)
from tests.registers import entries


@pytest.fixture
def user(acting):
    add(acting, Role.ADMIN, email="admin@ponant.example", name="Zoé Admin")
    return add(acting)


def current(database, token, clock):
    with database.reading() as session:
        found = sessions.current(session, token, clock())
    return found and found[0]


def with_code(acting, user, given):
    with acting(VISITOR) as act:
        return sessions.sign_in_with_code(act, user.id, given, vault=VAULT, **BROWSER)


@pytest.mark.parametrize(
    ("email", "password", "right"),
    [
        ("alix@ponant.example", PASSWORD, True),
        (" Alix@PONANT.example ", PASSWORD, True),
        ("alix@ponant.example", PASSWORD.title(), False),
        ("alix@ponant.example", "", False),
        ("nobody@ponant.example", PASSWORD, False),
        ("nobody@ponant.example", "nobody has this password", False),
    ],
)
def test_an_address_and_its_password_are_somebody_s(database, user, email, password, right):
    with database.reading() as session:
        found = sessions.authenticated(session, email, password)
    assert (found is not None and found.id == user.id) is right


def test_a_session_opens_with_its_token_alone(database, acting, user, clock):
    token = sign_in(acting, user)
    found = current(database, token, clock)
    assert (found.id, found.roles, found.second_factor) == (user.id, (Role.DPO,), False)
    assert current(database, token + "x", clock) is None
    assert current(database, rules.digest_of(token), clock) is None
    assert current(database, "", clock) is None


def test_a_session_ends_when_nobody_uses_it_and_lives_on_when_somebody_does(
    database, acting, user, clock
):
    used, unused = sign_in(acting, user), sign_in(acting, user)
    opened = clock()
    while clock() - opened < rules.LONGEST - timedelta(hours=1):
        clock.forward(hours=1)
        with database.upkeep() as traces:
            sessions.seen(traces, current(database, used, clock).session_id, clock())
    assert current(database, used, clock)
    assert current(database, unused, clock) is None
    clock.forward(hours=1)
    assert current(database, used, clock) is None  # nobody stays for ever


def test_roles_are_those_of_this_moment(database, acting, user, clock):
    token = sign_in(acting, user)
    with acting() as act:
        operations.change(act, user.id, user.revision, user.name, [Role.AUDITOR], disabled=False)
    assert current(database, token, clock).roles == (Role.AUDITOR,)


def test_a_code_of_the_second_factor_opens_one_session(database, acting, user, clock):
    secret, _ = set_factor(acting, user, clock)
    given = code(secret, clock)
    assert current(database, with_code(acting, user, given), clock).second_factor
    with pytest.raises(Invalid):
        with_code(acting, user, given)
    with pytest.raises(Invalid):
        with_code(acting, user, code(secret, clock, ahead=-1))
    with_code(acting, user, code(secret, clock, ahead=1))
    assert live(database, user) == 2


def test_the_code_that_turned_the_factor_on_is_used_up(acting, user, clock):
    secret = operations.new_secret()
    given = code(secret, clock)
    with acting(actor(user)) as act:
        operations.set_second_factor(act, secret, given, VAULT)
    with pytest.raises(Invalid):
        with_code(acting, user, given)


def test_each_recovery_code_stands_in_once(database, acting, user, clock):
    _, codes = set_factor(acting, user, clock)
    with_code(acting, user, f" {codes[0].upper()} ")
    with pytest.raises(Invalid):
        with_code(acting, user, codes[0])
    with database.reading() as session:
        assert queries.unused_recovery_codes(session, user.id) == rules.RECOVERY_CODES - 1
    assert len(entries(database, "user.recovery_code_used")) == 1
    for each in codes[1:]:
        with_code(acting, user, each)
    with database.reading() as session:
        assert queries.unused_recovery_codes(session, user.id) == 0


def test_after_a_restore_without_secrets_recovery_codes_still_open(acting, user, clock):
    secret, codes = set_factor(acting, user, clock)
    other = Fernet(Fernet.generate_key())
    for given, opens in ((code(secret, clock), False), (codes[0], True)):
        with contextlib.nullcontext() if opens else pytest.raises(Invalid):
            with acting(VISITOR) as act:
                sessions.sign_in_with_code(act, user.id, given, vault=other, **BROWSER)


def test_recovery_codes_of_others_open_nothing(acting, user, clock):
    other = add(acting, email="other@ponant.example")
    _, codes = set_factor(acting, other, clock)
    set_factor(acting, user, clock)
    with pytest.raises(Invalid):
        with_code(acting, user, codes[0])


def test_once_the_factor_is_removed_no_code_is_right(acting, user, clock):
    secret, codes = set_factor(acting, user, clock)
    with acting() as act:
        operations.remove_second_factor(act, user.id)
    for given in (code(secret, clock), codes[0], "000000"):
        with pytest.raises(Invalid):
            with_code(acting, user, given)


def test_a_disabled_account_opens_neither_with_a_code_nor_by_the_door(acting, user, clock):
    secret, _ = set_factor(acting, user, clock)
    with acting() as act:
        door = sessions.issue_token(
            act.session, sessions.DOOR, act.now, timedelta(hours=1), user.id
        )
        present = act.session.get(User, user.id)
        operations.change(act, user.id, present.revision, user.name, [Role.DPO], disabled=True)
    with pytest.raises(Invalid, match="disabled"):
        with_code(acting, user, code(secret, clock))
    with pytest.raises(Invalid, match="disabled"), acting(VISITOR) as act:
        sessions.enter_by_door(act, door, **BROWSER)


@pytest.mark.parametrize("hours", [0, 2])
def test_the_door_opens_once_while_its_time_lasts(database, acting, user, clock, hours):
    with database.upkeep() as traces:
        door = sessions.issue_token(traces, sessions.DOOR, clock(), timedelta(hours=1), user.id)
    clock.forward(hours=hours)
    if hours == 0:
        with acting(VISITOR) as act:
            assert current(database, sessions.enter_by_door(act, door, **BROWSER), clock) is None
        assert live(database, user) == 1
    with pytest.raises(NotFound), acting(VISITOR) as act:
        sessions.enter_by_door(act, door, **BROWSER)


def test_signing_out_ends_one_session_and_elsewhere_all_others(database, acting, user, clock):
    here, there, elsewhere = (sign_in(acting, user) for _ in range(3))
    with acting(actor(user)) as act:
        sessions.sign_out(act, current(database, there, clock).session_id)
    assert current(database, there, clock) is None
    with acting(actor(user)) as act:
        sessions.sign_out_elsewhere(act, current(database, here, clock).session_id)
    assert current(database, elsewhere, clock) is None
    assert current(database, here, clock)
    ended = [each.facts for each in entries(database, "session.ended")]
    assert ended == ['{"sessions":1}', '{"sessions":1}']


def test_nobody_ends_a_session_of_somebody_else(database, acting, user, clock):
    token = sign_in(acting, user)
    stranger = actor(add(acting, email="other@ponant.example"))
    with pytest.raises(NotFound), acting(stranger) as act:
        sessions.sign_out(act, current(database, token, clock).session_id)
    assert current(database, token, clock)


def test_the_list_of_one_s_sessions_shows_the_live_ones(database, acting, user, clock):
    old = sign_in(acting, user)
    clock.forward(hours=1)
    new = sign_in(acting, user)
    with database.reading() as session:
        listed = queries.sessions_of(session, user.id, clock())
    assert [held.digest for held in listed] == [rules.digest_of(new), rules.digest_of(old)]
    clock.forward(hours=1, minutes=30)
    with database.reading() as session:
        assert [held.digest for held in queries.sessions_of(session, user.id, clock())] == [
            rules.digest_of(new)
        ]


def fail(database, clock, *keys, times=1):
    for _ in range(times):
        with database.upkeep() as traces:
            sessions.failed(traces, list(keys), clock())


def waiting(database, clock, *keys):
    with database.reading() as session:
        return sessions.waiting(session, list(keys), clock())


def test_guessing_is_slow_for_the_account_and_for_the_address(database, clock):
    fail(database, clock, "account:a", "address:1", times=rules.FREE_ATTEMPTS - 1)
    assert waiting(database, clock, "account:a", "address:1") is None
    fail(database, clock, "account:a", "address:1")
    until = clock() + timedelta(seconds=30)
    assert waiting(database, clock, "account:a") == until
    assert waiting(database, clock, "account:b", "address:1") == until
    assert waiting(database, clock, "account:b", "address:2") is None
    fail(database, clock, "account:a")
    assert waiting(database, clock, "account:a", "address:1") == clock() + timedelta(minutes=1)
    clock.forward(minutes=1)
    assert waiting(database, clock, "account:a", "address:1") is None


def test_a_success_or_an_hour_of_rest_forgives(database, clock):
    fail(database, clock, "account:a", times=rules.FREE_ATTEMPTS)
    with database.upkeep() as traces:
        sessions.succeeded(traces, ["account:a"])
    assert waiting(database, clock, "account:a") is None
    fail(database, clock, "account:a", times=rules.FREE_ATTEMPTS - 1)
    clock.forward(hours=1, seconds=1)
    fail(database, clock, "account:a")
    assert waiting(database, clock, "account:a") is None


def test_accounts_are_listed_by_name_the_disabled_last(database, acting, user):
    gone = add(acting, email="gone@ponant.example", name="Ada Partie")
    with acting() as act:
        operations.change(act, gone.id, gone.revision, gone.name, [Role.DPO], disabled=True)
    with database.reading() as session:
        assert [each.name for each in queries.users(session)] == [
            "Alix Morel",
            "Zoé Admin",
            "Ada Partie",
        ]
        references = [f"user:{user.id}", "console", "visitor"]
        assert queries.names(session, references) == {f"user:{user.id}": "Alix Morel"}
        with pytest.raises(NotFound):
            queries.user(session, uuid.UUID(int=1))
