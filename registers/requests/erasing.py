"""What describes a requester is erased; that there was a request stays."""

import uuid
from typing import Any

import sqlalchemy as sa

from registers.kernel import audit
from registers.kernel.act import Act
from registers.kernel.errors import Conflict
from registers.kernel.words import text
from registers.people.roles import Permission
from registers.requests.models import Request, RequestVersion, Step

ERASED = audit.kind(
    "request.erased", text("Data of the person erased from a request"), "versions", "steps"
)


def erase(act: Act, request_id: uuid.UUID) -> None:
    """Erases what describes the person; that there was a request, and what became of it, stays.

    The values that the journal keeps beside the chain go too; the chain itself verifies as before.

    Raises:
        Conflict: it is not closed, or was erased already.
    """
    act.allow_erasing(Permission.REQUESTS_ERASE)
    head = act.take(Request, request_id)
    if head.closed_at is None:
        raise Conflict(text("This request is not closed yet."))
    if head.erased_at is not None:
        raise Conflict(text("The data of the person are erased."))
    counts = []
    for model, key, emptied in (
        (RequestVersion, RequestVersion.subject_id, {"facts": None}),
        (Step, Step.request_id, {"note": None, "content": None}),
    ):
        result: Any = act.session.execute(
            sa.update(model).where(key == head.id).values(**emptied),
            execution_options={"synchronize_session": False},
        )
        counts.append(result.rowcount)
    _erase_values(act, head)
    head.erased_at, head.end_reason = act.now, ""
    act.log(ERASED, head, versions=counts[0], steps=counts[1])


def _erase_values(act: Act, head: Request) -> None:
    """Empties what the journal keeps beside its entries about a request."""
    about = f"{Request.__tablename__}:{head.id}"
    kept = sa.select(audit.Entry.values_id).where(
        audit.Entry.about == about, audit.Entry.values_id.is_not(None)
    )
    act.session.execute(
        sa.update(audit.EntryValues)
        .where(audit.EntryValues.id.in_(kept))
        .values(key=None, content=None),
        execution_options={"synchronize_session": False},
    )
