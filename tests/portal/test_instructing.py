"""Instructions on the portal: given with a code, contested by a notice, answered by its link."""

import io
import uuid

import pytest

from registers.assistance import instructions
from registers.assistance.models import Instruction, InstructionStep
from registers.assistance.vocabulary import Scope, Step, Way
from registers.kernel.errors import Forbidden, Invalid, NotFound
from registers.notices.models import Receipt
from registers.notices.vocabulary import Evidence
from registers.portal import instructing
from registers.portal.operations import By
from tests.announcements.telling import rows
from tests.assistance.hands import (
    GIVEN,
    LAWYER,
    PROVISION,
    WHY,
    contested,
    contract_of,
    controller_of,
    given,
)
from tests.portal.hands import (
    Visitor,
    contact,
    linked,
    linked_on,
    notice_of,
    sent,
    share_contact,
    told,
)
from tests.registers import entries

BY = By("Odile Chabrol", "Maire")
PDF = b"%PDF-1.7 instruction"
ASKED = {"scope": Scope.OPERATION, "says": "Ne plus transmettre la liste."}


@pytest.fixture
def link(sample, clock):
    """The link of a notice about sub-processors, to one controller."""
    told(sample, clock)
    return linked(sample, notice_of(sample, "BEAUCHENE"))[0]


def give(database, link, contract, **more):
    with database.acting(contact(link)) as act:
        return instructing.give(act, link.id, contract.id, BY, **{**ASKED, **more})


def opened(database, link):
    with database.reading() as session:
        return instructing.opened(session, link.id, database.now())


def test_any_link_opens_the_contracts_of_its_controllers_only(sample, link):
    seen = opened(sample, link)
    assert {owner.code for _, owner in seen.contracts} == {"BEAUCHENE"}
    row = give(sample, link, contract_of(sample, "BEAUCHENE"), content=PDF)
    assert (row.way, row.by_name, row.author) == (Way.PORTAL, BY.name, f"contact:{link.id}")
    assert row.proof_sha256
    for code in ("SAINTE-FLORE", "UNIV-CLAIRMONT"):
        with pytest.raises(NotFound):
            give(sample, link, contract_of(sample, code))
    assert [each.row.id for each in opened(sample, link).given] == [row.id]


def test_nothing_of_another_controller_is_read_or_answered(sample, link):
    other = given(sample, "SAINTE-FLORE")
    contested(sample, other)
    assert opened(sample, link).given == ()
    with pytest.raises(NotFound), sample.acting(contact(link)) as act:
        instructing.answer(act, link.id, other.id, Step.WITHDRAWN, BY)
    with pytest.raises(NotFound):
        give(sample, link, contract_of(sample, "BEAUCHENE"), replaces=other.id)


def test_somebody_elses_link_and_nobodys_name_are_refused(sample, link):
    contract = contract_of(sample, "BEAUCHENE")
    with pytest.raises(NotFound), sample.acting(contact(link)) as act:
        instructing.give(act, uuid.uuid4(), contract.id, BY, **ASKED)
    with pytest.raises(Forbidden), sample.acting(LAWYER) as act:
        instructions.give(act, contract.id, GIVEN._replace(way=Way.PORTAL))
    with pytest.raises(Invalid) as refused, sample.acting(contact(link)) as act:
        instructing.give(act, link.id, contract.id, By(" ", "Maire"), **ASKED)
    assert refused.value.field == "by_name"
    with pytest.raises(Forbidden), sample.acting(contact(link)) as act:
        instructions.accept(act, uuid.uuid4(), instructions.Word(GIVEN.given_on))


def test_an_answer_proves_the_receipt_of_the_notice(sample, link):
    row = give(sample, link, contract_of(sample, "BEAUCHENE"))
    contested(sample, row)
    own = linked(sample, notice_of(sample, "BEAUCHENE", "instruction"))[0]
    seen = opened(sample, own)
    assert seen.contested.row.id == row.id
    with sample.acting(contact(own)) as act:
        instructing.answer(act, own.id, row.id, Step.MAINTAINED, BY, says="Base légale : …")
    (receipt,) = rows(sample, Receipt)
    assert (receipt.evidence, receipt.by_name) == (Evidence.PORTAL, BY.name)
    with sample.acting(contact(own)) as act:
        instructing.answer(act, own.id, row.id, Step.WITHDRAWN, BY)
    assert len(rows(sample, Receipt)) == 1
    steps = sorted(rows(sample, InstructionStep), key=lambda each: each.number)
    assert [each.step for each in steps] == [Step.CONTESTED, Step.MAINTAINED, Step.WITHDRAWN]
    assert steps[1].author == f"contact:{own.id}"


def test_one_contact_of_several_controllers_chooses_the_contract(sample, clock):
    share_contact(sample, "CA-ANNELAC", "SAINTE-FLORE")
    told(sample, clock)
    link = linked(sample, notice_of(sample, "SAINTE-FLORE"))[0]
    seen = opened(sample, link)
    assert {owner.code for _, owner in seen.contracts} == {"CA-ANNELAC", "SAINTE-FLORE"}
    row = give(sample, link, contract_of(sample, "SAINTE-FLORE"))
    assert row.controller_id == controller_of(sample, "SAINTE-FLORE").id


def test_from_the_link_to_the_withdrawal(sample_site, clock):
    database = sample_site.house.database
    told(database, clock)
    sent(sample_site)
    guest = Visitor(sample_site, linked_on(sample_site, "BEAUCHENE"), language="en")
    assert f"{guest.home}/instructions" in guest.get().text
    assert "None was given beside the contract." in guest.read("/instructions")
    contract = contract_of(database, "BEAUCHENE")
    fields = {"contract": str(contract.id), "scope": "operation", "says": "Tout envoyer."}
    assert guest.post("/instructions/give", **fields, code="000000").status_code == 422
    assert rows(database, Instruction) == []
    document = (io.BytesIO(PDF), "instruction.pdf")
    clock.forward(minutes=1)
    done = guest.answer("/instructions/give", **fields, document=document)
    assert done.status_code == 303, done.text
    text = guest.read("/instructions")
    for words in ("IN-2026-0001", "Tout envoyer.", "received", "Odile Chabrol, Maire"):
        assert words in text
    (row,) = rows(database, Instruction)
    contested(database, row)
    messages = dict(sent(sample_site))
    plain = messages["notifications@beauchene.example"].get_body(("plain",)).get_content()
    for words in ("IN-2026-0001", "Tout envoyer.", PROVISION):
        assert words in plain
    assert WHY in guest.read("/instructions")

    own = Visitor(sample_site, linked_on(sample_site, "BEAUCHENE", "instruction"), language="en")
    assert own.home.endswith("/instruction")
    base = own.home.removesuffix("/instruction")
    own.home = base
    text = own.read("/instruction")
    for words in (PROVISION, WHY, "Tout envoyer.", "Withdraw or maintain it"):
        assert words in text
    paper = own.get("/instruction/paper.pdf")
    assert paper.data.startswith(b"%PDF")
    for page in ("", "/contracts", "/object", "/breach"):
        assert own.get(page).status_code == 404, page
    assert guest.get("/instruction").status_code == 404
    assert guest.get("/instruction/paper.pdf").status_code == 404
    clock.forward(minutes=1)
    done = own.answer(f"/instructions/{row.id}/answer", step="withdrawn", says="Soit.")
    assert done.status_code == 303, done.text
    assert "withdrawn" in own.read("/instructions")
    assert "was withdrawn" in own.read("/instruction")
    assert len(entries(database, "notice.received")) == 1
