"""What papers are made of: snapshots, and the parts of which they consist.

A snapshot is complete: the paper is made from it alone, and its canonical JSON is embedded in
the paper. It has one shape for each sort of subject, not for each kind of paper.
"""

import uuid
from datetime import date

import msgspec

from registers.activities import facts as register
from registers.activities.vocabulary import Trigger
from registers.announcements.facts import Update
from registers.announcements.vocabulary import ChangeKind
from registers.assistance.vocabulary import Scope
from registers.breaches.facts import Breach
from registers.breaches.register import Listed
from registers.breaches.vocabulary import Step
from registers.controllers import facts as parties
from registers.controllers.vocabulary import ContactRole, Effect, EndChoice
from registers.dpo.facts import Declaration
from registers.kernel.base import canonical
from registers.kernel.files import digest
from registers.requests.vocabulary import Channel as Received
from registers.requests.vocabulary import Right
from registers.retention.facts import Copy, Promise, Treated
from registers.retention.vocabulary import Result
from registers.subprocessors.facts import Subprocessor


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a snapshot."""


class Person(Part, frozen=True, kw_only=True):
    """A point of contact, for one role."""

    role: ContactRole
    name: str
    function: str = ""
    email: str = ""
    phone: str = ""

    @property
    def is_named(self) -> bool:
        """Whether it has a name of its own, and not only an address."""
        return self.name != self.email


class Agreed(Part, frozen=True, kw_only=True):
    """A contract in force."""

    reference: str
    version: int
    known: parties.Contract


class Processed(Part, frozen=True, kw_only=True):
    """An activity carried out under these contracts."""

    code: str
    version: int
    since: date
    taken_over: bool
    known: register.Activity


class Engaged(Part, frozen=True, kw_only=True):
    """A sub-processor used in these activities."""

    code: str
    version: int
    known: Subprocessor


class Protecting(Part, frozen=True, kw_only=True):
    """A measure that protects these activities."""

    code: str
    version: int
    known: register.Measure


class Served(Part, frozen=True, kw_only=True):
    """A controller in the whole register, with what it has the organisation do."""

    code: str
    known: parties.Controller
    persons: tuple[Person, ...]
    contracts: tuple[Agreed, ...]


class Recorded(Part, frozen=True, kw_only=True):
    """An entry of the journal as its hash covers it: without the values kept beside it."""

    number: int
    act: str
    at: str
    actor: str
    kind: str
    about: str
    within: str | None
    facts: str
    commitment: str | None
    previous: str
    hash: str


class Snapshot(Part, frozen=True, kw_only=True):
    """The facts of a day, whatever they are about."""

    schema: str = "greffe-snapshot"
    schema_version: int = 1
    kind: str
    on: date
    organisation: parties.Organisation

    @property
    def stored(self) -> bytes:
        """Its canonical JSON: what is hashed, kept and embedded."""
        return canonical(self)

    @property
    def sha256(self) -> str:
        """The digest by which the same snapshot is recognised."""
        return digest(self.stored)


class RegisterSnapshot(Snapshot, frozen=True, kw_only=True):
    """The register of one controller on a day, Art. 30(2)."""

    kind: str = "register"
    code: str
    controller: parties.Controller
    persons: tuple[Person, ...]
    contracts: tuple[Agreed, ...]
    activities: tuple[Processed, ...]
    subprocessors: tuple[Engaged, ...]
    measures: tuple[Protecting, ...]


class ContractSnapshot(Snapshot, frozen=True, kw_only=True):
    """One contract on a day, with its parties and what is done under it, Art. 28(3)."""

    kind: str = "contract"
    code: str
    controller: parties.Controller
    persons: tuple[Person, ...]
    contract_id: uuid.UUID
    contract: Agreed
    activities: tuple[Processed, ...]
    subprocessors: tuple[Engaged, ...]
    measures: tuple[Protecting, ...]


class WholeSnapshot(Snapshot, frozen=True, kw_only=True):
    """The whole register of the organisation on a day, Art. 30(4)."""

    kind: str = "whole_register"
    controllers: tuple[Served, ...]
    activities: tuple[Processed, ...]
    subprocessors: tuple[Engaged, ...]
    measures: tuple[Protecting, ...]


class ExtractSnapshot(Snapshot, frozen=True, kw_only=True):
    """What the journal says of some days, about everything or about one controller's dossier."""

    kind: str = "journal_extract"
    since: date
    zone: str
    code: str = ""
    name: str = ""
    entries: tuple[Recorded, ...]


class ToldChange(Part, frozen=True, kw_only=True):
    """A change of sub-processors as it was announced."""

    kind: ChangeKind
    planned_on: date
    known: Subprocessor
    replaces: str
    activities: dict[str, str]
    """Names by code; empty: all."""
    reason: str


class ToldContract(Part, frozen=True, kw_only=True):
    """A contract that a notice tells of, and what each change needs there."""

    code: str
    name: str
    reference: str
    effects: tuple[Effect | None, ...]
    terms: parties.Terms
    calendar: str
    good_friday: bool
    ends: date | None
    """The last day of its window if the notice is received on its day."""


class NoticeSnapshot(Snapshot, frozen=True, kw_only=True):
    """A notice about sub-processors, to one recipient, Art. 28(2)."""

    kind: str = "notice"
    number: str
    announcement: str
    """Its number."""
    language: str
    name: str
    """The recipient."""
    lines: tuple[str, ...]
    """The lines of the envelope."""
    changes: tuple[ToldChange, ...]
    contracts: tuple[ToldContract, ...]
    former: str = ""
    """The number of the notice that this one refers to."""
    reason: str = ""
    started_on: date | None = None


class ToldUpdate(Part, frozen=True, kw_only=True):
    """An update to a new version as it was announced."""

    known: Update
    planned_on: date
    sheet: str
    """The SHA-256 of its version sheet."""
    sheet_name: str
    activities: dict[str, str]
    """Names by code; empty: all."""


class ToldVersion(ToldContract, frozen=True, kw_only=True):
    """A contract that the notice of an update tells of."""

    installs_on: date
    """The first day for which notice is given in time there."""
    holds_until: date | None
    """The last day on which an objection holds."""


class VersionSnapshot(NoticeSnapshot, frozen=True, kw_only=True):
    """A notice of an update to one recipient, contract 001 §8.1."""

    update: ToldUpdate
    contracts: tuple[ToldVersion, ...]


class BreachSnapshot(Snapshot, frozen=True, kw_only=True):
    """A notice of a breach to one controller, Art. 33(2) and (3)."""

    kind: str = "notice_breach"
    number: str
    code: str
    """That of the breach."""
    step: Step
    drill: bool
    language: str
    zone: str
    name: str
    lines: tuple[str, ...]
    controller_name: str
    references: tuple[str, ...]
    """Of the contracts concerned."""
    known: Breach
    before: Breach | None = None
    """What the notice before this one said; None: this is the first."""
    persons: int | None = None
    records: int | None = None
    late: str = ""
    """Why it comes late, where legal staff decided to say so."""
    reason: str = ""
    """Of a withdrawal, why it was an error."""


class BreachRegisterSnapshot(Snapshot, frozen=True, kw_only=True):
    """The register of breaches on a day, Art. 33(5)."""

    kind: str = "breach_register"
    breaches: tuple[Listed, ...]


class ErasedCase(Part, frozen=True, kw_only=True):
    """A promise to erase, and the day until which it was to be kept."""

    promise: Promise
    due_on: date | None
    day_reason: str = ""


class Answered(Part, frozen=True, kw_only=True):
    """A sub-processor that had copies, and its own word; None: it has not confirmed yet."""

    name: str
    erased_on: date | None = None
    says: str = ""
    proof: str | None = None
    """The SHA-256 of its document."""


class GivenBack(Part, frozen=True, kw_only=True):
    """Data that were given back before they were erased."""

    returned_on: date
    format: str
    proof: str | None = None


class ErasureSnapshot(Snapshot, frozen=True, kw_only=True):
    """An erasure attested by two persons, and what is left of the data on a day, Art. 28(3)(g)."""

    kind: str = "erasure_certificate"
    code: str
    number: str
    """Its own."""
    language: str
    controller: parties.Controller
    reference: str
    """Of the contract; empty where there is none."""
    trigger: Trigger
    event_on: date
    what: str
    own: bool
    """Whether the organisation is itself controller of these data."""
    cases: tuple[ErasedCase, ...]
    result: Result
    done_on: date
    method: str
    treated: tuple[Treated, ...]
    chosen: EndChoice | None = None
    visa: str = ""
    visa_proof: str | None = None
    returned: tuple[GivenBack, ...] = ()
    chain: tuple[Answered, ...] = ()
    copies: tuple[Copy, ...] = ()
    left: tuple[Copy, ...] = ()
    """The copies in backups that may still exist on the day."""
    complete: bool
    """Whether no copy is left anywhere, as far as anybody knows."""
    against: dict[str, tuple[str, ...]] = {}
    """What stood against it when it was done, by language."""
    why: str = ""
    stated_by: str
    stated_on: date
    confirmed_by: str = ""
    confirmed_on: date | None = None


class Declarer(Part, frozen=True, kw_only=True):
    """The controller that declares, as the paper names it."""

    name: str
    language: str
    public_body: bool


class DeclaredBy(Part, frozen=True, kw_only=True):
    """What is known of a declaration on the portal: the act itself."""

    name: str
    function: str
    code_to: str
    """The address that the one-time code went to."""
    notice: str
    """The number of the notice whose link was used."""
    at: str
    """The instant, with its offset."""


class DeclarationSnapshot(Snapshot, frozen=True, kw_only=True):
    """A declaration of a controller's data protection officer, as the contract's form has it."""

    kind: str = "dpo_declaration"
    number: str
    language: str
    controller: Declarer
    known: Declaration
    declared: DeclaredBy | None = None


class OfficerSnapshot(Snapshot, frozen=True, kw_only=True):
    """A notice about data protection officers: a controller's, or our own."""

    kind: str = "notice_dpo"
    number: str
    language: str
    name: str
    lines: tuple[str, ...]
    controllers: tuple[str, ...]
    """Whom it is about."""
    form: str = ""
    """The number of the declaration, where it is about one."""
    officer: str = ""
    """Who is named in it."""
    none: bool = False
    """Whether it says that no officer is required."""
    now: dict[str, str] = {}
    """What our own officer is, by field; and was before."""
    before: dict[str, str] = {}


class RequestSnapshot(Snapshot, frozen=True, kw_only=True):
    """A data subject's request on its way to a controller: without anything of the person.

    Name, address and text of the person go into the message only when it leaves, so that they
    can be erased.
    """

    kind: str = "notice_request"
    number: str
    language: str
    zone: str
    name: str
    lines: tuple[str, ...]
    controllers: tuple[str, ...]
    code: str
    """The number of the request."""
    rights: tuple[Right, ...]
    channel: Received
    received_on: date
    due: date
    """The last day of the controller's month, counted from our receipt."""
    extended: date
    """That of its extension by two months."""
    repeats: str = ""
    """The number of the request that this one repeats."""


class InstructionSnapshot(Snapshot, frozen=True, kw_only=True):
    """A notice of an instruction that would infringe the law, Art. 28(3) last subparagraph."""

    kind: str = "notice_instruction"
    number: str
    code: str
    """That of the instruction."""
    language: str
    name: str
    """The controller."""
    lines: tuple[str, ...]
    references: tuple[str, ...]
    """Of the contract."""
    says: str
    scope: Scope
    given_on: date
    by: str
    provision: str
    why: str
    executed_on: date | None = None
    """When it had been carried out already."""


class CertificateSnapshot(Snapshot, frozen=True, kw_only=True):
    """The letter that a certificate of erasure goes with."""

    kind: str = "notice_erasure"
    number: str
    code: str
    """Of the erasure."""
    language: str
    name: str
    """The controller."""
    lines: tuple[str, ...]
    references: tuple[str, ...]
    """Of the contract; none where the data belonged to none."""
    posted: bool
    """Whether it goes by post: the certificate is enclosed then."""
    certificate: str
    """The number of the certificate."""
    sha256: str
    """Of its file."""
    result: Result
    done_on: date
    complete: bool
    """Whether it states that no copy is left."""


class ActivitySnapshot(Snapshot, frozen=True, kw_only=True):
    """One activity on a day, with what is used in it and what protects it."""

    kind: str = "activity"
    name: str
    """That of the activity."""
    activity: Processed
    subprocessors: tuple[Engaged, ...]
    measures: tuple[Protecting, ...]


Letter = (
    NoticeSnapshot
    | BreachSnapshot
    | OfficerSnapshot
    | RequestSnapshot
    | InstructionSnapshot
    | CertificateSnapshot
)
"""What a message to a controller carries."""
