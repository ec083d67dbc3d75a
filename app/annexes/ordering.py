"""Pages on which annexes are asked for: drafts to look at, papers to seal."""

import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from app.annexes.forms import ExtractOrder, Order, WholeOrder
from app.annexes.places import lacking
from app.downloads import pdf
from app.gate import account, actor, may, needs
from app.house import db, house
from app.lists import addresses, cut
from app.pressing import identity_of, press_of
from registers.annexes import making, orders, queries
from registers.annexes.gaps import Incomplete
from registers.annexes.kinds import KINDS, readable
from registers.annexes.subjects import ORGANISATION, Subject, of_controller
from registers.controllers import queries as parties
from registers.controllers.models import Controller
from registers.kernel.errors import Invalid, NotFound
from registers.kernel.words import text
from registers.notices import dossiers
from registers.people.roles import Permission

blueprint = Blueprint("ordering", __name__)

NOT_ON_RECORD = text("This was not on record on that day.")
WHOLE = KINDS["whole_register"].name
Page = Callable[..., str]


@blueprint.get("/controllers/<code>/annexes")
@needs(Permission.ANNEX_READ)
def of_controller_page(code: str) -> ResponseReturnValue:
    """The annexes of one controller, and the making of a new one."""
    controller = parties.controller(house().session, code)
    return _controller_page(controller)(_controller_form(controller))


@blueprint.post("/controllers/<code>/annexes")
@needs(Permission.ANNEX_SEAL)
def seal(code: str) -> ResponseReturnValue:
    """Seals a paper of the controller as it is on a day; the same facts are the same annex."""
    controller = parties.controller(house().session, code)
    form = _controller_form(controller)
    page = _controller_page(controller)
    if not form.validate_on_submit():
        return page(form), 422
    kind, subject = form.wanted()
    return _seal(orders.Order(kind, [subject], form.on.data, None, form.language.data), form, page)


@blueprint.get("/controllers/<code>/annexes/draft.pdf")
@needs(Permission.ANNEX_READ)
def draft(code: str) -> ResponseReturnValue:
    """The same paper as a draft, marked as of no effect."""
    controller = parties.controller(house().session, code)
    form = _controller_form(controller, formdata=request.args)
    form.paper.data = form.paper.data or KINDS["register"].name
    form.on.data = form.on.data or house().today
    if form.paper.data not in {choice.value for choice in form.paper.choices}:
        raise NotFound
    kind, subject = form.wanted()
    order = orders.Order(kind, [subject], form.on.data, None, form.language.data or "")
    return _draft(order, f"{code}-{kind.name}")


def _controller_form(controller: Controller, **more: Any) -> Order:
    held = parties.contracts_of(house().session, controller.id, house().today)
    wanted = request.args.get("paper", KINDS["register"].name)
    return Order(controller, held, data={"on": house().today, "paper": wanted}, **more)


def _controller_page(controller: Controller) -> Page:
    def page(form: Order, **more: Any) -> str:
        session = house().session
        return render_template(
            "annexes/of_controller.html",
            controller=controller,
            rows=queries.of_dossier(session, controller, house().today, readable_kinds()),
            form=form,
            identity=identity_of(house().home),
            **more,
        )

    return page


@blueprint.get("/annexes")
@needs(Permission.ANNEX_READ)
def listed() -> ResponseReturnValue:
    """All annexes, the newest first, and the making of those about the organisation."""
    return _list_page(_whole_form())


@blueprint.post("/annexes")
@needs(Permission.ANNEX_SEAL)
def seal_whole() -> ResponseReturnValue:
    """Seals a register of the organisation as it is on a day."""
    form = _whole_form()
    if not form.validate_on_submit():
        return _list_page(form), 422
    kind, subject = form.wanted()
    order = orders.Order(kind, [subject], form.on.data, None, form.language.data)
    return _seal(order, form, _list_page)


@blueprint.get("/annexes/draft.pdf")
@needs(Permission.ANNEX_READ)
def draft_whole() -> ResponseReturnValue:
    """A register of the organisation as a draft."""
    form = WholeOrder(readable_kinds(), formdata=request.args)
    form.paper.data = form.paper.data or WHOLE
    if form.paper.data not in {choice.value for choice in form.paper.choices}:
        raise NotFound
    kind, subject = form.wanted()
    day, language = form.on.data or house().today, form.language.data or str(get_locale())
    return _draft(orders.Order(kind, [subject], day, None, language), kind.name)


def _whole_form() -> WholeOrder:
    wanted = request.args.get("paper", WHOLE)
    data = {"paper": wanted, "on": house().today, "language": str(get_locale())}
    return WholeOrder(readable_kinds(), data=data)


def _list_page(form: WholeOrder, **more: Any) -> str:
    search, untagged = request.args.get("search", ""), "untagged" in request.args
    letters = "letters" in request.args
    session, kinds = house().session, readable_kinds()
    if not (letters or untagged or search.strip()):
        kinds = [name for name in kinds if KINDS[name].letter is None]
    return render_template(
        "annexes/list.html",
        page=queries.listed(session, search, cut(), house().today, kinds, only_untagged=untagged),
        search=search,
        untagged=untagged,
        letters=letters,
        untagged_count=queries.untagged(session, readable_kinds()),
        address=addresses(),
        form=form,
        identity=identity_of(house().home),
        **more,
    )


@blueprint.get("/journal/extract")
@needs(Permission.JOURNAL_READ)
def extract() -> ResponseReturnValue:
    """Which days of the journal, and whose dossier."""
    return _extract_page(_extract_form())


@blueprint.post("/journal/extract")
@needs(Permission.JOURNAL_READ)
def seal_extract() -> ResponseReturnValue:
    """Seals an extract of the journal; whoever does must also be allowed to seal."""
    form = _extract_form()
    if not form.validate_on_submit():
        return _extract_page(form), 422
    try:
        order = _extract_order(form)
    except Invalid as error:
        form.refuse(error)
        return _extract_page(form), 422
    return _seal(order, form, _extract_page)


@blueprint.get("/journal/extract/draft.pdf")
@needs(Permission.JOURNAL_READ)
def draft_extract() -> ResponseReturnValue:
    """An extract as a draft; it may show the present day."""
    form = _extract_form(formdata=request.args)
    return _draft(_extract_order(form), KINDS["journal_extract"].name)


def _extract_form(**more: Any) -> ExtractOrder:
    yesterday = house().today - timedelta(days=1)
    wanted = {
        "since": yesterday.replace(day=1),
        "on": yesterday,
        "code": request.args.get("code", ""),
        "language": str(get_locale()),
    }
    return ExtractOrder(data=wanted, **more)


def _extract_order(form: ExtractOrder) -> orders.Order:
    subject: Subject = ORGANISATION
    if form.code.data:
        try:
            subject = of_controller(parties.controller(house().session, form.code.data).id)
        except NotFound as error:
            raise Invalid(text("There is no controller with this code."), "code") from error
    last = form.on.data or house().today
    first, language = form.since.data or last, form.language.data or str(get_locale())
    return orders.Order(KINDS["journal_extract"], [subject], last, first, language)


def _extract_page(form: ExtractOrder, **more: Any) -> str:
    return render_template(
        "annexes/extract.html", form=form, identity=identity_of(house().home), **more
    )


def _seal(order: orders.Order, form: Any, page: Page) -> ResponseReturnValue:
    """Seals one paper and shows it; where it cannot, says so on the page it was asked on."""
    db.session.close()
    try:
        made = list(making.make_all(press_of(house(), actor()), order))
    except Incomplete as error:
        return page(form, lacking=lacking(error.gaps), refusal=error.reason), 422
    except Invalid as error:
        form.refuse(error)
        return page(form), 422
    if not made:
        raise NotFound(NOT_ON_RECORD)
    if made[0].new:
        flash(_("Sealed and verified."), "good")
    else:
        flash(_("Nothing of it has changed since: this is the annex that shows it."))
    if not may(Permission.ANNEX_READ):
        return redirect(url_for("journal.listed"))
    return redirect(url_for("annexes.one", number=made[0].number))


def _draft(order: orders.Order, name: str) -> ResponseReturnValue:
    paper = making.draft_of(house().database, order, house().settings.zone)
    return pdf(paper, f"{name}-draft.pdf")


@blueprint.app_context_processor
def _known() -> dict[str, Any]:
    """Lets lists of annexes say of letters how they travel."""
    return {"carried_by": _carried}


def _carried(rows: Sequence[queries.Row]) -> dict[uuid.UUID, list[dossiers.Carried]]:
    letters = [row.annex.id for row in rows if row.kind.letter is not None]
    return dossiers.carried(house().session, letters)


def readable_kinds() -> list[str]:
    """The kinds of papers that whoever looks at the page may read."""
    return list(readable(account().permissions))
