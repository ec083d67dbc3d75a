"""What letters to controllers are made of: one shape for each matter that they tell of."""

from datetime import date, datetime

import msgspec

from registers.annexes.shapes import Part, Snapshot
from registers.announcements.facts import Update
from registers.announcements.vocabulary import ChangeKind
from registers.assistance.vocabulary import DutyKind, DutyStep, Origin, Scope
from registers.breaches.facts import Breach
from registers.breaches.vocabulary import Step
from registers.controllers import facts as parties
from registers.controllers.vocabulary import Effect
from registers.requests.vocabulary import Channel as Received
from registers.requests.vocabulary import Right
from registers.retention.vocabulary import Result
from registers.subprocessors.facts import Subprocessor


class Letter(Snapshot, frozen=True, kw_only=True):
    """What one recipient is told."""

    number: str
    """That of the notice."""
    language: str
    name: str
    """The recipient."""
    lines: tuple[str, ...]
    """The lines of the envelope."""

    @property
    def subject(self) -> str:
        """The number of what it tells of; empty where that has none."""
        raise NotImplementedError  # each sort of letter says which


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


class NoticeSnapshot(Letter, frozen=True, kw_only=True):
    """A notice about sub-processors, to one recipient, Art. 28(2)."""

    kind: str = "notice"
    announcement: str
    """Its number."""
    changes: tuple[ToldChange, ...]
    contracts: tuple[ToldContract, ...]
    former: str = ""
    """The number of the notice that this one refers to."""
    reason: str = ""
    started_on: date | None = None

    @property
    def subject(self) -> str:
        """The number of the announcement."""
        return self.announcement


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


class BreachSnapshot(Letter, frozen=True, kw_only=True):
    """A notice of a breach to one controller, Art. 33(2) and (3)."""

    kind: str = "notice_breach"
    code: str
    """That of the breach."""
    step: Step
    drill: bool
    zone: str
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

    @property
    def subject(self) -> str:
        """The number of the breach."""
        return self.code


class OfficerSnapshot(Letter, frozen=True, kw_only=True):
    """A notice about data protection officers: a controller's, or our own."""

    kind: str = "notice_dpo"
    controllers: tuple[str, ...]
    """Whom it is about."""
    form: str = ""
    """The number of the declaration, where it is about one."""
    officer: str = ""
    """Who is named in it."""
    none: bool = False
    """Whether it says that no officer is required."""
    now: dict[str, str] = msgspec.field(default_factory=dict)
    """What our own officer is, by field; and was before."""
    before: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def subject(self) -> str:
        """The number of the declaration, where it is about one."""
        return self.form


class RequestSnapshot(Letter, frozen=True, kw_only=True):
    """A data subject's request on its way to a controller: without anything of the person.

    Name, address and text of the person go into the message only when it leaves, so that they
    can be erased.
    """

    kind: str = "notice_request"
    zone: str
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

    @property
    def subject(self) -> str:
        """The number of the request."""
        return self.code


class InstructionSnapshot(Letter, frozen=True, kw_only=True):
    """A notice of an instruction that would infringe the law, Art. 28(3) last subparagraph."""

    kind: str = "notice_instruction"
    code: str
    """That of the instruction."""
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

    @property
    def subject(self) -> str:
        """The number of the instruction."""
        return self.code


class DutySnapshot(Letter, frozen=True, kw_only=True):
    """A notice of a legal requirement to process outside the instructions, Art. 28(3)(a)."""

    kind: str = "notice_legal_duty"
    code: str
    """That of the duty."""
    zone: str
    """Its time zone."""
    references: tuple[str, ...]
    """Of the contracts."""
    phase: DutyStep
    """What it tells: the requirement, another day, that it is not pursued."""
    sort: DutyKind
    origin: Origin
    provision: str
    authority: str
    reference: str
    known_on: date
    data: str
    country: str
    recipient: str
    planned_on: date | None = None
    begun_at: datetime | None = None
    """When it had begun before it was told."""
    lifted_on: date | None = None
    """Until when the law prohibited telling, where it did."""
    says: str = ""

    @property
    def subject(self) -> str:
        """The number of the duty."""
        return self.code


class CertificateSnapshot(Letter, frozen=True, kw_only=True):
    """The letter that a certificate of erasure goes with."""

    kind: str = "notice_erasure"
    code: str
    """Of the erasure."""
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

    @property
    def subject(self) -> str:
        """The number of the erasure."""
        return self.code
