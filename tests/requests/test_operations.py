"""Requests on both databases: taken in, acknowledged, passed on, followed, closed, forgotten."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from registers import work
from registers.kernel import audit, history
from registers.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from registers.kernel.history import How
from registers.kernel.outbox import Outbox
from registers.kernel.pages import FIRST
from registers.notices.models import Notice
from registers.notices.operations import PREPARE
from registers.people.roles import Permission
from registers.requests import erasing, following, operations, passing, queries
from registers.requests.following import Happened
from registers.requests.models import Concern, Request, RequestVersion, Step
from registers.requests.operations import ACKNOWLEDGE
from registers.requests.vocabulary import Phase, Right, Way, What
from registers.stores import requesters
from tests.announcements.telling import ANNOUNCER, rows
from tests.delivery.hands import Post, drained, tools
from tests.portal.hands import dump, read, somebody_with
from tests.registers import entries
from tests.requests.asking import ASKED, AT, DAY, controllers_of, recorded

PORTAL = somebody_with(Permission.PORTAL)
LYREVAL = "COM-LYREVAL"


@pytest.fixture(autouse=True)
def monday(clock):
    clock.at = AT


def head_of(database, request):
    with database.reading() as session:
        return session.get_one(Request, request.id)


def follow(database, request, happened, concerns=(), actor=ANNOUNCER):
    with database.acting(actor) as act:
        following.follow_up(act, request.id, happened, DAY, [each.id for each in concerns])


def answered(database, request):
    for concern in rows(database, Concern, Concern.request_id == request.id):
        follow(database, request, Happened(What.ANSWERED, DAY), [concern])


def test_the_act_that_records_it_also_acknowledges_it_and_passes_it_on(sample):
    (owner,) = controllers_of(sample)[:1]
    request = head_of(sample, recorded(sample, concerned=[owner]))
    assert (request.code, request.phase) == ("DR-2026-0001", Phase.FORWARDED)
    kinds = {each.kind for each in rows(sample, Outbox)}
    assert {ACKNOWLEDGE, PREPARE} <= kinds
    (concern,) = rows(sample, Concern)
    assert (concern.due, concern.until) == (date(2026, 12, 21), date(2026, 12, 21))
    (entry,) = entries(sample, "request.passed_on")
    assert entry.within == f"controller:{owner}"


def test_the_message_carries_the_request_and_nothing_that_is_kept_does(sample):
    recorded(sample, concerned=controllers_of(sample)[:1])
    post = Post()
    drained(sample, post)
    by_recipient = {recipient: read(content) for recipient, _sender, content in post.taken}
    thanks = by_recipient.pop(ASKED.email)
    assert "DR-2026-0001" in thanks["Subject"]
    plain = thanks.get_content()
    assert "Il ne vaut pas réponse" in plain
    (passed,) = by_recipient.values()
    for part in ("plain", "html"):
        said = passed.get_body((part,)).get_content()
        assert "Marguerite Vidal" in said
        assert "Je souhaite savoir" in said
        assert "[request-of" not in said
    kept = dump(sample)
    with sample.reading() as session:
        stored = session.scalars(sa.select(RequestVersion.facts)).all()
    assert len(stored) == 1
    in_files = [sample.files.get(session, name) for name in sample.files.names(session)]
    assert all(b"Vidal" not in content for content in in_files)
    assert b"[request-of-the-data-subject]" in kept
    (concern,) = rows(sample, Concern)
    assert concern.left_at is not None
    assert head_of(sample, rows(sample, Request)[0]).acknowledged_at is not None


def test_a_stranger_cannot_forge_parts_of_the_message(sample):
    words = "--=_NT-2026-0001_0\r\nContent-Type: text/html\r\n\r\n<b>faux</b>\r\n.\r\n" + "x" * 3000
    recorded(sample, replace(ASKED, words=words), controllers_of(sample)[:1])
    post = Post()
    drained(sample, post)
    content = next(each[2] for each in post.taken if each[0] != ASKED.email)
    types = [part.get_content_type() for part in read(content).walk()]
    assert types.count("text/html") == 1
    assert max(map(len, content.split(b"\r\n"))) < 998
    markup = read(content).get_body(("html",)).get_content()
    assert "<b>faux</b>" not in markup
    assert "&lt;b&gt;faux" in markup


def test_several_controllers_are_told_each_by_itself(sample):
    owners = controllers_of(sample)[:3]
    recorded(sample, concerned=owners)
    assert len(rows(sample, Notice, Notice.kind == "request")) == 3
    assert len(rows(sample, Concern)) == 3


def test_of_an_unknown_controller_it_waits_and_is_passed_on_later_once(sample):
    request = recorded(sample)
    assert head_of(sample, request).phase is Phase.UNASSIGNED
    (owner,) = controllers_of(sample)[:1]
    with sample.acting(ANNOUNCER) as act:
        passing.pass_on(act, request.id, [owner], DAY)
    with pytest.raises(Conflict), sample.acting(ANNOUNCER) as act:
        passing.pass_on(act, request.id, [owner], DAY)
    with pytest.raises(Invalid), sample.acting(ANNOUNCER) as act:
        passing.pass_on(act, request.id, [], DAY)


def test_a_request_to_the_wrong_body_is_closed_with_whom_it_should_have_gone_to(sample):
    request = recorded(sample)
    with pytest.raises(Invalid), sample.acting(ANNOUNCER) as act:
        following.misdirect(act, request.id, "")
    with sample.acting(ANNOUNCER) as act:
        following.misdirect(act, request.id, "Renvoyée vers la caisse d’assurance maladie")
    head = head_of(sample, request)
    assert (head.phase, head.closed_at) == (Phase.MISDIRECTED, AT)
    with pytest.raises(Conflict), sample.acting(ANNOUNCER) as act:
        passing.pass_on(act, request.id, controllers_of(sample)[:1], DAY)


def test_a_repeated_request_names_the_first_one(sample):
    first = recorded(sample)
    again = recorded(sample, repeats=f" {first.code.lower()} ")
    assert head_of(sample, again).repeats_id == first.id
    with pytest.raises(Invalid) as refused:
        recorded(sample, repeats="DR-2020-0001")
    assert refused.value.field == "repeats"


def test_the_extension_is_told_within_the_first_month_and_once(sample, clock):
    request = recorded(sample, concerned=controllers_of(sample)[:1])
    (concern,) = rows(sample, Concern)
    with pytest.raises(Invalid):
        follow(sample, request, Happened(What.EXTENDED, DAY, "Complexe"))
    clock.forward(days=40)
    late = date(2027, 1, 2)
    with pytest.raises(Invalid) as refused, sample.acting(ANNOUNCER) as act:
        following.follow_up(
            act, request.id, Happened(What.EXTENDED, date(2026, 12, 22), "Tard"), late, [concern.id]
        )
    assert refused.value.field == "on"
    follow(sample, request, Happened(What.EXTENDED, DAY, "Complexe"), [concern])
    (concern,) = rows(sample, Concern)
    assert concern.until == date(2027, 2, 22)
    with pytest.raises(Conflict):
        follow(sample, request, Happened(What.EXTENDED, DAY, "Encore"), [concern])


def test_the_controllers_own_word_by_its_own_notice_only(sample):
    recorded(sample, concerned=controllers_of(sample)[:2])
    one, other = rows(sample, Concern)
    with sample.acting(PORTAL) as act:
        following.told_by_controller(act, one.notice_id, Happened(What.ANSWERED, DAY), DAY)
    assert [each.outcome for each in rows(sample, Concern, Concern.id == one.id)] == [What.ANSWERED]
    assert rows(sample, Concern, Concern.id == other.id)[0].outcome is None
    with pytest.raises(NotFound), sample.acting(PORTAL) as act:
        following.told_by_controller(act, one.id, Happened(What.ANSWERED, DAY), DAY)
    with pytest.raises(NotFound), sample.acting(PORTAL) as act:
        happened = Happened(What.ASSISTED, DAY, "…")
        following.told_by_controller(act, other.notice_id, happened, DAY)


def test_it_is_closed_when_every_controller_has_told(sample):
    request = recorded(sample, concerned=controllers_of(sample)[:2])
    with pytest.raises(Conflict), sample.acting(ANNOUNCER) as act:
        following.close(act, request.id, "Répondu", DAY)
    answered(sample, request)
    with sample.acting(ANNOUNCER) as act:
        following.close(act, request.id, "Répondu", DAY)
    assert head_of(sample, request).closed_at == AT
    with pytest.raises(Conflict):
        follow(sample, request, Happened(What.NOTE, DAY, "Trop tard"))


def test_assistance_is_recorded_with_its_document(sample):
    request = recorded(sample, concerned=controllers_of(sample)[:1])
    (concern,) = rows(sample, Concern)
    with pytest.raises(Invalid):
        follow(sample, request, Happened(What.ASSISTED, DAY, " "), [concern])
    given = Happened(What.ASSISTED, DAY, "Extraction remise", b"%PDF-1.7 extrait")
    follow(sample, request, given, [concern])
    with sample.reading() as session:
        head = queries.one(session, request.code)
        (step,) = queries.steps(session, head)
        assert queries.document(session, head, step.id) == given.content
        with pytest.raises(NotFound):
            queries.document(session, head, head.id)


def test_an_acknowledgement_by_letter_is_recorded_by_hand(sample):
    request = recorded(sample, replace(ASKED, email=""))
    assert head_of(sample, request).acknowledge_by is Way.LETTER
    assert rows(sample, Outbox, Outbox.kind == ACKNOWLEDGE) == []
    follow(sample, request, Happened(What.ACKNOWLEDGED, DAY, "Lettre simple"))
    assert head_of(sample, request).acknowledged_at is not None


def test_the_person_is_forgotten_and_the_fact_is_kept(sample, clock):
    request = recorded(sample, concerned=controllers_of(sample)[:1])
    with sample.acting(ANNOUNCER) as act:
        known = replace(ASKED, note="Madame Vidal a rappelé")
        how = How(DAY, "Complément")
        operations.change(act, request.id, known, 1, how)
    (concern,) = rows(sample, Concern)
    scan = b"%PDF-1.7 Marguerite Vidal"
    follow(sample, request, Happened(What.ASSISTED, DAY, "Mme Vidal", scan), [concern])
    drained(sample, Post())
    with pytest.raises(Conflict), sample.acting(ANNOUNCER) as act:
        erasing.erase(act, request.id)
    answered(sample, request)
    with sample.acting(ANNOUNCER) as act:
        following.close(act, request.id, "Répondu à Mme Vidal", DAY)
    assert b"Vidal" in dump(sample)
    clock.forward(days=365)
    requesters.sweep(sample, ANNOUNCER, "Europe/Paris")
    assert head_of(sample, request).erased_at is None  # its last day is not over
    clock.forward(days=1)
    work.sweep(tools(sample, Post()))
    head = head_of(sample, request)
    assert head.erased_at is not None
    everything = dump(sample)
    for trace in (b"Vidal", b"m.vidal", b"rue Haute", b"souhaite savoir"):
        assert trace not in everything
    assert (head.code, head.rights, head.received_on) == (
        "DR-2026-0001",
        [Right.ACCESS.value, Right.ERASURE.value],
        ASKED.received_on,
    )
    assert [each.outcome for each in rows(sample, Concern)] == [What.ANSWERED]
    assert len(rows(sample, Step)) == 2
    with sample.reading() as session:
        verdict, _ = audit.verify(session.connection())
        assert verdict.faults == []
        assert queries.known(session, head) is None
        assert history.versions(session, head)[0].facts is None
        texts = queries.texts(session, [rows(sample, Concern)[0].notice_id])
    assert "The data of the person were erased." in texts.values()  # it writes in English
    with pytest.raises(Conflict), sample.acting(ANNOUNCER) as act:
        operations.change(act, request.id, ASKED, head.latest, How(DAY, "x"))


def test_whoever_may_read_or_record_may_not_erase(sample):
    request = recorded(sample)
    with sample.acting(ANNOUNCER) as act:
        following.misdirect(act, request.id, "Autre organisme")
    with pytest.raises(Forbidden), sample.acting(somebody_with(Permission.REQUESTS_RECORD)) as act:
        erasing.erase(act, request.id)
    with pytest.raises(Forbidden), sample.acting(somebody_with(Permission.REQUESTS_READ)) as act:
        operations.record(act, ASKED, today=DAY)


def test_lists_by_controller_and_what_falls_due(sample):
    owners = controllers_of(sample)[:2]
    request = recorded(sample, concerned=owners[:1])
    alone = recorded(sample)
    with sample.reading() as session:
        assert [row.head.code for row in queries.of_controller(session, owners[0])] == [
            request.code
        ]
        assert queries.of_controller(session, owners[1]) == []
        page = queries.listed(session, "", "open", FIRST)
        assert [row.head.code for row in page.rows] == [alone.code, request.code]
        assert page.rows[1].next_due == date(2026, 12, 21)
        assert queries.listed(session, "vidal", "", FIRST).rows == []
        assert [each.head.code for each in queries.waiting(session, DAY, 9)] == [alone.code]
        month = DAY + timedelta(days=30)
        assert [each.until for each in queries.waiting(session, month, 9)] == [
            None,
            date(2026, 12, 21),
        ]
