"""Where all subjects meet: the tables that say which of them follows upon which.

Importing this module makes every table of the registers known.
"""

from typing import Any

from registers.activities import models as activities
from registers.annexes import models as annexes
from registers.controllers import models as controllers
from registers.controllers import operations as parties
from registers.kernel import audit, files, references, uploads
from registers.kernel.act import Act
from registers.kernel.exchange import Plain, Versioned
from registers.people import models as people
from registers.subprocessors import models as subprocessors


def _show_contacts(act: Act, head: Any, known: Any) -> None:
    rows = parties.contact_rows(head, known.contacts)
    act.session.add_all(controllers.ControllerContact(**row) for row in rows)


def _show_services(act: Act, head: Any, known: Any) -> None:
    rows = parties.service_rows(head, known.services)
    act.session.add_all(controllers.ContractService(**row) for row in rows)


EXPORTED: tuple[Versioned | Plain, ...] = (
    Versioned("organisation", controllers.Organisation, ("sample",)),
    Plain("paper_style", controllers.PaperStyle),
    Versioned("terms_models", controllers.TermsModel, ("code",)),
    Versioned("contacts", controllers.Contact),
    Versioned("controllers", controllers.Controller, ("code",), _show_contacts),
    Versioned("contracts", controllers.Contract, (), _show_services),
    Plain("successions", controllers.Succession),
    Versioned("subprocessors", subprocessors.Subprocessor, ("code",)),
    Versioned("measures", activities.Measure, ("code",)),
    Versioned("activities", activities.Activity, ("code", "validated")),
    Plain("validations", activities.ActivityValidation),
)
"""What `greffe export` writes, parents first."""

NOT_EXPORTED: dict[str, str] = {
    audit.Entry.__tablename__: "evidence of this installation; a backup holds it",
    audit.EntryValues.__tablename__: "as the journal it belongs to",
    audit.Checkpoint.__tablename__: "as the journal it signs",
    files.StoredFile.__tablename__: "papers; a backup holds them",
    annexes.Annex.__tablename__: "papers; a backup holds them",
    references.Series.__tablename__: "counts the papers of this installation",
    people.User.__tablename__: "accounts belong to an installation, not to the register",
    people.RecoveryCode.__tablename__: "as the account it opens",
    people.UserSession.__tablename__: "a technical trace",
    people.OneTimeToken.__tablename__: "a technical trace",
    people.Throttle.__tablename__: "a technical trace",
    uploads.Upload.__tablename__: "a technical trace",
    controllers.ControllerContact.__tablename__: "follows from the controllers' facts",
    controllers.ContractService.__tablename__: "follows from the contracts' facts",
}
"""Every other table, and why it is left out."""
