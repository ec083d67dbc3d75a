"""Typesets and seals declarations: the form to be signed, or the evidence of the portal's act."""

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from registers.annexes.kinds import KINDS
from registers.annexes.making import make_all
from registers.annexes.models import Annex
from registers.annexes.orders import Order
from registers.annexes.subjects import of_declaration
from registers.dpo.models import Form
from registers.dpo.vocabulary import Way
from registers.kernel import outbox
from registers.kernel.outbox import Taken

if TYPE_CHECKING:
    from registers.work import Tools

FORM, EVIDENCE = "dpo_declaration", "dpo_evidence"


def seal(tools: "Tools", work: Sequence[Taken]) -> None:
    """Work of the outbox: see `registers.work.Handler`. What is there already is not made twice."""
    press = tools.press
    today = press.database.now().astimezone(ZoneInfo(press.zone)).date()
    with press.database.reading() as session:
        ids = [uuid.UUID(each.about.partition(":")[2]) for each in work]
        forms = list(session.scalars(sa.select(Form).where(Form.id.in_(ids))))
        made = {
            (row.about, row.kind)
            for row in session.execute(
                sa.select(Annex.about, Annex.kind).where(
                    Annex.about.in_([f"{Form.__tablename__}:{form.id}" for form in forms])
                )
            )
        }
    for kind in (FORM, EVIDENCE):
        subjects = [
            of_declaration(form.id, form.controller_id)
            for form in forms
            if (EVIDENCE if form.way is Way.PORTAL else FORM) == kind
        ]
        subjects = [each for each in subjects if (each.about, kind) not in made]
        if subjects:
            list(make_all(press, Order(KINDS[kind], subjects, today)))
    with press.database.upkeep() as traces:
        outbox.settle(traces, [each.id for each in work], tools.holder, press.database.now())
