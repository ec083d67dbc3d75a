"""What is typed about legal duties."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, HiddenField, SelectChoice, SelectField
from wtforms.validators import Optional

from app.assistance.forms import activities
from app.forms import Choices, Given, Line, Paragraphs, countries, members
from app.instants import Moment
from app.notices.forms import Proof
from registers.assistance.duty_rules import Described, is_third
from registers.assistance.vocabulary import DutyKind, Origin
from registers.kernel.errors import Invalid
from registers.kernel.words import text


class Recorded(Moment):
    """A legal duty, whom it concerns, and whether it has begun already."""

    origin = SelectField(_l("Whose law it is"))
    provision = Line(
        _l("Law and provision"),
        [Given],
        description=_l("As it is cited, so that the controllers can look it up."),
    )
    authority = Line(_l("Authority that demands it"), [Given])
    reference = Line(_l("Its reference"), [Optional()])
    known_on = DateField(_l("Known to us since"), [Given])
    kind = SelectField(_l("What it obliges us to"))
    data = Paragraphs(
        _l("Data"),
        [Given],
        description=_l("Which data, of which persons, and what is done with them."),
    )
    country = SelectField(_l("Third country"), description=_l("Of a transfer only."))
    recipient = Line(_l("Recipient"), [Optional()])
    activities = Choices(
        _l("Activities concerned"), description=_l("None ticked: whatever the contracts name.")
    )
    controllers = Paragraphs(
        _l("Controllers concerned"),
        [Optional()],
        description=_l(
            "Their codes, one a line. Left open: all whose contracts name one of the activities."
        ),
    )
    planned_on = DateField(
        _l("Planned from"),
        [Optional()],
        description=_l("From tomorrow on: the controllers are informed before. May be left open."),
    )
    prohibited = BooleanField(
        _l("This law prohibits informing the controllers"),
        description=_l("Then nobody is told, and only few accounts see it."),
    )
    ground = Paragraphs(_l("Provision that prohibits it, and the public interest"), [Optional()])
    confirmed = BooleanField(_l("I have read who is told"))
    count = HiddenField()

    def __init__(self, *given: Any, reserved: bool, **named: Any) -> None:
        """Offers what there is to choose.

        Args:
            given: as any form.
            reserved: whether whoever types may record what is not to be told.
            named: as any form.
        """
        super().__init__(*given, **named)
        self.origin.choices = members(Origin)
        self.kind.choices = members(DutyKind)
        third = [each for each in countries() if is_third(each.value)]
        self.country.choices = [SelectChoice("", _("none")), *third]
        self.activities.choices = list(activities())
        if not reserved:
            del self.prohibited
            del self.ground

    @property
    def secret(self) -> bool:
        """Whether nobody is to be told."""
        return "prohibited" in self._fields and bool(self.prohibited.data)

    def described(self) -> Described:
        """What was typed."""
        return Described(
            kind=DutyKind(self.kind.data),
            origin=Origin(self.origin.data),
            provision=self.provision.data or "",
            authority=self.authority.data or "",
            data=self.data.data or "",
            known_on=self.known_on.data,
            reference=self.reference.data or "",
            country=self.country.data or "",
            recipient=self.recipient.data or "",
            planned_on=self.planned_on.data,
            prohibited=self.secret,
            ground=(self.ground.data or "") if self.secret else "",
        )

    def codes(self) -> list[str]:
        """The codes of controllers that were typed."""
        lines = (self.controllers.data or "").replace(",", "\n").splitlines()
        return [line.strip() for line in lines if line.strip()]


class Begun(Moment, Proof):
    """That it has begun."""

    says = Paragraphs(_l("What was done"), [Optional()])

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.on.label.text = _("Begun on")


class Planned(Proof):
    """Another day."""

    on = DateField(_l("Planned from"), [Given])
    says = Paragraphs(_l("Why"), [Optional()], description=_l("Stands in the notice."))

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        del self.content


class Dropped(Proof):
    """That it is not pursued."""

    on = DateField(_l("On which day"), [Given])
    says = Paragraphs(_l("Why"), [Given], description=_l("Stands in the notice."))


class Lifted(Proof):
    """That nothing prohibits telling any more."""

    on = DateField(_l("Since when"), [Given])
    says = Paragraphs(_l("By which decision"), [Optional()])
    confirmed = BooleanField(_l("I have read who is told"), [Given])


def require_instant(form: Moment) -> Any:
    """The instant that was typed.

    Raises:
        Invalid: none was, or it is none.
    """
    written = form.instant()
    if written is None:
        raise Invalid(text("This entry is needed."), "on")
    return written
