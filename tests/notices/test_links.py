"""Links to notices: derived, kept as digests, alive as long as somebody may object."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from registers.announcements.models import Window
from registers.kernel.errors import Forbidden, NotFound
from registers.notices import links, receipts
from registers.notices.models import Matter, Notice, PortalLink
from registers.notices.receipts import Proof
from registers.notices.vocabulary import Evidence
from registers.people.roles import CONTACT, WORKER
from tests.announcements.telling import AT, COLLEAGUE, announced, rows
from tests.portal.hands import SECRET, somebody_with
from tests.registers import entries

SOON = AT + timedelta(days=30)


@pytest.fixture
def told(sample, clock):
    announced(sample, clock)
    return sample


def issued(database, notices, until=SOON, secret=SECRET):
    with database.acting(WORKER) as act:
        return links.issue(act, [notice.id for notice in notices], secret, until)


def opened(database, token, now=AT):
    with database.reading() as session:
        return links.opened(session, token, now)


def test_the_same_link_is_issued_however_often_it_is_asked_for(told):
    every = rows(told, Notice)
    first = issued(told, every)
    assert issued(told, every) == first
    assert len(set(first.values())) == len(every) == len(rows(told, PortalLink))
    assert all(len(token) == 43 for token in first.values())
    assert len(entries(told, "portal.link")) == len(every)
    assert {opened(told, token).notice_id for token in first.values()} == set(first)


def test_a_later_end_holds_and_an_earlier_one_does_not(told):
    (notice,) = rows(told, Notice)[:1]
    for until in (SOON, SOON + timedelta(days=9), SOON):
        token = issued(told, [notice], until)[notice.id]
    assert opened(told, token).expires_at == SOON + timedelta(days=9)
    assert len(entries(told, "portal.prolonged")) == 1


def test_unknown_expired_and_revoked_links_look_the_same(told, clock):
    notice, other = rows(told, Notice)[:2]
    token = issued(told, [notice, other])[notice.id]
    assert opened(told, token, SOON - timedelta(seconds=1))
    with told.acting(COLLEAGUE) as act:
        (mine,) = rows(told, PortalLink, PortalLink.notice_id == other.id)
        links.revoke(act, mine.id)
    revoked = links.token_of(SECRET, mine.id)
    for secret, now in ((token, SOON), (revoked, AT), ("nothing", AT), ("", AT)):
        with pytest.raises(NotFound) as refused:
            opened(told, secret, now)
        assert str(refused.value) == "There is nothing here under this address."
    again = issued(told, [other])[other.id]
    assert again != revoked
    assert opened(told, again).notice_id == other.id


def test_only_the_worker_issues_and_a_contact_revokes_nothing(told):
    (notice,) = rows(told, Notice)[:1]
    issued(told, [notice])
    (link,) = rows(told, PortalLink)
    with pytest.raises(Forbidden), told.acting(somebody_with(*CONTACT)) as act:
        links.issue(act, [notice.id], SECRET, SOON)
    with pytest.raises(Forbidden), told.acting(somebody_with(*CONTACT)) as act:
        links.revoke(act, link.id)


def test_links_that_went_out_open_after_a_restore_without_secrets(told):
    (notice,) = rows(told, Notice)[:1]
    old = issued(told, [notice])[notice.id]
    new = issued(told, [notice], secret=b"another" * 5)[notice.id]
    assert old != new
    assert opened(told, old).notice_id == opened(told, new).notice_id == notice.id


def test_a_link_outlives_the_window_of_its_notice_wherever_that_is(told, clock):
    issued(told, rows(told, Notice), AT + timedelta(days=1))
    matters = rows(told, Matter)
    clock.at = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)
    with told.acting(COLLEAGUE) as act:
        proof = Proof(Evidence.SIGNED, date(2026, 4, 1), "Vu.")
        receipts.receive(act, [matter.id for matter in matters], proof)
    expiry = {link.notice_id: link.expires_at for link in rows(told, PortalLink)}
    windows = {row.matter_id: row.closes_on for row in rows(told, Window)}
    for matter in matters:
        if matter.id in windows:
            last = windows[matter.id] + links.GRACE
            there = expiry[matter.notice_id].astimezone(ZoneInfo(matter.zone))
            assert there.date() > last


def test_a_window_shortens_no_link_and_revives_none(told):
    issued(told, rows(told, Notice), SOON)
    matters = [each.id for each in rows(told, Matter)]
    gone = [link.id for link in rows(told, PortalLink)][:2]
    for key, day in zip(gone, (date(2026, 4, 1), date(2028, 4, 1)), strict=True):
        before = {link.id: link.expires_at for link in rows(told, PortalLink)}
        with told.acting(COLLEAGUE) as act:
            links.revoke(act, key)
            links.keep_until(act, matters, day)
        after = {link.id: link.expires_at for link in rows(told, PortalLink)}
        alive = set(after) - set(gone[: gone.index(key) + 1])
        assert all((after[each] > before[each]) is (day.year == 2028) for each in alive)
        assert all(after[each] == SOON for each in gone[: gone.index(key) + 1])
