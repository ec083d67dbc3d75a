"""The words of breaches: those of the French authority's form, where it has them."""

from registers.kernel.words import Named, Text, text


class Phase(Named):
    """Where the record of a breach stands."""

    OPEN = "open", text("Open")
    CLOSED = "closed", text("Examined and closed")
    FALSE = "false", text("Proved to be none")
    """Suspected, then found to be no breach: kept with its reason, Art. 33(5)."""


class Certainty(Named):
    """Whether it is certain that personal data were breached."""

    SUSPECTED = "suspected", text("Suspected")
    ESTABLISHED = "established", text("Established")


class Discoverer(Named):
    """Who found it."""

    STAFF = "staff", text("Our own staff")
    SUBPROCESSOR = "subprocessor", text("A sub-processor")
    CONTROLLER = "controller", text("A controller")
    THIRD_PARTY = "third_party", text("A third party")


class Nature(Named):
    """What was lost of the data."""

    CONFIDENTIALITY = "confidentiality", text("Confidentiality: disclosure or access")
    INTEGRITY = "integrity", text("Integrity: alteration")
    AVAILABILITY = "availability", text("Availability: destruction or loss")


class Origin(Named):
    """What happened."""

    DEVICE = "device", text("Equipment lost or stolen")
    PAPER = "paper", text("Paper lost, stolen or left in an unsecured place")
    MAIL = "mail", text("Mail lost or opened before it came back to the sender")
    ATTACK = "attack", text("Hacking, malware (ransomware) or phishing")
    PAPER_DISPOSAL = "paper_disposal", text("Paper disposed of without destruction")
    DEVICE_DISPOSAL = "device_disposal", text("Devices disposed of without secure erasure")
    PUBLICATION = "publication", text("Unintended publication")
    WRONG_PERSON = "wrong_person", text("Data of the wrong person shown on a portal")
    WRONG_RECIPIENT = "wrong_recipient", text("Data sent to the wrong recipient")
    SPOKEN = "spoken", text("Spoken disclosure")
    OTHER = "other", text("Other")


class Cause(Named):
    """Who brought it about, and whether on purpose."""

    INTERNAL_MALICIOUS = "internal_malicious", text("Malicious act from inside")
    INTERNAL_ACCIDENTAL = "internal_accidental", text("Accident from inside")
    EXTERNAL_MALICIOUS = "external_malicious", text("Malicious act from outside")
    EXTERNAL_ACCIDENTAL = "external_accidental", text("Accident from outside")
    OTHER = "other", text("Other")
    UNKNOWN = "unknown", text("Unknown")


class DataKind(Named):
    """Categories of data as the authority's form sorts them."""

    IDENTITY = "identity", text("Civil status")
    SOCIAL_SECURITY = "social_security", text("Social security number")
    CONTACT = "contact", text("Contact details")
    ACCESS = "access", text("Identification or access data")
    FINANCIAL = "financial", text("Financial data")
    DOCUMENTS = "documents", text("Official documents")
    LOCATION = "location", text("Location data")
    OFFENCES = "offences", text("Offences, convictions, security measures")
    ORIGIN = "origin", text("Racial or ethnic origin")
    OPINIONS = "opinions", text("Political opinions")
    BELIEFS = "beliefs", text("Philosophical or religious beliefs")
    UNION = "union", text("Trade-union membership")
    SEXUAL = "sexual", text("Sexual orientation")
    HEALTH = "health", text("Health data")
    BIOMETRIC = "biometric", text("Biometric data")
    GENETIC = "genetic", text("Genetic data")
    OTHER = "other", text("Other data")
    UNKNOWN = "unknown", text("Not known yet")


class PersonKind(Named):
    """Categories of persons as the authority's form sorts them."""

    EMPLOYEES = "employees", text("Employees")
    USERS = "users", text("Users")
    SUBSCRIBERS = "subscribers", text("Subscribers")
    STUDENTS = "students", text("Pupils or students")
    MILITARY = "military", text("Military personnel")
    CUSTOMERS = "customers", text("Customers")
    PATIENTS = "patients", text("Patients")
    MINORS = "minors", text("Minors")
    VULNERABLE = "vulnerable", text("Vulnerable persons")
    OTHER = "other", text("Others")
    UNKNOWN = "unknown", text("Not known yet")


class Step(Named):
    """Which notice of a breach it is, Art. 33(4)."""

    FIRST = "first", text("First notice")
    MORE = "more", text("Further information")
    CLOSING = "closing", text("Closing notice")
    ERROR = "error", text("Withdrawal of a notice sent in error")


class Following(Named):
    """Where a measure that follows from a breach stands."""

    OPEN = "open", text("to do")
    DONE = "done", text("carried out")
    DROPPED = "dropped", text("given up")


class Threshold(Named):
    """When people are alarmed about a clock."""

    HALF = "half", text("half of the time has passed")
    TWELVE = "twelve", text("12 hours are left")
    FOUR = "four", text("4 hours are left")
    ONE = "one", text("1 hour is left")
    OVER = "over", text("the time is over")


ARTICLE_33: dict[str, Text] = {
    "a": text("nature, categories and approximate numbers of persons and records"),
    "b": text("contact point where more can be learnt"),
    "c": text("likely consequences"),
    "d": text("measures taken or proposed"),
}
"""What each letter of Art. 33(3) asks of a notice."""
