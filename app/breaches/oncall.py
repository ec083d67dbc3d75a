"""Who is on call, for administrators: addresses, the gateway, a test alarm, the last calls."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import BooleanField, IntegerField, SelectChoice, SelectField
from wtforms.widgets import HiddenInput

from app.forms import Form, Line, Paragraphs
from app.gate import acting, needs
from app.house import house
from app.languages import say
from app.packs import shown as packs_shown
from registers.breaches import alarms, calls, gateway, oncall
from registers.breaches.oncall import Chosen, Plan
from registers.delivery import packs
from registers.kernel.errors import GreffeError
from registers.people.roles import Permission

blueprint = Blueprint("oncall", __name__)

SHOWN = 30
NAMES = {"fr": "Français", "en": "English"}


class Settings(Form):
    """Who is told of breaches."""

    base = IntegerField(widget=HiddenInput())
    emails = Paragraphs(
        _l("E-mail addresses on call"),
        description=_l("One on each line. All of them get every alarm."),
    )
    webhook = Line(
        _l("Gateway that wakes people (address)"),
        description=_l(
            "An e-mail wakes nobody: give the address of a service that calls, or sends short "
            "messages. It gets a code, numbers and a link, nothing of what happened."
        ),
        render_kw={"inputmode": "url", "autocomplete": "off"},
    )
    new_key = BooleanField(
        _l("Make a new secret for the gateway’s signatures"),
        description=_l("The former one is worth nothing from then on."),
    )
    language = SelectField(
        _l("Language of alarms"), choices=[SelectChoice(*each) for each in NAMES.items()]
    )
    drill_emails = Paragraphs(
        _l("E-mail addresses for exercises"),
        description=_l(
            "One on each line. Alarms and notices of exercises go here and nowhere else, never to "
            "a controller."
        ),
    )
    pack_by_email = BooleanField(_l("Send the emergency pack to the addresses on call every week"))


def wished(form: Settings) -> Plan:
    """What was typed."""
    return Plan(
        tuple((form.emails.data or "").splitlines()),
        form.webhook.data or "",
        tuple((form.drill_emails.data or "").splitlines()),
        form.language.data,
        form.pack_by_email.data,
    )


def typed(known: Chosen) -> dict[str, object]:
    """What is set, as it would be typed."""
    plan = known.plan
    return {
        "base": known.revision,
        "emails": "\n".join(plan.emails),
        "webhook": plan.webhook,
        "language": plan.language,
        "drill_emails": "\n".join(plan.drill_emails),
        "pack_by_email": plan.pack_by_email,
    }


@blueprint.route("/on-call", methods=["GET", "POST"])
@needs(Permission.ON_CALL)
def page() -> ResponseReturnValue:
    """Who is on call; what became of the last calls."""
    secret = house().home.portal_secret
    known = oncall.chosen(house().session, secret)
    form = Settings(data=typed(known))
    if form.validate_on_submit():
        try:
            with acting() as act:
                changed = oncall.choose(
                    act,
                    wished(form),
                    form.base.data,
                    secret=secret,
                    private=house().settings.webhook_private == "on",
                    new_key=form.new_key.data,
                )
        except GreffeError as error:
            form.refuse(error)
        else:
            flash(*((_("Saved."), "good") if changed else (_("Nothing was changed."),)))
            return redirect(url_for("oncall.page"))
    page = render_template(
        "breaches/oncall.html",
        form=form,
        known=known,
        empty=Form(),
        calls=calls.latest(house().session, SHOWN),
        pack=packs_shown(),
        headers=(gateway.SIGNATURE, gateway.DELIVERY),
    )
    return page, 422 if form.problems() else 200


@blueprint.post("/on-call/test")
@needs(Permission.ON_CALL)
def test() -> ResponseReturnValue:
    """Sends a test alarm to everybody on call."""
    try:
        with acting() as act:
            told = alarms.try_out(act)
    except GreffeError as error:
        flash(say(error.reason), "bad")
    else:
        sent = ngettext(
            "A test alarm leaves now, to %(num)s address. Below you see what becomes of it.",
            "A test alarm leaves now, to %(num)s addresses. Below you see what becomes of it.",
            told,
        )
        flash(sent, "good")
    return redirect(url_for("oncall.page") + "#calls")


@blueprint.post("/on-call/pack")
@needs(Permission.ON_CALL)
def pack() -> ResponseReturnValue:
    """Has an emergency pack made now."""
    with acting() as act:
        packs.ask(act)
    flash(_("The emergency pack is made now, and leaves."), "good")
    return redirect(url_for("oncall.page") + "#pack")
