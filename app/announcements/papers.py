"""What leaves the pages of announcements as files: a draft of the notice, the proof."""

import io
import uuid
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from app import bundles
from app.announcements.views import announced, frame
from app.gate import needs
from app.house import house
from app.languages import words
from registers.announcements import dossiers, queries
from registers.delivery import evidence, preview
from registers.delivery.bundles import ANNOUNCEMENT
from registers.kernel import history
from registers.kernel.errors import NotFound
from registers.kernel.words import LANGUAGES
from registers.people.roles import Permission

blueprint = Blueprint("announcement_papers", __name__)


@blueprint.get("/announcements/<code>/notice.pdf")
@needs(Permission.ANNOUNCEMENTS_READ)
def draft_notice(code: str) -> ResponseReturnValue:
    """The very notice of a draft, in a language, with the first recipient's contracts."""
    language = request.args.get("language", LANGUAGES[0])
    if language not in LANGUAGES:
        raise NotFound
    session = house().session
    head = queries.one(session, code)
    now = house().now().astimezone(ZoneInfo(house().settings.zone))
    known = history.latest(session, head)
    content = preview.draft_pdf(session, known, language, house().today, now)
    return send_file(
        io.BytesIO(content),
        mimetype="application/pdf",
        download_name=f"{head.code}-{language}.pdf",
    )


@blueprint.get("/announcements/<code>/evidence")
@needs(Permission.ANNOUNCEMENTS_READ)
def proofs(code: str) -> ResponseReturnValue:
    """The proof of an announcement, for everybody: asked for, on its way, ready."""
    head = announced(code)
    return render_template(
        "announcements/evidence.html",
        **frame(head, queries.changes_of(house().session, head.id)),
        **bundles.state(
            ANNOUNCEMENT,
            head,
            url_for("announcement_papers.proof", code=code),
            lambda key: url_for("announcement_papers.archive", code=code, bundle_id=key),
        ),
    )


bundles.pages(
    blueprint,
    "/announcements/<code>/evidence",
    Permission.ANNOUNCEMENTS_READ,
    ANNOUNCEMENT,
    announced,
)


@blueprint.post("/announcements/<code>/contracts/<uuid:matter_id>/evidence.zip")
@needs(Permission.ANNOUNCEMENTS_READ)
def proof_of_one(code: str, matter_id: uuid.UUID) -> ResponseReturnValue:
    """The proof of an announcement, of one controller."""
    head = announced(code)
    found = dossiers.dossier(house().session, head, matter_id, house().today)
    owner_id, language = found.matter.controller_id, words().language
    return bundles.of_one(
        f"{code}-{found.controller.code}",
        Permission.ANNOUNCEMENTS_READ,
        lambda press, checkpoint, to: evidence.bundle(
            press, checkpoint, head.id, to, owner_id, language=language
        ),
    )
