"""The words of instructions, assistance, interventions, commitments of staff, certificates."""

from registers.kernel.words import Named, text


class Scope(Named):
    """What an instruction is about."""

    PURPOSE = "purpose", text("A further purpose")
    STOP = "stop", text("A purpose to be given up")
    OPERATION = "operation", text("An operation on data")
    TRANSFER = "transfer", text("A transfer to a third country")
    RETENTION = "retention", text("Retention, return or erasure")
    SECURITY = "security", text("Security measures")
    OTHER = "other", text("Something else")


class Way(Named):
    """How an instruction came."""

    PORTAL = "portal", text("On the portal, with a one-time code")
    LETTER = "letter", text("By letter")
    EMAIL = "email", text("By e-mail")
    TICKET = "ticket", text("By a ticket")
    SPOKEN = "spoken", text("By word of mouth")


class Step(Named):
    """What happened to an instruction."""

    ACCEPTED = "accepted", text("Accepted")
    CONTESTED = "contested", text("Contested")
    MAINTAINED = "maintained", text("Maintained by the controller")
    WITHDRAWN = "withdrawn", text("Withdrawn by the controller")
    EXECUTED = "executed", text("Executed")


class Standing(Named):
    """Where an instruction stands."""

    RECEIVED = "received", text("received")
    ACCEPTED = "accepted", text("accepted")
    CONTESTED = "contested", text("contested")
    MAINTAINED = "maintained", text("maintained")
    WITHDRAWN = "withdrawn", text("withdrawn")
    EXECUTED = "executed", text("executed")


class AssistanceKind(Named):
    """With what a controller is assisted."""

    AUDIT = "audit", text("Audit or inspection (Art. 28(3)(h))")
    ASSESSMENT = "assessment", text("Data protection impact assessment (Art. 35)")
    CONSULTATION = "consultation", text("Prior consultation of the authority (Art. 36)")
    SECURITY = "security", text("Security of its processing (Art. 32)")
    OTHER = "other", text("Something else")


class Stage(Named):
    """How far assistance has come."""

    ASKED = "asked", text("asked for")
    PLANNED = "planned", text("planned")
    HELD = "held", text("held")
    FINDINGS = "findings", text("findings reported")
    CLOSED = "closed", text("concluded")


class Environment(Named):
    """What an operator enters during an intervention."""

    TEST = "test", text("Test environment")
    PRODUCTION = "production", text("Production environment")
    WORKSTATION = "workstation", text("Workstation of a user")
    SERVER = "server", text("Server on the controller’s premises")


class ConsentWay(Named):
    """How a controller consented to an intervention."""

    WRITTEN = "written", text("Formal written agreement")
    TICKET = "ticket", text("In the ticket")
    EMAIL = "email", text("By e-mail")
    ON_SCREEN = "on_screen", text("On the screen that was taken over")
    SPOKEN = "spoken", text("By telephone")


class CommitmentKind(Named):
    """What a person authorised to process data committed to, or was taught."""

    CONFIDENTIALITY = "confidentiality", text("Confidentiality undertaking (Art. 28(3)(b))")
    TRAINING = "training", text("Data protection training")


class Covered(Named):
    """Whether a person is covered by an undertaking or a training."""

    GOOD = "good", text("in order")
    SOON = "soon", text("due again soon")
    OVER = "over", text("due again")
    MISSING = "missing", text("missing")


class CertificateKind(Named):
    """What shows sufficient guarantees, Art. 28(1) and (5)."""

    CERTIFICATION = "certification", text("Certification (Art. 42)")
    QUALIFICATION = "qualification", text("Qualification or approval by an authority")
    STANDARD = "standard", text("Certificate of conformity with a standard")
    CODE = "code", text("Adherence to a code of conduct (Art. 40)")
    REPORT = "report", text("Report of an audit or a penetration test")
    ATTESTATION = "attestation", text("Attestation")


class DutyKind(Named):
    """What a law obliges the processor to do outside the documented instructions."""

    TRANSFER = "transfer", text("Transfer to a third country or an international organisation")
    DISCLOSURE = "disclosure", text("Disclosure to an authority")
    PROCESSING = "processing", text("Other processing outside the instructions")


class Origin(Named):
    """Whose law it is: only the first two excuse from the instructions, Art. 28(3)(a)."""

    UNION = "union", text("Union law")
    MEMBER_STATE = "member_state", text("Law of a Member State")
    THIRD_COUNTRY = "third_country", text("Law of a third country")


class DutyStep(Named):
    """What happened to a legal duty."""

    TOLD = "told", text("Notices to the controllers written")
    LIFTED = "lifted", text("Prohibition to inform lifted")
    PLANNED = "planned", text("Another day planned")
    BEGUN = "begun", text("Begun")
    DROPPED = "dropped", text("Not pursued")


class DutyStanding(Named):
    """Where a legal duty stands."""

    SECRET = "secret", text("reserved")
    TOLD = "told", text("notices written")
    BEGUN = "begun", text("begun")
    DROPPED = "dropped", text("not pursued")
