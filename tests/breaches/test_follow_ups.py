"""Lessons and measures: with an owner and a day, shown when due, ended with their outcome."""

from datetime import date

import pytest

from registers.breaches import follow_ups
from registers.breaches.follow_ups import Drawn, Ended
from registers.breaches.models import FollowUp
from registers.breaches.vocabulary import Following
from registers.kernel.errors import Conflict, Invalid
from registers.people.roles import Role
from tests.breaches.test_operations import RESPONDER, recorded, rows
from tests.controllers.test_pages import form_of
from tests.registers import entries
from tests.site import site as installation

TODAY = date(2026, 11, 22)
MEASURE = Drawn("Compte oublié", "Fermer les comptes au départ", "Nadia", date(2026, 12, 1))


@pytest.mark.parametrize(
    ("drawn", "field"),
    [
        (Drawn(" ", ""), "lesson"),
        (MEASURE._replace(owner=" "), "owner"),
        (MEASURE._replace(due_on=None), "due_on"),
        (Drawn("Vu", "", "Nadia"), "measure"),
    ],
)
def test_a_measure_has_an_owner_and_a_day(drawn, field):
    with pytest.raises(Invalid) as refused:
        drawn.checked()
    assert refused.value.field == field


def drew(database, breach, drawn=MEASURE):
    with database.acting(RESPONDER) as act:
        return follow_ups.draw(act, breach.id, drawn)


def ended(database, row, end=Ended(Following.DONE, TODAY), base=1):  # noqa: B008 a value
    with database.acting(RESPONDER) as act:
        follow_ups.end(act, row.id, end, base, TODAY)


def test_what_is_to_do_is_done_or_given_up_and_may_be_taken_up_again(sample):
    breach = recorded(sample)
    row = drew(sample, breach)
    with pytest.raises(Invalid) as refused:
        ended(sample, row, Ended(Following.DROPPED, TODAY))
    assert refused.value.field == "outcome"
    with pytest.raises(Invalid):
        ended(sample, row, Ended(Following.DONE, date(2026, 11, 23)))
    with pytest.raises(Conflict):
        ended(sample, row, base=7)
    ended(sample, row, Ended(Following.DONE, TODAY, "Script en place"))
    with pytest.raises(Conflict):
        ended(sample, row, base=2)
    with sample.acting(RESPONDER) as act:
        follow_ups.reopen(act, row.id, "Le script ne tourne plus", 2)
    (kept,) = rows(sample, FollowUp)
    assert (kept.state, kept.ended_on, kept.outcome) == (Following.OPEN, None, "")
    assert len(entries(sample, "breach_follow_up.reopened")) == 1


def test_a_change_says_what_changed(sample):
    row = drew(sample, recorded(sample))
    later = MEASURE._replace(due_on=date(2027, 1, 4))
    with sample.acting(RESPONDER) as act:
        assert follow_ups.change(act, row.id, later, 1) == ["due_on"]
    (entry,) = entries(sample, "breach_follow_up.changed")
    assert entry.facts == '{"changed":["due_on"]}'
    with pytest.raises(Conflict), sample.acting(RESPONDER) as act:
        follow_ups.change(act, row.id, later, 1)


def test_a_lesson_alone_has_no_end_and_is_never_due(sample):
    breach = recorded(sample)
    lesson, measure = drew(sample, breach, Drawn("Vu")), drew(sample, breach)
    with pytest.raises(Conflict):
        ended(sample, lesson)
    with sample.reading() as session:
        due = follow_ups.due(session, date(2026, 12, 1), 10)
        assert [row.id for row, _head in due] == [measure.id]
        assert follow_ups.due(session, date(2026, 11, 30), 10) == []


@pytest.fixture
def site(register_url, tmp_path, clock):
    with installation(register_url, tmp_path, clock) as made:
        yield made


def filled(client, address, **typed):
    return client.post(address, data=form_of(client, address) | typed)


def test_measures_are_recorded_on_pages_and_stand_on_the_front_page(site):
    database = site.house.database
    breach = recorded(database)
    responder = site.signed_in(Role.RESPONDER)
    place = f"/breaches/{breach.code}/follow-up"
    assert "Nothing is recorded yet" in responder.get(place).text
    typed = {"lesson": "Compte oublié", "measure": "Fermer les comptes"}
    refused = filled(responder, f"{place}/new", **typed)
    assert refused.status_code == 422
    assert 'id="owner-wrong"' in refused.text
    done = filled(responder, f"{place}/new", **typed, owner="Nadia", due_on="2026-11-20")
    assert done.headers["Location"] == place
    assert "overdue" in responder.get(place).text
    front = responder.get("/").text
    assert "Measures after breaches" in front
    assert "Fermer les comptes" in front
    (row,) = rows(database, FollowUp)
    done = filled(responder, f"{place}/{row.id}/end", state="done", outcome="Fait")
    assert done.status_code == 302
    assert "Measures after breaches" not in responder.get("/").text
    again = filled(responder, f"{place}/{row.id}/end", outcome="Pas partout")
    assert again.status_code == 302
    changed = filled(responder, f"{place}/{row.id}", owner="Alix", due_on="2027-01-04")
    assert changed.status_code == 302
    (row,) = rows(database, FollowUp)
    assert (row.owner, row.state) == ("Alix", Following.OPEN)
    other = recorded(database)
    assert responder.get(f"/breaches/{other.code}/follow-up/{row.id}").status_code == 404
    assert site.signed_in(Role.AUDITOR).get(f"{place}/new").status_code == 403
