"""The words of notices: what they tell, how they travel, what proves that they arrived."""

from registers.controllers.vocabulary import Channel
from registers.kernel.words import Named, text


class NoticeKind(Named):
    """What a notice tells."""

    SUBPROCESSORS = "subprocessors", text("Intended change of sub-processors")
    WITHDRAWAL = "withdrawal", text("Withdrawal of an information sent in error")
    ENGAGEMENT = "engagement", text("Sub-processor engaged before the window had lapsed")
    REMINDER = "reminder", text("Reminder: acknowledgement of receipt awaited")
    UPDATE = "update", text("Update to a new version")
    UPDATE_WITHDRAWAL = "update_withdrawal", text("Withdrawal of a notice of update sent in error")
    UPDATE_EARLY = "update_early", text("New version installed before its day")
    BREACH = "breach", text("Notification of a personal data breach")
    BREACH_MORE = "breach_more", text("Further information about a personal data breach")
    BREACH_CLOSING = "breach_closing", text("Closing notice about a personal data breach")
    BREACH_ERROR = "breach_error", text("Withdrawal of a notification sent in error")
    INSTRUCTION = "instruction", text("Instruction that we consider unlawful")
    LEGAL_DUTY = "legal_duty", text("Legal requirement to process outside your instructions")
    DPO_AWAITED = "dpo_awaited", text("Declaration of your data protection officer awaited")
    DPO_CONFIRM = "dpo_confirm", text("Declaration of a data protection officer to confirm")
    DPO_FORMER = "dpo_former", text("Another address was declared in place of yours")
    OUR_DPO = "our_dpo", text("Our data protection officer has changed")
    REQUEST = "request", text("Request of a data subject")
    ERASURE = "erasure", text("Certificate of erasure")


class DispatchState(Named):
    """Where a message stands on one channel."""

    TO_DO = "to_do", text("to do")
    SENT = "sent", text("sent")
    UNCERTAIN = "uncertain", text("sent, perhaps twice")
    """The program stopped, or the server went silent, while it was sent: it was sent again."""
    FAILED = "failed", text("failed")
    DELIVERED = "delivered", text("delivered")
    RETURNED = "returned", text("came back")
    CANCELLED = "cancelled", text("not sent any more")


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


class PostalEvent(Named):
    """What happened to a letter, or to an electronic registered delivery."""

    DEPOSITED = "deposited", text("deposited")
    PRESENTED = "presented", text("presented")
    HANDED_OVER = "handed_over", text("handed over against signature")
    REFUSED = "refused", text("refused")
    UNCLAIMED = "unclaimed", text("unclaimed")
    UNKNOWN = "unknown", text("unknown at the address")
    RETURNED = "returned", text("came back to us")


STRONG = frozenset(
    {
        Evidence.HAND_OVER,
        Evidence.QUALIFIED,
        Evidence.SIGNED,
        Evidence.PORTAL,
        Evidence.DECISION,
    }
)
WEAK = frozenset({Evidence.ELECTRONIC, Evidence.REPLY, Evidence.SPOKEN})


def grade(evidence: Evidence) -> Grade:
    """What evidence is worth: nothing that a machine did alone proves that a person received."""
    if evidence in STRONG:
        return Grade.STRONG
    return Grade.WEAK if evidence in WEAK else Grade.NONE


BY_POST = (Channel.REGISTERED_LETTER, Channel.ELECTRONIC_REGISTERED)
