"""What the form of the contract's annex says, field for field (contract 001, § 12).

`breach_email` and `since` are ours: the form does not ask for them, and they may stay empty.
"""

from datetime import date
from typing import Annotated

from registers.controllers.facts import Contact
from registers.controllers.vocabulary import ContactKind
from registers.kernel.history import Facts, titled


class Declaration(Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who answers for data protection at a controller, as the controller declares it."""

    body: Annotated[str, titled("Public entity")]
    address: Annotated[str, titled("Address")] = ""
    postcode: Annotated[str, titled("Postcode")] = ""
    city: Annotated[str, titled("Town")] = ""
    representative_name: Annotated[str, titled("Representative: name")] = ""
    representative_first_name: Annotated[str, titled("Representative: first name")] = ""
    representative_quality: Annotated[str, titled("Quality of the signatory")] = ""
    none: Annotated[bool, titled("No DPO is required", "Art. 37(1)")] = False
    none_reason: Annotated[str, titled("Why none is required", "Art. 37(1)")] = ""
    kind: Annotated[ContactKind, titled("The DPO is")] = ContactKind.PERSON
    civility: Annotated[str, titled("Civility")] = ""
    name: Annotated[str, titled("Name")] = ""
    first_name: Annotated[str, titled("First name")] = ""
    firm: Annotated[str, titled("Department or firm")] = ""
    phone: Annotated[str, titled("Telephone")] = ""
    email: Annotated[str, titled("E-mail address")] = ""
    breach_email: Annotated[str, titled("Address for breaches, where it is another one")] = ""
    since: Annotated[date | None, titled("In office since")] = None
    done_at: Annotated[str, titled("Done at")] = ""
    done_on: Annotated[date | None, titled("On")] = None

    @property
    def officer(self) -> Contact | None:
        """The DPO as a point of contact; None where none is required."""
        if self.none:
            return None
        return Contact(
            kind=self.kind,
            civility=self.civility,
            name=self.name,
            first_name=self.first_name,
            firm=self.firm,
            function="",
            email=self.email,
            phone=self.phone,
        )

    @property
    def for_breaches(self) -> Contact | None:
        """Whom to tell of breaches, where it is another address than the DPO's."""
        if not self.breach_email:
            return None
        return Contact(kind=ContactKind.MAILBOX, email=self.breach_email)

    @property
    def officer_name(self) -> str:
        """What stands for the DPO in lists; empty where none is required."""
        return self.officer.full_name if self.officer else ""

    @property
    def signatory(self) -> str:
        """Who signs: first name and name."""
        return " ".join(filter(None, (self.representative_first_name, self.representative_name)))


FORM: tuple[str, ...] = (
    "body",
    "address",
    "postcode",
    "city",
    "representative_name",
    "representative_first_name",
    "representative_quality",
)
"""The fields of the form about the body and its signatory, in its order."""

OFFICER: tuple[str, ...] = ("civility", "name", "first_name", "phone", "email")
"""The fields of the form about the DPO, in its order."""
