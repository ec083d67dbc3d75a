"""Archives of evidence: everybody's, which a worker makes, and one controller's, made at once."""

import uuid
from collections.abc import Callable
from typing import Any, BinaryIO

from flask import Blueprint, Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import downloads
from app.gate import acting, actor, needs
from app.house import house
from app.languages import words
from app.pressing import press_of
from registers.annexes.orders import Press
from registers.delivery import bundles
from registers.kernel import audit, heartbeat
from registers.kernel.base import Base
from registers.kernel.errors import NotFound
from registers.people.roles import Permission


def state(kind: str, row: Base, ask: str, take: Callable[[uuid.UUID], str]) -> dict[str, Any]:
    """What a page shows of the archives of a row; see `bundles/list.html`.

    Args:
        kind: of which kind.
        row: whose evidence it is.
        ask: where one is asked for.
        take: where one is taken away.
    """
    found = bundles.of(house().session, kind, row)
    seen, now = heartbeat.last_seen(house().session), house().now()
    return {
        "bundles": found,
        "under_way": any(not each.made_at and not each.error for each in found),
        "no_worker": seen is None or now - seen > heartbeat.MISSED,
        "ask": ask,
        "take": take,
        "kept_days": bundles.KEPT.days,
    }


def pages(
    blueprint: Blueprint, place: str, permission: Permission, kind: str, find: Callable[[str], Any]
) -> None:
    """Lays out how archives of a subject's dossiers are asked for and taken away.

    Their state stands on the subject's own page at `place`, whose endpoint is `proofs`.

    Args:
        blueprint: the subject's.
        place: the address of that page, with the code of the dossier.
        permission: of whoever asks for an archive or takes it.
        kind: of the archives.
        find: gives the dossier by its code; refuses what is not to be found.
    """

    @blueprint.post(place)
    @needs(permission)
    def proof(code: str) -> ResponseReturnValue:
        """Has the proof of everybody made."""
        head = find(code)
        with acting() as act:
            bundles.ask(act, kind, permission, head, words().language)
        flash(_("The archive is being made: it stands here as soon as it is ready."), "good")
        return redirect(url_for(f"{blueprint.name}.proofs", code=code))

    @blueprint.get(f"{place}/archives/<uuid:bundle_id>.zip")
    @needs(permission)
    def archive(code: str, bundle_id: uuid.UUID) -> ResponseReturnValue:
        """An archive that was made, piece by piece."""
        row = bundles.one(house().session, kind, find(code), bundle_id)
        if row.made_at is None:
            raise NotFound
        answer = Response(bundles.content(house().database, row.id), mimetype="application/zip")
        answer.headers["Content-Length"] = str(row.size)
        answer.headers.set("Content-Disposition", "attachment", filename=f"{row.name}.zip")
        return answer


def of_one(
    name: str, permission: Permission, make: Callable[[Press, dict[str, Any], BinaryIO], object]
) -> ResponseReturnValue:
    """The evidence of one controller, closed by a checkpoint of the journal.

    Args:
        name: what the file is called, without its ending.
        permission: of whoever takes it.
        make: writes the archive, with the press and the signed checkpoint.
    """
    press = press_of(house(), actor())
    with acting() as act:
        act.require(permission)
        checkpoint = audit.sign_checkpoint(act, press.key).as_json()
    return downloads.archive(name, lambda to: make(press, checkpoint, to))
