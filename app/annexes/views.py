"""Pages of annexes: seal one, read it, take it away, check it."""

import io

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import dossiers
from app.annexes.forms import Order
from app.gate import actor, may, needs
from app.house import db, house
from app.lists import addresses, cut
from app.pressing import identity_of, press_of
from registers.annexes import making, queries
from registers.controllers import queries as parties
from registers.kernel.errors import NotFound
from registers.people import queries as people
from registers.people.roles import Permission
from registers.press.verify import verify

blueprint = Blueprint("annexes", __name__)


@blueprint.get("/annexes")
@needs(Permission.ANNEX_READ)
def listed() -> ResponseReturnValue:
    """All annexes, the newest first."""
    search = request.args.get("search", "")
    page = queries.listed(house().session, search, cut(), house().today)
    return render_template("annexes/list.html", page=page, search=search, address=addresses())


@blueprint.get("/controllers/<code>/annexes")
@needs(Permission.ANNEX_READ)
def of_controller(code: str) -> ResponseReturnValue:
    """The annexes of one controller, and the making of a new one."""
    session = house().session
    controller = parties.controller(session, code)
    return render_template(
        "annexes/of_controller.html",
        controller=controller,
        rows=queries.of_controller(session, controller, house().today),
        form=Order(on=house().today) if may(Permission.ANNEX_SEAL) else None,
        identity=identity_of(house().home),
    )


@blueprint.post("/controllers/<code>/annexes")
@needs(Permission.ANNEX_SEAL)
def seal(code: str) -> ResponseReturnValue:
    """Seals the controller's register as it is on a day; the same register is the same annex."""
    controller = parties.controller(house().session, code)
    form = Order()
    if not form.validate_on_submit():
        rows = queries.of_controller(house().session, controller, house().today)
        return render_template(
            "annexes/of_controller.html",
            controller=controller,
            rows=rows,
            form=form,
            identity=identity_of(house().home),
        ), 422
    db.session.close()
    press = press_of(house(), actor())
    made = list(making.make(press, [controller.id], form.on.data, form.language.data))
    if not made:
        raise NotFound(dossiers.NOT_ON_RECORD)
    if made[0].new:
        flash(_("Sealed and verified."), "good")
    else:
        flash(_("The register has not changed since: this is the annex that shows it."))
    return redirect(url_for("annexes.one", number=made[0].number))


@blueprint.get("/controllers/<code>/annexes/draft.pdf")
@needs(Permission.ANNEX_READ)
def draft(code: str) -> ResponseReturnValue:
    """The same paper as a draft, marked as of no effect."""
    controller = parties.controller(house().session, code)
    day = dossiers.asked_day()
    language = request.args.get("language", "")
    paper = making.draft(house().database, controller.id, day, language, house().settings.zone)
    return _pdf(paper, f"{code}-draft.pdf")


@blueprint.get("/annexes/<number>")
@needs(Permission.ANNEX_READ)
def one(number: str) -> ResponseReturnValue:
    """An annex, hashed and verified again as it is shown."""
    session = house().session
    row = queries.one(session, number, house().today)
    paper = house().database.files.get(session, row.annex.paper_sha256)
    return render_template(
        "annexes/one.html",
        row=row,
        annex=row.annex,
        verdict=verify(paper),
        author=people.names(session, [row.annex.author]).get(row.annex.author),
    )


@blueprint.get("/annexes/<number>.pdf")
@needs(Permission.ANNEX_READ)
def download(number: str) -> ResponseReturnValue:
    """The sealed paper, byte for byte."""
    row = queries.one(house().session, number, house().today)
    paper = house().database.files.get(house().session, row.annex.paper_sha256)
    return _pdf(paper, f"{row.annex.number}-{row.controller.code}.pdf", attachment=True)


@blueprint.get("/annexes/<number>.json")
@needs(Permission.ANNEX_READ)
def data(number: str) -> ResponseReturnValue:
    """The snapshot the paper was made from."""
    row = queries.one(house().session, number, house().today)
    snapshot = house().database.files.get(house().session, row.annex.snapshot_sha256)
    return send_file(
        io.BytesIO(snapshot),
        mimetype="application/json",
        as_attachment=True,
        download_name=f"{row.annex.number}.json",
    )


def _pdf(content: bytes, name: str, *, attachment: bool = False) -> ResponseReturnValue:
    return send_file(
        io.BytesIO(content),
        mimetype="application/pdf",
        as_attachment=attachment,
        download_name=name,
    )
