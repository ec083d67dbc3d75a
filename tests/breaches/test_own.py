"""The organisation as controller itself: its own 72 hours, the authority, the persons."""

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from registers.breaches import operations, own, owning
from registers.breaches.models import OwnCase
from registers.breaches.own import Exemption, Owed, Own, Risk, Telling
from registers.breaches.vocabulary import Phase
from registers.kernel.errors import Conflict, Invalid
from registers.kernel.history import How
from registers.kernel.instants import Instant
from registers.people.roles import Role
from tests.breaches.test_operations import KNOWN, RESPONDER, recorded, rows
from tests.controllers.test_pages import form_of
from tests.registers import entries
from tests.site import site as installation

AWARE = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
NOW = AWARE + timedelta(hours=2)
TODAY = date(2026, 11, 22)
OURS = replace(KNOWN, ours=True)
ASSESSED = Own(risk=Risk.RISK, risk_reason="Mots de passe")
TOLD = Instant(on=TODAY, at="10:00")


def test_the_hours_are_those_of_any_controller():
    assert own.ends_at(AWARE) == AWARE + timedelta(hours=72)


def test_they_are_elapsed_hours_across_the_change_of_clocks():
    aware = Instant(on=date(2026, 10, 24), at="10:00").moment()
    assert own.ends_at(aware) == Instant(on=date(2026, 10, 27), at="09:00").moment()


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (Own(), [Owed.ASSESS, Owed.REASON, Owed.NOTIFY]),
        (Own(risk=Risk.NONE), [Owed.REASON]),
        (Own(risk=Risk.NONE, risk_reason="Chiffrées"), []),
        (ASSESSED, [Owed.NOTIFY]),
        (replace(ASSESSED, notified=TOLD), []),
        (replace(ASSESSED, notified=TOLD, risk=Risk.HIGH), [Owed.PERSONS]),
        (replace(ASSESSED, notified=TOLD, telling=Telling.TO_TELL), [Owed.TELL]),
        (
            replace(ASSESSED, notified=TOLD, risk=Risk.HIGH, telling=Telling.NOT_TOLD),
            [Owed.EXEMPTION],
        ),
        (
            replace(
                ASSESSED,
                notified=TOLD,
                risk=Risk.HIGH,
                telling=Telling.NOT_TOLD,
                exemption=Exemption.UNINTELLIGIBLE,
            ),
            [],
        ),
    ],
)
def test_what_is_still_to_do_follows_from_the_risk(known, expected):
    assert own.owed(known, AWARE, NOW) == expected


def test_a_late_notification_asks_for_its_reasons():
    late = replace(ASSESSED, notified=Instant(on=date(2026, 11, 25), at="09:00"))
    later = AWARE + timedelta(hours=80)
    assert own.owed(late, AWARE, later) == [Owed.DELAY]
    assert own.owed(replace(late, late_reason="Analyse"), AWARE, later) == []
    assert own.is_late(ASSESSED, AWARE, own.ends_at(AWARE))
    assert not own.is_late(ASSESSED, AWARE, own.ends_at(AWARE) - timedelta(seconds=1))
    assert not own.is_late(Own(risk=Risk.NONE), AWARE, later)
    assert not own.is_late(ASSESSED, None, later)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (Own(notified=Instant(on=date(2026, 11, 23), at="10:00")), "notified"),
        (Own(notified=Instant(on=date(2026, 3, 29), at="02:30")), "notified"),
        (Own(telling=Telling.TOLD), "told_on"),
        (Own(told_on=date(2026, 11, 23)), "told_on"),
        (Own(completed=(own.Completion(on=date(2026, 11, 23)),)), "completed"),
    ],
)
def test_what_cannot_be_is_refused(wrong, field):
    with pytest.raises(Invalid) as refused:
        own.checked(wrong, NOW, TODAY)
    assert refused.value.field == field


def kept(database, breach, known, base=0):
    with database.acting(RESPONDER) as act:
        return owning.record(act, breach.id, known, base, How(TODAY, "Analyse"))


def test_every_version_stays_and_no_edit_is_lost(sample):
    breach = recorded(sample, OURS)
    kept(sample, breach, ASSESSED)
    kept(sample, breach, replace(ASSESSED, notified=TOLD, reference="FR-2026-1"), 1)
    with pytest.raises(Conflict):
        kept(sample, breach, Own(), 1)
    (case,) = rows(sample, OwnCase)
    assert (case.breach_id, case.latest) == (breach.id, 2)
    (begun,) = entries(sample, "breach_own.recorded")
    assert begun.within == f"breach:{breach.id}"
    assert len(entries(sample, "breach_own.changed")) == 1


def test_there_is_none_where_no_data_of_our_own_are_concerned(sample):
    breach = recorded(sample)
    with pytest.raises(Conflict):
        kept(sample, breach, ASSESSED)
    with sample.reading() as session:
        assert owning.standings(session, [breach], NOW) == {}


def test_a_breach_is_not_closed_before_our_own_duties_are_done(sample):
    breach = recorded(sample, OURS)
    with pytest.raises(Conflict, match="assess the risk"), sample.acting(RESPONDER) as act:
        operations.close(act, breach.id, Phase.CLOSED, "Terminé")
    kept(sample, breach, replace(ASSESSED, notified=TOLD))
    with sample.acting(RESPONDER) as act:
        operations.close(act, breach.id, Phase.CLOSED, "Terminé")
    doubt = recorded(sample, OURS)
    with sample.acting(RESPONDER) as act:
        operations.close(act, doubt.id, Phase.FALSE, "Rien")


@pytest.fixture
def site(register_url, tmp_path, clock):
    with installation(register_url, tmp_path, clock) as made:
        yield made


def test_our_own_file_is_kept_on_its_page(site):
    database = site.house.database
    breach = recorded(database, OURS)
    responder = site.signed_in(Role.RESPONDER)
    place = f"/breaches/{breach.code}/own"
    page = responder.get(place).text
    assert "assess the risk for the persons" in page
    assert "left" in page
    assert "as controller" in responder.get("/").text
    typed = {"risk": "risk", "risk_reason": "Mots de passe", "reason": "Analyse"}
    begun = form_of(responder, f"{place}/edit") | typed | {"notified-at": "10:00"}
    early = responder.post(f"{place}/edit", data=begun | {"notified-on": "2026-11-23"})
    assert early.status_code == 422
    assert "still to come" in early.text
    done = responder.post(f"{place}/edit", data=begun | {"notified-on": "2026-11-22"})
    assert done.headers["Location"] == place
    page = responder.get(place).text
    assert "notified in time" in page
    assert "nothing is missing" in page
    assert "History (1 version)" in page
    assert responder.get(f"{place}/history").status_code == 200
    auditor = site.signed_in(Role.AUDITOR)
    assert auditor.get(place).status_code == 200
    assert auditor.get(f"{place}/edit").status_code == 403


def test_a_breach_without_data_of_our_own_says_so(site):
    breach = recorded(site.house.database)
    page = site.signed_in(Role.RESPONDER).get(f"/breaches/{breach.code}/own").text
    assert "not recorded as concerning data" in page
    assert "/own/edit" not in page
