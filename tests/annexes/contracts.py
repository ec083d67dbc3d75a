"""A contract with nothing missing, for tests that take one fact away."""

import uuid
from datetime import date

from msgspec.structs import replace

from registers.activities import facts as register
from registers.activities.vocabulary import Family, Sensitivity
from registers.annexes.shapes import (
    Agreed,
    ContractSnapshot,
    Engaged,
    Person,
    Processed,
    Protecting,
)
from registers.controllers.facts import Contract, Service, Terms
from registers.controllers.vocabulary import ContactRole, EndChoice, Hosting
from registers.kernel.periods import Unit
from registers.subprocessors.facts import Frequency, Mechanism, Site, Subprocessor, Transfer
from tests.registers import TODAY, commune, publisher

TRANSFER = Transfer(
    country="US",
    recipient="Cloud Inc.",
    mechanism=Mechanism.CLAUSES,
    safeguards="Analyse du 3 mars 2026",
    frequency=Frequency.CONTINUOUS,
)
ACTIVITY = register.Activity(
    name="Accompagnement",
    summary="Accompagnement de salariés",
    operations=("entretiens",),
    purposes=(register.Purpose(name="Reprise", parts=("préparation",)),),
    data_subjects=("Bénéficiaires",),
    data=(
        register.DataCategory(name="Identité", items=("nom", "prénom")),
        register.DataCategory(
            name="Santé", sensitivity=Sensitivity.HEALTH, safeguards="Accès restreint"
        ),
    ),
    retention=(register.RetentionRule(name="Dossiers", amount=2, unit=Unit.YEARS),),
    subprocessors=(
        register.Use(code="CLOUD", processing="Stockage", sites=("Ashburn",)),
        register.Use(code="PAPIER", processing="Impression"),
    ),
    transfers=(TRANSFER,),
    measures=("M-1",),
)


def supplier(name, **known):
    """A sub-processor."""
    return Subprocessor(
        **{
            "name": name,
            "address": "1 Main Street",
            "postcode": "20147",
            "city": "Ashburn",
            "country": "US",
            "contact_name": f"Contact de {name}",
            "contact_function": "Privacy counsel",
            "contact_email": "privacy@supplier.example",
            "processing": f"Tâches de {name}",
            "delimitation": f"Limites de {name}",
            "contract_reference": "ST-1",
            "contract_starts_on": date(2025, 1, 1),
            "sites": (Site(name="Ashburn", country="US"),),
            **known,
        }
    )


MEASURES = tuple(
    Protecting(
        code=f"M-{place}",
        version=1,
        known=register.Measure(
            name=f"Mesure {place}",
            description=f"Description {place}",
            family=family,
            articles=("b",),
            headings=(heading,),
        ),
    )
    for place, (family, heading) in enumerate(
        zip(Family, ("1", "8", "12", "18", "19"), strict=True), 1
    )
)
FULL = ContractSnapshot(
    on=TODAY,
    organisation=publisher(),
    code="NASBINALS",
    controller=commune(),
    persons=(
        Person(
            role=ContactRole.REFERENT,
            name="Rose Vidal",
            function="secrétaire générale",
            email="rose.vidal@nasbinals.example",
        ),
        Person(role=ContactRole.DPO, name="Ana Roux", email="dpo@nasbinals.example"),
    ),
    contract_id=uuid.UUID(int=7),
    contract=Agreed(
        reference="C-1",
        version=1,
        known=Contract(
            controller=uuid.UUID(int=1),
            reference="C-1",
            title="Accompagnement",
            signed_on=date(2019, 12, 1),
            starts_on=date(2020, 1, 1),
            ends_on=date(2027, 12, 31),
            services=(Service(code="P6", hosting=Hosting.HOSTED),),
            terms=Terms(end_choice=EndChoice.ERASE),
        ),
    ),
    activities=(Processed(code="P6", version=1, since=TODAY, taken_over=False, known=ACTIVITY),),
    subprocessors=(
        Engaged(code="CLOUD", version=1, known=supplier("Cloud Inc.")),
        Engaged(code="PAPIER", version=1, known=supplier("Papier SA")),
        Engaged(code="SUITE", version=1, known=supplier("Suite Inc.", engaged_by="CLOUD")),
    ),
    measures=MEASURES,
)


def altered(part, place=None, **known):
    """The full snapshot with other facts in one of its parts."""
    held = getattr(FULL, part)
    if part == "contract":
        return replace(FULL, contract=replace(held, known=replace(held.known, **known)))
    if place is None:
        return replace(FULL, **{part: replace(held, **known)})
    changed = replace(held[place], known=replace(held[place].known, **known))
    return replace(FULL, **{part: (*held[:place], changed, *held[place + 1 :])})
