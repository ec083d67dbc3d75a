"""The words of retention: where a case stands, what was done where, what the controller chose."""

from registers.kernel.words import Named, text


class CaseState(Named):
    """Where a retention case stands."""

    OPEN = "open", text("to be done")
    HELD = "held", text("on hold")
    PROPOSED = "proposed", text("stated, to be confirmed")
    DONE = "done", text("done")
    WITHDRAWN = "withdrawn", text("withdrawn")


class Came(Named):
    """How a controller's request for its data came."""

    REGISTERED_LETTER = "registered_letter", text("by registered letter")
    ELECTRONIC_REGISTERED = "electronic_registered", text("by electronic registered letter")
    LETTER = "letter", text("by ordinary letter")
    EMAIL = "email", text("by e-mail")
    TICKET = "ticket", text("by a ticket")
    HAND = "hand", text("handed over")


class ErasureState(Named):
    """Where an erasure stands between the two persons it needs."""

    PROPOSED = "proposed", text("to be confirmed")
    CONFIRMED = "confirmed", text("confirmed")
    REFUSED = "refused", text("not confirmed")


class Result(Named):
    """What was done with the data."""

    ERASED = "erased", text("erased")
    ANONYMISED = "anonymised", text("anonymised")
    RETURNED = "returned", text("returned, and no copy kept")


class System(Named):
    """Where data may stand: the checklist of an erasure."""

    APPLICATION = "application", text("Applications and their databases")
    FILES = "files", text("Files, exports and test copies")
    SUPPORT = "support", text("Support tool and its tickets")
    MAILBOXES = "mailboxes", text("Mailboxes and directories of the staff")
    CREDENTIALS = "credentials", text("Accounts, keys and passwords, those on servers included")
    WORKSTATIONS = "workstations", text("Workstations and removable media")
    LOGS = "logs", text("Logs that hold personal data")
    PAPER = "paper", text("Paper")
    BACKUPS = "backups", text("Backups, beside those that the register describes")


class Treatment(Named):
    """What was found in a system, and done there."""

    CLEARED = "cleared", text("cleared")
    NOTHING = "nothing", text("nothing was there")
    REMAINS = "remains", text("something remains")


class OwnStore(Named):
    """A store of this installation itself, with a limit of its own."""

    CONTACTS = "contacts", text("Points of contact that serve nobody any more")
    PROOFS = (
        "proofs",
        text(
            "Messages, receipts, slips, objections, instructions, audits, interventions and "
            "papers of ended contracts"
        ),
    )
    STAFF = "staff", text("Undertakings and trainings of authorised persons who left")
    ACCOUNTS = "accounts", text("Disabled accounts of the staff")
    TRACES = "traces", text("Technical traces: sessions, links followed, work that was done")
