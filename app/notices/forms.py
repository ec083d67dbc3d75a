"""What is typed about notices: evidence of receipt, what the post did, the mail room's table."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired, Optional

from app.forms import Form, Given, Line, Paragraphs
from app.languages import say
from registers.controllers.vocabulary import Channel
from registers.kernel.errors import NotFound
from registers.notices import proofs
from registers.notices.dossiers import Sent
from registers.notices.models import Receipt
from registers.notices.post import Slip as Posted
from registers.notices.receipts import Proof as Evidenced
from registers.notices.vocabulary import BY_POST, Evidence, Grade, PostalEvent, grade

PROOF = _l("A PDF, an image or an e-mail (.eml), at most 10 MB.")


class Proof(Form):
    """What all pieces of evidence have: a file that is judged by its content."""

    content = FileField(_l("Document"), description=PROOF, id="document")

    def file(self) -> bytes | None:
        """What was sent, if it can be a proof.

        Raises:
            Invalid: it is none.
        """
        sent = self.content.data
        return proofs.checked(sent.read()) if sent and sent.filename else None


BY_HAND = tuple(
    each for each in Evidence if each is not Evidence.PORTAL and grade(each) is not Grade.NONE
)
"""Evidence that a person can record: what the portal proves, it records itself."""


class Received(Proof):
    """Evidence of receipt."""

    evidence = RadioField(_l("Evidence"), [InputRequired(_l("Choose what proves it."))])
    received_on = DateField(
        _l("Received on"), [Given], description=_l("The day where the controller is.")
    )
    by_name = Line(_l("Received by"), [Optional()])
    by_function = Line(_l("Function"), [Optional()])
    note = Paragraphs(
        _l("How it is known"),
        [Optional()],
        description=_l("Of a decision: the clause and the reason."),
    )

    def __init__(self, *given: Any, window: bool, **named: Any) -> None:
        """Offers what a person can record.

        Args:
            given: as any form.
            window: whether a window opens by it.
            named: as any form.
        """
        super().__init__(*given, **named)
        self.evidence.choices = _offered(BY_HAND, window=window)

    def proof(self) -> Evidenced:
        """What was recorded.

        Raises:
            Invalid: the file cannot be a proof.
        """
        return Evidenced(
            Evidence(self.evidence.data),
            self.received_on.data,
            self.note.data or "",
            self.by_name.data or "",
            self.by_function.data or "",
            self.file(),
        )


class Corrected(Received):
    """A record in place of another one; it may say that nothing proves receipt."""

    note = Paragraphs(_l("Why the former record was wrong"), [Given])

    def __init__(self, *given: Any, window: bool, **named: Any) -> None:
        super().__init__(*given, window=window, **named)
        known = [each for each in Evidence if each is not Evidence.PORTAL]
        self.evidence.choices = _offered(known, window=window)


def _offered(found: Iterable[Evidence], *, window: bool) -> list[SelectChoice]:
    return [SelectChoice(each.value, _graded(each, window=window)) for each in found]


def _graded(evidence: Evidence, *, window: bool) -> str:
    worth = {
        Grade.STRONG: _("strong"),
        Grade.WEAK: _("weak: opens the window provisionally") if window else _("weak"),
        Grade.NONE: _("proves no receipt"),
    }[grade(evidence)]
    if evidence is Evidence.DECISION:
        worth = _("strong once a second person has confirmed it")
    return f"{say(evidence.says)} – {worth}"


class Seconded(Form):
    """The second person's word."""

    note = Line(_l("What you checked"), [Given])


class Slip(Proof):
    """What the post says of a letter."""

    event = SelectField(_l("What happened"))
    happened_on = DateField(_l("On which day"), [Given])
    number = Line(_l("Number of the deposit"), [Optional()])
    qualified = BooleanField(
        _l("By a qualified service of electronic registered delivery"),
        description=_l("Only a qualified one equals a registered letter (eIDAS, art. 43)."),
    )
    note = Line(_l("Note"), [Optional()])

    def __init__(self, *given: Any, electronic: bool, **named: Any) -> None:
        super().__init__(*given, **named)
        self.event.choices = [SelectChoice(each.value, say(each.says)) for each in PostalEvent]
        if not electronic:
            del self.qualified

    def slip(self) -> Posted:
        """What was recorded.

        Raises:
            Invalid: the file cannot be a proof.
        """
        return Posted(
            PostalEvent(self.event.data),
            self.happened_on.data,
            self.number.data or "",
            self.note.data or "",
            self.file(),
            bool(self.qualified.data) if "qualified" in self else False,
        )


def slip_of(taken: Sent) -> Slip:
    """The form to follow a letter with.

    Raises:
        NotFound: this does not go by post.
    """
    row = taken.row
    if row.channel not in BY_POST:
        raise NotFound
    begun = PostalEvent.HANDED_OVER if taken.events else PostalEvent.DEPOSITED
    return Slip(
        electronic=row.channel is Channel.ELECTRONIC_REGISTERED,
        number=row.number,
        event=begun.value,
    )


def correction(former: Receipt, *, window: bool) -> Corrected:
    """The form that corrects what was recorded of a receipt, with what it says so far."""
    return Corrected(
        window=window,
        evidence=former.evidence.value,
        received_on=former.received_on,
        by_name=former.by_name,
        by_function=former.by_function,
    )


class Again(Form):
    """Where a message that did not arrive goes now."""

    address = RadioField(_l("Where to"), [InputRequired(_l("Choose where."))])


class Slips(Form):
    """The table of the mail room, filled in."""

    file = FileField(
        _l("Table"),
        [FileRequired(_l("Choose a file."))],
        description=_l("CSV, XLSX or ODS, with a row of headings; at most 32 MB."),
    )


class Nothing(Form):
    """A button: nothing but its token."""
