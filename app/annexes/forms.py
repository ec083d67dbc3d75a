"""What is asked for when an annex is sealed."""

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectChoice, SelectField

from app.forms import Form, Given


class Order(Form):
    """The day whose register is shown, and the language."""

    on = DateField(_l("The register as it was on"), [Given])
    language = SelectField(
        _l("Language"),
        choices=[
            SelectChoice("", _l("the controller's own")),
            SelectChoice("fr", "Français"),
            SelectChoice("en", "English"),
        ],
    )
