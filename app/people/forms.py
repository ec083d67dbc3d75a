"""The forms of accounts."""

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    IntegerField,
    PasswordField,
    SelectChoice,
    SelectField,
)
from wtforms.validators import Length
from wtforms.widgets import HiddenInput

from app.forms import Choices, Form, Given, Line, Whole, members
from registers.kernel.identifiers import checked_email
from registers.people.roles import Role
from registers.people.rules import SHORTEST_PASSWORD

LANGUAGE_NAMES = [SelectChoice("fr", "Français"), SelectChoice("en", "English")]
LONGEST_PASSWORD = 200


def _password(label: str, autocomplete: str, **options: object) -> PasswordField:
    return PasswordField(
        label,
        [Given, Length(max=LONGEST_PASSWORD)],
        render_kw={"autocomplete": autocomplete},
        **options,
    )


def _new_password() -> PasswordField:
    return _password(
        _l("Password"),
        "new-password",
        description=_l(
            "At least %(count)s characters; a sentence is easier to remember than a riddle.",
            count=SHORTEST_PASSWORD,
        ),
    )


class SignIn(Form):
    """Address and password."""

    email = EmailField(_l("E-mail address"), [Given], render_kw={"autocomplete": "username"})
    password = _password(_l("Password"), "current-password")


class Code(Form):
    """The second factor."""

    code = Line(
        _l("Code"),
        [Given],
        description=_l("The six digits your application shows, or one of your recovery codes."),
        render_kw={"autocomplete": "one-time-code", "inputmode": "text", "autofocus": True},
    )


class SetUp(Form):
    """The first account."""

    token = Line(
        _l("Set-up token"), [Given], description=_l("Printed where the server was started.")
    )
    name = Line(_l("Name"), [Given], render_kw={"autocomplete": "name"})
    email = EmailField(
        _l("E-mail address"), [Given, Whole(checked_email)], render_kw={"autocomplete": "username"}
    )
    password = _new_password()


class NewPassword(Form):
    """A password chosen through an invitation."""

    password = _new_password()


class OwnPassword(Form):
    """A password changed by its owner."""

    present = _password(_l("Present password"), "current-password")
    password = _new_password()


class SecondFactor(Form):
    """The first code of a new second factor; the secret travels with the form."""

    secret = HiddenField()
    code = Line(_l("Code shown by the application"), [Given], render_kw={"inputmode": "numeric"})


class NewUser(Form):
    """An account to add."""

    name = Line(_l("Name"), [Given])
    email = EmailField(_l("E-mail address"), [Given, Whole(checked_email)])
    roles = Choices(_l("Roles"), [Given])
    language = SelectField(_l("Language"), choices=LANGUAGE_NAMES)

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)
        self.roles.choices = members(Role)


class ChangedUser(Form):
    """An account to change; `revision` is the state its author saw."""

    revision = IntegerField(widget=HiddenInput())
    name = Line(_l("Name"), [Given])
    roles = Choices(_l("Roles"), [Given])
    disabled = BooleanField(
        _l("Disabled"), description=_l("Signed out everywhere and cannot sign in any more.")
    )

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)
        self.roles.choices = members(Role)
