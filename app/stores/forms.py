"""What is typed about the own stores."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from app.forms import Form, Line, Paragraphs
from registers.kernel.errors import Invalid
from registers.kernel.words import text
from registers.stores.answering import SHORTEST


class Decided(Form):
    """A person's word on what the worker proposed."""

    confirmed = RadioField(_l("Your word"), [InputRequired(_l("Choose one."))])
    reason = Paragraphs(
        _l("Reason"), [Optional()], description=_l("Needed where it is kept longer.")
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.confirmed.choices = [
            SelectChoice("yes", _("Erase it: only digests stay, for good")),
            SelectChoice("no", _("Keep it longer: it is proposed again after 30 days")),
        ]


class Asked(Form):
    """Of whom everything is looked for."""

    email = Line(_l("E-mail of the person"), [Optional()])
    name = Line(
        _l("Name of the person"),
        [Optional(), Length(min=SHORTEST, message=_l("Write at least four letters."))],
        description=_l("First name and name. Namesakes are found too: check them."),
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """One of the two is needed."""
        if not super().validate(extra_validators):
            return False
        if not (self.email.data or self.name.data):
            self.refuse(Invalid(text("Give an address or a name."), "email"))
            return False
        return True
