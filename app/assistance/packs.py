"""What leaves these pages as files: a controller's evidence pack, support for an assessment."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from app import downloads
from app.annexes.forms import DayOrder
from app.annexes.places import lacking
from app.downloads import pdf
from app.gate import acting, actor, needs
from app.house import db, house
from app.languages import words
from app.pressing import identity_of, press_of
from registers.activities import queries as register
from registers.activities.models import Activity
from registers.annexes import making
from registers.annexes.gaps import Incomplete
from registers.annexes.kinds import KINDS
from registers.annexes.orders import Order
from registers.annexes.subjects import of_activity
from registers.controllers import queries as parties
from registers.delivery import controller_pack
from registers.kernel.errors import Invalid, NotFound
from registers.kernel.words import text
from registers.people.roles import Permission

blueprint = Blueprint("packs", __name__)

KIND = KINDS["assessment_support"]


@blueprint.post("/controllers/<code>/evidence.zip")
@needs(Permission.ASSISTANCE_READ)
def evidence(code: str) -> ResponseReturnValue:
    """The evidence pack of a controller; that it was made stands in the journal."""
    head = parties.controller(house().session, code)
    press = press_of(house(), actor())
    with acting() as act:
        checkpoint = controller_pack.begin(act, head, press.key)
    day, language = house().today, words().language
    return downloads.archive(
        f"{head.code}-{day.isoformat()}",
        lambda to: controller_pack.pack(press, checkpoint, head.id, to, day, language=language),
    )


@blueprint.get("/activities/<code>/assessment")
@needs(Permission.ANNEX_READ)
def assessment(code: str) -> ResponseReturnValue:
    """What we know for an impact assessment of an activity: as a draft, or sealed."""
    return _page(register.activity(house().session, code), _form())


@blueprint.post("/activities/<code>/assessment")
@needs(Permission.ANNEX_SEAL)
def seal(code: str) -> ResponseReturnValue:
    """Seals it; the same facts are the same annex."""
    head = register.activity(house().session, code)
    form = _form()
    if not form.validate_on_submit():
        return _page(head, form), 422
    order = Order(KIND, [of_activity(head.id)], form.on.data, None, form.language.data)
    db.session.close()
    try:
        made = list(making.make_all(press_of(house(), actor()), order))
    except Incomplete as error:
        return _page(head, form, lacking=lacking(error.gaps), refusal=error.reason), 422
    except Invalid as error:
        form.refuse(error)
        return _page(head, form), 422
    if not made:
        raise NotFound(text("This was not on record on that day."))
    flash(
        _("Sealed and verified.") if made[0].new else _("This is the annex that shows it."), "good"
    )
    return redirect(url_for("annexes.one", number=made[0].number))


@blueprint.get("/activities/<code>/assessment.pdf")
@needs(Permission.ANNEX_READ)
def draft(code: str) -> ResponseReturnValue:
    """The same as a draft, marked as of no effect."""
    head = register.activity(house().session, code)
    form = DayOrder(formdata=request.args)
    day, language = form.on.data or house().today, form.language.data or str(get_locale())
    order = Order(KIND, [of_activity(head.id)], day, None, language)
    paper = making.draft_of(house().database, order, house().settings.zone)
    return pdf(paper, f"{head.code}-assessment-draft.pdf")


def _form() -> DayOrder:
    return DayOrder(data={"on": house().today, "language": str(get_locale())})


def _page(head: Activity, form: DayOrder, **more: Any) -> str:
    place = url_for("activities.one", code=head.code)
    return render_template(
        "assistance/assessment.html",
        head=head,
        form=form,
        identity=identity_of(house().home),
        crumbs=(
            (_("Register"), url_for("activities.listed")),
            (head.code, place),
            (_("Impact assessment"), ""),
        ),
        **more,
    )
