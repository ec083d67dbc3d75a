"""What a paper cannot do without: every demanded fact, taken away, is told and marked."""

import pytest
from msgspec.structs import replace

from registers.annexes.gaps import Incomplete, Where
from registers.annexes.kinds import KINDS
from registers.annexes.shapes import Processed
from registers.controllers.facts import Service
from registers.controllers.vocabulary import ContactRole
from registers.kernel.errors import Invalid
from registers.kernel.showing import TO_COMPLETE
from registers.subprocessors.facts import Mechanism
from tests.annexes.contracts import ACTIVITY, FULL, TRANSFER, altered
from tests.registers import TODAY

WITHOUT = {
    "organisation": {
        **{name: altered("organisation", **{name: ""}) for name in ("address", "city")},
        "contact person": altered("organisation", dpo_name=""),
    },
    "controller": {
        **{name: altered("controller", **{name: ""}) for name in ("address", "city")},
        "only mailboxes": replace(
            FULL,
            persons=(replace(FULL.persons[0], name="x@y.example", email="x@y.example"),),
        ),
        "no contact": replace(FULL, persons=()),
        "not reached": replace(FULL, persons=(replace(FULL.persons[0], email=""),)),
    },
    "signature": {"signed_on": altered("contract", signed_on=None)},
    "contract": {
        **{name: altered("contract", **{name: None}) for name in ("ends_on",)},
        "services": replace(altered("contract", services=()), activities=()),
    },
    "subject-matter": {"summary": altered("activities", 0, summary="")},
    "activity": {
        name: altered("activities", 0, **{name: ()})
        for name in ("operations", "purposes", "data_subjects", "data")
    },
    "sensitive": {
        "safeguards": altered(
            "activities", 0, data=(replace(ACTIVITY.data[1], safeguards=""), ACTIVITY.data[0])
        )
    },
    "use": {
        "processing": altered("subprocessors", 0, processing=""),
        "contract_starts_on": altered("subprocessors", 0, contract_starts_on=None),
    },
    "measures": {"description": altered("measures", 0, description="")},
    "help": {
        "18": altered("measures", 3, headings=("1",)),
        "19": altered("measures", 4, headings=("1",)),
    },
    "subprocessors": {
        name: altered("subprocessors", 1, **{name: ""})
        for name in ("address", "city", "contact_name", "contact_email", "processing")
    }
    | {"delimitation": altered("subprocessors", 1, delimitation="")},
    "transfer": {
        "mechanism": altered(
            "activities", 0, transfers=(replace(TRANSFER, mechanism=Mechanism.UNKNOWN),)
        ),
        "frequency": altered("activities", 0, transfers=(replace(TRANSFER, frequency=None),)),
        "recipient": altered("activities", 0, transfers=(replace(TRANSFER, recipient="?"),)),
        "importer": altered("subprocessors", 0, contact_name=""),
        "retention": altered("activities", 0, retention=()),
        "onward": altered("subprocessors", 2, processing=""),
    },
    "families": {
        family: replace(FULL, measures=(*FULL.measures[:place], *FULL.measures[place + 1 :]))
        for place, family in enumerate(
            ("physical", "organisational", "logical", "flows", "control")
        )
    },
}
DEMANDED = {
    "clauses_915_i": ("organisation", "controller", "signature"),
    "clauses_915_ii": ("contract", "subject-matter", "activity", "sensitive", "use"),
    "clauses_915_iii": ("sensitive", "measures", "help"),
    "clauses_915_iv": ("subprocessors",),
    "clauses_915": (
        *("organisation", "controller", "signature", "contract", "subject-matter", "activity"),
        *("sensitive", "use", "measures", "help", "subprocessors"),
    ),
    "clauses_914": ("organisation", "activity", "sensitive", "measures", "help", "transfer"),
    "security": ("measures", "families"),
}
TRIED = [
    (name, group, fact) for name, groups in DEMANDED.items() for group in groups
    for fact in WITHOUT[group]
]  # fmt: skip


@pytest.mark.parametrize(("name", "group", "fact"), TRIED)
def test_a_demanded_fact_that_is_missing_is_told_and_marked(name, group, fact):
    kind = KINDS[name]
    snapshot = kind.of(WITHOUT[group][fact])
    gaps = kind.missing(snapshot)
    assert gaps, "nothing is told"
    assert str(TO_COMPLETE) in "\n".join(kind.paper(snapshot, "en").texts())
    assert all(str(gap.field) and str(gap.of) for gap in gaps)


@pytest.mark.parametrize(
    ("group", "fact", "where", "key"),
    [
        ("organisation", "address", Where.ORGANISATION, ""),
        ("controller", "city", Where.CONTROLLER, "NASBINALS"),
        ("controller", "no contact", Where.CONTACTS, "NASBINALS"),
        ("signature", "signed_on", Where.CONTRACT, str(FULL.contract_id)),
        ("activity", "data", Where.ACTIVITY, "P6"),
        ("subprocessors", "city", Where.SUBPROCESSOR, "PAPIER"),
        ("measures", "description", Where.MEASURE, "M-1"),
        ("help", "18", Where.MEASURES, ""),
    ],
)
def test_each_gap_says_where_it_is_completed(group, fact, where, key):
    (gap,) = KINDS["clauses_915"].missing(WITHOUT[group][fact])
    assert (gap.place.where, gap.place.key) == (where, key)


def test_the_same_gap_is_told_once():
    kind = KINDS["clauses_915"]
    snapshot = WITHOUT["subprocessors"]["processing"]  # annexes II and IV both ask for it
    assert len(kind.missing(snapshot)) == 1


def test_an_activity_that_was_never_validated_is_missing():
    services = (*FULL.contract.known.services, Service(code="P9"))
    (gap,) = KINDS["clauses_915_ii"].missing(altered("contract", services=services))
    assert (gap.of, gap.place.key) == ("P9", "P9")


def test_without_personal_data_only_the_statement_is_asked():
    known = type(ACTIVITY)(
        name="Supervision", summary="x", operations=("y",), no_personal_data=True
    )
    processed = Processed(code="P6", version=1, since=TODAY, taken_over=False, known=known)
    kind = KINDS["clauses_915_ii"]
    snapshot = replace(FULL, activities=(processed,))
    assert kind.missing(snapshot) == []
    assert "No personal data are processed\nYes" in "\n".join(kind.paper(snapshot, "en").texts())


@pytest.mark.parametrize(
    ("role", "name"),
    [
        (ContactRole.REFERENT, "Rose Vidal"),
        (ContactRole.DPO, "Ana Roux"),
    ],
)
def test_the_contact_person_is_the_first_that_has_a_name(role, name):
    persons = tuple(person for person in FULL.persons if person.role is role)
    mailbox = replace(
        FULL.persons[0], role=ContactRole.NOTICE, name="a@b.example", email="a@b.example"
    )
    kind = KINDS["clauses_915_i"]
    paper = kind.paper(replace(FULL, persons=(mailbox, *persons)), "en")
    assert f"Contact person: name, position and contact details\n{name}" in "\n".join(paper.texts())


@pytest.mark.parametrize(
    "transfers", [(), (replace(TRANSFER, mechanism=Mechanism.ADEQUACY),)], ids=["none", "adequacy"]
)
def test_without_a_transfer_under_the_clauses_their_annexes_have_no_object(transfers):
    kind = KINDS["clauses_914"]
    with pytest.raises(Invalid, match="without object"):
        kind.require_object(altered("activities", 0, transfers=transfers))
    kind.require_object(FULL)


def test_a_sub_processor_that_exports_is_an_importer_too():
    own = replace(TRANSFER, recipient="")
    found = altered("activities", 0, transfers=())
    engaged = replace(found.subprocessors[1].known, transfers=(own,))
    found = replace(
        found,
        subprocessors=(
            found.subprocessors[0],
            replace(found.subprocessors[1], known=engaged),
            found.subprocessors[2],
        ),
    )
    kind = KINDS["clauses_914"]
    kind.require_object(found)
    assert kind.missing(found) == []
    told = "\n".join(kind.paper(found, "en").texts())
    assert "Data importer\nName\nPapier SA" in told
    assert "Suite Inc." not in told


def test_the_error_lists_what_is_missing():
    gaps = KINDS["clauses_915"].missing(WITHOUT["organisation"]["address"])
    error = Incomplete(gaps)
    assert str(error) == (
        "This paper cannot be sealed: one fact that it must state is missing. "
        "Éditions du Ponant: Address"
    )
    assert error.gaps == tuple(gaps)
