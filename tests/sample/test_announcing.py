"""The fictional announcement in mid-course: eight calendars, the last days of the windows."""

from datetime import date

import sqlalchemy as sa

from registers.announcements import cases, rules
from registers.announcements.models import Announcement, Case, Window
from registers.announcements.vocabulary import Phase, State
from registers.controllers.models import Controller
from registers.notices.models import Matter

LAST_DAYS = {
    "CA-ANNELAC": date(2026, 5, 19),
    "EM-RHINBOURG": date(2026, 5, 20),
    "VILLE-MONTVAL": date(2026, 5, 19),
    "BEAUCHENE": date(2026, 5, 18),
    "ESCH-RIVIERE": date(2026, 5, 18),
    "ALTKIRCHEN": date(2026, 5, 19),
    "UNIV-CLAIRMONT": date(2026, 5, 19),
}
"""When received on 1 April 2026."""


def test_each_window_ends_on_the_day_of_its_calendar(shared_sample):
    with shared_sample.reading() as session:
        query = (
            sa.select(Controller.code, Window.closes_on)
            .join(Matter, Matter.id == Window.matter_id)
            .join(Controller, Controller.id == Matter.controller_id)
        )
        assert dict(session.execute(query).all()) == LAST_DAYS


def test_it_stands_in_mid_course_and_another_is_drafted(shared_sample):
    with shared_sample.reading() as session:
        query = (
            sa.select(Controller.code, Case.known)
            .join(Matter, Matter.id == Case.matter_id)
            .join(Controller, Controller.id == Matter.controller_id)
        )
        states = {
            code: rules.standing(cases.known_of(known), date(2026, 5, 19)).state
            for code, known in session.execute(query)
        }
        phases = session.scalars(sa.select(Announcement.phase).order_by(Announcement.code)).all()
    assert states["SAINTE-FLORE"] is State.AWAITING_RECEIPT
    assert states["VILLE-MONTVAL"] is State.PROVISIONAL
    assert states["UNIV-CLAIRMONT"] is State.HELD
    assert states["EM-RHINBOURG"] is State.OPEN
    assert phases == [Phase.ANNOUNCED, Phase.DRAFT]
