"""Pages of erasures: stated by one person, confirmed by another, certified to the controller."""

import uuid
from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.gate import acting, actor, needs
from app.house import house
from app.pressing import identity_of
from app.retention import forms
from app.retention.views import frame, typed, way
from registers.annexes import queries as annexes
from registers.annexes.kinds import KINDS
from registers.annexes.subjects import of_erasure
from registers.delivery import certificates
from registers.kernel.act import Act
from registers.kernel.errors import GreffeError, NotFound
from registers.notices.vocabulary import BY_POST
from registers.people import queries as people
from registers.people.roles import Permission
from registers.retention import erasing, queries, rules
from registers.retention.erasing import Barred, Statement
from registers.retention.queries import Attested, Dossier
from registers.retention.vocabulary import Result, System

blueprint = Blueprint("erasures", __name__)

CERTIFICATE = KINDS["erasure_certificate"]


@blueprint.route("/retention/<code>/erase", methods=["GET", "POST"])
@needs(Permission.RETENTION_EDIT)
def state(code: str) -> ResponseReturnValue:
    """States what was erased, where and how; another person confirms it."""
    found = queries.dossier(house().session, code)
    form = forms.stated(found.open_rows, done_on=house().today, result=Result.ERASED.value)
    if request.method == "GET":
        form.cases.data = request.args.getlist("case")
    against: tuple[Any, ...] = ()
    if form.validate_on_submit():
        try:
            said = _statement(form)
            with acting() as act:
                ids = [uuid.UUID(each) for each in form.cases.data or ()]
                erasure = erasing.propose(act, ids, said)
        except Barred as error:
            against = error.reasons
            form.form_errors.append(_("Something stands against it: see below."))
        except GreffeError as error:
            form.refuse(error)
        else:
            flash(_("Recorded. Another person confirms it now."), "good")
            return redirect(url_for("erasures.one", code=erasure.code))
        found = queries.dossier(house().session, code)
    page = render_template(
        "retention/erase.html",
        **frame(found),
        form=form,
        systems=System,
        against=against or _standing(found),
        crumbs=(*way(found.ending), (_("State an erasure"), "")),
    )
    return page, 422 if form.problems() else 200


def _standing(found: Dossier) -> tuple[Any, ...]:
    """What would stand against erasing all of it today, told before anybody types."""
    rows = [row.case for row in found.open_rows]
    return tuple(rules.against(erasing.plan_of(house().session, found.ending, rows)))


def _statement(form: forms.Stated) -> Statement:
    return Statement(
        result=Result(form.result.data),
        done_on=form.done_on.data,
        method=form.method.data,
        treated=forms.treated(form),
        visa=form.visa.data or "",
        visa_proof=form.file(),
        irregular=form.why_irregular(),
    )


@blueprint.get("/erasures/<code>")
@needs(Permission.RETENTION_READ)
def one(code: str) -> ResponseReturnValue:
    """An erasure: what was done where, the two persons, the chain, the copies that remain."""
    return page_of(queries.attested(house().session, code, house().today))


def page_of(found: Attested, status: int = 200, **more: Any) -> ResponseReturnValue:
    """The page of an erasure."""
    session, erasure = house().session, found.erasure
    sealed = annexes.about(session, subject_of(found).about, house().today)
    page = render_template(
        "retention/erasure.html",
        found=found,
        erasure=erasure,
        treated=erasing.treated_of(erasure),
        names=people.names(session, {erasure.proposed_by, erasure.decided_by}),
        mine=erasure.proposed_by == actor().reference,
        annexes=sealed,
        current=any(not row.superseded_by and not row.out_of_date for row in sealed),
        identity=identity_of(house().home),
        sent=certificates.told(session, erasure.id),
        ways=list(certificates.ways(session, erasure)),
        by_post=BY_POST,
        reached=certificates.reached(session, erasure, house().today),
        at=partial(_at, erasure.code),
        today=house().today,
        crumbs=(*way(found.ending), (erasure.code, "")),
        **{"form": forms.Sealed(), **more},
    )
    return page, status


def _at(code: str, what: str, **named: Any) -> str:
    """The address of something about the way of a certificate."""
    return url_for(f"certifying.{what}", code=code, **named)


def subject_of(found: Attested) -> Any:
    """What a certificate of an erasure is about."""
    erasure, ending = found.erasure, found.ending
    return of_erasure(erasure.id, ending.controller_id, ending.contract_id)


@blueprint.route("/erasures/<code>/decide", methods=["GET", "POST"])
@needs(Permission.ERASURE_CONFIRM)
def decide(code: str) -> ResponseReturnValue:
    """The second person's word."""
    found = queries.attested(house().session, code, house().today)
    form = forms.Decided()
    key = found.erasure.id

    def do(act: Act) -> None:
        word = erasing.confirm if form.confirmed.data == "yes" else erasing.refuse
        word(act, key, form.note.data)

    return typed(
        found.ending,
        form,
        do,
        title=_("Confirm %(code)s", code=code),
        done=_("Your word is recorded."),
        back=url_for("erasures.one", code=code),
        erasure=found.erasure,
        stated=found,
        treated=erasing.treated_of(found.erasure),
    )


@blueprint.route("/erasures/<code>/chain/<name>", methods=["GET", "POST"])
@needs(Permission.RETENTION_EDIT)
def chain(code: str, name: str) -> ResponseReturnValue:
    """Records a sub-processor's own confirmation."""
    found = queries.attested(house().session, code, house().today)
    named = next((each for each in found.chain if each.code == name), None)
    if named is None:
        raise NotFound
    form = forms.ChainSaid(erased_on=house().today)
    key = found.erasure.id

    def do(act: Act) -> None:
        erasing.confirm_chain(
            act,
            key,
            name,
            erased_on=form.erased_on.data,
            says=form.says.data or "",
            proof=form.file(),
        )

    return typed(
        found.ending,
        form,
        do,
        title=_("%(name)s confirms", name=named.name),
        done=_("The confirmation is recorded."),
        back=url_for("erasures.one", code=code),
    )
