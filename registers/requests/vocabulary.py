"""The words of requests: which right, by which way, where they stand."""

from registers.kernel.words import Named, Text, text


class Right(Named):
    """What a data subject asks for: the rights that the contract names (001 § 7.5.5)."""

    ACCESS = "access", text("Access (Art. 15)")
    RECTIFICATION = "rectification", text("Rectification (Art. 16)")
    ERASURE = "erasure", text("Erasure (Art. 17)")
    RESTRICTION = "restriction", text("Restriction of processing (Art. 18)")
    PORTABILITY = "portability", text("Portability (Art. 20)")
    OBJECTION = "objection", text("Objection (Art. 21)")
    AUTOMATED = "automated", text("No automated decision (Art. 22)")


class Channel(Named):
    """By which way a request came."""

    EMAIL = "email", text("E-mail")
    LETTER = "letter", text("Letter by post")
    FORM = "form", text("Form on a page of ours")
    TELEPHONE = "telephone", text("Telephone")
    IN_PERSON = "in_person", text("In person")
    OTHER = "other", text("Other")


class Phase(Named):
    """Where a request stands."""

    UNASSIGNED = "unassigned", text("controller still to be found")
    FORWARDED = "forwarded", text("forwarded")
    MISDIRECTED = "misdirected", text("addressed to the wrong body")
    CLOSED = "closed", text("ended")


class Way(Named):
    """How the acknowledgement goes to the data subject."""

    EMAIL = "email", text("by e-mail")
    LETTER = "letter", text("by letter")
    NONE = "none", text("not possible: no address is known")


class What(Named):
    """Something that happened to a request."""

    ACKNOWLEDGED = "acknowledged", text("Acknowledged to the data subject; not an answer")
    IDENTITY = "identity", text("Identity checked")
    EXTENDED = "extended", text("Extension told to the data subject by the controller")
    ASSISTED = "assisted", text("Assistance given to the controller")
    ANSWERED = "answered", text("Answered by the controller")
    REFUSED = "refused", text("Refused by the controller")
    NOT_OURS = "not_ours", text("The controller says that it is not concerned")
    NOTE = "note", text("Note")


OUTCOMES: dict[What, Text] = {
    What.ANSWERED: What.ANSWERED.says,
    What.REFUSED: What.REFUSED.says,
    What.NOT_OURS: What.NOT_OURS.says,
}
"""What ends the matter for one controller."""
