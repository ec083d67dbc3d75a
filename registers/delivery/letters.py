"""The letters of an announcement as the mail room wants them: one file to print, in order."""

import io
import uuid

import pikepdf
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes.models import Annex
from registers.announcements.models import Case
from registers.controllers.models import Controller
from registers.controllers.vocabulary import Channel
from registers.kernel.files import Store
from registers.notices.models import Dispatch, Matter
from registers.notices.vocabulary import DispatchState


def to_print(session: Session, store: Store, announcement_id: uuid.UUID) -> tuple[bytes, int]:
    """The registered letters that are still to be deposited, merged, each on a sheet of its own.

    The order is that of the mail room's table: by controller. The merged file is for the printer
    only: the sealed papers are those of the dossiers. Gives the file and how many letters it has.
    """
    query = (
        sa.select(Annex.paper_sha256)
        .join(Dispatch, Dispatch.annex_id == Annex.id)
        .join(Controller, Controller.id == Dispatch.controller_id)
        .where(*_waiting(announcement_id))
        .order_by(Controller.sorted, Controller.code, Dispatch.id)
    )
    count = 0
    with pikepdf.new() as merged:
        for name in session.scalars(query):
            with pikepdf.open(io.BytesIO(store.get(session, name))) as letter:
                letter.flatten_annotations("print")  # the block of the seal is a form field
                merged.pages.extend(letter.pages)
                if len(letter.pages) % 2:  # printed on both sides, the next one begins anew
                    merged.add_blank_page(page_size=(595.276, 841.89))
            count += 1
        written = io.BytesIO()
        merged.save(written)
    return written.getvalue(), count


def ready(session: Session, announcement_id: uuid.UUID) -> int:
    """How many letters are typeset and still to be deposited."""
    query = sa.select(sa.func.count()).where(
        *_waiting(announcement_id), Dispatch.annex_id.is_not(None)
    )
    return session.scalar(query) or 0


def _waiting(announcement_id: uuid.UUID) -> tuple[sa.ColumnElement[bool], ...]:
    notices = (
        sa.select(Matter.notice_id)
        .join(Case, Case.matter_id == Matter.id)
        .where(Case.announcement_id == announcement_id)
    )
    return (
        Dispatch.notice_id.in_(notices),
        Dispatch.channel == Channel.REGISTERED_LETTER,
        Dispatch.state == DispatchState.TO_DO,
    )
