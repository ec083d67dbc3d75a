"""Following one notice, for dossiers with few of them: what the post did, where it goes now."""

import uuid
from collections.abc import Callable, Sequence

import sqlalchemy as sa
from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.gate import acting
from app.house import house
from app.notices import again as sending
from app.notices import forms
from registers.kernel.errors import GreffeError, NotFound
from registers.notices import dossiers, fallbacks, post
from registers.notices.dossiers import Sent
from registers.notices.models import Dispatch, Notice

Way = Sequence[tuple[str, str]]


Owns = Callable[[Notice], bool]
"""Whether a notice belongs to the dossier."""


def only(notice: Notice) -> Owns:
    """Of a dossier that has found this notice, and the way that it took, among its own already."""
    return lambda other: other.id == notice.id


def _sent(dispatch_id: uuid.UUID, owns: Owns) -> Sent:
    """A way of one of these notices."""
    session = house().session
    query = (
        sa.select(Dispatch, Notice)
        .join(Notice, Notice.id == Dispatch.notice_id)
        .where(Dispatch.id == dispatch_id)
    )
    row = session.execute(query).first()
    if row is None or not owns(row[1]):
        raise NotFound
    return Sent(row[0], row[1], dossiers.events(session, [dispatch_id]).get(dispatch_id, ()))


def letter(
    dispatch_id: uuid.UUID, owns: Owns, about: Sequence[str], way: Way
) -> ResponseReturnValue:
    """Follows a letter: its deposit, and what the post says of it.

    Args:
        dispatch_id: the letter.
        owns: which notices are the dossier's.
        about: what stands under the title.
        way: the way to the dossier, which is shown afterwards.
    """
    taken = _sent(dispatch_id, owns)
    title, back = _("Follow a letter"), way[-1][1]
    form = forms.slip_of(taken)
    if form.validate_on_submit():
        try:
            with acting() as act:
                post.follow_post(act, dispatch_id, form.slip())
        except GreffeError as error:
            form.refuse(error)
            taken = _sent(dispatch_id, owns)
        else:
            flash(_("The slip is recorded."), "good")
            return redirect(back)
    page = render_template(
        "notices/form.html",
        form=form,
        title=title,
        about=(*about, taken.notice.number),
        back=back,
        letter=taken,
        crumbs=(*way, (title, "")),
    )
    return page, 422 if form.problems() else 200


def again(dispatch_id: uuid.UUID, owns: Owns, way: Way, *, title: str = "") -> ResponseReturnValue:
    """Where a notice that did not arrive goes now: the next address, the same one, or the post.

    Args:
        dispatch_id: what did not arrive.
        owns: which notices are the dossier's.
        way: the way to the dossier, which is shown afterwards.
        title: what the page is called on the way; the notice's number.
    """
    found = fallbacks.chain(house().session, dispatch_id, house().today)
    if not owns(found.notice):
        raise NotFound
    form, back = sending.asked(found), way[-1][1]
    if form.validate_on_submit():
        sending.send(found, form.address.data)
        return redirect(back)
    page = render_template(
        "notices/again.html",
        found=found,
        form=form,
        back=back,
        crumbs=(*way, (title or found.notice.number, "")),
    )
    return page, 422 if form.problems() else 200
