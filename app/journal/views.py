"""Pages of the journal: every act, and how it can be checked."""

import json
from collections.abc import Iterator

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.forms import Form
from app.gate import acting, needs
from app.house import house
from app.journal import fields
from app.journal.words import facts_of, subjects
from app.lists import addresses, cut
from registers.kernel import audit
from registers.kernel.errors import NotFound
from registers.people import queries as people
from registers.people.roles import Permission

blueprint = Blueprint("journal", __name__)


@blueprint.get("/journal")
@needs(Permission.JOURNAL_READ)
def listed() -> ResponseReturnValue:
    """All entries, the newest first, by kind or actor."""
    session = house().session
    kind, actor = request.args.get("kind", ""), request.args.get("actor", "")
    page = audit.listed(session, kind, actor, cut())
    accounts = {f"user:{each.id}": each.name for each in people.users(session)}
    return render_template(
        "journal/list.html",
        page=page,
        kinds=audit.KINDS,
        kind=kind,
        actor=actor,
        accounts=accounts,
        subjects=subjects(session, page.rows),
        checkpoints=audit.latest_checkpoints(session, 3),
        address=addresses(),
        empty=Form(),
    )


@blueprint.get("/journal/<int:number>")
@needs(Permission.JOURNAL_READ)
def one(number: int) -> ResponseReturnValue:
    """One entry: its facts, the values kept beside it, its place in the chain."""
    session = house().session
    entry = session.get(audit.Entry, number)
    if entry is None:
        raise NotFound
    beside = session.get(audit.EntryValues, entry.values_id) if entry.values_id else None
    values = json.loads(beside.content) if beside is not None and beside.content else None
    return render_template(
        "journal/one.html",
        entry=entry,
        says=audit.KINDS[entry.kind].says if entry.kind in audit.KINDS else "",
        facts=facts_of(entry),
        values=fields.beside(values) if values else (),
        erased=beside is not None and beside.content is None,
        name=people.names(session, [entry.actor]).get(entry.actor),
        subject=subjects(session, [entry]).get(entry.about),
    )


@blueprint.post("/journal/verify")
@needs(Permission.JOURNAL_READ)
def verify() -> ResponseReturnValue:
    """Checks the whole chain now."""
    with house().database.engine.connect() as connection:
        verdict, agree = audit.verify(connection, house().home.checkpoint_key.public)
    return render_template("journal/verdict.html", verdict=verdict, agree=agree)


@blueprint.post("/journal/checkpoint")
@needs(Permission.CHECKPOINT)
def checkpoint() -> ResponseReturnValue:
    """Signs where the journal ends now, for keeping elsewhere."""
    with acting() as act:
        act.require(Permission.CHECKPOINT)
        signed = audit.sign_checkpoint(act, house().home.checkpoint_key)
    flash(_("Checkpoint signed: keep it outside this machine."), "good")
    return redirect(url_for("journal.listed", signed=signed.size))


@blueprint.get("/journal/checkpoints/<int:size>.json")
@needs(Permission.JOURNAL_READ)
def checkpoint_file(size: int) -> ResponseReturnValue:
    """A checkpoint to be kept outside this machine."""
    found = house().session.get(audit.Checkpoint, size)
    if found is None:
        raise NotFound
    return _download(json.dumps(found.as_json(), indent=1), f"checkpoint-{size}.json")


@blueprint.get("/journal/export.jsonl")
@needs(Permission.JOURNAL_READ)
def export() -> ResponseReturnValue:
    """The chain as JSON lines, for the stand-alone verifier."""
    engine = house().database.engine

    def lines() -> Iterator[str]:
        with engine.connect() as connection:
            for line in audit.export(connection):
                yield line + "\n"

    headers = {"Content-Disposition": "attachment; filename=journal.jsonl"}
    return Response(lines(), mimetype="application/jsonl", headers=headers)


def _download(content: str, name: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(content, mimetype="application/json", headers=headers)
