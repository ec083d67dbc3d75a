"""Accounts on both databases: set up, add, invite, change, and what no order of events breaks."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
import sqlalchemy as sa

from registers.kernel.act import Actor
from registers.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from registers.people import operations, rules, sessions
from registers.people.models import OneTimeToken, RecoveryCode, User
from registers.people.roles import VISITOR, Permission, Role
from tests.people.accounts import (
    BROWSER,
    HASH,
    PASSWORD,
    VAULT,
    actor,
    add,
    code,
    live,
    row,
    set_factor,
    sign_in,
)
from tests.registers import count, entries

OTHER_PASSWORD = "une autre phrase assez longue"
OTHER_HASH = sessions.hashed(OTHER_PASSWORD)


@pytest.fixture
def printed(database, clock):
    """The token that the first start prints."""
    with database.upkeep() as traces:
        return sessions.issue_token(traces, sessions.SETUP, clock(), timedelta(days=1))


def set_up(acting, token, email="alix@ponant.example"):
    with acting(VISITOR) as act:
        return operations.set_up(act, token, email, "Alix Morel", password_hash=HASH, language="fr")


def test_the_first_account_is_made_once_with_the_printed_token(acting, printed):
    user = set_up(acting, printed)
    assert user.held_roles == [Role.ADMIN, Role.DPO]
    for token in (printed, "guessed"):
        with pytest.raises(Conflict, match="set up already"):
            set_up(acting, token, "other@ponant.example")


@pytest.mark.parametrize("hours", [0, 25])
def test_without_the_token_or_once_it_expired_nobody_sets_up(
    database, acting, printed, clock, hours
):
    clock.forward(hours=hours)
    with pytest.raises(Invalid):
        set_up(acting, printed if hours else "guessed")
    assert count(database, User) == 0
    assert entries(database) == []


def test_a_one_time_token_opens_once_even_at_the_same_moment(database, acting, printed):
    with ThreadPoolExecutor(1) as threads:
        with acting(VISITOR) as act:
            operations.set_up(
                act, printed, "a@ponant.example", "A", password_hash=HASH, language="fr"
            )
            other = threads.submit(set_up, acting, printed, "b@ponant.example")
            wait([other], timeout=0.3)
        with pytest.raises((Invalid, Conflict)):
            other.result()
    assert count(database, User) == 1


def test_an_address_belongs_to_one_account_however_it_is_written(acting):
    add(acting, email="Alix@Ponant.example")
    with acting() as act, pytest.raises(Invalid) as refused:
        operations.add(act, " alix@PONANT.example ", "Other", [Role.DPO], "fr")
    assert refused.value.field == "email"


@pytest.mark.parametrize(
    ("email", "name", "roles", "field"),
    [
        ("ponant.example", "Alix", [Role.DPO], "email"),
        ("alix@ponant.example", " ", [Role.DPO], "name"),
        ("alix@ponant.example", "Alix", [], "roles"),
    ],
)
def test_an_account_needs_an_address_a_name_and_a_role(acting, email, name, roles, field):
    with acting() as act, pytest.raises(Invalid) as refused:
        operations.add(act, email, name, roles, "fr")
    assert refused.value.field == field


def test_an_account_has_no_password_until_its_person_chose_one(database, acting):
    with acting() as act:
        operations.add(act, "alix@ponant.example", "Alix", [Role.DPO], "fr")
    with database.reading() as session:
        assert sessions.authenticated(session, "alix@ponant.example", "") is None
        assert sessions.authenticated(session, "alix@ponant.example", PASSWORD) is None


def test_an_invitation_is_good_once(database, acting, clock):
    user = add(acting)
    with acting() as act:
        token = operations.invite(act, user.id)
    with database.reading() as session:
        assert operations.invited(session, token, clock()).id == user.id
        assert session.get(OneTimeToken, token) is None  # only its digest is kept
    with acting(VISITOR) as act:
        operations.choose_password(act, token, OTHER_PASSWORD, OTHER_HASH)
    with database.reading() as session:
        assert operations.invited(session, token, clock()) is None
        assert sessions.authenticated(session, user.email, PASSWORD) is None
        assert sessions.authenticated(session, user.email, OTHER_PASSWORD).id == user.id
    with pytest.raises(NotFound), acting(VISITOR) as act:
        operations.choose_password(act, token, PASSWORD, HASH)


def test_an_invitation_expires(database, acting, clock):
    user = add(acting)
    with acting() as act:
        token = operations.invite(act, user.id)
    clock.forward(days=3, seconds=1)
    with database.reading() as session:
        assert operations.invited(session, token, clock()) is None
    with pytest.raises(NotFound), acting(VISITOR) as act:
        operations.choose_password(act, token, OTHER_PASSWORD, OTHER_HASH)


def test_a_link_is_good_for_its_own_purpose_only(acting, printed):
    user = add(acting)
    with acting() as act:
        invitation = operations.invite(act, user.id)
    with pytest.raises(NotFound), acting(VISITOR) as act:
        operations.choose_password(act, printed, OTHER_PASSWORD, OTHER_HASH)
    with pytest.raises(NotFound), acting(VISITOR) as act:
        sessions.enter_by_door(act, invitation, **BROWSER)


def test_an_easy_password_is_refused_and_leaves_the_invitation_good(database, acting, clock):
    user = add(acting)
    with acting() as act:
        token = operations.invite(act, user.id)
    with pytest.raises(Invalid), acting(VISITOR) as act:
        operations.choose_password(act, token, "alix morel 2026", OTHER_HASH)
    with database.reading() as session:
        assert operations.invited(session, token, clock()).id == user.id


def test_a_new_password_ends_all_sessions(database, acting):
    user = add(acting)
    sign_in(acting, user)
    sign_in(acting, user)
    with acting(actor(user)) as act:
        operations.change_password(act, OTHER_PASSWORD, OTHER_HASH)
    assert live(database, user) == 0
    with database.reading() as session:
        assert sessions.authenticated(session, user.email, OTHER_PASSWORD)


def change(acting, user, *, roles=None, disabled=False, revision=None):
    with acting() as act:
        return operations.change(
            act,
            user.id,
            user.revision if revision is None else revision,
            user.name,
            user.held_roles if roles is None else roles,
            disabled=disabled,
        )


@pytest.mark.parametrize(("roles", "disabled"), [([Role.ADMIN], True), ([Role.DPO], False)])
def test_the_last_administrator_is_kept(database, acting, roles, disabled):
    admin = add(acting, Role.ADMIN)
    add(acting, Role.DPO, email="dpo@ponant.example")
    with pytest.raises(Conflict, match="last administrator"):
        change(acting, admin, roles=roles, disabled=disabled)
    second = add(acting, Role.ADMIN, email="second@ponant.example")
    change(acting, admin, roles=roles, disabled=disabled)
    with pytest.raises(Conflict, match="last administrator"):
        change(acting, second, roles=roles, disabled=disabled)


def test_two_administrators_cannot_disable_each_other_at_the_same_moment(acting):
    one = add(acting, Role.ADMIN, email="one@ponant.example")
    two = add(acting, Role.ADMIN, email="two@ponant.example")
    with ThreadPoolExecutor(1) as threads:
        with acting() as act:
            operations.change(act, one.id, one.revision, one.name, [Role.ADMIN], disabled=True)
            other = threads.submit(change, acting, two, disabled=True)
            wait([other], timeout=0.3)
        with pytest.raises(Conflict, match="last administrator"):
            other.result()
    assert row(acting, one.id).disabled_at
    assert row(acting, two.id).disabled_at is None


def test_an_account_that_somebody_else_changed_is_not_changed_over_it(acting):
    add(acting, Role.ADMIN, email="admin@ponant.example")
    user = add(acting)
    change(acting, user, roles=[Role.LEGAL])
    with pytest.raises(Conflict):
        change(acting, user, roles=[Role.AUDITOR])
    assert row(acting, user.id).held_roles == [Role.LEGAL]


def test_a_disabled_account_is_signed_out_everywhere_and_cannot_sign_in(database, acting, clock):
    add(acting, Role.ADMIN, email="admin@ponant.example")
    user = add(acting)
    tokens = [sign_in(acting, user) for _ in range(3)]
    change(acting, user, disabled=True)
    assert live(database, user) == 0
    with database.reading() as session:
        assert [sessions.current(session, token, clock()) for token in tokens] == [None] * 3
        assert sessions.authenticated(session, user.email, PASSWORD) is None
    with pytest.raises(Invalid, match="disabled"):
        sign_in(acting, user)
    change(acting, row(acting, user.id), disabled=False)
    with database.reading() as session:
        assert sessions.current(session, tokens[0], clock()) is None  # they are not revived
        assert sessions.authenticated(session, user.email, PASSWORD)


def test_a_second_factor_begins_with_a_right_code(database, acting, clock):
    user = add(acting)
    secret = operations.new_secret()
    with pytest.raises(Invalid) as refused, acting(actor(user)) as act:
        operations.set_second_factor(act, secret, code(secret, clock, ahead=9), VAULT)
    assert refused.value.field == "code"
    assert row(acting, user.id).totp is None
    set_factor(acting, user, clock)
    kept = row(acting, user.id).totp
    assert secret.encode() not in kept
    assert count(database, RecoveryCode) == rules.RECOVERY_CODES


def test_setting_it_again_replaces_the_recovery_codes(database, acting, clock):
    user = add(acting)
    _, old = set_factor(acting, user, clock)
    _, new = set_factor(acting, user, clock)
    assert not set(old) & set(new)
    with database.reading() as session:
        kept = set(session.scalars(sa.select(RecoveryCode.digest)))
    assert kept == {rules.digest_of(each) for each in new}


def test_a_second_factor_is_removed_by_oneself_or_by_an_administrator(database, acting, clock):
    user = add(acting)
    admin = add(acting, Role.ADMIN, email="admin@ponant.example")
    set_factor(acting, admin, clock)
    with pytest.raises(Forbidden), acting(actor(user)) as act:
        operations.remove_second_factor(act, admin.id)
    for who in (user, admin):
        set_factor(acting, user, clock)
        with acting(actor(who)) as act:
            operations.remove_second_factor(act, user.id)
        assert row(acting, user.id).totp is None
    assert count(database, RecoveryCode) == rules.RECOVERY_CODES  # the administrator's own


def test_the_chain_knows_no_names(database, acting):
    add(acting, Role.ADMIN, email="admin@ponant.example")
    change(acting, add(acting), roles=[Role.LEGAL])
    chained = " ".join(f"{each.about} {each.actor} {each.facts}" for each in entries(database))
    for personal in ("alix", "morel", "ponant"):
        assert personal not in chained.lower()


NEEDED = {
    "set_up": Permission.SET_UP,
    "add": Permission.USERS_MANAGE,
    "change": Permission.USERS_MANAGE,
    "invite": Permission.USERS_MANAGE,
    "choose_password": Permission.SIGN_IN,
    "change_password": Permission.OWN_ACCOUNT,
    "set_second_factor": Permission.OWN_ACCOUNT,
}


@pytest.mark.parametrize("verb", NEEDED)
def test_each_operation_asks_for_its_permission(database, acting, clock, printed, verb):
    user = add(acting)
    before = len(entries(database))
    secret = operations.new_secret()
    arguments = {
        "set_up": (printed, "b@ponant.example", "B"),
        "add": ("b@ponant.example", "B", [Role.DPO], "fr"),
        "change": (user.id, user.revision, "B", [Role.DPO]),
        "invite": (user.id,),
        "choose_password": ("token", OTHER_PASSWORD, OTHER_HASH),
        "change_password": (OTHER_PASSWORD, OTHER_HASH),
        "set_second_factor": (secret, code(secret, clock), VAULT),
    }[verb]
    more = {
        "set_up": {"password_hash": HASH, "language": "fr"},
        "change": {"disabled": False},
    }.get(verb, {})
    without = Actor("user", frozenset(Permission) - {NEEDED[verb]}, user.id)
    with pytest.raises(Forbidden), acting(without) as act:
        getattr(operations, verb)(act, *arguments, **more)
    assert len(entries(database)) == before
