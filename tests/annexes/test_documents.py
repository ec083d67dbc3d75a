"""The register as a paper: nothing of the snapshot is lost, and what is missing is said."""

import uuid
from datetime import date

import msgspec
import pytest
from msgspec.structs import replace

from registers.activities import facts as register
from registers.activities.vocabulary import Family
from registers.annexes import snapshots
from registers.annexes.kinds import REGISTER
from registers.annexes.snapshots import Agreed, Engaged, Person, Processed, Protecting
from registers.controllers import facts as parties
from registers.controllers.models import Controller
from registers.controllers.vocabulary import ContactRole, Hosting
from registers.kernel.showing import TO_COMPLETE
from registers.kernel.words import LANGUAGES, Words
from registers.press.paper import Heading, Signatures
from registers.subprocessors.facts import Mechanism, Site, Subprocessor, Transfer
from tests.registers import TODAY, commune, publisher

NOT_PRINTED = {
    *("calendar", "zone", "language", "acts_for", "coordinates", "succeeded_by", "note"),
    *("clauses", "terms", "evidence", "headings", "responsibilities", "schema", "kind"),
    *("mechanism", "country", "role", "group", "sensitivity", "trigger", "unit", "outcome"),
    *("hosting", "family", "state", "sites_of", "engaged_by"),
}
"""Fields that steer the program, or that are written as words of the paper's language."""


def texts_of(value):
    """The words somebody wrote, wherever they stand in a part of a snapshot."""
    if isinstance(value, str):
        yield from value.split("\n")
    elif isinstance(value, tuple):
        for each in value:
            yield from texts_of(each)
    elif isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            if field not in NOT_PRINTED:
                yield from texts_of(getattr(value, field))


def printed(snapshot, language="fr", **more):
    return "\n".join(REGISTER.paper(snapshot, language, **more).texts())


def sample_snapshots(database):
    with database.reading() as session:
        ids = [row.id for row in session.query(Controller.id)]
        return list(snapshots.registers(session, ids, TODAY).values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_of_the_fictional_register_stands_on_its_papers(shared_sample, language):
    found = sample_snapshots(shared_sample)
    assert len(found) == 8
    for snapshot in found:
        paper = printed(snapshot, language)
        coded = {each.code for each in (*snapshot.measures, *snapshot.subprocessors)}
        lost = {each for each in texts_of(snapshot) if each not in paper}
        assert lost - coded == set()  # these stand by their names


def test_amounts_states_and_roles_are_said_in_the_language_of_the_paper(shared_sample):
    (snapshot,) = (each for each in sample_snapshots(shared_sample) if each.code == "CA-ANNELAC")
    french, english = printed(snapshot, "fr"), printed(snapshot, "en")
    for here, there in (
        ("2 ans", "2 years"),
        ("30 jours", "30 days"),
        ("24 heures", "24 hours"),
        ("93 jours", "93 days"),
        ("Sous-traitant", "Processor"),
        ("Fin du contrat", "End of the contract"),
        ("à compléter", "to be completed"),
        ("Sécurité physique", "Physical security"),
        ("depuis le vendredi 25 mai 2018", "since Friday, 25 May 2018"),
    ):
        assert (here in french, here in english) == (True, False), here
        assert (there in english, there in french) == (True, False), there


def test_a_paper_has_the_parts_of_article_30_in_order(shared_sample):
    (snapshot,) = (each for each in sample_snapshots(shared_sample) if each.code == "CA-ANNELAC")
    paper = REGISTER.paper(snapshot, "en")
    parts = [
        block.text for block in paper.blocks if isinstance(block, Heading) and block.level == 1
    ]
    assert parts == [
        "Parties",
        "Contracts in force",
        "Processing activities",
        "Sub-processors",
        "Technical and organisational measures",
        "Signatures",
    ]
    assert paper.blocks[-1] == Signatures(snapshot.organisation.name, snapshot.controller.name)
    assert (paper.on, paper.draft) == (TODAY, False)
    assert REGISTER.paper(snapshot, "en", draft=True).draft is True


ACTIVITY = register.Activity(
    name="Support",
    summary="Assistance",
    operations=("réponse",),
    purposes=(register.Purpose(name="Aide"),),
    data_subjects=("Référents",),
    data=(register.DataCategory(name="Coordonnées", items=("nom",)),),
    retention=(register.RetentionRule(name="Dossiers", amount=2),),
    measures=("M-1",),
    no_transfer=True,
)
OVH = Subprocessor(
    name="OVH",
    address="2 rue Kellermann",
    postcode="59100",
    city="Roubaix",
    contact_name="Camille Aubry",
    contact_email="dpo@ovh.example",
    processing="Hébergement",
    contract_reference="ST-1",
    contract_starts_on=date(2020, 1, 1),
    sites=(Site(name="Gravelines"),),
    no_transfer=True,
)
BADGES = register.Measure(
    name="Badges", description="Portes", family=Family.PHYSICAL, articles=("b",)
)
AGREED = parties.Contract(
    controller=uuid.UUID(int=1),
    reference="C-1",
    signed_on=date(2019, 12, 1),
    starts_on=date(2020, 1, 1),
    ends_on=date(2020, 12, 31),
    services=(parties.Service(code="P1", hosting=Hosting.HOSTED),),
)
FULL = snapshots.RegisterSnapshot(
    on=TODAY,
    organisation=publisher(),
    code="NASBINALS",
    controller=commune(),
    persons=(Person(role=ContactRole.DPO, name="Rose Vidal", email="dpo@nasbinals.example"),),
    contracts=(Agreed(reference="C-1", version=1, known=AGREED),),
    activities=(Processed(code="P1", version=1, since=TODAY, taken_over=False, known=ACTIVITY),),
    subprocessors=(Engaged(code="OVH", version=1, known=OVH),),
    measures=(Protecting(code="M-1", version=1, known=BADGES),),
)


def without(part, field):
    """The full snapshot, in which one fact of one part is empty."""
    held = getattr(FULL, part)
    if isinstance(held, tuple):
        return replace(FULL, **{part: (replace(held[0], known=emptied(held[0].known, field)),)})
    return replace(FULL, **{part: emptied(held, field)})


def emptied(known, field):
    if field == "transfers":
        return replace(known, no_transfer=None)
    value = getattr(known, field)
    empty = "" if isinstance(value, str) else () if isinstance(value, tuple) else None
    return replace(known, **{field: empty})


WANTED = {
    "organisation": ("address", "postcode", "city", "email", "dpo_name", "dpo_email"),
    "controller": ("address", "postcode", "city", "representative", "representative_quality"),
    "contracts": ("starts_on", "ends_on", "services"),
    "activities": (
        *("summary", "operations", "purposes", "data_subjects", "data", "retention"),
        *("measures", "transfers"),
    ),
    "subprocessors": (
        *("address", "postcode", "city", "contact_name", "contact_email", "processing"),
        *("contract_reference", "contract_starts_on", "sites", "transfers"),
    ),
    "measures": ("description", "articles"),
}


def missing_in(snapshot, language="en"):
    return printed(snapshot, language).count(f"[{Words(language).say(TO_COMPLETE)}]")


def test_a_complete_register_is_complete_on_paper():
    for language in LANGUAGES:
        assert missing_in(FULL, language) == 0


@pytest.mark.parametrize(
    ("part", "field"), [(part, field) for part, fields in WANTED.items() for field in fields]
)
def test_a_wanted_fact_that_is_missing_is_said_where_it_would_stand(part, field):
    lacking = without(part, field)
    held = getattr(lacking, part)
    assert field in (held[0].known if isinstance(held, tuple) else held).missing()
    for language in LANGUAGES:
        assert missing_in(lacking, language) == 1


def test_every_wanted_field_is_among_those_tried():
    for part, fields in WANTED.items():
        held = getattr(FULL, part)
        known = held[0].known if isinstance(held, tuple) else held
        for field in known.__struct_fields__:
            if field != "name" and field not in fields:
                assert field not in emptied(known, field).missing(), (part, field)


def test_a_public_body_without_a_dpo_and_an_unsigned_contract_are_said():
    assert missing_in(replace(FULL, persons=())) == 1
    private = replace(FULL.controller, public_body=False)
    assert missing_in(replace(FULL, persons=(), controller=private)) == 0
    assert missing_in(without("contracts", "signed_on")) == 1


def test_retention_without_a_number_stands_in_words_or_is_missing():
    rules = (
        register.RetentionRule(name="A", text="Délais de prescription légale."),
        register.RetentionRule(name="B"),
    )
    known = replace(ACTIVITY, retention=rules)
    snapshot = replace(FULL, activities=(replace(FULL.activities[0], known=known),))
    assert missing_in(snapshot) == 1
    assert "Délais de prescription légale." in printed(snapshot)


def test_transfers_stand_with_their_mechanism_and_safeguards():
    transfer = Transfer(
        country="US", recipient="Cloud Inc.", mechanism=Mechanism.CLAUSES, safeguards="CCT 2021"
    )
    known = replace(ACTIVITY, no_transfer=None, transfers=(transfer,))
    snapshot = replace(FULL, activities=(replace(FULL.activities[0], known=known),))
    assert (
        "États-Unis · Cloud Inc. · Clauses contractuelles types (art.\xa046, §\xa02, c)) · CCT 2021"
        in printed(snapshot)
    )
    assert "No transfer to a third country" in printed(FULL, "en")


def test_an_activity_without_personal_data_says_only_that():
    known = register.Activity(
        name="Supervision", summary="x", operations=("y",), no_personal_data=True
    )
    snapshot = replace(FULL, activities=(replace(FULL.activities[0], known=known),))
    assert missing_in(snapshot) == 0
    assert "No personal data are processed\nYes" in printed(snapshot, "en")


def test_an_empty_register_says_so():
    nothing = replace(FULL, contracts=(), activities=(), subprocessors=(), measures=())
    paper = printed(nothing, "en")
    for sentence in (
        "No contract was in force on that day.",
        "No activity was carried out on that day.",
        "No sub-processor is used in these activities.",
    ):
        assert sentence in paper


def test_what_was_taken_over_is_said_to_be():
    taken = replace(FULL, activities=(replace(FULL.activities[0], taken_over=True),))
    assert "taken over from an earlier register" in printed(taken, "en")
    assert "taken over" not in printed(FULL, "en")


def test_words_that_look_like_markup_stay_words():
    odd = "<b>A & B</b> {name} %s"
    assert odd in printed(replace(FULL, controller=commune(name=odd)))
