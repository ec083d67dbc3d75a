"""What is typed about parties, beside the facts themselves."""

from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    ColorField,
    DateField,
    EmailField,
    HiddenField,
    IntegerField,
    SelectChoice,
    SelectField,
)
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

from app.facts import Hints
from app.forms import Form, Given, Line, Paragraphs, countries, members
from app.house import house
from app.languages import territories
from registers.activities import queries as register
from registers.controllers.operations import STANDARD
from registers.controllers.queries import terms_models
from registers.controllers.vocabulary import ContactKind, ContactRole
from registers.kernel.words import LANGUAGES

LANGUAGE_NAMES = {"fr": "Français", "en": "English"}


def _languages() -> Iterable[SelectChoice]:
    return [SelectChoice(code, LANGUAGE_NAMES[code]) for code in LANGUAGES]


def _activities() -> Iterable[SelectChoice]:
    names = register.activity_names(house().session)
    return [SelectChoice(code, f"{code} – {name}") for code, name in names.items()]


def organisation_hints() -> Hints:
    """The form of the organisation."""
    return Hints(
        long=frozenset({"address", "dpo_address"}),
        choices={"country": countries, "calendar": territories},
    )


def controller_hints() -> Hints:
    """The form of a controller; its contacts have a page of their own."""
    return Hints(
        long=frozenset({"address"}),
        choices={"country": countries, "calendar": territories, "language": _languages},
        without=frozenset({"contacts", "succeeded_by"}),
    )


def contact_hints() -> Hints:
    """The form of a contact."""
    return Hints(long=frozenset({"address"}), choices={"country": countries})


def contract_hints() -> Hints:
    """The form of a contract."""
    return Hints(
        long=frozenset({"note", "end_reason"}),
        choices={
            "code": _activities,
            "specific_activities": _activities,
            "calendar": territories,
            "language": _languages,
        },
        without=frozenset({"controller", "clauses"}),
    )


def controller_sections() -> dict[str, tuple[str, ...]]:
    """The parts of a controller's form."""
    return {
        _("Identity"): ("name", "kind", "public_body", "siret"),
        _("Address"): ("address", "postcode", "city", "country", "phone"),
        _("Representative"): ("representative", "representative_quality", "eu_representative"),
        _("Time limits"): ("calendar", "good_friday", "zone", "language"),
        _("Place in a group"): ("acts_for", "coordinates"),
        _("End"): ("ended_on",),
    }


def organisation_sections() -> dict[str, tuple[str, ...]]:
    """The parts of the organisation's form."""
    return {
        _("Identity"): ("name", "legal_form", "siret", "register"),
        _("Address"): ("address", "postcode", "city", "country", "phone", "email"),
        _("Representative"): ("representative", "representative_quality", "eu_representative"),
        _("Data protection officer"): ("dpo_name", "dpo_email", "dpo_phone", "dpo_address"),
        _("Time limits"): ("calendar", "postal_margin"),
    }


def contact_sections() -> dict[str, tuple[str, ...]]:
    """The parts of a contact's form."""
    return {
        _("Who"): ("kind", "civility", "first_name", "name", "function", "firm"),
        _("Where"): ("email", "phone", "address", "postcode", "city", "country"),
    }


def contract_sections() -> dict[str, tuple[str, ...]]:
    """The parts of a contract's form."""
    return {
        _("Contract"): ("reference", "title", "signed_on", "starts_on", "ends_on"),
        _("Activities"): ("services",),
        _("What the signed copy holds"): ("party_complete", "list_annexed"),
        _("Terms"): ("terms",),
        _("End"): ("ended_on", "end_reason", "note"),
    }


class Look(Form):
    """How papers look; those that are sealed already stay as they are."""

    base = IntegerField(widget=HiddenInput())
    logo = FileField(
        _l("Logo"),
        description=_l(
            "PNG or JPEG, at most 5 MB. It is printed on white, at most 60 mm wide and 18 mm "
            "high, on the first page; whoever has the paper read aloud hears the name of the "
            "organisation in its place."
        ),
    )
    without_logo = BooleanField(_l("Without a logo"))
    accent = ColorField(
        _l("Colour of titles and rules"),
        description=_l(
            "Titles are set in it on white and on tinted rows: a colour with a contrast of less "
            "than 4.5 : 1 against either is refused (WCAG 2.1, 1.4.3)."
        ),
    )
    footer = Paragraphs(
        _l("At the foot of each page"),
        description=_l("Two lines at most: legal form, capital, trade register, VAT number."),
        render_kw={"rows": 2},
    )


class Dated(Form):
    """What every change says beside itself."""

    effective_from = DateField(_l("Takes effect on"), [Given])
    reason = Line(_l("Reason"), [Given])


class Review(Dated):
    """What is said of the letters of Art. 28(3) stands beside; see the page."""

    base = IntegerField(widget=HiddenInput())


class Link(Dated):
    """A contact to name for a controller: one on record, by address, or a new one."""

    role = SelectField(_l("For what"))
    email = EmailField(
        _l("E-mail"),
        [Optional()],
        description=_l("A contact on record with this address is taken; else a new one is made."),
    )
    kind = SelectField(_l("What answers there"))
    name = Line(_l("Name"), description=_l("Of the person, the department or the firm."))
    function = Line(_l("Function"))
    phone = Line(_l("Telephone"))

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)
        self.role.choices = members(ContactRole)
        self.kind.choices = members(ContactKind)


class Succession(Dated):
    """Who takes the place of whom."""

    successor = Line(_l("Code of the successor"), [Given])
    confirmed = BooleanField(_l("I have checked the day, the parties and the contracts"), [Given])


class Upload(Form):
    """A table of controllers."""

    file = FileField(
        _l("Table"),
        [FileRequired(_l("Choose a file."))],
        description=_l("CSV, XLSX or ODS, with a row of headings; at most 32 MB."),
    )
    model = SelectField(_l("Terms where the table says none"))

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)
        names = {each.code: each.name for each in terms_models(house().session)}
        names.setdefault(STANDARD, _("Standard (built in)"))
        self.model.choices = [SelectChoice(code, name) for code, name in names.items()]


class Confirm(Form):
    """A table that was looked at, to be imported as it was shown."""

    upload = HiddenField(validators=[Given])
    model = HiddenField(validators=[Given])
    reason = Line(_l("Reason"), [Given])
