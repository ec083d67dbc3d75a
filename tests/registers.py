"""What tests of several subjects share: who acts, from when, and parties with nothing missing."""

from datetime import date

import sqlalchemy as sa

from registers.controllers.facts import Contract, Controller, Organisation, Service, Terms
from registers.controllers.vocabulary import ControllerKind, EndChoice
from registers.kernel import audit
from registers.kernel.history import How
from registers.people.roles import console

EVERYTHING = console()
TODAY = date(2026, 11, 22)
"""The day on which the clock of the tests stands."""


def since(year: int, month: int = 1, day: int = 1, reason: str = "Essai") -> How:
    """From a day on."""
    return How(date(year, month, day), reason)


def publisher(**known) -> Organisation:
    """A processor."""
    return Organisation(
        **{
            "name": "Éditions du Ponant",
            "address": "1 rue des Cordiers",
            "postcode": "34170",
            "city": "Castelnau-le-Lez",
            "email": "contact@ponant.example",
            "dpo_name": "Alix Morel",
            "dpo_email": "dpo@ponant.example",
            **known,
        }
    )


def commune(name: str = "Commune de Nasbinals", **known) -> Controller:
    """A controller."""
    return Controller(
        **{
            "name": name,
            "kind": ControllerKind.COMMUNE,
            "public_body": True,
            "address": "1 place du Foirail",
            "postcode": "48260",
            "city": "Nasbinals",
            "representative": "Odile Chabrol",
            "representative_quality": "maire",
            **known,
        }
    )


def contract(controller, reference: str = "C-1", **known) -> Contract:
    """A contract of a controller (its head), over the year 2026."""
    return Contract(
        **{
            "controller": controller.id,
            "reference": reference,
            "signed_on": date(2025, 12, 1),
            "starts_on": date(2026, 1, 1),
            "ends_on": date(2026, 12, 31),
            "services": (Service(code="P1"),),
            "terms": Terms(end_choice=EndChoice.ERASE),
            **known,
        }
    )


def entries(database, *kinds: str) -> list[audit.Entry]:
    """The journal from its first entry on, or those of some kinds."""
    query = sa.select(audit.Entry).order_by(audit.Entry.number)
    if kinds:
        query = query.where(audit.Entry.kind.in_(kinds))
    with database.reading() as session:
        return list(session.scalars(query))


def count(database, model) -> int:
    """How many rows a table has."""
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model))
