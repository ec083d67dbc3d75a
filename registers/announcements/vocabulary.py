"""The words of announcements: what changes, what proves a receipt, where a contract stands."""

from registers.kernel.words import Named, text


class ChangeKind(Named):
    """What is intended, Art. 28(2)."""

    ADDITION = "addition", text("A new sub-processor")
    REPLACEMENT = "replacement", text("One in place of another")
    RELOCATION = "relocation", text("Another site")
    REMOVAL = "removal", text("A sub-processor leaves")


class Effect(Named):
    """What a change needs under one contract before it may start."""

    WINDOW = "window", text("a window to object")
    AGREEMENT = "agreement", text("the controller's explicit agreement")
    INFORMATION = "information", text("information only")


class Grade(Named):
    """What a piece of evidence is worth."""

    STRONG = "strong", text("strong")
    """It proves the receipt: the window that it opens may lapse."""
    WEAK = "weak", text("weak")
    """It opens a window provisionally, and proves nothing against the controller."""
    NONE = "none", text("no evidence of receipt")


class Evidence(Named):
    """What shows that a controller received a notice."""

    HAND_OVER = "hand_over", text("hand-over slip, signed")
    QUALIFIED = "qualified", text("qualified electronic registered letter, accepted")
    SIGNED = "signed", text("signed acknowledgement")
    PORTAL = "portal", text("acknowledgement on the portal with a one-time code")
    DECISION = "decision", text("reasoned decision of two persons")
    ELECTRONIC = "electronic", text("electronic registered letter that is not qualified")
    REPLY = "reply", text("answer by e-mail")
    SPOKEN = "spoken", text("said by telephone or in person")
    TRANSPORT = "transport", text("accepted by the mail server")
    DELIVERY_REPORT = "delivery_report", text("delivery report")
    READ_RECEIPT = "read_receipt", text("read receipt")
    PAGE_VIEW = "page_view", text("page opened")


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


class Outcome(Named):
    """What became of an objection."""

    PENDING = "pending", text("to be answered")
    ACCOMMODATED = "accommodated", text("accommodated, not withdrawn")
    """Something was changed for the controller; that alone lifts nothing."""
    WITHDRAWN = "withdrawn", text("withdrawn in writing")
    UPHELD = "upheld", text("upheld")
