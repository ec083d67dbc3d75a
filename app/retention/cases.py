"""Pages of one case: the day that a person sets, holds, withdrawal."""

import uuid

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.gate import needs
from app.house import house
from app.retention import forms
from app.retention.views import typed
from registers.kernel.act import Act
from registers.kernel.errors import NotFound
from registers.people.roles import Permission
from registers.retention import opening, operations, queries
from registers.retention.queries import Dossier, Held, Row

blueprint = Blueprint("cases", __name__)

PLACE = "/retention/<code>/cases/<int:position>"


def _found(code: str, position: int) -> tuple[Dossier, Row]:
    found = queries.dossier(house().session, code)
    for row in found.rows:
        if row.case.position == position:
            return found, row
    raise NotFound


@blueprint.route(f"{PLACE}/day", methods=["GET", "POST"])
@needs(Permission.RETENTION_EDIT)
def set_day(code: str, position: int) -> ResponseReturnValue:
    """Sets until when data are kept, where the contract has words and no number."""
    found, row = _found(code, position)
    form = forms.DaySet()

    def do(act: Act) -> None:
        operations.set_day(act, row.case.id, form.day.data, form.reason.data)

    return typed(
        found.ending,
        form,
        do,
        title=_("Set the day"),
        done=_("The day is set."),
        hint=_("The contract says: %(words)s", words=row.case.promise.rule.text or "–"),
    )


@blueprint.route(f"{PLACE}/hold", methods=["GET", "POST"])
@needs(Permission.RETENTION_EDIT)
def hold(code: str, position: int) -> ResponseReturnValue:
    """Puts an erasure on hold."""
    found, row = _found(code, position)
    form = forms.OnHold(since=house().today)

    def do(act: Act) -> None:
        operations.hold(
            act,
            row.case.id,
            authority=form.authority.data,
            reason=form.reason.data,
            since=form.since.data,
            proof=form.file(),
        )

    return typed(
        found.ending, form, do, title=_("Put the erasure on hold"), done=_("It is on hold.")
    )


@blueprint.route(f"{PLACE}/holds/<uuid:hold_id>/release", methods=["GET", "POST"])
@needs(Permission.RETENTION_EDIT)
def release(code: str, position: int, hold_id: uuid.UUID) -> ResponseReturnValue:
    """Ends a hold."""
    found, row = _found(code, position)
    held = _hold(found, row, hold_id)
    form = forms.Released(ended_on=house().today)

    def do(act: Act) -> None:
        operations.release(act, hold_id, ended_on=form.ended_on.data, reason=form.reason.data)

    return typed(
        found.ending,
        form,
        do,
        title=_("Release the hold"),
        done=_("The hold is released."),
        hint=f"{held.hold.authority} – {held.hold.reason}",
    )


def _hold(found: Dossier, row: Row, hold_id: uuid.UUID) -> Held:
    for held in found.holds.get(row.case.id, ()):
        if held.hold.id == hold_id:
            return held
    raise NotFound


@blueprint.route(f"{PLACE}/withdraw", methods=["GET", "POST"])
@needs(Permission.RETENTION_EDIT)
def withdraw(code: str, position: int) -> ResponseReturnValue:
    """Withdraws a case that does not fall due."""
    found, row = _found(code, position)
    form = forms.Withdrawn()

    def do(act: Act) -> None:
        opening.withdraw(act, row.case.id, form.reason.data)

    return typed(
        found.ending, form, do, title=_("Withdraw the case"), done=_("The case is withdrawn.")
    )
