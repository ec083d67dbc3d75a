"""What people do with declarations: fill in, return, confirm, refuse; and what then takes effect.

A declaration that names another address takes effect only when the representative on record
confirmed it with a code, or staff recorded a call-back: whoever could write to us in the
controller's name could otherwise redirect its breach notices.
"""

import uuid
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.controllers import appointing
from registers.controllers.models import Controller
from registers.controllers.vocabulary import ContactRole
from registers.dpo import facts, rules, telling
from registers.dpo.models import Declaration, Form
from registers.dpo.rules import Found, News, OnRecord
from registers.dpo.vocabulary import Confirmation, Phase, Way
from registers.kernel import audit, history, outbox, references
from registers.kernel.act import Act
from registers.kernel.errors import Conflict, Invalid
from registers.kernel.history import FIELDS, How
from registers.kernel.words import LANGUAGES, text
from registers.notices import copies, proofs
from registers.people.roles import Permission

SEAL = outbox.kind("declaration.seal")
"""Work of the outbox: typeset and seal a form, or the evidence of a declaration on the portal."""

DRAWN = audit.kind("declaration.drawn", text("Form of a DPO declaration filled in"), "number")
RETURNED = audit.kind(
    "declaration.returned", text("DPO declaration came back"), "way", "file", "trusted", "same"
)
CONFIRMED = audit.kind("declaration.confirmed", text("DPO declaration confirmed"), "how")
REFUSED = audit.kind("declaration.refused", text("DPO declaration not confirmed"))
CANCELLED = audit.kind("declaration.cancelled", text("Form of a DPO declaration cancelled"))
IN_EFFECT = audit.kind("declaration.in_effect", text("DPO declaration takes effect"), *FIELDS)


class By(NamedTuple):
    """Who declares on the portal, as they say themselves, and the address that proved it."""

    name: str
    function: str
    code_to: str


def draw(act: Act, controller_id: uuid.UUID, known: facts.Declaration, language: str = "") -> Form:
    """Fills in a form that the controller is to sign; nothing takes effect by it.

    Raises:
        Invalid: a field of the form is empty, or see `rules.checked`.
    """
    act.require(Permission.CONTROLLERS_EDIT)
    return _draw(act, controller_id, known, language)


def draw_on_portal(act: Act, controller_id: uuid.UUID, known: facts.Declaration) -> Form:
    """The same, by a contact of the controller; a form it left unsigned before gives way.

    The caller made sure that the link of the act is one of this controller.
    """
    act.require(Permission.PORTAL)
    query = sa.select(Form).where(
        Form.controller_id == controller_id,
        Form.phase == Phase.DRAWN,
        Form.author == act.actor.reference,
    )
    for former in act.session.scalars(query.with_for_update()):
        _cancel(act, former)
    return _draw(act, controller_id, known, "")


def _draw(act: Act, controller_id: uuid.UUID, known: facts.Declaration, language: str) -> Form:
    head = act.take(Controller, controller_id)
    known = rules.checked(known, public_body=head.public_body)
    rules.require_complete(known, dated=False)
    form = _form(act, head, known, Phase.DRAWN, language)
    act.log(DRAWN, form, within=head, values={"said": form.said}, number=form.number)
    act.session.flush()
    _have_sealed(act, form)
    return form


def _have_sealed(act: Act, form: Form) -> None:
    name = f"{Form.__tablename__}:{form.id}"
    outbox.put(act, [outbox.Wanted(SEAL, f"{SEAL}:{form.id}:{form.phase.value}", name, act.now)])


def _form(
    act: Act, head: Controller, known: facts.Declaration, phase: Phase, language: str = ""
) -> Form:
    (number,) = references.take(act, "DD", act.now.date())
    wished = language or head.language
    form = Form(
        number=number,
        controller_id=head.id,
        phase=phase,
        said=known.stored(),
        language=wished if wished in LANGUAGES else LANGUAGES[0],
        made_at=act.now,
        author=act.actor.reference,
    )
    act.session.add(form)
    act.session.flush()
    return form


def enter(
    act: Act,
    controller_id: uuid.UUID,
    known: facts.Declaration,
    content: bytes | None,
    day: date,
) -> Form:
    """Enters a declaration that came on paper: as it is, gaps included, with its scan.

    Args:
        act: of staff.
        controller_id: whose.
        known: what the paper says.
        content: the scan.
        day: the present day where the organisation is.

    Raises:
        Invalid: there is no scan, it is none, or see `rules.checked`.
    """
    act.require(Permission.CONTROLLERS_EDIT)
    head = act.take(Controller, controller_id)
    known = rules.checked(known, public_body=head.public_body)
    form = _form(act, head, known, Phase.DRAWN)
    act.log(DRAWN, form, within=head, values={"said": form.said}, number=form.number)
    _came_back(act, form, Way.SCANNED, _file(content), day)
    return form


class Back(NamedTuple):
    """A form that came back: the file, where and when it was signed, what was found in it."""

    content: bytes | None
    done_at: str = ""
    done_on: date | None = None
    found: Found | None = None
    """Where it is taken as signed electronically."""


def come_back(act: Act, form_id: uuid.UUID, back: Back, day: date) -> Form:
    """Records that a form came back signed, on paper or electronically.

    Args:
        act: of staff.
        form_id: the form.
        back: what came.
        day: the present day where the organisation is.

    Raises:
        Invalid: it is no electronic signature of this form, or no scan.
        Conflict: it came back already.
    """
    act.require(Permission.CONTROLLERS_EDIT)
    return _taken_back(act, form_id, back, day, None)


def come_back_on_portal(act: Act, form_id: uuid.UUID, back: Back, day: date, by: By) -> Form:
    """The same, by a contact of the controller, after a one-time code.

    The caller made sure that the link of the act is one of this controller.
    """
    act.require(Permission.PORTAL)
    return _taken_back(act, form_id, back, day, by)


def _taken_back(act: Act, form_id: uuid.UUID, back: Back, day: date, by: By | None) -> Form:
    form = act.take(Form, form_id)
    against = rules.may_return(form.phase)
    if against is not None:
        raise Conflict(against)
    content = _file(back.content)
    if back.found is not None:
        rules.require_signed(back.found)
        form.found = _plain(back.found)
    if back.done_on is not None and back.done_on > day:
        raise Invalid(text("This day is still to come."), "done_on")
    dated = {
        "done_at": back.done_at or form.said["done_at"],
        "done_on": back.done_on.isoformat() if back.done_on else form.said["done_on"],
    }
    form.said = {**form.said, **dated}
    if by is not None:
        form.by_name, form.by_function, form.code_to = by
    way = Way.SIGNED if back.found is not None else Way.SCANNED
    _came_back(act, form, way, content, day)
    return form


def _plain(found: Found) -> dict[str, Any]:
    return {name: getattr(found, name) for name in found.__struct_fields__}


def _file(content: bytes | None) -> bytes:
    if not content:
        raise Invalid(text("Attach the signed form."), "content")
    return proofs.checked(content)


def declare(
    act: Act, controller_id: uuid.UUID, known: facts.Declaration, day: date, by: By
) -> Form:
    """Declares on the portal, with a one-time code instead of a signature.

    The caller made sure that the link of the act is one of this controller.

    Raises:
        Invalid: a field of the form is empty, or see `rules.checked`.
    """
    act.require(Permission.PORTAL)
    head = act.take(Controller, controller_id)
    known = rules.checked(known, public_body=head.public_body)
    rules.require_complete(known, dated=True)
    form = _form(act, head, known, Phase.DRAWN)
    form.by_name, form.by_function, form.code_to = by
    act.log(DRAWN, form, within=head, values={"said": form.said}, number=form.number)
    _came_back(act, form, Way.PORTAL, None, day)
    return form


def _came_back(act: Act, form: Form, way: Way, content: bytes | None, day: date) -> None:
    form.way, form.returned_at = way, act.now
    form.returned_by = act.actor.reference
    form.content_sha256 = act.files.put(act.session, content) if content else None
    form.phase = Phase.RETURNED
    found = form.found or {}
    act.log(
        RETURNED,
        form,
        within=f"controller:{form.controller_id}",
        values={"by": form.by_name, "function": form.by_function, "code_to": form.code_to},
        way=way,
        file=form.content_sha256,
        trusted=found.get("trusted"),
        same=found.get("same"),
    )
    act.session.flush()
    if way is Way.PORTAL:
        _have_sealed(act, form)
    _look_for_confirmation(act, form, day)


def _look_for_confirmation(act: Act, form: Form, day: date) -> None:
    """Takes effect at once where nothing is new, or where the representative's code was used."""
    new = news_of(act.session, form, day)
    if not new.is_any:
        _take_effect(act, form, Confirmation.NOTHING_NEW, new, day)
        return
    theirs = telling.representative_email(act.session, form.controller_id, day)
    if theirs and form.code_to and theirs.lower() == form.code_to.lower():
        _take_effect(act, form, Confirmation.CODE, new, day)
        return
    if theirs:
        owner = history.known_on(act.session, Controller, day, [form.controller_id])
        known = owner[form.controller_id]
        form.asked_id = telling.ask_representative(act, form, known, theirs)
    act.session.flush()


def on_record(session: Session, controller_id: uuid.UUID, day: date) -> OnRecord:
    """Who serves a controller as its DPO and for breaches on a day."""
    return OnRecord(
        appointing.serving(session, controller_id, ContactRole.DPO, day),
        appointing.serving(session, controller_id, ContactRole.BREACH, day),
    )


def news_of(session: Session, form: Form, day: date) -> News:
    """What a form would change of the addresses on record."""
    known = facts.Declaration.of(form.said)
    return rules.news(known, on_record(session, form.controller_id, day))


def call_back(act: Act, form_id: uuid.UUID, note: str, day: date) -> Form:
    """Records that the controller was called back and confirmed; the declaration takes effect.

    Args:
        act: of staff.
        form_id: the form.
        note: whom, at which number known before, and what was said.
        day: the present day where the organisation is.

    Raises:
        Invalid: nothing says who was called.
        Conflict: nothing is to be confirmed any more.
    """
    act.require(Permission.CONTROLLERS_EDIT)
    if not note.strip():
        raise Invalid(text("Say whom you called, at which number, and what was said."), "note")
    form = _to_confirm(act, form_id)
    form.note = note
    _take_effect(act, form, Confirmation.CALL_BACK, news_of(act.session, form, day), day)
    return form


def confirm_on_portal(
    act: Act, form_id: uuid.UUID, notice_id: uuid.UUID, by: By, day: date
) -> Form:
    """The representative's word, by the link of the notice that asked for it, after a code.

    Raises:
        Conflict: nothing is to be confirmed any more, or not by this notice.
    """
    act.require(Permission.PORTAL)
    form = _to_confirm(act, form_id)
    if form.asked_id != notice_id:
        raise Conflict(text("Nothing is to be confirmed here any more."))
    form.note = f"{by.name}, {by.function}, {by.code_to}"
    _take_effect(act, form, Confirmation.CODE, news_of(act.session, form, day), day)
    return form


def refuse(act: Act, form_id: uuid.UUID, reason: str) -> None:
    """Records that the controller did not confirm; nothing takes effect.

    Raises:
        Invalid: there is no reason.
        Conflict: nothing is to be confirmed any more.
    """
    act.require(Permission.CONTROLLERS_EDIT)
    _refuse(act, form_id, reason)


def refuse_on_portal(
    act: Act, form_id: uuid.UUID, notice_id: uuid.UUID, by: By, reason: str
) -> None:
    """The representative does not know of it: nothing takes effect.

    Raises:
        Conflict: nothing is to be confirmed any more, or not by this notice.
    """
    act.require(Permission.PORTAL)
    form = act.take(Form, form_id)
    if form.asked_id != notice_id:
        raise Conflict(text("Nothing is to be confirmed here any more."))
    _refuse(act, form_id, ", ".join(filter(None, (by.name, by.function, reason))))


def _refuse(act: Act, form_id: uuid.UUID, reason: str) -> None:
    if not reason.strip():
        raise Invalid(text("Say why."), "reason")
    form = _to_confirm(act, form_id)
    form.phase, form.note = Phase.REFUSED, reason
    form.settled_at, form.settled_by = act.now, act.actor.reference
    within = f"controller:{form.controller_id}"
    act.log(REFUSED, form, within=within, values={"reason": reason})


def cancel(act: Act, form_id: uuid.UUID) -> None:
    """Gives up a form that did not come back.

    Raises:
        Conflict: it came back already.
    """
    act.require(Permission.CONTROLLERS_EDIT)
    form = act.take(Form, form_id)
    against = rules.may_return(form.phase)
    if against is not None:
        raise Conflict(against)
    _cancel(act, form)


def _cancel(act: Act, form: Form) -> None:
    form.phase = Phase.CANCELLED
    form.settled_at, form.settled_by = act.now, act.actor.reference
    act.log(CANCELLED, form, within=f"controller:{form.controller_id}")


def _to_confirm(act: Act, form_id: uuid.UUID) -> Form:
    form = act.take(Form, form_id)
    against = rules.may_confirm(form.phase)
    if against is not None:
        raise Conflict(against)
    return form


def _take_effect(act: Act, form: Form, how: Confirmation, new: News, day: date) -> None:
    """The declaration is in effect: the point of contact follows, former addresses are told."""
    known = facts.Declaration.of(form.said)
    since = known.since or day
    form.phase, form.confirmation = Phase.IN_EFFECT, how
    form.settled_at, form.settled_by, form.effective_from = act.now, act.actor.reference, since
    controller = act.session.get_one(Controller, form.controller_id)
    reason = f"{form.number}"
    wanted = rules.serving(known, on_record(act.session, controller.id, day))
    appointing.appoint(act, controller.id, wanted, How(since, reason))
    head = _head(act, controller.id)
    said = How(since, reason).by(IN_EFFECT, controller)
    history.record(act, head, known, head.latest or 0, said)
    act.log(
        CONFIRMED,
        form,
        within=controller,
        values={"note": form.note},
        how=how,
    )
    act.session.flush()
    _tell_former(act, form, known, new, day)


def _head(act: Act, controller_id: uuid.UUID) -> Declaration:
    query = sa.select(Declaration.id).where(Declaration.controller_id == controller_id)
    key = act.session.scalar(query)
    return act.take(Declaration, key) if key else Declaration(controller_id=controller_id)


def _tell_former(act: Act, form: Form, known: facts.Declaration, new: News, day: date) -> None:
    for address in filter(None, (known.email, known.breach_email)):
        copies.end(act, form.controller_id, address)
    if not new.former:
        return
    owner = history.known_on(act.session, Controller, day, [form.controller_id])
    for address in new.former:
        telling.tell_former(act, form, owner[form.controller_id], address)
        copies.keep(act, form.controller_id, address)
