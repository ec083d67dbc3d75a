"""What is asked of the calculator."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, IntegerField, SelectChoice, SelectField, TimeField
from wtforms.validators import NumberRange, Optional

from app.forms import Form, Given, Line, members
from app.languages import territories
from registers.kernel.periods import Roll, Unit

LONGEST = 10_000


class Question(Form):
    """A period, its start, and where it is counted; sent in the address, so that it can be kept."""

    class Meta:
        """Asking changes nothing: no token is needed."""

        csrf = False

    amount = IntegerField(
        _l("How many"),
        [Given, NumberRange(-LONGEST, LONGEST)],
        description=_l("Below zero to count back from the event."),
    )
    unit = SelectField(_l("Of what"))
    start = DateField(_l("Day of the event"), [Given], description=_l("Itself not counted."))
    at = TimeField(_l("Time"), [Optional()], description=_l("For hours only."))
    fold = SelectField(
        _l("If clocks showed that time twice"),
        choices=[
            SelectChoice("", _l("say so")),
            SelectChoice("0", _l("the first time")),
            SelectChoice("1", _l("the second time")),
        ],
    )
    calendar = SelectField(_l("Public holidays of"))
    good_friday = BooleanField(
        _l("Good Friday is a holiday in the commune"), description=_l("Alsace and Moselle only.")
    )
    zone = Line(_l("Time zone"), description=_l("That of the territory when left out."))
    roll = SelectField(_l("Ending on a day off, it"))
    opening = Line(_l("Opening hours"), description=_l("For example 09:00-12:00 14:00-18:00."))

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)
        self.unit.choices = members(Unit)
        self.roll.choices = members(Roll)
        self.calendar.choices = territories()
