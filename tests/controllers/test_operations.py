"""What people do to the records of parties, on both databases."""

import uuid
from datetime import date

import pytest
from msgspec.structs import replace

from registers.controllers import operations, queries
from registers.controllers.facts import Contact, ContactLink, Service, Terms, TermsModel
from registers.controllers.models import (
    Contract,
    ContractService,
    Controller,
    ControllerContact,
    Organisation,
    Succession,
)
from registers.controllers.vocabulary import ContactKind, ContactRole
from registers.kernel import history
from registers.kernel.act import Actor
from registers.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from registers.kernel.pages import FIRST
from registers.people.roles import Permission
from tests.registers import EVERYTHING, TODAY, commune, contract, count, entries, publisher, since

MAILBOX = Contact(kind=ContactKind.MAILBOX, email="dpo@nasbinals.example")


def record(acting, code="NASBINALS", known=None, how=None):
    with acting() as act:
        return operations.record_controller(act, code, known or commune(), how or since(2026))


def agree(acting, controller, reference="C-1", how=None, **known):
    with acting() as act:
        return operations.record_contract(
            act, contract(controller, reference, **known), how or since(2026)
        )


def on(database, kind, head, day):
    with database.reading() as session:
        found = history.in_force(session, kind, day, [head.id])
    return found[head.id].facts if head.id in found else None


def present(database, head):
    with database.reading() as session:
        return session.get_one(type(head), head.id)


def test_the_organisation_is_one_row_however_often_it_is_described(database, acting):
    with acting() as act:
        operations.describe_organisation(act, publisher(), 0, since(2020))
    with acting() as act:
        operations.describe_organisation(act, publisher(name="Ponant & fils"), 1, since(2026))
    assert count(database, Organisation) == 1
    with database.reading() as session:
        named = [
            queries.organisation_facts(session, date(year, 6, 1)).name
            for year in (2019, 2020, 2025, 2026)
        ]
        assert queries.organisation(session).name == "Ponant & fils"
    assert named == ["Éditions du Ponant"] * 3 + ["Ponant & fils"]


def test_before_its_first_description_the_organisation_is_as_first_described(database, acting):
    with acting() as act:
        operations.describe_organisation(act, publisher(), 0, since(2026))
        act.session.flush()
        operations.describe_organisation(act, publisher(name="Ponant 2030"), 1, since(2030))
    with database.reading() as session:
        assert queries.organisation_facts(session, date(2020, 1, 1)).name == "Éditions du Ponant"


def test_describing_it_as_it_is_changes_nothing(database, acting):
    for base in (0, 1):
        with acting() as act:
            operations.describe_organisation(act, publisher(), base, since(2020))
    assert len(entries(database)) == 1


def test_two_who_describe_it_from_the_same_version_are_not_both_kept(acting):
    with acting() as act:
        operations.describe_organisation(act, publisher(), 0, since(2020))
    with acting() as act:
        operations.describe_organisation(act, publisher(name="Un"), 1, since(2026))
    with pytest.raises(Conflict), acting() as act:
        operations.describe_organisation(act, publisher(name="Deux"), 1, since(2026))


def test_an_undescribed_organisation_has_no_facts(database):
    with database.reading() as session:
        assert queries.organisation(session) is None
        assert queries.organisation_facts(session, TODAY) is None


def test_a_controller_is_kept_under_its_code_with_what_it_lacks(database, acting):
    head = record(acting, known=commune(city="", representative=""))
    assert (head.code, head.latest, head.findings, head.missing) == ("NASBINALS", 1, 3, 2)
    with pytest.raises(Invalid) as refused:
        record(acting)
    assert refused.value.field == "code"
    with database.reading() as session:
        assert queries.controller(session, "NASBINALS").id == head.id
        with pytest.raises(NotFound):
            queries.controller(session, "nasbinals")


def test_what_cannot_be_is_not_recorded(database, acting):
    for known in (commune(postcode="1400"), commune(siret="123"), commune(name="")):
        with pytest.raises(Invalid):
            record(acting, known=known)
    assert count(database, Controller) == 0


def test_a_controller_changes_from_a_day_on(database, acting):
    head = record(acting)
    with acting() as act:
        new = commune(name="Nasbinals-en-Aubrac", postcode="48100")
        changed = operations.change_controller(act, head.id, new, 1, since(2027))
    assert changed == ["name", "postcode"]
    assert on(database, Controller, head, date(2026, 12, 31)).postcode == "48260"
    assert on(database, Controller, head, date(2027, 1, 1)).postcode == "48100"
    assert on(database, Controller, head, date(2025, 12, 31)) is None
    entry = entries(database)[-1]
    assert (entry.kind, entry.about) == ("controller.changed", f"controller:{head.id}")


def test_a_change_from_an_older_version_is_a_conflict_and_loses_nothing(database, acting):
    head = record(acting)
    with acting() as act:
        operations.change_controller(act, head.id, commune(city="Aumont"), 1, since(2026, 2))
    with pytest.raises(Conflict), acting() as act:
        operations.change_controller(act, head.id, commune(phone="04"), 1, since(2026, 3))
    assert present(database, head).city == "Aumont"
    assert len(entries(database)) == 2


def test_an_unknown_controller_or_contact_is_refused(acting):
    with pytest.raises(NotFound), acting() as act:
        operations.change_controller(act, uuid.uuid4(), commune(), 1, since(2026))
    stranger = ContactLink(role=ContactRole.DPO, contact=uuid.uuid4())
    with pytest.raises(Invalid) as refused:
        record(acting, known=commune(contacts=(stranger,)))
    assert refused.value.field == "contacts"


def test_a_changed_registration_number_is_kept_as_a_succession(database, acting):
    head = record(acting, known=commune(siret="73282932000074"))
    with acting() as act:
        new = commune(siret="35600000000048")
        operations.change_controller(act, head.id, new, 1, since(2026, 7))
    with database.reading() as session:
        (found,) = queries.successions_of(session, head.id)
    assert (found.kind.value, found.before, found.after, found.effective_on) == (
        "renumbered",
        "73282932000074",
        "35600000000048",
        date(2026, 7, 1),
    )


def test_a_first_registration_number_is_no_succession(database, acting):
    head = record(acting)
    with acting() as act:
        new = commune(siret="73282932000074")
        operations.change_controller(act, head.id, new, 1, since(2026, 7))
    assert count(database, Succession) == 0


def served(database, contact):
    with database.reading() as session:
        return [
            (head.code, role.value) for head, role in queries.served_by(session, contact.id, 50)
        ]


def test_a_contact_serves_many_controllers_and_its_changes_are_seen_by_all(database, acting):
    with acting() as act:
        shared = operations.record_contact(act, MAILBOX, since(2026))
        act.session.flush()
        link = ContactLink(role=ContactRole.DPO, contact=shared.id)
        for code in ("A", "B", "C"):
            operations.record_controller(act, code, commune(code, contacts=(link,)), since(2026))
    assert served(database, shared) == [("A", "dpo"), ("B", "dpo"), ("C", "dpo")]
    with acting() as act:
        person = replace(MAILBOX, kind=ContactKind.PERSON, name="Vidal", first_name="Rose")
        operations.change_contact(act, shared.id, person, 1, since(2026, 6))
    with database.reading() as session:
        for day, name in ((date(2026, 5, 31), MAILBOX.email), (date(2026, 6, 1), "Rose Vidal")):
            assert queries.contact_facts(session, [shared.id], day)[shared.id].full_name == name
        ((found, number),) = queries.contacts(session, "vidal rose", FIRST).rows
        assert (found.id, number) == (shared.id, 3)


def test_before_it_was_known_a_contact_is_as_first_recorded(database, acting):
    with acting() as act:
        head = operations.record_contact(act, MAILBOX, since(2026))
        act.session.flush()
        new = replace(MAILBOX, email="new@nasbinals.example")
        operations.change_contact(act, head.id, new, 1, since(2030))
    with database.reading() as session:
        erased = uuid.uuid4()
        known = queries.contact_facts(session, [head.id, erased], date(2020, 1, 1))
    assert known == {head.id: MAILBOX, erased: Contact()}


@pytest.fixture
def dpo(acting):
    """A contact that serves nobody yet."""
    with acting() as act:
        return operations.record_contact(act, MAILBOX, since(2026))


def test_a_contact_is_named_and_released_from_a_day_on(database, acting, dpo):
    head = record(acting)
    link = ContactLink(role=ContactRole.DPO, contact=dpo.id)
    with acting() as act:
        assert operations.name_contact(act, head.id, link, since(2026, 3)) == ["contacts"]
    assert served(database, dpo) == [("NASBINALS", "dpo")]
    assert present(database, head).findings == 2
    with acting() as act:
        assert operations.name_contact(act, head.id, link, since(2026, 4)) == []
    with acting() as act:
        assert operations.release_contact(act, head.id, link, since(2026, 9)) == ["contacts"]
    assert served(database, dpo) == []
    linked = [
        bool(on(database, Controller, head, date(2026, month, 1)).contacts) for month in (2, 3, 9)
    ]
    assert linked == [False, True, False]


def test_naming_a_contact_keeps_what_is_known_of_each_day(database, acting, dpo):
    head = record(acting)
    with acting() as act:
        for base, name, how in ((1, "Aumont", since(2028)), (2, "Aubrac", since(2025))):
            operations.change_controller(act, head.id, commune(name), base, how)
            act.session.flush()
        link = ContactLink(role=ContactRole.DPO, contact=dpo.id)
        operations.name_contact(act, head.id, link, since(2027))
    days = {day: on(database, Controller, head, date(day, 6, 1)) for day in range(2025, 2029)}
    assert {day: (known.name, len(known.contacts)) for day, known in days.items()} == {
        2025: ("Aubrac", 0),
        2026: ("Commune de Nasbinals", 0),
        2027: ("Commune de Nasbinals", 1),
        2028: ("Aumont", 1),
    }
    assert present(database, head).name == "Aumont"
    assert served(database, dpo) == [("NASBINALS", "dpo")]


def test_a_correction_of_the_past_leaves_the_present_contacts(database, acting, dpo):
    head = record(acting)
    with acting() as act:
        link = ContactLink(role=ContactRole.DPO, contact=dpo.id)
        operations.name_contact(act, head.id, link, since(2026, 6))
        act.session.flush()
        operations.change_controller(act, head.id, commune("Aubrac"), 2, since(2026, 2))
    assert served(database, dpo) == [("NASBINALS", "dpo")]
    assert count(database, ControllerContact) == 1


def test_a_contact_may_have_several_roles_and_a_role_several_contacts(database, acting, dpo):
    with acting() as act:
        other = operations.record_contact(act, replace(MAILBOX, email="b@b.example"), since(2026))
        act.session.flush()
        roles = [(ContactRole.DPO, dpo), (ContactRole.DPO, other), (ContactRole.BREACH, dpo)]
        links = tuple(ContactLink(role=role, contact=each.id) for role, each in roles)
        operations.record_controller(act, "A", commune(contacts=(*links, links[0])), since(2026))
    assert served(database, dpo) == [("A", "breach"), ("A", "dpo")]
    assert served(database, other) == [("A", "dpo")]


def test_a_contract_is_recorded_as_it_is_gaps_included(database, acting):
    owner = record(acting)
    head = agree(acting, owner, terms=Terms(objection_amount=None), list_annexed=False)
    assert (head.controller_id, head.findings) == (owner.id, 4)
    entry = entries(database)[-1]
    assert (entry.about, entry.within) == (f"contract:{head.id}", f"controller:{owner.id}")
    with database.reading() as session:
        assert queries.contract(session, head.id).reference == "C-1"
        with pytest.raises(NotFound):
            queries.contract(session, uuid.uuid4())


def test_a_reference_is_unique_for_its_controller_only(acting):
    owner, other = record(acting), record(acting, "OTHER")
    head = agree(acting, owner)
    agree(acting, other)
    second = agree(acting, owner, "C-2")
    with pytest.raises(Invalid) as refused:
        agree(acting, owner)
    assert refused.value.field == "reference"
    with pytest.raises(Invalid), acting() as act:
        operations.change_contract(act, second.id, contract(owner, "C-1"), 1, since(2026))
    with acting() as act:
        known = contract(owner, "C-1", title="Le même")
        operations.change_contract(act, head.id, known, 1, since(2026))


def test_a_contract_needs_a_controller_on_record(acting, database):
    owner = record(acting)
    nobody = Controller(id=uuid.uuid4())
    with pytest.raises(NotFound):
        agree(acting, nobody)
    with pytest.raises(NotFound), acting() as act:
        operations.change_contract(act, uuid.uuid4(), contract(owner), 1, since(2026))


def services_of(database, head):
    with database.reading() as session:
        rows = session.query(ContractService.code).filter_by(contract_id=head.id)
        return sorted(row.code for row in rows)


def test_the_activities_of_a_contract_follow_its_last_version(database, acting):
    head = agree(acting, record(acting))
    assert services_of(database, head) == ["P1"]
    with acting() as act:
        owner = act.session.get(Controller, head.controller_id)
        new = contract(owner, services=(Service(code="P2"), Service(code="P4")))
        operations.change_contract(act, head.id, new, 1, since(2026, 6))
    assert services_of(database, head) == ["P2", "P4"]
    with acting() as act:  # a correction of the past
        owner = act.session.get(Controller, head.controller_id)
        new = contract(owner, services=(Service(code="P3"),))
        operations.change_contract(act, head.id, new, 2, since(2026, 2))
    assert services_of(database, head) == ["P2", "P4"]
    codes = [
        [service.code for service in on(database, Contract, head, date(2026, month, 1)).services]
        for month in (1, 2, 6)
    ]
    assert codes == [["P1"], ["P3"], ["P2", "P4"]]


def test_a_model_of_terms_gives_defaults_and_contracts_keep_what_they_were_given(database, acting):
    with database.reading() as session:
        assert operations.terms_of_model(session, "standard", TODAY) == Terms()
        with pytest.raises(NotFound):
            operations.terms_of_model(session, "ips", TODAY)
    by_email = Terms(breach_channels=(), objection_amount=60)
    with acting() as act:
        operations.record_terms_model(
            act, "ips", TermsModel(name="IPS", terms=by_email), 0, since(2026)
        )
    with database.reading() as session:
        assert operations.terms_of_model(session, "ips", TODAY) == by_email
    head = agree(acting, record(acting), terms=by_email)
    with acting() as act:
        new = TermsModel(name="IPS", terms=Terms())
        operations.record_terms_model(act, "ips", new, 1, since(2026, 6))
    assert on(database, Contract, head, TODAY).terms == by_email
    with database.reading() as session:
        assert operations.terms_of_model(session, "ips", TODAY) == Terms()
        assert operations.terms_of_model(session, "ips", date(2026, 5, 31)) == by_email
        assert [model.code for model in queries.terms_models(session)] == ["ips"]


def test_recording_a_model_as_it_is_changes_nothing(database, acting):
    model = TermsModel(name="IPS")
    for base in (0, 1):
        with acting() as act:
            operations.record_terms_model(act, "ips", model, base, since(2026))
    assert len(entries(database)) == 1
    with pytest.raises(Conflict), acting() as act:
        operations.record_terms_model(act, "ips", TermsModel(name="Autre"), 0, since(2026))
    with pytest.raises(Invalid), acting() as act:
        bad = TermsModel(name="X", terms=Terms(breach_hours=-1))
        operations.record_terms_model(act, "x", bad, 0, since(2026))


def test_the_standard_model_can_be_recorded_with_other_numbers(database, acting):
    with acting() as act:
        model = TermsModel(name="Standard", terms=Terms(breach_hours=24))
        operations.record_terms_model(act, "standard", model, 0, since(2026, 6))
    with database.reading() as session:
        assert operations.terms_of_model(session, "standard", TODAY).breach_hours == 24
        assert operations.terms_of_model(session, "standard", date(2026, 5, 31)) == Terms()


NEEDED = {
    "describe_organisation": Permission.ORGANISATION_EDIT,
    "record_controller": Permission.CONTROLLERS_EDIT,
    "change_controller": Permission.CONTROLLERS_EDIT,
    "name_contact": Permission.CONTROLLERS_EDIT,
    "release_contact": Permission.CONTROLLERS_EDIT,
    "record_contact": Permission.CONTROLLERS_EDIT,
    "change_contact": Permission.CONTROLLERS_EDIT,
    "record_contract": Permission.CONTROLLERS_EDIT,
    "change_contract": Permission.CONTROLLERS_EDIT,
    "record_terms_model": Permission.CONTROLLERS_EDIT,
    "merge": Permission.CONTROLLERS_EDIT,
    "transfer": Permission.CONTROLLERS_EDIT,
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # asked before any row
@pytest.mark.parametrize("verb", NEEDED)
def test_each_operation_asks_for_its_permission(database, acting, dpo, verb):
    owner, other = record(acting), record(acting, "OTHER")
    agreed = agree(acting, owner)
    link = ContactLink(role=ContactRole.DPO, contact=dpo.id)
    before = len(entries(database))
    how = since(2026, 6)
    arguments = {
        "describe_organisation": (publisher(), 0, how),
        "record_controller": ("NEW", commune(), how),
        "change_controller": (owner.id, commune("Autre"), 1, how),
        "name_contact": (owner.id, link, how),
        "release_contact": (owner.id, link, how),
        "record_contact": (MAILBOX, how),
        "change_contact": (dpo.id, replace(MAILBOX, phone="04"), 1, how),
        "record_contract": (contract(owner, "C-2"), how),
        "change_contract": (agreed.id, contract(owner, title="x"), 1, how),
        "record_terms_model": ("ips", TermsModel(name="IPS"), 0, how),
        "merge": ([owner.id], other.id, how),
        "transfer": (agreed.id, other.id, how),
    }[verb]
    without = Actor("user", EVERYTHING.permissions - {NEEDED[verb]})
    with pytest.raises(Forbidden), acting(without) as act:
        getattr(operations, verb)(act, *arguments)
    assert len(entries(database)) == before


def test_the_chain_knows_no_names_of_persons(database, acting, dpo):
    with acting() as act:
        person = replace(MAILBOX, kind=ContactKind.PERSON, name="Vidal", first_name="Rose")
        operations.change_contact(act, dpo.id, person, 1, since(2026, 6))
    record(acting, known=commune(representative="Odile Chabrol"))
    chained = " ".join(f"{each.about} {each.actor} {each.facts}" for each in entries(database))
    for personal in ("vidal", "rose", "chabrol", "nasbinals.example"):
        assert personal not in chained.lower()
