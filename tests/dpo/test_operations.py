"""Declarations on both databases: three ways back, what confirms them, what takes effect."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from registers.controllers import appointing
from registers.controllers import operations as parties
from registers.controllers import queries as controllers
from registers.controllers.models import Contact, Controller
from registers.controllers.vocabulary import Channel, ContactRole
from registers.dpo import operations, queries, telling
from registers.dpo.models import Declaration, Form
from registers.dpo.operations import Back, By
from registers.dpo.rules import Found
from registers.dpo.vocabulary import Confirmation, Phase, Way
from registers.kernel import history
from registers.kernel.errors import Conflict, Forbidden, Invalid
from registers.kernel.outbox import Outbox
from registers.kernel.pages import FIRST
from registers.notices import copies
from registers.notices import operations as notices
from registers.notices.models import Dispatch, Notice
from registers.people.roles import Permission
from tests.announcements.telling import ANNOUNCER, COLLEAGUE
from tests.dpo.declaring import (
    AT,
    DAY,
    DECLARED,
    MAYOR,
    OLD,
    PAPER,
    controller,
    form_of,
    known_of,
    rows,
)
from tests.portal.hands import somebody_with
from tests.registers import entries, since

VISITOR = somebody_with(Permission.PORTAL)
DPO = By("Jeanne Astruc", "DPD", OLD.email)
SIGNED = Found(by="Odile Chabrol", level="B-B", intact=True, same=True)


@pytest.fixture
def nasbinals(sample, clock):
    clock.at = AT
    return controller(sample, representative=MAYOR, dpo=OLD, breach=OLD)


def enter(database, head, known=DECLARED, content=PAPER):
    with database.acting(ANNOUNCER) as act:
        return operations.enter(act, head.id, known, content, DAY)


def officers(database, head, day=DAY, role=ContactRole.DPO):
    with database.reading() as session:
        return [each.email for each in appointing.serving(session, head.id, role, day)]


def test_a_new_dpo_waits_for_the_representative_and_nothing_changes_before(sample, nasbinals):
    form = form_of(sample, enter(sample, nasbinals))
    assert (form.phase, form.way) == (Phase.RETURNED, Way.SCANNED)
    assert officers(sample, nasbinals) == [OLD.email]
    (asked,) = rows(sample, Notice, Notice.kind == "dpo_confirm")
    assert (asked.email, asked.id) == (MAYOR.email, form.asked_id)
    assert asked.told["officer"] == "Madame Jeanne Astruc"


def test_the_representative_confirms_by_the_link_of_its_own_notice_only(sample, nasbinals):
    form = form_of(sample, enter(sample, nasbinals))
    (other,) = rows(sample, Notice, Notice.kind == "dpo_confirm")
    by = By("Odile Chabrol", "Maire", MAYOR.email)
    with pytest.raises(Conflict), sample.acting(VISITOR) as act:
        operations.confirm_on_portal(act, form.id, form.id, by, DAY)
    with sample.acting(VISITOR) as act:
        operations.confirm_on_portal(act, form.id, other.id, by, DAY)
    assert form_of(sample, form).confirmation is Confirmation.CODE
    assert officers(sample, nasbinals) == [DECLARED.email]
    with pytest.raises(Conflict), sample.acting(VISITOR) as act:
        operations.confirm_on_portal(act, form.id, other.id, by, DAY)


def test_without_an_address_of_the_representative_staff_call_back(sample, clock):
    clock.at = AT
    head = controller(sample, dpo=OLD)
    form = form_of(sample, enter(sample, head))
    assert (form.phase, form.asked_id) == (Phase.RETURNED, None)
    with pytest.raises(Invalid), sample.acting(ANNOUNCER) as act:
        operations.call_back(act, form.id, "  ", DAY)
    with sample.acting(ANNOUNCER) as act:
        operations.call_back(act, form.id, "Mme Chabrol, au 04 66 00 00 01 : confirmé", DAY)
    form = form_of(sample, form)
    assert (form.phase, form.confirmation) == (Phase.IN_EFFECT, Confirmation.CALL_BACK)
    assert officers(sample, head) == [DECLARED.email]


def test_what_names_no_new_address_takes_effect_at_once(sample, clock):
    clock.at = AT
    head = controller(sample, dpo=DECLARED.officer)
    form = form_of(sample, enter(sample, head, replace(DECLARED, phone="04 66 11 11 11")))
    assert form.confirmation is Confirmation.NOTHING_NEW
    with sample.reading() as session:
        (known,) = appointing.serving(session, head.id, ContactRole.DPO, DAY)
    assert known.phone == "04 66 11 11 11"
    assert rows(sample, Notice) == []


def test_the_representatives_own_code_on_the_portal_is_enough(sample, nasbinals):
    with sample.acting(VISITOR) as act:
        by = By("Odile Chabrol", "Maire", MAYOR.email.upper())
        form = operations.declare(act, nasbinals.id, DECLARED, DAY, by)
    form = form_of(sample, form)
    assert (form.phase, form.way, form.confirmation) == (
        Phase.IN_EFFECT,
        Way.PORTAL,
        Confirmation.CODE,
    )


def test_anybody_elses_code_on_the_portal_is_not(sample, nasbinals):
    with sample.acting(VISITOR) as act:
        form = operations.declare(act, nasbinals.id, DECLARED, DAY, DPO)
    assert form_of(sample, form).phase is Phase.RETURNED
    assert officers(sample, nasbinals) == [OLD.email]


def take_effect(database, head, known=DECLARED):
    form = enter(database, head, known)
    with database.acting(ANNOUNCER) as act:
        operations.call_back(act, form.id, "Mme Chabrol, confirmé", DAY)
    return form_of(database, form)


def test_breaches_follow_and_the_former_address_is_told_and_copied(sample, nasbinals, clock):
    take_effect(sample, nasbinals)
    assert officers(sample, nasbinals, role=ContactRole.BREACH) == [DECLARED.email]
    (told,) = rows(sample, Notice, Notice.kind == "dpo_former")
    assert told.email == OLD.email
    with sample.acting(ANNOUNCER) as act:
        telling.remind(act, [nasbinals.id], DAY)
    (notice,) = rows(sample, Notice, Notice.kind == "dpo_awaited")
    ways = rows(sample, Dispatch, Dispatch.notice_id == notice.id)
    assert {(way.address, way.copy) for way in ways} == {
        (DECLARED.email, False),
        (OLD.email, True),
    }
    clock.forward(days=31)
    with sample.acting(ANNOUNCER) as act:
        telling.remind(act, [nasbinals.id], DAY + timedelta(days=31))
    last = max(rows(sample, Notice, Notice.kind == "dpo_awaited"), key=lambda each: each.number)
    assert len(rows(sample, Dispatch, Dispatch.notice_id == last.id)) == 1


def test_a_copy_informs_nobody(sample, nasbinals):
    take_effect(sample, nasbinals)
    with sample.acting(ANNOUNCER) as act:
        telling.remind(act, [nasbinals.id], DAY)
    (notice,) = rows(sample, Notice, Notice.kind == "dpo_awaited")
    (copy,) = rows(sample, Dispatch, Dispatch.notice_id == notice.id, Dispatch.copy)
    with sample.acting(somebody_with(Permission.NOTICES_SEND)) as act:
        notices.record_results(act, [notices.Result(copy.id, True, "250")])
    with sample.reading() as session:
        assert notices.ways_of(session, notice.id, [nasbinals.id])[0].address == DECLARED.email
        informed = sa.text("SELECT informed_at FROM matter WHERE informed_at IS NOT NULL")
        assert session.execute(informed).all() == []


def test_an_address_that_is_declared_again_gets_no_copies_any_more(sample, nasbinals):
    take_effect(sample, nasbinals)
    again = replace(DECLARED, name="Roche", first_name="Luc", civility="", email=OLD.email)
    take_effect(sample, nasbinals, again)
    with sample.reading() as session:
        now = sample.now()
        assert [each.address for each in copies.of(session, nasbinals.id, now)] == [DECLARED.email]


def test_who_was_dpo_on_any_past_day(sample, nasbinals):
    take_effect(sample, nasbinals, replace(DECLARED, since=date(2026, 9, 1)))
    second = replace(DECLARED, name="Faure", first_name="Guy", email="guy.faure@nasbinals.example")
    take_effect(sample, nasbinals, replace(second, since=date(2026, 12, 1)))
    with sample.reading() as session:
        head = queries.of_controller(session, nasbinals.id)
        by_day = {
            day: history.in_force(session, Declaration, day, [head.id])
            for day in (date(2026, 8, 31), date(2026, 9, 1), date(2026, 11, 30), date(2026, 12, 1))
        }
    named = {day: found[head.id].facts.name if found else None for day, found in by_day.items()}
    assert list(named.values()) == [None, "Astruc", "Astruc", "Faure"]
    assert officers(sample, nasbinals, date(2026, 8, 31)) == [OLD.email]
    assert officers(sample, nasbinals, date(2026, 9, 1)) == [DECLARED.email]
    assert officers(sample, nasbinals, date(2026, 12, 1)) == [second.email]


def test_no_contact_is_kept_twice_and_no_other_controller_sees_a_change(sample, clock):
    clock.at = AT
    first, second = controller(sample), controller(sample, "AUTRE")
    for head in (first, second):
        take_effect(sample, head)
    assert len(rows(sample, Contact, Contact.email == DECLARED.email)) == 1
    enter(sample, first, replace(DECLARED, phone="01"))
    with sample.reading() as session:
        (theirs,) = appointing.serving(session, second.id, ContactRole.DPO, DAY)
        (own,) = appointing.serving(session, first.id, ContactRole.DPO, DAY)
    assert (theirs.phone, own.phone) == (DECLARED.phone, "01")


def test_a_form_comes_back_signed_electronically(sample, nasbinals):
    with sample.acting(ANNOUNCER) as act:
        drawn = operations.draw(act, nasbinals.id, replace(DECLARED, done_on=None))
    assert form_of(sample, drawn).phase is Phase.DRAWN
    assert [work.about for work in rows(sample, Outbox, Outbox.kind == operations.SEAL)] == [
        f"declaration_form:{drawn.id}"
    ]
    altered = Back(PAPER, found=replace(SIGNED, intact=False))
    with pytest.raises(Invalid), sample.acting(ANNOUNCER) as act:
        operations.come_back(act, drawn.id, altered, DAY)
    with sample.acting(ANNOUNCER) as act:
        back = Back(PAPER, "Nasbinals", date(2026, 11, 22), SIGNED)
        operations.come_back(act, drawn.id, back, DAY)
    form = form_of(sample, drawn)
    assert (form.way, form.found["by"], form.said["done_on"]) == (
        Way.SIGNED,
        "Odile Chabrol",
        "2026-11-22",
    )
    with pytest.raises(Conflict), sample.acting(ANNOUNCER) as act:
        operations.come_back(act, drawn.id, Back(PAPER), DAY)


def test_a_scan_is_needed_and_is_judged_by_its_content(sample, nasbinals):
    for content in (None, b"", b"MZ not a scan"):
        with pytest.raises(Invalid) as refused:
            enter(sample, nasbinals, content=content)
        assert refused.value.field == "content"
    assert rows(sample, Form) == []


def test_what_is_not_confirmed_changes_nothing(sample, nasbinals):
    form = form_of(sample, enter(sample, nasbinals))
    by = By("Odile Chabrol", "Maire", MAYOR.email)
    with sample.acting(VISITOR) as act:
        operations.refuse_on_portal(act, form.id, form.asked_id, by, "Ce n’est pas nous")
    form = form_of(sample, form)
    assert (form.phase, "Ce n’est pas nous" in form.note) == (Phase.REFUSED, True)
    assert officers(sample, nasbinals) == [OLD.email]
    with pytest.raises(Conflict), sample.acting(ANNOUNCER) as act:
        operations.call_back(act, form.id, "trop tard", DAY)


def test_a_form_that_is_given_up_comes_back_no_more(sample, nasbinals):
    with sample.acting(ANNOUNCER) as act:
        drawn = operations.draw(act, nasbinals.id, DECLARED)
    with sample.acting(ANNOUNCER) as act:
        operations.cancel(act, drawn.id)
    with pytest.raises(Conflict), sample.acting(ANNOUNCER) as act:
        operations.come_back(act, drawn.id, Back(PAPER), DAY)


def test_a_public_body_cannot_declare_that_none_is_required(sample, nasbinals):
    none = replace(
        DECLARED,
        none=True,
        none_reason="…",
        **dict.fromkeys(("name", "first_name", "email", "phone"), ""),
    )
    with pytest.raises(Invalid) as refused:
        enter(sample, nasbinals, none)
    assert refused.value.field == "none"


def test_reading_does_not_let_declare(sample, nasbinals):
    reader = somebody_with(Permission.CONTROLLERS_READ)
    with pytest.raises(Forbidden), sample.acting(reader) as act:
        operations.enter(act, nasbinals.id, DECLARED, PAPER, DAY)


def test_the_journal_tells_each_step_in_the_dossier_of_the_controller(sample, nasbinals):
    take_effect(sample, nasbinals)
    told = [
        entry.kind
        for entry in entries(sample)
        if entry.within == f"controller:{nasbinals.id}" and entry.kind.startswith("declaration")
    ]
    assert told == [
        "declaration.drawn",
        "declaration.returned",
        "declaration.in_effect",
        "declaration.confirmed",
    ]


def test_who_has_declared_nothing_is_listed_and_asked_once_a_day(sample, nasbinals):
    with sample.reading() as session:
        before = queries.without(session, "", FIRST, DAY).total
        assert queries.count_without(session, DAY) == before
    take_effect(sample, nasbinals)
    with sample.reading() as session:
        ids = telling.served(session, DAY)
        assert queries.without(session, "", FIRST, DAY).total == before
    with sample.acting(ANNOUNCER) as act:
        assert telling.remind(act, ids, DAY) > 0
    with pytest.raises(Conflict), sample.acting(COLLEAGUE) as act:
        telling.remind(act, ids, DAY)
    assert all("late" not in str(notice.told) for notice in rows(sample, Notice))


def test_our_own_new_dpo_is_told_to_all_controllers_once(sample, clock):
    clock.at = AT
    with sample.reading() as session:
        assert telling.untold(session, DAY) is None
        ours = controllers.organisation_facts(session, DAY)
        base = controllers.organisation(session).latest
        served = telling.served(session, DAY)
    with pytest.raises(Conflict), sample.acting(ANNOUNCER) as act:
        telling.broadcast(act, DAY)
    with sample.acting(ANNOUNCER) as act:
        known = replace(ours, dpo_name="Iris Quéré", dpo_email="iris.quere@ponant.example")
        parties.describe_organisation(act, known, base, since(2026, 11, 23))
    with sample.acting(ANNOUNCER) as act:
        written = telling.broadcast(act, DAY)
    told = rows(sample, Notice, Notice.kind == "our_dpo")
    assert len(told) == written
    assert told[0].told["now"]["dpo_name"] == "Iris Quéré"
    assert told[0].told["before"]["dpo_name"] == ours.dpo_name
    query = sa.select(sa.func.count(sa.distinct(sa.column("controller_id"))))
    with sample.reading() as session:
        assert session.scalar(query.select_from(sa.table("matter"))) == len(served)
        assert telling.untold(session, DAY) is None
    by_post = rows(sample, Dispatch, Dispatch.channel == Channel.REGISTERED_LETTER)
    assert all(way.controller_id for way in by_post)


def test_the_declared_contact_stands_in_the_lists_too(sample, nasbinals):
    take_effect(sample, nasbinals)
    known = known_of(sample, nasbinals)
    roles = [link.role for link in known.contacts]
    assert roles == [ContactRole.REPRESENTATIVE, ContactRole.DPO, ContactRole.BREACH]
    assert len(rows(sample, Controller, Controller.id == nasbinals.id)) == 1
