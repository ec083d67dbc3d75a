"""The words of announcements: what changes, what proves a receipt, where a contract stands."""

from registers.kernel.words import Named, text


class ChangeKind(Named):
    """What is intended, Art. 28(2)."""

    ADDITION = "addition", text("A new sub-processor")
    REPLACEMENT = "replacement", text("One in place of another")
    RELOCATION = "relocation", text("Another site")
    REMOVAL = "removal", text("A sub-processor leaves")


class State(Named):
    """Where a change stands under one contract."""

    AWAITING_DISPATCH = "awaiting_dispatch", text("not sent yet")
    AWAITING_RECEIPT = "awaiting_receipt", text("receipt not proven")
    PROVISIONAL = "provisional", text("window open provisionally")
    OPEN = "open", text("window open")
    AWAITING_AGREEMENT = "awaiting_agreement", text("explicit agreement awaited")
    HELD = "held", text("held by an objection")
    REFUSED = "refused", text("refused: not for this controller")
    MAY_START = "may_start", text("may start")
    ENGAGED = "engaged", text("engaged")
    IRREGULAR = "irregular", text("engaged irregularly")
    CONTRACT_ENDED = "contract_ended", text("contract ended")
    OVER = "over", text("withdrawn, or announced anew")


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
