"""The look of the organisation's papers: its logo, its colour, the foot of its pages."""

import io

from flask import Blueprint, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.controllers.forms import Look
from app.gate import acting, needs
from app.house import house
from registers.controllers import queries, style
from registers.kernel.errors import GreffeError, NotFound
from registers.people.roles import Permission
from registers.press.house_style import DEFAULT_ACCENT, HouseStyle, picture

blueprint = Blueprint("look", __name__)


@blueprint.route("/organisation/look", methods=["GET", "POST"])
@needs(Permission.ORGANISATION_EDIT)
def edit() -> ResponseReturnValue:
    """Chooses the look of papers; those that are sealed stay as they are."""
    session = house().session
    if queries.organisation(session) is None:
        return redirect(url_for("controllers.organisation"))
    known = style.chosen(session)
    form = Look(
        data={
            "base": known.revision,
            "accent": known.style.accent or DEFAULT_ACCENT,
            "footer": known.style.footer,
        }
    )
    if form.validate_on_submit():
        try:
            wanted = _wanted(form, known.style)
            with acting() as act:
                changed = style.choose(act, wanted, form.base.data)
        except GreffeError as error:
            form.refuse(error)
        else:
            flash(*((_("Saved."), "good") if changed else (_("Nothing was changed."),)))
            return redirect(url_for("controllers.organisation"))
    page = render_template("controllers/look.html", form=form, known=known.style)
    return page, 422 if form.problems() else 200


def _wanted(form: Look, known: HouseStyle) -> HouseStyle:
    """The look that was typed; without a new picture the one that is there stays."""
    logo = b"" if form.without_logo.data else known.logo
    if form.logo.data:
        logo = picture(form.logo.data.read())
    return HouseStyle(form.accent.data or "", form.footer.data or "", logo)


@blueprint.get("/organisation/logo.png")
@needs(Permission.REGISTER_READ)
def logo() -> ResponseReturnValue:
    """The logo as papers carry it."""
    content = style.chosen(house().session).style.logo
    if not content:
        raise NotFound
    return send_file(io.BytesIO(content), mimetype="image/png")
