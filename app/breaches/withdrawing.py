"""The page on which controllers are told that they were told in error."""

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import SelectChoice

from app.breaches import forms
from app.breaches.views import frame
from app.gate import acting, needs
from app.house import house
from registers.breaches import queries, recipients, telling, withdrawing
from registers.breaches.models import Breach
from registers.controllers.models import Controller
from registers.kernel.errors import GreffeError, Invalid
from registers.kernel.identifiers import fold
from registers.kernel.words import text
from registers.people.roles import Permission

blueprint = Blueprint("withdrawing", __name__)

SHOWN = 200


@blueprint.route("/breaches/<code>/withdraw", methods=["GET", "POST"])
@needs(Permission.BREACHES_NOTIFY)
def withdraw(code: str) -> ResponseReturnValue:
    """Withdraws notices that were sent in error, with the reason, to all or to some."""
    head = queries.one(house().session, code)
    form, told = _form(head)
    if form.validate_on_submit():
        try:
            chosen = _chosen(form)
            with acting() as act:
                done = withdrawing.withdraw(act, head.id, form.base.data, form.reason.data, chosen)
        except GreffeError as error:
            form.refuse(error)
            head = queries.one(house().session, code)
        else:
            flash(_said(done), "good")
            return redirect(url_for("notifying.progress", code=code))
    form.base.data, form.base.raw_data = head.latest, None
    page = render_template(
        "breaches/withdraw.html",
        **frame(queries.one(house().session, code), _("Withdraw")),
        form=form,
        told=told,
        shown=SHOWN,
        search=request.args.get("search", ""),
    )
    return page, 422 if form.problems() else 200


def _form(head: Breach) -> tuple[forms.Withdrawal, int]:
    """The form, with the first controllers that are found among those told; how many were."""
    form = forms.Withdrawal(base=head.latest)
    told = recipients.named(house().session, telling.told(house().session, head))
    wanted = fold(request.args.get("search", "")).split()
    found = [each for each in told if all(word in each.search for word in wanted)]
    form.controllers.choices = [_choice(each) for each in found[:SHOWN]]
    everybody = ngettext(
        "the %(num)s controller that was told", "all %(num)s controllers that were told", len(told)
    )
    form.whom.choices = [
        SelectChoice(forms.ALL, everybody),
        SelectChoice(forms.CHOSEN, _("only those ticked below")),
    ]
    form.whom.data = form.whom.data or forms.CHOSEN
    return form, len(told)


def _choice(each: Controller) -> SelectChoice:
    return SelectChoice(str(each.id), f"{each.name} ({each.code})")


def _chosen(form: forms.Withdrawal) -> list[uuid.UUID] | None:
    if form.whom.data == forms.ALL:
        return None
    if not form.controllers.data:
        raise Invalid(text("Choose at least one controller."), "controllers")
    return forms.ids_of(form.controllers.data)


def _said(done: withdrawing.Withdrawn) -> str:
    written = ngettext(
        "%(num)s notice of withdrawal is written and leaves now.",
        "%(num)s notices of withdrawal are written and leave now.",
        done.notices,
    )
    stopped = ngettext(
        "To %(num)s controller nothing had left yet, and nothing leaves any more.",
        "To %(num)s controllers nothing had left yet, and nothing leaves any more.",
        done.stopped,
    )
    return f"{written} {stopped}" if done.stopped else written
