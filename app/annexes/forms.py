"""What is asked for when an annex is sealed."""

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField

from app.forms import Form, Given


class Order(Form):
    """The day whose register is shown, and the language."""

    on = DateField(_l("The register as it was on"), [Given])
    language = SelectField(
        _l("Language"),
        choices=[
            ("", _l("the controller's own")),
            ("fr", "Français"),
            ("en", "English"),
        ],
    )
