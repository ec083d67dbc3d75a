"""Something of everything that instructions and assistance know, for tests that look at pages."""

from datetime import date

from registers.assistance import commitments, dossiers, duties, instructions
from registers.assistance.commitments import Said as Undertaken
from registers.assistance.instructions import Word
from registers.assistance.models import Member
from registers.assistance.vocabulary import CommitmentKind, Step
from registers.notices.models import Dispatch, Notice
from registers.notices.operations import Result, record_results
from registers.sample import assisting
from tests.announcements.telling import rows
from tests.assistance.duty_hands import DPO, SECRET
from tests.assistance.duty_hands import recorded as duty_recorded
from tests.assistance.hands import GIVEN, LAWYER, TODAY, contested, given

PDF = b"%PDF-1.7 document"


def recorded(database):
    """The sample's, each with a document; and an instruction of which all that can be was done."""
    with database.acting(LAWYER) as act:
        assisting.load(act)
    shelves = (
        *(dossiers.ASSISTANCE, dossiers.INTERVENTIONS, dossiers.STAFF),
        dossiers.CERTIFICATES,
    )
    for shelf in shelves:
        heads = rows(database, shelf.head)
        with database.acting(LAWYER) as act:
            for head in heads:
                dossiers.attach(act, shelf, head.id, "Document", PDF)
    people = rows(database, Member)
    with database.acting(LAWYER) as act:
        for head in people:
            said = Undertaken(CommitmentKind.TRAINING, "Cours", TODAY, 24, "", PDF)
            commitments.commit(act, head.id, said)
    duty = duty_recorded(database)
    with database.acting(DPO) as act:
        duties.attach(act, duty.id, "Demande", PDF)
        duties.plan(act, duty.id, date(2026, 12, 9), "Reporté", TODAY)
    duty_recorded(database, SECRET, ("SAINTE-FLORE",))
    row = given(database, said=GIVEN._replace(content=PDF))
    contested(database, row)
    (notice,) = rows(database, Notice, Notice.kind == "instruction")
    (way,) = rows(database, Dispatch, Dispatch.notice_id == notice.id, Dispatch.channel == "email")
    with database.acting(LAWYER) as act:
        record_results(act, [Result(way.id, False, "550")])
    with database.acting(LAWYER) as act:
        word = Word(TODAY, "Nous la maintenons.", "Odile Chabrol")
        instructions.answer(act, row.id, Step.MAINTAINED, word)
    return row
