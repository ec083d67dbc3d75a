"""Letters of notices as the mail room wants them: one file to print, in order."""

import io

import pikepdf
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes.models import Annex
from registers.controllers.models import Controller
from registers.controllers.vocabulary import Channel
from registers.kernel.files import Store
from registers.notices.models import Dispatch, Notice
from registers.notices.vocabulary import DispatchState


def ready(session: Session, of_cause: sa.ColumnElement[bool]) -> int:
    """How many registered letters are typeset and still to be deposited."""
    query = sa.select(sa.func.count()).select_from(_waiting(of_cause).subquery())
    return session.scalar(query) or 0


def to_print(session: Session, store: Store, of_cause: sa.ColumnElement[bool]) -> tuple[bytes, int]:
    """The registered letters that are still to be deposited, merged, each on a sheet of its own.

    The order is that of the mail room's table: by controller. The merged file is for the printer
    only: the sealed papers are those of the dossiers. Gives the file and how many letters it has.

    Args:
        session: a reading session.
        store: where the papers are.
        of_cause: which notices.
    """
    query = _waiting(of_cause).order_by(Controller.sorted, Notice.number, Dispatch.id)
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


def _waiting(of_cause: sa.ColumnElement[bool]) -> sa.Select[str]:
    return (
        sa.select(Annex.paper_sha256)
        .join(Dispatch, Dispatch.annex_id == Annex.id)
        .join(Notice, Notice.id == Dispatch.notice_id)
        .join(Controller, Controller.id == Dispatch.controller_id)
        .where(
            of_cause,
            Dispatch.channel == Channel.REGISTERED_LETTER,
            Dispatch.state == DispatchState.TO_DO,
        )
    )
