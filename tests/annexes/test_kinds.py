"""Each kind of paper: its sections in order, the declared facts on it, in both languages."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from registers.activities.vocabulary import ActivityRole
from registers.annexes import queries
from registers.annexes.kinds import KINDS, ORDERED, kinds_about, of_name, readable
from registers.annexes.subjects import ORGANISATION, About, Asked
from registers.controllers.facts import Terms
from registers.controllers.models import Controller
from registers.controllers.vocabulary import Renewal
from registers.kernel.errors import Invalid
from registers.kernel.showing import TO_COMPLETE
from registers.kernel.words import LANGUAGES, Words
from registers.people.roles import MAY, Role
from registers.press.paper import Heading, Paragraph, Signatures
from tests.annexes.contracts import FULL, altered
from tests.registers import TODAY

PARTS = {
    "register": [
        *("Parties", "Contracts in force", "Processing activities", "Sub-processors"),
        "Technical and organisational measures",
    ],
    "whole_register": [
        *("Processor", "Controllers on whose behalf the processor acts"),
        "Processing carried out on behalf of controllers (Art. 30(2))",
        "Processing of which the organisation is itself controller (Art. 30(1))",
        *("Sub-processors", "Technical and organisational measures"),
    ],
    "clauses_915": [
        *("Annex I – List of parties", "Annex II – Description of the processing"),
        "Annex III – Technical and organisational measures",
        "Annex IV – List of sub-processors",
    ],
    "clauses_915_i": ["Controller", "Processor"],
    "clauses_915_ii": ["P6 – Accompagnement"],
    "clauses_915_iii": [
        *("Measures under each heading", "The measures in detail"),
        *("Measures for sensitive data", "Assistance to the controller"),
    ],
    "clauses_915_iv": ["1. Cloud Inc.", "2. Papier SA", "3. Suite Inc."],
    "clauses_914": [
        *("Annex I.A – List of parties", "Annex I.B – Description of transfer"),
        "Annex I.C – Competent supervisory authority",
        "Annex II – Technical and organisational measures",
        "Annex III – List of sub-processors",
    ],
    "security": [
        *("Scope", "Physical security", "Organisational security", "Logical security"),
        *("Encryption of flows", "Control procedures", "Letters of Art. 32(1)"),
    ],
    "journal_extract": ["What this extract shows", "Entries", "How to check this extract"],
}
OF_CONTRACTS = [kind.name for kind in kinds_about(About.CONTRACT)]


def parts_of(paper):
    return [each.text for each in paper.blocks if isinstance(each, Heading) and each.level == 1]


def of_full(name, language="en", snapshot=FULL):
    kind = KINDS[name]
    return kind.paper(kind.of(snapshot), language)


def printed(paper):
    return "\n".join(paper.texts())


def in_order(texts, within):
    """Whether the texts stand one after the other."""
    place = 0
    for text in texts:
        place = within.find(text, place)
        if place < 0:
            return text
        place += len(text)
    return ""


def test_the_kinds_are_these():
    assert list(ORDERED) == [
        *("register", "whole_register", "breach_register"),
        *("clauses_915", "clauses_915_i", "clauses_915_ii"),
        *("clauses_915_iii", "clauses_915_iv", "clauses_914", "security", "journal_extract"),
    ]
    with pytest.raises(Invalid, match="no paper of this kind"):
        of_name("breach_registers")


@pytest.mark.parametrize("name", OF_CONTRACTS)
def test_sections_stand_in_the_declared_order(name):
    paper = of_full(name)
    assert parts_of(paper) == [*PARTS[name], "Signatures"]
    signs = isinstance(paper.blocks[-1], Signatures) and paper.blocks[-1]
    right = FULL.controller.name if KINDS[name].countersigned else ""
    assert (signs.left, signs.right) == (FULL.organisation.name, right)
    assert (paper.kind, paper.on, paper.subtitle) == (name, TODAY, "Commune de Nasbinals")
    assert paper.lead[1] == "Contract C-1 – Accompagnement, signed on Sunday, 1 December 2019"


CONTACTS = ["Rose Vidal, secrétaire générale", "rose.vidal@nasbinals.example", "Ana Roux"]
PROCESSOR = ["Éditions du Ponant", "1 rue des Cordiers", "34170 Castelnau-le-Lez", "France"]
OUR_CONTACT = ["Alix Morel", "dpo@ponant.example"]
PROCESSING = [
    *("Accompagnement de salariés", "Bénéficiaires", "Identité (nom, prénom)", "Santé"),
    *("Santé · Health (Art. 9) · Accès restreint", "entretiens", "Reprise (préparation)"),
]
FACTS = {
    "clauses_915_i": [
        *("Commune de Nasbinals", "1 place du Foirail", "48260 Nasbinals", *CONTACTS),
        *("Sunday, 1 December 2019", *PROCESSOR, *OUR_CONTACT, "Sunday, 1 December 2019"),
    ],
    "clauses_915_ii": [
        *PROCESSING,
        *("01/01/2020 – 31/12/2027", "renewal: tacit", "at the end: erase"),
        *("Dossiers", "End of the contract", "2 years"),
        *("Cloud Inc.", "Tâches de Cloud Inc.", "Stockage · Ashburn"),
        *("since 01/01/2025, without a term", "Papier SA", "Impression"),
    ],
    "clauses_915_iii": [
        *("Pseudonymisation and encryption of personal data", "Mesure 1"),
        *("Physical security of the locations", "Mesure 2", "Mesure 3"),
        *("Mesure 1", "Description 1", "Mesure 3", "Description 3"),
        *("P6 – Accompagnement", "Santé · Health (Art. 9) · Accès restreint"),
        *("Mesure 4 · Description 4", "Mesure 5 · Description 5"),
        "within 48 hours of becoming aware of them · E-mail, Registered letter",
    ],
    "clauses_915_iv": [
        "General written authorisation (clause 7.7(a), option 2)",
        *("30 business days", "Cloud Inc.", "1 Main Street", "20147 Ashburn", "United States"),
        *("Contact de Cloud Inc., Privacy counsel", "privacy@supplier.example"),
        *("Tâches de Cloud Inc.", "Limites de Cloud Inc.", "Papier SA", "Limites de Papier SA"),
        *("Suite Inc.", "Tâches de Suite Inc.", "Engaged by the sub-processor\nCloud Inc."),
    ],
    "clauses_914": [
        *("Data exporter", *PROCESSOR, *OUR_CONTACT, "P6 – Accompagnement", "module three"),
        *("Data importer", "Cloud Inc.", "1 Main Street", "Contact de Cloud Inc."),
        *("Cloud Inc.", "United States", "Standard contractual clauses (Art. 46(2)(c))"),
        *("Analyse du 3 mars 2026", "Bénéficiaires", "Identité (nom, prénom)", "Accès restreint"),
        *("Continuous", "entretiens", "Reprise (préparation)", "Dossiers · End of the contract"),
        *(
            "Tâches de Cloud Inc. · since 01/01/2025",
            "(CNIL)",
            "Mesure 1",
            "Mesure 4 · Description 4",
        ),
        *("1. Suite Inc.", "Contact de Suite Inc.", "Tâches de Suite Inc."),
    ],
    "security": [
        *("P6 – Accompagnement", "Hosted"),
        *(f"Mesure {place}\nDescription {place}" for place in range(1, 6)),
        "a) pseudonymisation and encryption",
    ],
}
FACTS["clauses_915"] = [
    fact for number in ("i", "ii", "iii", "iv") for fact in FACTS[f"clauses_915_{number}"]
]


@pytest.mark.parametrize("name", OF_CONTRACTS)
def test_the_fields_of_the_form_stand_on_the_paper_in_order(name):
    assert in_order(FACTS[name], printed(of_full(name))) == ""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", OF_CONTRACTS)
def test_a_complete_contract_has_complete_papers(name, language):
    kind = KINDS[name]
    assert kind.missing(kind.of(FULL)) == []
    assert f"[{Words(language).say(TO_COMPLETE)}]" not in printed(of_full(name, language))


def test_french_papers_speak_as_the_decisions_do():
    bundle, transfers = of_full("clauses_915", "fr"), of_full("clauses_914", "fr")
    assert parts_of(bundle) == [
        "Annexe I – Liste des parties",
        "Annexe II – Description du traitement",
        "Annexe III – Mesures techniques et organisationnelles",
        "Annexe IV – Liste des sous-traitants ultérieurs",
        "Signatures",
    ]
    assert bundle.title == "Annexes I à IV aux clauses contractuelles types"
    assert parts_of(transfers)[:3] == [
        "Annexe I.A – Liste des parties",
        "Annexe I.B – Description du transfert",
        "Annexe I.C – Autorité de contrôle compétente",
    ]
    told = printed(transfers)
    assert in_order(["Exportateur de données", "Importateur de données", "Continue"], told) == ""
    for paper in (bundle, transfers):
        for wrong in (" :", " ;", " ?", "« ", " »"):
            assert wrong not in printed(paper).replace("Description ", "")


def test_a_draft_says_what_keeps_it_from_being_sealed():
    kind = KINDS["clauses_915_iv"]
    snapshot = kind.of(altered("subprocessors", 1, city="", processing=""))
    drafted, final = (kind.paper(snapshot, "en", draft=draft) for draft in (True, False))
    assert drafted.blocks[0] == Paragraph(
        "2 facts that this paper must state are missing; it cannot be sealed without:\n"
        "Papier SA: City\nPapier SA: Sub-processed activities",
        "warning",
    )
    assert drafted.blocks[1:] == final.blocks
    assert kind.paper(kind.of(FULL), "en", draft=True).blocks == of_full("clauses_915_iv").blocks


def test_a_contract_to_come_is_dated_by_its_signatures():
    to_come = altered("contract", signed_on=None, starts_on=TODAY + timedelta(days=9))
    kind = KINDS["clauses_915_i"]
    assert kind.missing(to_come) == []
    paper = kind.paper(to_come, "en")
    assert printed(paper).count("the date of the signatures on this document") == 2


def test_what_the_documents_contradict_each_other_about_is_not_put_before_the_parties():
    for renewal in (Renewal.CONTRADICTORY, Renewal.NONE, None):
        terms = Terms(renewal=renewal)
        paper = of_full("clauses_915_ii", snapshot=altered("contract", terms=terms))
        assert "renewal" not in printed(paper)


def test_activities_of_the_organisation_itself_are_not_described_to_a_controller():
    snapshot = altered("activities", 0, role=ActivityRole.CONTROLLER)
    told = printed(of_full("clauses_915_ii", snapshot=snapshot))
    assert "Accompagnement de salariés" not in told


def test_without_sub_processors_that_is_said():
    alone = altered("activities", 0, subprocessors=(), transfers=(), no_transfer=True)
    alone = replace(alone, subprocessors=())
    assert "No sub-processor is used under this contract." in printed(
        of_full("clauses_915_iv", snapshot=alone)
    )
    assert "No sub-processor is used." in printed(of_full("clauses_915_iii", snapshot=alone))
    assert KINDS["clauses_915"].missing(alone) == []


def test_a_part_shows_only_what_it_holds():
    shown = {name: KINDS[name].of(FULL) for name in OF_CONTRACTS}
    assert all(each.kind == name for name, each in shown.items())
    assert shown["clauses_915_i"].subprocessors == shown["clauses_915_i"].measures == ()
    assert shown["clauses_915_iv"].activities == ()
    assert shown["clauses_915_iv"].subprocessors == FULL.subprocessors
    assert shown["security"].subprocessors == ()


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


def test_every_kind_is_drawn_up_for_every_sample_controller(shared_sample, language):
    asked = Asked(TODAY, date(2018, 1, 1), "Europe/Paris")
    made = set()
    with shared_sample.reading() as session:
        ids = list(session.scalars(sa.select(Controller.id).order_by(Controller.code)))
        for kind in ORDERED.values():
            subjects = queries.subjects_of(session, kind, ids, TODAY)
            for subject, snapshot in kind.snapshots(session, subjects, asked).items():
                paper = kind.paper(snapshot, language, draft=True)
                made.add((kind.name, subject))
                assert paper.organisation == "Éditions Logicielles du Ponant"
                assert paper.draft
                if kind.missing(snapshot):
                    assert f"[{Words(language).say(TO_COMPLETE)}]" in printed(paper)
    counted = {name: sum(made_of == name for made_of, _ in made) for name in ORDERED}
    assert counted == {
        **dict.fromkeys(OF_CONTRACTS, 9),
        "register": 8,
        "whole_register": 1,
        "breach_register": 1,
        "journal_extract": 8,
    }


def test_the_register_and_the_whole_register_have_their_parts_in_order(shared_sample):
    with shared_sample.reading() as session:
        ids = list(session.scalars(sa.select(Controller.id)))
        for name in ("register", "whole_register", "journal_extract"):
            kind = KINDS[name]
            subjects = queries.subjects_of(session, kind, ids[:1], TODAY)
            (snapshot,) = kind.snapshots(session, subjects, Asked(TODAY)).values()
            assert parts_of(kind.paper(snapshot, "en")) == [*PARTS[name], "Signatures"]
            assert kind.missing(snapshot) == []  # registers are sealed with their gaps


def test_the_journal_is_read_by_those_who_may():
    may = {role: set(readable(MAY[role])) for role in Role}
    assert "journal_extract" in may[Role.DPO] & may[Role.AUDITOR]
    assert "journal_extract" not in may[Role.LEGAL]
    assert "clauses_915" in may[Role.LEGAL]
    assert may[Role.RESPONDER] == {"breach_register"}


def test_the_whole_register_and_the_whole_journal_have_one_subject(shared_sample):
    with shared_sample.reading() as session:
        for name in ("whole_register", "journal_extract"):
            assert queries.subjects_of(session, KINDS[name], None, TODAY) == [ORGANISATION]
        assert len(queries.subjects_of(session, KINDS["security"], None, TODAY)) == 9
        past = queries.subjects_of(session, KINDS["security"], None, date(2023, 6, 1))
        assert len(past) == 1
