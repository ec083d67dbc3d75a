"""What a paper is about: the organisation, a controller, a contract, an erasure, the journal."""

import uuid
from datetime import date
from typing import NamedTuple

from registers.activities.models import Activity
from registers.controllers.models import ONLY, Contract, Controller, Organisation
from registers.dpo.models import Form
from registers.kernel.words import Named, text
from registers.retention.models import Erasure


class About(Named):
    """Of what sort the subject of a kind of paper is."""

    CONTROLLER = "controller", text("A controller")
    CONTRACT = "contract", text("A contract")
    ORGANISATION = "organisation", text("The organisation")
    JOURNAL = "journal", text("The journal")
    NOTICE = "notice", text("A notice, or one letter of it")
    ACTIVITY = "activity", text("An activity")
    DECLARATION = "declaration", text("A declaration of a data protection officer")
    ERASURE = "erasure", text("An erasure that two persons attest")


class Subject(NamedTuple):
    """One subject: its name as the journal writes it, and to whose dossier its papers belong."""

    about: str
    controller_id: uuid.UUID | None = None
    contract_id: uuid.UUID | None = None

    @property
    def dossier(self) -> str:
        """Within which dossier the journal tells of its papers."""
        if self.controller_id is None:
            return ORGANISATION.about
        return of_controller(self.controller_id).about


def of_controller(controller_id: uuid.UUID) -> Subject:
    """A controller."""
    return Subject(f"{Controller.__tablename__}:{controller_id}", controller_id)


def of_contract(contract_id: uuid.UUID, controller_id: uuid.UUID) -> Subject:
    """A contract, and whose it is."""
    return Subject(f"{Contract.__tablename__}:{contract_id}", controller_id, contract_id)


def of_activity(activity_id: uuid.UUID) -> Subject:
    """An activity."""
    return Subject(f"{Activity.__tablename__}:{activity_id}")


def of_declaration(form_id: uuid.UUID, controller_id: uuid.UUID) -> Subject:
    """A declaration of a data protection officer, by its form."""
    return Subject(f"{Form.__tablename__}:{form_id}", controller_id)


def of_erasure(
    erasure_id: uuid.UUID, controller_id: uuid.UUID, contract_id: uuid.UUID | None
) -> Subject:
    """An erasure, and whose data they were."""
    return Subject(f"{Erasure.__tablename__}:{erasure_id}", controller_id, contract_id)


ORGANISATION = Subject(f"{Organisation.__tablename__}:{ONLY}")
"""The organisation itself."""


class Asked(NamedTuple):
    """Which state of the registers a paper shall show.

    `since` is given for papers about a period, which ends with the day `on`; its days are those
    of the zone.
    """

    on: date
    since: date | None = None
    zone: str = "UTC"
