"""What is known of a sub-processor; empty wanted fields are to be completed.

Contract 001 §7.6 asks for activities, identity with contact details, and the dates of the
contract; EDPB Opinion 22/2024 for a contact person, readily available at all times.
"""

from datetime import date
from typing import Annotated

import msgspec

from registers.kernel.history import Facts, titled
from registers.kernel.words import Named, text


class SiteRole(Named):
    """What a site is for."""

    PRIMARY = "primary", text("Primary")
    SECONDARY = "secondary", text("Secondary")
    BACKUP = "backup", text("Backup")
    OFFICE = "office", text("Office")


class Mechanism(Named):
    """What a transfer to a third country rests on, Art. 45 to 49."""

    ADEQUACY = "adequacy", text("Adequacy decision (Art. 45)")
    CLAUSES = "clauses", text("Standard contractual clauses (Art. 46(2)(c))")
    BINDING_RULES = "binding_rules", text("Binding corporate rules (Art. 47)")
    OTHER_SAFEGUARDS = "other_safeguards", text("Other appropriate safeguards (Art. 46)")
    DEROGATION = "derogation", text("Derogation (Art. 49)")
    UNKNOWN = "unknown", text("To be completed")


class Frequency(Named):
    """How often data are transferred: annex I.B to decision (EU) 2021/914 asks."""

    ONE_OFF = "one_off", text("One-off")
    CONTINUOUS = "continuous", text("Continuous")


class State(Named):
    """Where a sub-processor stands."""

    PROPOSED = "proposed", text("Proposed")
    ENGAGED = "engaged", text("Engaged")
    ENDED = "ended", text("Ended")


class Obligation(Named):
    """An obligation of Art. 28(3) that Art. 28(4) wants passed on to a sub-processor."""

    INSTRUCTIONS = "a", text("documented instructions, transfers included (a)")
    CONFIDENTIALITY = "b", text("persons bound to confidentiality (b)")
    SECURITY = "c", text("security measures of Art. 32 (c)")
    SUBPROCESSORS = "d", text("conditions for further sub-processors (d)")
    REQUESTS = "e", text("help with requests of data subjects (e)")
    ASSISTANCE = "f", text("help with Art. 32 to 36 (f)")
    END = "g", text("erasure or return at the end (g)")
    AUDITS = "h", text("information and audits (h)")


class Guarantee(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shows that a sub-processor offers sufficient guarantees, Art. 28(1) and (4)."""

    name: Annotated[str, titled("Document")]
    reference: Annotated[str, titled("Number or where it is kept")] = ""
    checked_on: Annotated[date | None, titled("Checked on")] = None
    expires_on: Annotated[date | None, titled("Expires on")] = None


class Site(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a sub-processor works."""

    name: Annotated[str, titled("Name")]
    role: Annotated[SiteRole, titled("Role")] = SiteRole.PRIMARY
    postcode: Annotated[str, titled("Postcode")] = ""
    city: Annotated[str, titled("City")] = ""
    country: Annotated[str, titled("Country")] = "FR"
    note: Annotated[str, titled("Note")] = ""


class Transfer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A transfer to a third country or an international organisation, Art. 30(2)(c)."""

    country: Annotated[str, titled("Country or organisation")]
    recipient: Annotated[str, titled("Recipient")] = ""
    mechanism: Annotated[Mechanism, titled("Mechanism")] = Mechanism.UNKNOWN
    safeguards: Annotated[str, titled("Documentation of the safeguards")] = ""
    frequency: Annotated[
        Frequency | None, titled("Frequency", "Decision (EU) 2021/914, annex I.B")
    ] = None


class Subprocessor(Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another processor engaged by the organisation, Art. 28(2) and (4)."""

    name: Annotated[str, titled("Name")]
    legal_form: Annotated[str, titled("Legal form")] = ""
    registration: Annotated[str, titled("Registration number")] = ""
    address: Annotated[str, titled("Address", wanted="EDPB Opinion 22/2024")] = ""
    postcode: Annotated[str, titled("Postcode", wanted="EDPB Opinion 22/2024")] = ""
    city: Annotated[str, titled("City", wanted="EDPB Opinion 22/2024")] = ""
    country: Annotated[str, titled("Country")] = "FR"
    contact_name: Annotated[str, titled("Contact person", wanted="EDPB Opinion 22/2024")] = ""
    contact_function: Annotated[str, titled("Function of the contact person")] = ""
    contact_email: Annotated[
        str, titled("E-mail of the contact person", wanted="EDPB Opinion 22/2024")
    ] = ""
    contact_phone: Annotated[str, titled("Telephone of the contact person")] = ""
    processing: Annotated[str, titled("Sub-processed activities", wanted="Art. 28(2)")] = ""
    delimitation: Annotated[str, titled("Delimitation of responsibilities")] = ""
    contract_reference: Annotated[
        str, titled("Reference of the sub-processing contract", wanted="Art. 28(4)")
    ] = ""
    contract_starts_on: Annotated[date | None, titled("Contract from", wanted="Art. 28(4)")] = None
    contract_ends_on: Annotated[date | None, titled("Contract until")] = None
    flow_down: Annotated[
        tuple[Obligation, ...], titled("Obligations passed on by contract", wanted="Art. 28(4)")
    ] = ()
    guarantees: Annotated[tuple[Guarantee, ...], titled("Guarantees", "Art. 28(4)")] = ()
    sites: Annotated[tuple[Site, ...], titled("Sites", wanted="EDPB Opinion 22/2024")] = ()
    no_transfer: Annotated[bool | None, titled("No transfer to a third country")] = None
    transfers: Annotated[tuple[Transfer, ...], titled("Transfers", "Art. 30(2)(c)")] = ()
    engaged_by: Annotated[str, titled("Engaged by the sub-processor")] = ""
    state: Annotated[State, titled("State")] = State.PROPOSED
    engaged_on: Annotated[date | None, titled("Engaged on")] = None
    ended_on: Annotated[date | None, titled("Ended on")] = None
    note: Annotated[str, titled("Note")] = ""

    def missing(self) -> list[str]:
        """See `Facts.missing`; an answer about transfers is wanted, “none” being one."""
        unanswered = self.no_transfer is not True and not self.transfers
        return [*super().missing(), *(["transfers"] if unanswered else [])]
