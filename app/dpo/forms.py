"""What is typed about declarations."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import DateField, RadioField, SelectChoice
from wtforms.validators import Optional

from app.facts import FactsForm, Hints, form_for
from app.forms import Form, Given, Line, Paragraphs
from app.languages import say
from registers.dpo.facts import Declaration
from registers.dpo.vocabulary import CIVILITIES, Way

SCAN = _l("PDF, JPEG or PNG, 10 MB at most.")
ACCEPT = {"accept": ".pdf,.jpg,.jpeg,.png,.tif,.tiff"}


def hints() -> Hints:
    """The form of the contract's annex."""
    return Hints(
        long=frozenset({"none_reason"}),
        choices={
            "civility": lambda: [SelectChoice(each, each) for each in CIVILITIES],
        },
        notes={
            "none": _("Never for a public body."),
            "firm": _("Of a department or an external firm."),
            "breach_email": _("Breaches are told there first, instead of to the DPO."),
            "since": _("Left out, from the day on which the declaration takes effect."),
            "done_on": _("May stay open on a form that is still to be signed."),
        },
    )


def sections() -> dict[str, tuple[str, ...]]:
    """The parts of the form, in the order of the contract's annex; ours come after."""
    return {
        _("Public body or company"): ("body", "address", "postcode", "city"),
        _("Representative"): (
            "representative_name",
            "representative_first_name",
            "representative_quality",
        ),
        _("Data protection officer or representative"): (
            "kind",
            "civility",
            "name",
            "first_name",
            "firm",
            "phone",
            "email",
        ),
        _("Where none is required"): ("none", "none_reason"),
        _("Beyond the form of the contract"): ("since", "breach_email"),
        _("Done"): ("done_at", "done_on"),
    }


def declaration_form(known: Declaration, **asked: Any) -> FactsForm:
    """The form, filled in with what is on record; with further fields."""
    form = form_for(Declaration, hints(), known, base=0, today=None, asked=asked)
    del form.effective_from, form.reason
    return form


PAPER, TO_SIGN = "paper", "to_sign"


def how_field() -> RadioField:
    """Whether the signed paper is there already."""
    return RadioField(
        _("How to proceed"),
        choices=[
            SelectChoice(TO_SIGN, _("make the form ready, for the controller to sign")),
            SelectChoice(PAPER, _("enter a paper that came signed, with its scan")),
        ],
        default=TO_SIGN,
    )


def scan_field() -> FileField:
    """The scan of a signed paper."""
    return FileField(
        _("Scan of the signed paper"), description=SCAN, render_kw=ACCEPT, id="document"
    )


class Returned(Form):
    """A form that came back."""

    way = RadioField(_l("How it came back"), [Given])
    content = FileField(_l("The file"), description=SCAN, render_kw=ACCEPT, id="document")
    done_at = Line(_l("Done at"))
    done_on = DateField(_l("On the day"), [Optional()])

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.way.choices = [
            SelectChoice(each.value, say(each.says)) for each in (Way.SIGNED, Way.SCANNED)
        ]

    def file(self) -> bytes | None:
        """What was attached."""
        given: bytes | None = self.content.data.read() if self.content.data else None
        return given


class CallBack(Form):
    """A call that staff made."""

    note = Paragraphs(
        _l("The call"),
        [Given],
        description=_l(
            "Whom you called, at which number that was on record before, when, what was said."
        ),
    )


class Reason(Form):
    """Why something is not done."""

    reason = Line(_l("Reason"), [Given])


class Plain(Form):
    """A button."""
