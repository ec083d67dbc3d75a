"""What is typed about instructions, assistance, interventions, staff and certificates."""

import uuid
from collections.abc import Iterable
from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, IntegerField, RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired, Optional

from app.facts import Hints
from app.forms import Choices, Given, Line, Paragraphs
from app.house import house
from app.instants import SORTS
from app.languages import say
from app.notices.forms import Proof
from registers.activities import queries as register
from registers.assistance.queries import Given as Instruction
from registers.assistance.vocabulary import CommitmentKind, Scope, Standing, Step, Way
from registers.controllers import queries as parties
from registers.controllers.models import Controller
from registers.subprocessors import queries as subprocessors


def assistance_hints() -> Hints:
    """The form of an audit or other assistance."""
    return Hints(
        long=frozenset({"given", "outcome", "note", "says", "measure"}),
        choices={"contract": _contracts, "activities": activities},
        without=frozenset({"controller"}),
        notes={
            "given": _("Documents are added on the page of the dossier."),
            "findings": _("What the audit found, with what is done about it."),
        },
    )


def assistance_sections() -> dict[str, tuple[str, ...]]:
    """The parts of that form."""
    return {
        _("What is asked for"): (
            *("title", "kind", "contract", "activities", "asked_on", "asked_by"),
        ),
        _("Planned"): (*("planned_on", "planned_until", "auditor", "mandated", "auditor_bound"),),
        _("Held"): ("held_on", "held_until", "participants", "given"),
        _("Findings"): ("reported_on", "findings"),
        _("Closing"): ("closed_on", "outcome", "note"),
    }


def intervention_hints() -> Hints:
    """The form of an intervention."""
    return Hints(
        long=frozenset({"seen", "changed", "kept_what", "report", "note"}),
        choices={"contract": _contracts, "activities": activities},
        without=frozenset({"controller"}),
        notes={
            "consent_at": _("Before access is opened."),
            "means": _(
                "Tool, network address. Never type the credentials of a workstation: they are "
                "not kept."
            ),
            "seen": _("Only what the intervention needed."),
            "kept": _("Only on express authorisation."),
            "closed": _("From then on counts what is kept “from the end of the intervention”."),
        },
        sorts=SORTS,
    )


def intervention_sections() -> dict[str, tuple[str, ...]]:
    """The parts of that form: the five steps of a remote intervention."""
    return {
        _("Why"): ("title", "ticket", "contract", "activities", "environment", "operators"),
        _("Consent of the controller"): ("consent_by", "consent_way", "consent_at"),
        _("Access opened"): ("opened", "means"),
        _("What was seen, changed, kept"): (
            *("seen", "changed", "kept", "kept_what", "kept_authorised_by", "kept_until"),
        ),
        _("Access closed and report"): ("closed", "restored", "report", "reported_on", "note"),
    }


def member_hints() -> Hints:
    """The form of an authorised person."""
    return Hints(long=frozenset({"note"}))


def member_sections() -> dict[str, tuple[str, ...]]:
    """The parts of that form."""
    return {_("Person"): ("name", "function", "joined_on", "left_on", "external", "note")}


def certificate_hints() -> Hints:
    """The form of a certificate."""
    return Hints(
        long=frozenset({"scope", "note"}),
        choices={"subprocessor": _subprocessors},
        notes={
            "subprocessor": _("Left open: it is our own."),
            "withheld": _("It then stands in no evidence pack."),
        },
    )


def certificate_sections() -> dict[str, tuple[str, ...]]:
    """The parts of that form."""
    return {
        _("Certificate"): ("title", "kind", "number", "issuer", "subprocessor", "scope"),
        _("Validity"): ("starts_on", "ends_on", "withheld", "note"),
    }


def about(owner: Controller) -> None:
    """Says whose contracts the forms of this request offer."""
    g.assisted = owner


def _contracts() -> Iterable[SelectChoice]:
    owner = g.get("assisted")
    if owner is None:
        return []
    held = parties.contracts_of(house().session, owner.id, house().today)
    return [
        SelectChoice(
            str(each.head.id), " – ".join(filter(None, (each.head.reference, each.head.title)))
        )
        for each in held
    ]


def activities() -> Iterable[SelectChoice]:
    """The activities that may be concerned."""
    names = register.activity_names(house().session)
    return [SelectChoice(code, f"{code} – {name}") for code, name in names.items()]


def _subprocessors() -> Iterable[SelectChoice]:
    return [
        SelectChoice(each.code, f"{each.name} ({each.code})")
        for each in subprocessors.everyone(house().session)
    ]


class Attached(Proof):
    """A document of a dossier."""

    title = Line(_l("What it is"), [Given])


class Instructed(Proof):
    """An instruction that came another way than by the portal."""

    scope = SelectField(_l("What it is about"))
    says = Paragraphs(_l("Instruction"), [Given], description=_l("In the words of the controller."))
    purposes = Paragraphs(
        _l("Purposes that it adds or gives up"),
        [Optional()],
        description=_l("One entry a line, named as in the register; only where it is about one."),
    )
    activities = Choices(
        _l("Activities concerned"), description=_l("None ticked: all of the contract.")
    )
    given_on = DateField(_l("Given on"), [Given])
    way = SelectField(_l("How it came"))
    by_name = Line(_l("Given by"), [Given])
    by_function = Line(_l("Function"), [Optional()])
    replaces = SelectField(_l("It takes the place of"))

    def __init__(
        self, codes: Iterable[str], former: Iterable[Instruction], *given: Any, **named: Any
    ) -> None:
        """Offers the activities of a contract, and its instructions that stand.

        Args:
            codes: the activities that the contract names.
            former: the instructions under it.
            given: as any form.
            named: as any form.
        """
        super().__init__(*given, **named)
        names = register.activity_names(house().session)
        self.scope.choices = [SelectChoice(each.value, say(each.says)) for each in Scope]
        self.way.choices = [
            SelectChoice(each.value, say(each.says)) for each in Way if each is not Way.PORTAL
        ]
        self.activities.choices = [
            SelectChoice(code, f"{code} – {names.get(code, code)}") for code in codes
        ]
        self.replaces.choices = replaceable(former)

    def lines(self) -> list[str]:
        """The purposes, one a line."""
        return [line.strip() for line in (self.purposes.data or "").splitlines() if line.strip()]

    def former(self) -> uuid.UUID | None:
        """The instruction that it takes the place of."""
        return uuid.UUID(self.replaces.data) if self.replaces.data else None


def replaceable(former: Iterable[Instruction]) -> list[SelectChoice]:
    """The instructions that another one can take the place of."""
    return [
        SelectChoice("", _("none")),
        *(
            SelectChoice(str(each.row.id), f"{each.row.code} – {each.row.says[:60]}")
            for each in former
            if each.standing is not Standing.WITHDRAWN
        ),
    ]


class Followed(Proof):
    """That an instruction was accepted, or executed."""

    on = DateField(_l("On which day"), [Given])
    says = Paragraphs(_l("What was done, or said"), [Optional()])


class Contested(Proof):
    """What an instruction would breach."""

    provision = Line(
        _l("Provision that it would breach"),
        [Given],
        description=_l("An article of the GDPR, or of another law on data protection."),
    )
    says = Paragraphs(_l("Why"), [Given], description=_l("Stands in the notice, word for word."))
    confirmed = BooleanField(_l("I have read what is sent, and to whom"), [Given])


class Answered(Proof):
    """The controller's own word on its instruction."""

    step = RadioField(_l("What the controller says"), [InputRequired(_l("Choose one."))])
    on = DateField(_l("On which day"), [Given])
    by_name = Line(_l("Said by"), [Given])
    by_function = Line(_l("Function"), [Optional()])
    says = Paragraphs(_l("What was said"), [Optional()])

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        steps = (Step.WITHDRAWN, Step.MAINTAINED)
        self.step.choices = [SelectChoice(each.value, say(each.says)) for each in steps]


class Committed(Proof):
    """An undertaking or a training."""

    kind = RadioField(_l("Kind"), [InputRequired(_l("Choose one."))])
    title = Line(
        _l("What was signed or followed"),
        [Given],
        description=_l("The undertaking, or the training with its subject."),
    )
    done_on = DateField(_l("On which day"), [Given])
    months = IntegerField(
        _l("Due again after (months)"),
        [Optional()],
        description=_l("Left open: never. No law says a number."),
    )
    note = Line(_l("Note"), [Optional()])

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.kind.choices = [SelectChoice(each.value, say(each.says)) for each in CommitmentKind]


class Recommitted(Committed):
    """A record in place of a wrong one."""

    note = Line(_l("Why the former record was wrong"), [Given])
