"""A certificate of erasure reaches the controller: by its link, or by post; once, on a word."""

import email
import email.policy
from datetime import date

import pytest
from msgspec.structs import replace

from registers.annexes import making
from registers.annexes import queries as annexes
from registers.annexes.kinds import KINDS
from registers.annexes.making import Order, Press
from registers.annexes.subjects import of_erasure
from registers.controllers import operations as parties
from registers.controllers.models import Contact, Controller
from registers.controllers.vocabulary import Channel, EndChoice
from registers.delivery import certificates
from registers.kernel import history
from registers.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from registers.kernel.history import How
from registers.notices.models import Dispatch, Matter, Notice
from registers.notices.transport import is_fictional
from registers.notices.vocabulary import NoticeKind
from registers.people.roles import Role
from registers.press.verify import verify
from registers.retention import erasing, operations, queries
from registers.retention.models import Ending, Erasure
from registers.retention.operations import Said
from registers.sample.loading import load_register
from tests.annexes.papers import KEY, PRESSED
from tests.delivery.hands import Post, drained
from tests.press.reading import words
from tests.registers import EVERYTHING, entries
from tests.retention.ended import (
    ALIX,
    cases,
    confirmed,
    controller,
    end_contract,
    head_of,
    of_activity,
    release_contacts,
    replace_permissions,
    rows,
    stated,
)

DAY = date(2026, 11, 22)
CONTRACT = "MTV-2024-31"


@pytest.fixture
def sample(database, acting):
    """The fictional parties and their register."""
    load_register(acting)
    return database


def erased(database, code="P2"):
    """An erasure that two persons attest, of an activity of an ended contract."""
    head = end_contract(database, CONTRACT, date(2026, 10, 31))
    erasure = stated(database, of_activity(cases(database), code))
    confirmed(database, erasure)
    return head, erasure


def certified(database, erasure, contract_id, day=DAY):
    """The number of a certificate that was sealed."""
    press = Press(database, EVERYTHING, PRESSED, KEY, "Europe/Paris")
    subject = of_erasure(erasure.id, erasure.controller_id, contract_id)
    (made,) = making.make_all(press, Order(KINDS["erasure_certificate"], [subject], day))
    return made.number


def sent(database, erasure, number, actor=ALIX):
    with database.acting(actor) as act:
        return certificates.send(act, erasure.id, number, DAY)


def messages(database):
    post = Post()
    drained(database, post)
    return [
        (recipient, email.message_from_bytes(content, policy=email.policy.default))
        for recipient, _sender, content in post.taken
    ]


def test_confirming_sends_nothing_and_sending_tells_the_controller(sample):
    head, erasure = erased(sample)
    assert rows(sample, Notice) == []
    with sample.reading() as session:
        assert [each.code for each, _owner in queries.to_certify(session, 9)] == [erasure.code]
    number = certified(sample, erasure, head.id)
    written = sent(sample, erasure, number)
    (notice,) = rows(sample, Notice)
    assert (notice.kind, notice.id) == (NoticeKind.ERASURE, written.id)
    assert notice.told["certificate"] == number
    (matter,) = rows(sample, Matter)
    assert (matter.controller_id, matter.contract_id) == (head.controller_id, head.id)
    written_entry, told = entries(sample, "notice.written", "erasure.certified")
    assert written_entry.act == told.act
    with sample.reading() as session:
        assert queries.to_certify(session, 9) == []
        assert certificates.sent_to(session, head.controller_id) == [number]
        assert certificates.sent_to(session, erasure.id) == []
    assert head_of(sample, Erasure, id=erasure.id).told_at is not None


def read(content, tmp_path):
    return " ".join("\n".join(words(content, tmp_path / "paper.pdf")).split())


def test_the_message_carries_the_letter_and_a_link_to_the_certificate(sample, tmp_path):
    head, erasure = erased(sample)
    number = certified(sample, erasure, head.id)
    sent(sample, erasure, number)
    ((recipient, message),) = messages(sample)
    assert recipient.endswith(".example")
    plain = message.get_body(("plain",)).get_content()
    assert "Certificat" in message["Subject"]
    assert number in plain
    assert "/n/" in plain
    (paper,) = [part.get_content() for part in message.iter_attachments()]
    verdict = verify(paper)
    assert (verdict.sound, verdict.snapshot.matches) == (True, True)
    said = read(paper, tmp_path)
    assert number in said
    assert "lien personnel" in said
    (way,) = rows(sample, Dispatch)
    assert (way.channel, way.state.value) == (Channel.EMAIL, "sent")


def test_without_an_address_it_goes_by_post_with_the_certificate_enclosed(sample, tmp_path):
    head, erasure = erased(sample)
    release_contacts(sample, "VILLE-MONTVAL")
    sent(sample, erasure, certified(sample, erasure, head.id))
    assert messages(sample) == []
    (way,) = rows(sample, Dispatch)
    assert way.channel is Channel.REGISTERED_LETTER
    with sample.reading() as session:
        (found,) = certificates.ways(session, erasure)
        _number, digest = annexes.paper(session, found.row.annex_id)
        said = read(sample.files.get(session, digest), tmp_path)
    assert "Le certificat signé est joint" in said


def test_each_certificate_is_sent_once_and_a_newer_one_takes_its_place(sample):
    head = end_contract(sample, "CA-AL_CM_TT-WD", date(2026, 10, 31))
    (ending,) = rows(sample, Ending)
    with sample.acting(ALIX) as act:
        operations.choose(act, ending.id, EndChoice.ERASE, date(2026, 11, 3), Said())
    erasure = stated(sample, of_activity(cases(sample), "P4"), visa="AD74-118")
    confirmed(sample, erasure)
    first = certified(sample, erasure, head.id)
    sent(sample, erasure, first)
    with pytest.raises(Conflict, match="sent already"):
        sent(sample, erasure, first)
    for code in ("OVH", "SCALEWAY"):
        with sample.acting(ALIX) as act:
            erasing.confirm_chain(
                act, erasure.id, code, erased_on=date(2026, 11, 21), says="Oui", proof=None
            )
    later = certified(sample, erasure, head.id, date(2027, 6, 30))  # no copy in backups any more
    assert later != first
    with pytest.raises(Conflict, match="newer certificate"):
        sent(sample, erasure, first)
    sent(sample, erasure, later)
    with sample.reading() as session:
        found = certificates.told(session, erasure.id)
    assert list(found) == [first, later]
    assert [each.told["complete"] for each in found.values()] == [False, True]


def test_what_is_no_certificate_of_this_erasure_is_not_sent(sample):
    head, erasure = erased(sample)
    number = certified(sample, erasure, head.id)
    other = stated(sample, of_activity(cases(sample), "P1"))
    with pytest.raises(NotFound):
        sent(sample, erasure, "AN-2020-0001")
    with pytest.raises(NotFound):
        sent(sample, other, number)
    with pytest.raises(Forbidden):
        sent(sample, erasure, number, replace_permissions(Role.AUDITOR))


def test_data_of_our_own_are_certified_to_nobody(sample):
    head = end_contract(sample, "CA-AL_CM_TT-WD", date(2026, 10, 31))
    erasure = stated(sample, of_activity(cases(sample), "P1-PRO"))
    confirmed(sample, erasure)
    number = certified(sample, erasure, head.id)
    with pytest.raises(Invalid, match="nobody is to be told"):
        sent(sample, erasure, number)
    with sample.reading() as session:
        assert queries.to_certify(session, 9) == []


def test_a_trial_reaches_no_real_address(sample):
    head, erasure = erased(sample)
    number = certified(sample, erasure, head.id)
    owner = controller(sample, "VILLE-MONTVAL")
    with sample.reading() as session:
        to = certificates.reached(session, erasure, DAY)
    assert is_fictional(to.email)
    with sample.acting(ALIX) as act:
        known = history.latest(act.session, act.session.get(Controller, owner.id))
        link = next(
            each
            for each in known.contacts
            if f"contact:{each.contact}" == to.recipient
        )  # fmt: skip
        contact = act.session.get(Contact, link.contact)
        facts = history.latest(act.session, contact)
        parties.change_contact(
            act, contact.id, replace(facts, email="dpo@montval.fr"), contact.latest,
            How(date(2026, 11, 1), "Adresse réelle"),
        )  # fmt: skip
    with pytest.raises(Invalid, match="test identity"):
        sent(sample, erasure, number)
