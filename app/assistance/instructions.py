"""Pages of instructions: all of them, one with what happened to it, what staff record of it."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import downloads
from app.assistance import forms
from app.assistance.shelves import way
from app.forms import Form
from app.gate import acting, needs
from app.house import house
from app.lists import addresses, cut
from app.notices import following, mail_room
from app.notices.mail_room import Room
from registers.activities import queries as register
from registers.assistance import instructions as operations
from registers.assistance import purposes, queries
from registers.assistance.instructions import Said, Word
from registers.assistance.queries import Given
from registers.assistance.reached import Reached, reached
from registers.assistance.vocabulary import Scope, Standing, Step, Way
from registers.controllers import queries as parties
from registers.controllers.models import Controller
from registers.kernel import audit, history
from registers.kernel.act import Act
from registers.kernel.errors import GreffeError, NotFound
from registers.notices.models import Notice
from registers.notices.vocabulary import BY_POST
from registers.people import queries as people
from registers.people.roles import Permission

blueprint = Blueprint("instructions", __name__)
letters = Blueprint("instruction_letters", __name__)

SHOWN_ENTRIES = 20
PLACE = "/instructions/<code>"


@blueprint.get("/instructions")
@needs(Permission.ASSISTANCE_READ)
def listed() -> ResponseReturnValue:
    """All instructions, the newest first."""
    search, open_only = request.args.get("search", ""), "open" in request.args
    page = queries.instructions(house().session, search, open_only, cut())
    return render_template(
        "assistance/instructions.html",
        page=page,
        search=search,
        open_only=open_only,
        address=addresses(),
    )


@blueprint.get(PLACE)
@needs(Permission.ASSISTANCE_READ)
def one(code: str) -> ResponseReturnValue:
    """An instruction: what it says, what happened to it, what the controller was told."""
    session = house().session
    found = queries.instruction(session, code)
    entries = audit.within(session, found.row, SHOWN_ENTRIES)
    told = queries.told(session, found)
    authors = {found.row.author, *(each.author for each in found.steps)}
    return render_template(
        "assistance/instruction.html",
        found=found,
        told=told,
        by_post=BY_POST,
        outside=purposes.not_covered(session, found.contract, found.row.activities),
        former=queries.code_of(session, found.row.replaces_id),
        names=people.names(session, authors),
        activities=register.activity_names(session),
        may_follow=_may_follow(found),
        entries=entries,
        crumbs=_way(found)[:-1],
    )


def _may_follow(found: Given) -> set[str]:
    """What can be recorded next; only what makes no sense is left out."""
    steps = {each.step for each in found.steps}
    if found.standing is Standing.WITHDRAWN:
        return set() if Step.EXECUTED in steps else {"execute"}
    last = found.steps[-1].step if found.steps else None
    may = {"contest"} if last is not Step.CONTESTED else set()
    may |= {"answer"}
    if Step.EXECUTED not in steps:
        may |= {"execute"} | ({"accept"} if last is not Step.ACCEPTED else set())
    return may


@blueprint.route("/contracts/<uuid:contract_id>/instructions/new", methods=["GET", "POST"])
@needs(Permission.ASSISTANCE_RECORD)
def new(contract_id: uuid.UUID) -> ResponseReturnValue:
    """Records an instruction that came by letter, by e-mail, by word of mouth."""
    session = house().session
    head = parties.contract(session, contract_id)
    owner = session.get_one(Controller, head.controller_id)
    codes = [each.code for each in history.latest(session, head).services]
    form = forms.Instructed(codes, queries.instructions_of(session, [contract_id]))

    def record(act: Act) -> str:
        said = Said(
            says=form.says.data,
            scope=Scope(form.scope.data),
            given_on=form.given_on.data,
            by_name=form.by_name.data,
            by_function=form.by_function.data or "",
            way=Way(form.way.data),
            activities=form.activities.data or (),
            purposes=form.lines(),
            content=form.file(),
        )
        return operations.give(act, contract_id, said, form.former()).code

    crumbs = (*way(owner), (_("Record an instruction"), ""))
    frame = {"about": (owner.name, head.reference), "crumbs": crumbs}
    back = url_for("assisting.one", code=owner.code)
    return _typed(form, record, _("Record an instruction"), back, frame)


def _typed(
    form: Form, record: Callable[[Act], str], title: str, back: str, frame: dict[str, Any]
) -> ResponseReturnValue:
    """Shows a form and records what was typed; then the instruction is shown."""
    if form.validate_on_submit():
        try:
            with acting() as act:
                code = record(act)
        except GreffeError as error:
            form.refuse(error)
        else:
            flash(_("It is recorded."), "good")
            return redirect(url_for("instructions.one", code=code))
    page = render_template("assistance/form.html", form=form, title=title, back=back, **frame)
    return page, 422 if form.problems() else 200


def _follow(
    code: str, form: Form, record: Callable[[Act, Given], Any], title: str, template: str = ""
) -> ResponseReturnValue:
    found = queries.instruction(house().session, code)

    def recorded(act: Act) -> str:
        record(act, found)
        return code

    frame = {
        "about": (found.row.code, found.controller.name, found.contract.reference),
        "crumbs": (*_way(found), (title, "")),
        "instruction": found,
        "explained": template,
        "to": _reached(found) if template else None,
    }
    return _typed(form, recorded, title, url_for("instructions.one", code=code), frame)


def _reached(found: Given) -> Reached:
    told = {found.row.controller_id: [found.row.contract_id]}
    return reached(house().session, told, house().today)[0]


def _word(form: Any) -> Word:
    return Word(
        form.on.data,
        form.says.data or "",
        form.by_name.data if "by_name" in form else "",
        (form.by_function.data or "") if "by_function" in form else "",
        form.file(),
    )


@blueprint.route(f"{PLACE}/accept", methods=["GET", "POST"])
@needs(Permission.ASSISTANCE_RECORD)
def accept(code: str) -> ResponseReturnValue:
    """Records that it is accepted."""
    form = forms.Followed(data={"on": house().today})
    return _follow(
        code,
        form,
        lambda act, found: operations.accept(act, found.row.id, _word(form)),
        _("Accept the instruction"),
    )


@blueprint.route(f"{PLACE}/execute", methods=["GET", "POST"])
@needs(Permission.ASSISTANCE_RECORD)
def execute(code: str) -> ResponseReturnValue:
    """Records that it was executed."""
    form = forms.Followed(data={"on": house().today})
    return _follow(
        code,
        form,
        lambda act, found: operations.execute(act, found.row.id, _word(form)),
        _("The instruction was executed"),
    )


@blueprint.route(f"{PLACE}/contest", methods=["GET", "POST"])
@needs(Permission.ASSISTANCE_RECORD)
def contest(code: str) -> ResponseReturnValue:
    """Contests it; the controller is told in the same act."""
    form = forms.Contested()
    return _follow(
        code,
        form,
        lambda act, found: operations.contest(
            act, found.row.id, form.provision.data, form.says.data, form.file()
        ),
        _("Contest the instruction"),
        "contest",
    )


@blueprint.route(f"{PLACE}/answer", methods=["GET", "POST"])
@needs(Permission.ASSISTANCE_RECORD)
def answer(code: str) -> ResponseReturnValue:
    """Records the controller's own word, where it did not come by the portal."""
    form = forms.Answered(data={"on": house().today})
    return _follow(
        code,
        form,
        lambda act, found: operations.answer(act, found.row.id, Step(form.step.data), _word(form)),
        _("What the controller says"),
    )


@blueprint.route(f"{PLACE}/dispatches/<uuid:dispatch_id>/again", methods=["GET", "POST"])
@needs(Permission.RECEIPTS_RECORD)
def again(code: str, dispatch_id: uuid.UUID) -> ResponseReturnValue:
    """Where a notice that did not arrive goes now."""
    given = queries.instruction(house().session, code)
    return following.again(dispatch_id, _owns(given), _way(given))


@blueprint.route(f"{PLACE}/letters/<uuid:dispatch_id>", methods=["GET", "POST"])
@needs(Permission.RECEIPTS_RECORD)
def letter(code: str, dispatch_id: uuid.UUID) -> ResponseReturnValue:
    """Follows a letter: its deposit, and what the post says of it."""
    given = queries.instruction(house().session, code)
    return following.letter(dispatch_id, _owns(given), (given.controller.name, code), _way(given))


def _owns(given: Given) -> Callable[[Notice], bool]:
    ids = {each.notice_id for each in given.steps}
    return lambda notice: notice.id in ids


def _room() -> Room:
    title, place = _("Letters"), (_("Instructions"), url_for("instructions.listed"))
    return Room(
        _("instructions"),
        queries.contested(),
        "assistance/letters.html",
        {"title": title, "about": "", "crumbs": (place, (title, ""))},
        (place,),
        _("No notice about an instruction asks for a letter."),
    )


mail_room.pages(letters, "/instructions/letters", Permission.ASSISTANCE_READ, _room)


@blueprint.get(f"{PLACE}/documents/<digest>")
@needs(Permission.ASSISTANCE_READ)
def document(code: str, digest: str) -> ResponseReturnValue:
    """A document of an instruction, or a slip of its letters, byte for byte."""
    session, found = house().session, queries.instruction(house().session, code)
    told = queries.told(session, found)
    slips = {each.proof_sha256 for so in told.values() for each in so.posted}
    if digest not in found.proofs() | slips:
        raise NotFound
    return downloads.proof(digest, code)


def _way(found: Given) -> tuple[tuple[str, str], ...]:
    place = (found.row.code, url_for("instructions.one", code=found.row.code))
    return (*way(found.controller), place)
