"""Letters and the mail room, for any dossier that writes notices: tables out, slips in.

Each subject has its own addresses and pages; what happens on them is here.
"""

import io
import uuid
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app import downloads
from app.gate import acting, actor, needs
from app.house import house
from app.languages import words
from app.notices.forms import Nothing, Slips
from registers.delivery import letters as printing
from registers.kernel import sheets, uploads
from registers.kernel.errors import GreffeError, NotFound
from registers.kernel.words import text
from registers.notices import letters, post
from registers.notices.letters import Fate, Row
from registers.people.roles import Permission

SHOWN_ROWS = 300
TOGETHER = 200
"""How many rows are recorded in one act: others wait no longer than that."""

OfCause = sa.ColumnElement[bool]
"""Which notices a dossier wrote."""


class Room(NamedTuple):
    """The letters of a dossier, as its pages show them."""

    code: str
    """How files are named, and what the title says."""
    of_cause: OfCause
    template: str
    frame: dict[str, Any]
    """What its template needs beside the letters."""
    way: Sequence[tuple[str, str]]
    """The way to the dossier."""
    no_letter: str
    """What is said where there is none."""


Find = Callable[..., Room]
"""Finds a dossier by the gaps of its address; refuses what is not to be found."""


def pages(blueprint: Blueprint, place: str, read: Permission, find: Find) -> None:
    """Lays out the pages of letters of a subject's dossiers: tables out, slips in.

    Args:
        blueprint: of the subject's letters.
        place: their address, with the gaps of the dossier's.
        read: who may look; slips are recorded by whoever records receipts.
        find: gives the dossier.
    """
    name = blueprint.name

    def shown(form: Slips, given: dict[str, Any]) -> str:
        room = find(**given)
        return render_template(
            room.template,
            **room.frame,
            **state(room.of_cause),
            form=form,
            table=url_for(f"{name}.table", **given),
            print=url_for(f"{name}.to_print", **given),
            no_letter=room.no_letter,
        )

    @blueprint.get(place)
    @needs(read)
    def page(**given: Any) -> ResponseReturnValue:
        """The letters: how many, where they stand, the tables."""
        return shown(Slips(formdata=None), given)

    @blueprint.get(f"{place}.csv", endpoint="table")
    @needs(read)
    def table_(**given: Any) -> ResponseReturnValue:
        """The addresses for the mail room, with the columns that it fills in."""
        room = find(**given)
        return table(room.of_cause, room.code)

    @blueprint.get(f"{place}.pdf", endpoint="to_print")
    @needs(read)
    def to_print_(**given: Any) -> ResponseReturnValue:
        """The registered letters that are still to be deposited, for the printer."""
        room = find(**given)
        return to_print(room.of_cause, room.code)

    @blueprint.post(place)
    @needs(Permission.RECEIPTS_RECORD)
    def upload(**given: Any) -> ResponseReturnValue:
        """Takes the table of the mail room, and leads to what it would record."""
        find(**given)
        form = Slips()
        sent = take(form) if form.validate_on_submit() else None
        if sent is None:
            return shown(form, given), 422
        return redirect(url_for(f"{name}.look", upload_id=sent, **given))

    @blueprint.get(f"{place}/<uuid:upload_id>")
    @needs(Permission.RECEIPTS_RECORD)
    def look(upload_id: uuid.UUID, **given: Any) -> ResponseReturnValue:
        """Shows every row's fate before anything is written."""
        room, back = find(**given), url_for(f"{name}.page", **given)
        return render_template(
            "notices/slips.html",
            **fates(upload_id),
            code=room.code,
            back=back,
            crumbs=(*room.way, (_("Letters"), back), (_("Slips"), "")),
        )

    @blueprint.post(f"{place}/<uuid:upload_id>", endpoint="record")
    @needs(Permission.RECEIPTS_RECORD)
    def record_(upload_id: uuid.UUID, **given: Any) -> ResponseReturnValue:
        """Records the slips as they were shown, some at a time: what is recorded stays so."""
        find(**given)
        record(upload_id)
        return redirect(url_for(f"{name}.page", **given))


def state(of_cause: OfCause) -> dict[str, Any]:
    """What the page of letters shows: how many stand where, how many can be printed."""
    session = house().session
    return {
        "ways": letters.standing(session, of_cause),
        "ready": printing.ready(session, of_cause),
        "columns": letters.columns_read(words().language),
    }


def table(of_cause: OfCause, code: str) -> ResponseReturnValue:
    """The addresses for the mail room, with the columns that it fills in."""
    rows = letters.letters(house().session, of_cause, words())
    return send_file(
        io.BytesIO(sheets.semicolons(letters.headings(words().language), rows)),
        mimetype="text/csv",
        as_attachment=True,
        download_name=f"{code}-letters.csv",
    )


def to_print(of_cause: OfCause, code: str) -> ResponseReturnValue:
    """The registered letters that are still to be deposited, in one file for the printer.

    Raises:
        NotFound: none is ready.
    """
    content, count = printing.to_print(house().session, house().database.files, of_cause)
    if not count:
        raise NotFound(text("No letter is ready to be printed: the worker typesets them first."))
    return downloads.saved(content, "application/pdf", f"{code}-letters.pdf")


def take(form: Slips) -> uuid.UUID | None:
    """Keeps the table that was sent, to be looked at; None where it is none: the form says why.

    The form was looked at already.
    """
    file = form.file.data
    try:
        content, name = file.read(), file.filename or "table"
        letters.plan(house().session, sheets.read(content, name), house().today)
        with house().upkeep() as traces:
            return uploads.keep(traces, actor().reference, name, content, house().now())
    except GreffeError as error:
        form.refuse(error)
    return None


def planned(upload_id: uuid.UUID) -> list[Row]:
    """What the table that was kept would record, row by row."""
    session = house().session
    sent = uploads.kept(session, upload_id, actor().reference)
    return letters.plan(session, sheets.read(sent.content, sent.name), house().today)


def fates(upload_id: uuid.UUID) -> dict[str, Any]:
    """What the page before recording shows: every row's fate, those that are refused first."""
    rows = planned(upload_id)
    order = {fate: place for place, fate in enumerate((Fate.REFUSED, Fate.NEW, Fate.UNCHANGED))}
    ordered = sorted(rows, key=lambda row: (order[row.fate], row.number))
    return {
        "rows": ordered[:SHOWN_ROWS],
        "more": max(0, len(ordered) - SHOWN_ROWS),
        "counts": {fate: letters.count(rows, fate) for fate in Fate},
        "fates": Fate,
    }


def record(upload_id: uuid.UUID) -> None:
    """Records the slips as they were shown, some at a time: what is recorded stays recorded.

    Raises:
        NotFound: there is no such table.
    """
    if not Nothing().validate_on_submit():
        raise NotFound
    rows = [row for row in planned(upload_id) if row.fate is Fate.NEW and row.dispatch_id]
    slips = [(row.dispatch_id, slip) for row in rows for slip in row.slips if row.dispatch_id]
    for start in range(0, len(slips), TOGETHER):
        with acting() as act:
            post.follow_posts(act, slips[start : start + TOGETHER])
    with house().upkeep() as traces:
        uploads.forget(traces, upload_id)
    flash(ngettext("%(num)s slip is recorded.", "%(num)s slips are recorded.", len(slips)), "good")
