"""The vocabulary of the register, and its words for people."""

from registers.kernel.words import Named, Text, text


class ActivityRole(Named):
    """As what the organisation processes; by activity, not by organisation."""

    PROCESSOR = "processor", text("Processor (Art. 30(2))")
    CONTROLLER = "controller", text("Controller (Art. 30(1))")
    JOINT = "joint", text("Joint controller (Art. 26)")


class DataGroup(Named):
    """The groups under which the CNIL's model sorts personal data."""

    IDENTITY = "identity", text("Civil status, identity, identification")
    PERSONAL_LIFE = "personal_life", text("Personal life")
    WORKING_LIFE = "working_life", text("Working life")
    ECONOMIC = "economic", text("Economic and financial information")
    CONNECTION = "connection", text("Connection data")
    CREDENTIALS = "credentials", text("Identifiers and passwords")
    LOCATION = "location", text("Location data")
    SOCIAL_SECURITY = "social_security", text("Social security number")
    OTHER = "other", text("Other data")


class Sensitivity(Named):
    """Whether data are special categories or about offences."""

    NONE = "none", text("No")
    HEALTH = "health", text("Health (Art. 9)")
    ORIGIN = "origin", text("Racial or ethnic origin (Art. 9)")
    OPINIONS = "opinions", text("Political opinions (Art. 9)")
    BELIEFS = "beliefs", text("Religious or philosophical beliefs (Art. 9)")
    UNION = "union", text("Trade-union membership (Art. 9)")
    SEXUAL = "sexual", text("Sex life or sexual orientation (Art. 9)")
    GENETIC = "genetic", text("Genetic data (Art. 9)")
    BIOMETRIC = "biometric", text("Biometric data (Art. 9)")
    OFFENCES = "offences", text("Convictions and offences (Art. 10)")


class Outcome(Named):
    """What is done with data when their time is over."""

    ERASE = "erase", text("Erasure")
    ANONYMISE = "anonymise", text("Anonymisation")
    ERASE_OR_ANONYMISE = "erase_or_anonymise", text("Erasure or anonymisation")
    RETURN = "return", text("Return to the controller")
    ARCHIVE = "archive", text("Intermediate archiving")


class Trigger(Named):
    """What a retention period runs from."""

    RELATION_END = "relation_end", text("End of the commercial relationship")
    SERVICE_END = "service_end", text("End of the service")
    CONTRACT_END = "contract_end", text("End of the contract")
    INTERVENTION_END = "intervention_end", text("End of the intervention")
    REQUEST_END = "request_end", text("Closing of the request")
    COLLECTION = "collection", text("Collection of the data")
    COPY = "copy", text("Making of the copy")


class Family(Named):
    """The five families of the contracts' security annex."""

    PHYSICAL = "physical", text("Physical security")
    ORGANISATIONAL = "organisational", text("Organisational security")
    LOGICAL = "logical", text("Logical security")
    FLOWS = "flows", text("Encryption of flows")
    CONTROL = "control", text("Control procedures")


class Answerer(Named):
    """Who answers for a measure, where the software runs in a given way."""

    ORGANISATION = "organisation", text("The processor")
    CONTROLLER = "controller", text("The controller")
    SUBPROCESSOR = "subprocessor", text("The sub-processor")


ARTICLE_32: dict[str, Text] = {
    "a": text("pseudonymisation and encryption"),
    "b": text("lasting confidentiality, integrity, availability and resilience"),
    "c": text("restoring availability after an incident"),
    "d": text("regular testing, assessing and evaluating"),
}
"""What each letter of Art. 32(1) asks of measures."""

HEADINGS: dict[str, Text] = {
    "1": text("Pseudonymisation and encryption of personal data"),
    "2": text("Ongoing confidentiality, integrity, availability and resilience"),
    "3": text("Ability to restore availability and access in a timely manner"),
    "4": text("Regular testing, assessing and evaluating of the measures"),
    "5": text("User identification and authorisation"),
    "6": text("Protection of data during transmission"),
    "7": text("Protection of data during storage"),
    "8": text("Physical security of the locations"),
    "9": text("Events logging"),
    "10": text("System configuration, including default configuration"),
    "11": text("Internal IT and IT security governance and management"),
    "12": text("Certification and assurance of processes and products"),
    "13": text("Data minimisation"),
    "14": text("Data quality"),
    "15": text("Limited data retention"),
    "16": text("Accountability"),
    "17": text("Data portability and erasure"),
    "18": text("Assistance to the controller by the processor"),
    "19": text("Assistance to the controller by sub-processors"),
}
"""The headings of annex III to decision (EU) 2021/915: 17 examples of measures for security,
then the measures by which the controller is assisted, which clause 8(d) has set out there."""
