"""Pages of legal duties to process outside the instructions, Art. 28(3)(a)."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import downloads
from app.assistance import duty_forms as forms
from app.assistance.forms import Attached
from app.forms import Form
from app.gate import acting, may, needs
from app.house import house
from app.instants import now_typed
from app.lists import addresses, cut
from app.notices import following, mail_room
from app.notices.mail_room import Room
from registers.assistance import duties as operations
from registers.assistance import duty_queries as queries
from registers.assistance.duties import Said
from registers.assistance.duty_queries import Given
from registers.assistance.duty_rules import checked
from registers.assistance.queries import documents
from registers.assistance.reached import reached
from registers.assistance.vocabulary import DutyStanding
from registers.kernel import audit
from registers.kernel.act import Act
from registers.kernel.errors import GreffeError, Invalid, NotFound
from registers.kernel.words import text
from registers.notices.models import Notice
from registers.notices.vocabulary import BY_POST
from registers.people import queries as people
from registers.people.roles import Permission

blueprint = Blueprint("duties", __name__)
letters = Blueprint("duty_letters", __name__)

PLACE = "/duties/<code>"
SHOWN = 20
"""How many of those who are told are named before."""
MOST = 200
"""How many notices a page shows."""


def secret() -> bool:
    """Whether whoever looks may know of what the law prohibits telling."""
    return may(Permission.DUTIES_RESERVED)


def found_by(code: str) -> Given:
    """A duty by its number.

    Raises:
        NotFound: there is none, or it is not for whoever looks.
    """
    return queries.duty(house().session, code, secret=secret())


@blueprint.get("/duties")
@needs(Permission.ASSISTANCE_READ)
def listed() -> ResponseReturnValue:
    """All legal duties, the newest first."""
    search, open_only = request.args.get("search", ""), "open" in request.args
    page = queries.duties_listed(house().session, search, open_only, cut(), secret=secret())
    return render_template(
        "assistance/duties.html",
        page=page,
        search=search,
        open_only=open_only,
        today=house().today,
        address=addresses(),
    )


@blueprint.get(PLACE)
@needs(Permission.ASSISTANCE_READ)
def one(code: str) -> ResponseReturnValue:
    """A legal duty: which law, which data, who was told when, what happened."""
    session, found = house().session, found_by(code)
    told = queries.notified(session, found.row, MOST)
    authors = {found.row.author, *(each.author for each in found.steps)}
    return render_template(
        "assistance/duty.html",
        found=found,
        odd=found.oddities(house().today),
        told=told,
        by_post=BY_POST,
        names=people.names(session, authors),
        documents=documents(session, found.row),
        may_follow=_may_follow(found),
        entries=audit.within(session, found.row, SHOWN),
        crumbs=way(found)[:-1],
        most=MOST,
    )


def _may_follow(found: Given) -> set[str]:
    """What can be recorded next."""
    follow = {"lift"} if found.secret else set()
    if found.standing is DutyStanding.BEGUN:
        return follow
    if found.standing is DutyStanding.DROPPED:
        return follow | {"begin"}
    return follow | {"begin", "plan", "drop"}


def way(found: Given) -> list[tuple[str, str]]:
    """The way to a duty."""
    return [
        (_("Legal duties"), url_for("duties.listed")),
        (found.row.code, url_for("duties.one", code=found.row.code)),
    ]


@blueprint.route("/duties/new", methods=["GET", "POST"])
@needs(Permission.ASSISTANCE_RECORD)
def new() -> ResponseReturnValue:
    """Records a legal duty: first it is shown who is told, then it is recorded as shown."""
    owner = request.args.get("controller", "")
    form = forms.Recorded(reserved=secret(), data={"known_on": house().today, "controllers": owner})
    shown: dict[str, Any] = {"to": None}
    if form.validate_on_submit():
        try:
            done = _recorded(form, shown)
        except GreffeError as error:
            form.refuse(error)
        else:
            if done:
                flash(_("It is recorded."), "good")
                return redirect(url_for("duties.one", code=done))
    back = url_for("assisting.one", code=owner) if owner else url_for("duties.listed")
    page = render_template(
        "assistance/duty_new.html",
        form=form,
        back=back,
        crumbs=((_("Legal duties"), url_for("duties.listed")), (_("Record a legal duty"), "")),
        **shown,
    )
    return page, 422 if form.problems() else 200


def _recorded(form: forms.Recorded, shown: dict[str, Any]) -> str:
    """Records what was typed, where who is told was read; gives its number, else nothing."""
    written, session, today = form.instant(), house().session, house().today
    said = form.described()
    checked(said._replace(planned_on=None) if written else said, today)
    told = queries.concerning(session, form.codes(), form.activities.data or (), today)
    contracts = [key for keys in told.values() for key in keys]
    named = dict(list(told.items())[:SHOWN])
    shown |= {
        "to": reached(session, named, today),
        "owners": len(told),
        "contracts": len(contracts),
        "secret": form.secret,
    }
    if form.count.data != str(len(contracts)) or not form.confirmed.data:
        if form.count.data:
            form.refuse(Invalid(text("Read who is told, and say so."), "confirmed"))
        form.count.data = str(len(contracts))
        return ""
    with acting() as act:
        row = operations.record(
            act, said, contracts, today, begun_at=written.moment() if written else None
        )
        return row.code


def _typed(
    found: Given,
    form: Form,
    record: Callable[[Act], Any],
    title: str,
    done: str = "",
    **more: Any,
) -> ResponseReturnValue:
    """Shows a form about a duty and records what was typed."""
    back = url_for("duties.one", code=found.row.code)
    if form.validate_on_submit():
        try:
            with acting() as act:
                record(act)
        except GreffeError as error:
            form.refuse(error)
            found = found_by(found.row.code)
        else:
            flash(done or _("It is recorded."), "good")
            return redirect(back)
    page = render_template(
        "assistance/duty_form.html",
        form=form,
        found=found,
        title=title,
        back=back,
        crumbs=(*way(found), (title, "")),
        **more,
    )
    return page, 422 if form.problems() else 200


@blueprint.route(f"{PLACE}/begin", methods=["GET", "POST"])
@needs(Permission.ASSISTANCE_RECORD)
def begin(code: str) -> ResponseReturnValue:
    """Records that it has begun, in time or not."""
    found = found_by(code)
    form = forms.Begun(data=now_typed())

    def record(act: Act) -> None:
        written = forms.require_instant(form)
        said = Said(written.on, form.says.data or "", form.file())
        operations.begin(act, found.row.id, written.moment(), said)

    return _typed(found, form, record, _("It has begun"))


@blueprint.route(f"{PLACE}/plan", methods=["GET", "POST"])
@needs(Permission.ASSISTANCE_RECORD)
def plan(code: str) -> ResponseReturnValue:
    """Plans another day; the controllers are told of it."""
    found, form = found_by(code), forms.Planned()

    def record(act: Act) -> None:
        operations.plan(act, found.row.id, form.on.data, form.says.data or "", house().today)

    return _typed(found, form, record, _("Plan another day"), to=_to(found))


@blueprint.route(f"{PLACE}/drop", methods=["GET", "POST"])
@needs(Permission.ASSISTANCE_RECORD)
def drop(code: str) -> ResponseReturnValue:
    """Records that it is not pursued; whoever was told is told so."""
    found, form = found_by(code), forms.Dropped(data={"on": house().today})

    def record(act: Act) -> None:
        said = Said(form.on.data, form.says.data, form.file())
        operations.drop(act, found.row.id, said, house().today)

    return _typed(found, form, record, _("It is not pursued"), to=_to(found))


@blueprint.route(f"{PLACE}/lift", methods=["GET", "POST"])
@needs(Permission.DUTIES_RESERVED)
def lift(code: str) -> ResponseReturnValue:
    """Records that nothing prohibits telling any more; the controllers are told at once."""
    found, form = found_by(code), forms.Lifted(data={"on": house().today})
    if not found.secret:
        raise NotFound

    def record(act: Act) -> None:
        said = Said(form.on.data, form.says.data or "", form.file())
        operations.lift(act, found.row.id, said, house().today)

    told = _concerned(found)
    return _typed(found, form, record, _("Telling is allowed now"), to=told)


def _to(found: Given) -> list[Any]:
    """Who is told of the next step; nobody of what is not to be told."""
    return [] if found.secret else _concerned(found)


def _concerned(found: Given) -> list[Any]:
    session = house().session
    told = operations.concerned(session, found.row.id)
    return reached(session, dict(list(told.items())[:SHOWN]), house().today)


@blueprint.route(f"{PLACE}/documents/new", methods=["GET", "POST"])
@needs(Permission.ASSISTANCE_RECORD)
def attach(code: str) -> ResponseReturnValue:
    """Adds a document: the demand of the authority, an opinion."""
    found, form = found_by(code), Attached()

    def record(act: Act) -> None:
        content = form.file()
        if content is None:
            raise Invalid(text("Choose a file."), "content")
        operations.attach(act, found.row.id, form.title.data, content)

    return _typed(found, form, record, _("Add a document"))


@blueprint.get(f"{PLACE}/documents/<digest>")
@needs(Permission.ASSISTANCE_READ)
def document(code: str, digest: str) -> ResponseReturnValue:
    """A document of a duty, or a slip of its letters, byte for byte."""
    session, found = house().session, found_by(code)
    held = {each.sha256 for each in documents(session, found.row)} | found.proofs()
    if digest not in held | queries.slips(session, found.row):
        raise NotFound
    return downloads.proof(digest, code)


@blueprint.route(f"{PLACE}/letters/follow/<uuid:dispatch_id>", methods=["GET", "POST"])
@needs(Permission.RECEIPTS_RECORD)
def letter(code: str, dispatch_id: uuid.UUID) -> ResponseReturnValue:
    """Follows a letter: its deposit, and what the post says of it."""
    found = found_by(code)
    return following.letter(dispatch_id, _owns(found), (code,), way(found))


@blueprint.route(f"{PLACE}/dispatches/<uuid:dispatch_id>/again", methods=["GET", "POST"])
@needs(Permission.RECEIPTS_RECORD)
def again(code: str, dispatch_id: uuid.UUID) -> ResponseReturnValue:
    """Where a notice that did not arrive goes now."""
    found = found_by(code)
    return following.again(dispatch_id, _owns(found), way(found))


def _owns(found: Given) -> Callable[[Notice], bool]:
    name = f"{audit.name_of(found.row)}:"
    return lambda notice: notice.cause.startswith(name)


def _room(code: str) -> Room:
    found = found_by(code)
    no_letter = _("No letter was written about this duty.")
    frame = {"title": _("Letters"), "about": code, "crumbs": (*way(found), (_("Letters"), ""))}
    of_cause = operations.of_duty(found.row)
    return Room(code, of_cause, "assistance/letters.html", frame, way(found), no_letter)


mail_room.pages(letters, f"{PLACE}/letters", Permission.ASSISTANCE_READ, _room)
