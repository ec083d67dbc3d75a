"""The vocabulary of parties and contracts: what a field can say, and its words for people."""

from registers.kernel.words import Named, Text, text


class ControllerKind(Named):
    """What sort of body a controller is."""

    COMMUNE = "commune", text("Commune")
    INTERCOMMUNAL = "intercommunal", text("Intercommunal body")
    DEPARTMENT = "department", text("Department")
    REGION = "region", text("Region")
    STATE = "state", text("State body")
    UNIVERSITY = "university", text("University")
    HOSPITAL = "hospital", text("Hospital")
    ESTABLISHMENT = "establishment", text("Public establishment")
    COMPANY = "company", text("Company")
    ASSOCIATION = "association", text("Association")
    OTHER = "other", text("Other")

    @property
    def is_public(self) -> bool:
        """Whether bodies of this sort are public, where nothing else is said."""
        private = {ControllerKind.COMPANY, ControllerKind.ASSOCIATION, ControllerKind.OTHER}
        return self not in private


class ContactKind(Named):
    """What answers under a contact."""

    PERSON = "person", text("Person")
    MAILBOX = "mailbox", text("Shared mailbox")
    SERVICE = "service", text("Department of the body")
    FIRM = "firm", text("External firm")


class ContactRole(Named):
    """What a contact is for, for one controller."""

    NOTICE = "notice", text("Notices")
    BREACH = "breach", text("Breaches")
    DPO = "dpo", text("DPO")
    REPRESENTATIVE = "representative", text("Representative")
    REFERENT = "referent", text("Referent")


class Authorisation(Named):
    """How a controller authorised sub-processors, Art. 28(2)."""

    GENERAL = "general", text("General")
    SPECIFIC = "specific", text("Specific")
    MIXED = "mixed", text("Mixed, by activity")


class ObjectionEffect(Named):
    """What an objection brings about."""

    VETO = "veto", text("The sub-processing may not happen")
    TALKS = "talks", text("The parties talk")
    TERMINATION = "termination", text("The contract may be terminated")


class Effect(Named):
    """What a change of sub-processors needs under a contract before it may start."""

    WINDOW = "window", text("a window to object")
    AGREEMENT = "agreement", text("the controller's explicit agreement")
    INFORMATION = "information", text("information only")


class Channel(Named):
    """How a notice has to travel."""

    EMAIL = "email", text("E-mail")
    REGISTERED_LETTER = "registered_letter", text("Registered letter")
    ELECTRONIC_REGISTERED = "electronic_registered", text("Electronic registered letter")
    PORTAL = "portal", text("Portal")


class BreachText(Named):
    """Where the full text of a breach notice is."""

    ATTACHED = "attached", text("Attached in full")
    PORTAL = "portal", text("On the portal")


class Renewal(Named):
    """What happens at the end of a term."""

    NONE = "none", text("None")
    TACIT = "tacit", text("Tacit")
    EXPRESS = "express", text("Express")
    CONTRADICTORY = "contradictory", text("The documents contradict each other")


class EndChoice(Named):
    """What the controller chose for the end, Art. 28(3)(g)."""

    ERASE = "erase", text("Erase")
    RETURN = "return", text("Return")
    RETURN_THEN_ERASE = "return_then_erase", text("Return, then erase")


class ClauseState(Named):
    """Whether a contract says what Art. 28(3) asks."""

    PRESENT = "present", text("Present")
    PARTIAL = "partial", text("In part")
    ABSENT = "absent", text("Absent")


class Hosting(Named):
    """Where the software runs for this controller: it decides who answers for which measure."""

    HOSTED = "hosted", text("Hosted")
    ON_PREMISE = "on_premise", text("On the controller's premises")
    TELESERVICE = "teleservice", text("Teleservice")


LETTERS: dict[str, Text] = {
    "a": text("documented instructions, transfers included"),
    "b": text("persons bound to confidentiality"),
    "c": text("security measures of Art. 32"),
    "d": text("conditions for sub-processors"),
    "e": text("help with requests of data subjects"),
    "f": text("help with Art. 32 to 36"),
    "g": text("erasure or return at the end, as the controller chooses"),
    "h": text("information and audits; warning of unlawful instructions"),
}
"""What each letter of Art. 28(3) asks of a contract."""
