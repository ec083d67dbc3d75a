"""Whether the installation can do its duty: for the machines that watch it, and for its people."""

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from app import schema
from app.gate import public
from app.house import db, house
from app.languages import moment
from registers.kernel import heartbeat, outbox

blueprint = Blueprint("readiness", __name__)

SCHEMA = sa.table("alembic_version", sa.column("version_num"))


@blueprint.get("/readyz")
@public("machines that watch over the service have no account; it names nobody and nothing")
def page() -> ResponseReturnValue:
    """Answers 200 where pages can be served, else 503; a worker that is gone is only told."""
    told: dict[str, Any] = {
        "database": False,
        "schema": False,
        "worker_seen_at": None,
        "outbox": None,
    }
    session, now = house().session, house().now()
    try:
        told["database"] = session.scalar(sa.select(1)) == 1
        told["schema"] = session.scalar(sa.select(SCHEMA.c.version_num)) == schema.newest()
        if told["schema"]:
            seen = heartbeat.last_seen(session)
            told["worker_seen_at"] = seen.isoformat(timespec="seconds") if seen else None
            found = outbox.counts(session, now)
            told["outbox"] = {"due": found.due, "taken": found.taken, "failed": found.failed}
    except SQLAlchemyError:
        db.session.rollback()
    ready = told["database"] and told["schema"]
    return jsonify(ready=ready, **told), 200 if ready else 503


def absence() -> str:
    """That work is due and nobody was seen to do it, since when; nothing where all is well."""
    found = heartbeat.absence(house().session, house().now())
    if found is None:
        return ""
    due = moment(found.due_at)
    if found.seen_at is None:
        return _(
            "Work has been waiting since %(due)s, and no worker was ever seen: nothing leaves "
            "until one runs. Tell whoever operates this installation.",
            due=due,
        )
    return _(
        "Work has been waiting since %(due)s, and no worker was seen since %(seen)s: nothing "
        "leaves until one runs again. Tell whoever operates this installation.",
        due=due,
        seen=moment(found.seen_at),
    )
