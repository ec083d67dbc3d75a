"""The words of announcements: what changes, what proves a receipt, where a contract stands."""

from typing import NamedTuple

from registers.kernel.words import Named, Text, text
from registers.notices.vocabulary import NoticeKind


class Topic(Named):
    """What an announcement is about: each topic has its notices, both have the same windows."""

    SUBPROCESSORS = "subprocessors", text("Sub-processors")
    VERSION = "version", text("Update to a new version")


class Tells(NamedTuple):
    """The notices of a topic."""

    first: NoticeKind
    """What is intended."""
    withdrawal: NoticeKind
    early: NoticeKind
    """What began before it might."""


TELLS = {
    Topic.SUBPROCESSORS: Tells(
        NoticeKind.SUBPROCESSORS, NoticeKind.WITHDRAWAL, NoticeKind.ENGAGEMENT
    ),
    Topic.VERSION: Tells(NoticeKind.UPDATE, NoticeKind.UPDATE_WITHDRAWAL, NoticeKind.UPDATE_EARLY),
}

FIRST = frozenset(each.first for each in TELLS.values())
"""The notices that tell of an intention: their matters carry receipts, windows and objections."""
AFTER_THE_FACT = frozenset(
    kind for each in TELLS.values() for kind in (each.withdrawal, each.early)
)
"""Notices that tell what became of changes: it is their own receipt that is acknowledged."""


class ChangeKind(Named):
    """What is intended: Art. 28(2), or contract 001 §8.1."""

    ADDITION = "addition", text("A new sub-processor")
    REPLACEMENT = "replacement", text("One in place of another")
    RELOCATION = "relocation", text("Another site")
    REMOVAL = "removal", text("A sub-processor leaves")
    UPDATE = "update", text("A new version of a product")

    @property
    def topic(self) -> Topic:
        """What it is about."""
        return Topic.VERSION if self is ChangeKind.UPDATE else Topic.SUBPROCESSORS


class State(Named):
    """Where a change stands under one contract."""

    AWAITING_DISPATCH = "awaiting_dispatch", text("not sent yet")
    AWAITING_RECEIPT = "awaiting_receipt", text("receipt not proven")
    PROVISIONAL = "provisional", text("window open provisionally")
    OPEN = "open", text("window open")
    WAITING = "waiting", text("told, awaits its day")
    AWAITING_AGREEMENT = "awaiting_agreement", text("explicit agreement awaited")
    HELD = "held", text("held by an objection")
    REFUSED = "refused", text("refused: not for this controller")
    MAY_START = "may_start", text("may start")
    ENGAGED = "engaged", text("engaged")
    IRREGULAR = "irregular", text("engaged irregularly")
    CONTRACT_ENDED = "contract_ended", text("contract ended")
    OVER = "over", text("withdrawn, or announced anew")

    def named(self, topic: Topic) -> Text:
        """What it is called where an announcement is about this topic."""
        return _OF_VERSIONS.get(self, self.says) if topic is Topic.VERSION else self.says


_OF_VERSIONS = {
    State.HELD: text("deferred by an objection"),
    State.MAY_START: text("may be installed"),
    State.ENGAGED: text("installed"),
    State.IRREGULAR: text("installed irregularly"),
}


class Outcome(Named):
    """What became of an objection."""

    PENDING = "pending", text("to be answered")
    ANSWERED = "answered", text("answered, it stands")
    ACCOMMODATED = "accommodated", text("accommodated, not withdrawn")
    """Something was changed for the controller; that alone lifts nothing."""
    WITHDRAWN = "withdrawn", text("withdrawn in writing")
    UPHELD = "upheld", text("upheld")


class Phase(Named):
    """Where an announcement stands."""

    DRAFT = "draft", text("Draft")
    ANNOUNCED = "announced", text("Announced")
    REVISED = "revised", text("Announced anew since")
    WITHDRAWN = "withdrawn", text("Withdrawn")
