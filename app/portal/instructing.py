"""Instructions as a controller reads, gives and answers them, with its personal link."""

import uuid
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired, Optional

from app.assistance.forms import replaceable
from app.downloads import pdf
from app.forms import Given, Paragraphs
from app.gate import public
from app.house import house
from app.languages import say
from app.portal import coded, visiting
from app.portal.forms import Documented, Signed
from app.portal.visiting import ANSWERS, READS, visit
from registers.annexes import queries as annexes
from registers.assistance.vocabulary import DutyKind, DutyStep, Origin, Scope, Step
from registers.kernel.act import Act
from registers.kernel.errors import NotFound
from registers.portal import instructing
from registers.portal.instructing import Opened

blueprint = Blueprint("instructing", __name__)
visiting.attach(blueprint, instructing.opened)

HOME = "/notice/<uuid:visit_id>/instructions"


def seen() -> Opened:
    """What the visit opens."""
    found: Opened = visiting.seen()
    return found


class Instruction(Signed, Documented):
    """An instruction, given with a one-time code."""

    contract = SelectField(_l("Under which contract"))
    scope = SelectField(_l("What it is about"))
    says = Paragraphs(
        _l("Your instruction"),
        [Given],
        description=_l("What is to be done with which data, for which purpose, from when on."),
        render_kw={"rows": 6},
    )
    purposes = Paragraphs(
        _l("Purposes that it adds or gives up"),
        [Optional()],
        description=_l("One a line; only where it is about a purpose."),
    )
    replaces = SelectField(_l("It takes the place of"))

    def __init__(self, opened: Opened, **more: Any) -> None:
        super().__init__(**more)
        self.contract.choices = [
            SelectChoice(str(contract.id), f"{owner.name} – {contract.reference}")
            for contract, owner in opened.contracts
        ]
        self.scope.choices = [SelectChoice(each.value, say(each.says)) for each in Scope]
        self.replaces.choices = replaceable(opened.given)
        if len(self.replaces.choices) == 1:
            del self.replaces

    def former(self) -> uuid.UUID | None:
        """The instruction that it takes the place of."""
        chosen = self.replaces.data if "replaces" in self._fields else ""
        return uuid.UUID(chosen) if chosen else None


class Answer(Signed):
    """The controller's word on an instruction that is contested."""

    step = RadioField(_l("Your answer"), [InputRequired(_l("Choose one."))])
    says = Paragraphs(_l("What you want to add"), [Optional()])

    def __init__(self, *, contested: bool, **more: Any) -> None:
        super().__init__(**more)
        self.step.choices = [
            SelectChoice(Step.WITHDRAWN.value, _("we withdraw the instruction")),
            *(
                [SelectChoice(Step.MAINTAINED.value, _("we maintain the instruction"))]
                if contested
                else []
            ),
        ]


@blueprint.get("/notice/<uuid:visit_id>/instruction")
@public(READS)
def one(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 the visit was looked up
    """The notice of a contested instruction: which, what it would infringe, what can be done."""
    found = seen().contested
    if found is None:
        raise NotFound
    return render_template("portal/instruction.html", found=found, told=seen().notice.told)


@blueprint.get("/notice/<uuid:visit_id>/instruction/paper.pdf")
@public(READS)
def paper(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 see above
    """The sealed notice, byte for byte."""
    if seen().contested is None:
        raise NotFound
    return _paper()


def _paper() -> ResponseReturnValue:
    annex_id = seen().notice.annex_id
    if annex_id is None:
        raise NotFound
    session = house().session
    number, digest = annexes.paper(session, annex_id)
    return pdf(house().database.files.get(session, digest), f"{number}.pdf", attachment=True)


@blueprint.get("/notice/<uuid:visit_id>/duty")
@public(READS)
def duty(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 see above
    """The notice of a legal duty: which law, which data, from when on; and how it stands now."""
    found = seen().duty
    if found is None:
        raise NotFound
    return render_template(
        "portal/duty.html",
        found=found,
        told=seen().notice.told,
        proven=instructing.is_proven(house().session, seen().notice.id),
        phase=DutyStep(seen().notice.told["phase"]),
        origin=Origin(seen().notice.told["origin"]),
        sort=DutyKind(seen().notice.told["kind"]),
    )


@blueprint.get("/notice/<uuid:visit_id>/duty/paper.pdf")
@public(READS)
def duty_paper(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 see above
    """The sealed notice, byte for byte."""
    if seen().duty is None:
        raise NotFound
    return _paper()


@blueprint.route("/notice/<uuid:visit_id>/duty/received", methods=["GET", "POST"])
@public(ANSWERS)
def received(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 see above
    """Acknowledges receipt of it."""
    found = seen().duty
    if found is None:
        raise NotFound
    form = Signed()

    def do(act: Act) -> None:
        instructing.acknowledge(act, visit().link_id, form.by)

    done = _("Your acknowledgement of receipt is recorded.")
    return _page("received", form, do, done, found=found, onward="instructing.duty")


@blueprint.get(HOME)
@public(READS)
def listed(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 see above
    """The instructions under the contracts of the same controllers, and where each stands."""
    several = len({owner.id for _contract, owner in seen().contracts}) > 1
    return render_template("portal/instructions.html", several=several)


@blueprint.route(f"{HOME}/give", methods=["GET", "POST"])
@public(ANSWERS)
def give(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 see above
    """Gives an instruction."""
    form = Instruction(seen(), data={"replaces": request.args.get("replaces", "")})

    def do(act: Act) -> None:
        instructing.give(
            act,
            visit().link_id,
            uuid.UUID(form.contract.data),
            form.by,
            scope=Scope(form.scope.data),
            says=form.says.data,
            purposes=(form.purposes.data or "").splitlines(),
            replaces=form.former(),
            content=form.content,
        )

    return _page("give", form, do, _("Your instruction is recorded."))


@blueprint.route(f"{HOME}/<uuid:instruction_id>/answer", methods=["GET", "POST"])
@public(ANSWERS)
def answer(visit_id: uuid.UUID, instruction_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001
    """Maintains or withdraws an instruction."""
    found = seen().one(instruction_id)
    form = Answer(contested=found.contested is not None)

    def do(act: Act) -> None:
        step = Step(form.step.data)
        says = form.says.data or ""
        instructing.answer(act, visit().link_id, instruction_id, step, form.by, says=says)

    return _page("answer", form, do, _("Your answer is recorded."), found=found)


def _page(
    asked: str, form: Any, do: Any, done: str, onward: str = "instructing.listed", **more: Any
) -> ResponseReturnValue:
    given = coded.answered(form, do)
    if given.done:
        flash(done, "good")
        return redirect(url_for(onward, visit_id=visit().id), 303)
    page = render_template(
        f"portal/instruction_{asked}.html",
        form=form,
        address=coded.address(),
        sent=given.sent,
        **more,
    )
    return page, 422 if form.problems() else 200
