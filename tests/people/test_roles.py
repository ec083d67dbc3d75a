"""The table role by permission: what each role must and must never be able to do."""

import pytest

from registers.people.roles import (
    CONTACT,
    MAY,
    VISITOR,
    WORKER,
    Permission,
    Role,
    console,
    permissions,
)

READS_REGISTERS = {
    Permission.REGISTER_READ,
    Permission.CONTROLLERS_READ,
    Permission.ANNEX_READ,
}
CHANGES = {
    Permission.REGISTER_EDIT,
    Permission.REGISTER_VALIDATE,
    Permission.CONTROLLERS_EDIT,
    Permission.ORGANISATION_EDIT,
    Permission.EXCHANGE,
    Permission.ANNEX_SEAL,
    Permission.CHECKPOINT,
    Permission.USERS_MANAGE,
}


def holders(permission):
    return {role for role in Role if permission in MAY[role]}


def test_every_role_stands_in_the_table_and_has_its_own_account_and_the_calculator():
    assert set(MAY) == set(Role)
    for role in Role:
        assert MAY[role] >= {Permission.OWN_ACCOUNT, Permission.CALCULATE}


def test_every_permission_is_held_by_a_person_or_by_an_actor_without_account():
    without = VISITOR.permissions | WORKER.permissions | CONTACT
    held = frozenset().union(*MAY.values()) | without
    assert held == frozenset(Permission)


def test_what_only_work_and_contacts_may_no_role_may():
    held = frozenset().union(*MAY.values())
    assert not held & {Permission.NOTICES_SEND, Permission.PORTAL}


def test_an_administrator_sees_no_register():
    assert not MAY[Role.ADMIN] & READS_REGISTERS


def test_only_an_administrator_manages_accounts():
    assert holders(Permission.USERS_MANAGE) == {Role.ADMIN}


def test_an_auditor_reads_everything_and_changes_nothing():
    assert MAY[Role.AUDITOR] >= {*READS_REGISTERS, Permission.JOURNAL_READ}
    assert not MAY[Role.AUDITOR] & CHANGES


def test_a_breach_responder_reads_who_is_concerned_and_changes_no_register():
    assert MAY[Role.RESPONDER] >= {Permission.REGISTER_READ, Permission.CONTROLLERS_READ}
    assert not MAY[Role.RESPONDER] & CHANGES


def test_only_the_dpo_says_that_an_activity_is_right_and_describes_the_organisation():
    assert holders(Permission.REGISTER_VALIDATE) == {Role.DPO}
    assert holders(Permission.REGISTER_EDIT) == {Role.DPO}
    assert holders(Permission.ORGANISATION_EDIT) == {Role.DPO}


def test_annexes_are_sealed_by_the_dpo_and_by_legal_staff():
    assert holders(Permission.ANNEX_SEAL) == {Role.DPO, Role.LEGAL}
    assert holders(Permission.CONTROLLERS_EDIT) == {Role.DPO, Role.LEGAL}


@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
def test_nobody_who_signed_in_keeps_what_a_visitor_may(role):
    assert not MAY[role] & VISITOR.permissions


def test_whoever_can_change_a_register_can_read_it():
    for role in Role:
        if Permission.REGISTER_EDIT in MAY[role]:
            assert Permission.REGISTER_READ in MAY[role]
        if MAY[role] & {Permission.CONTROLLERS_EDIT, Permission.ANNEX_SEAL}:
            assert MAY[role] >= {Permission.CONTROLLERS_READ, Permission.ANNEX_READ}


def test_several_roles_may_what_each_of_them_may():
    assert permissions([Role.ADMIN, Role.AUDITOR]) == MAY[Role.ADMIN] | MAY[Role.AUDITOR]
    assert permissions([]) == frozenset()


def test_the_console_may_everything_and_the_journal_calls_it_so():
    assert console().permissions == frozenset(Permission)
    assert console("root").reference == "console"
