"""What leaves the pages of breaches as files: the register, the proof."""

import uuid

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import bundles, downloads
from app.breaches.views import frame
from app.gate import needs
from app.house import house
from app.languages import say, words
from registers.breaches import queries, recipients, register
from registers.delivery import breach_evidence
from registers.delivery.breach_evidence import Proof
from registers.delivery.bundles import BREACH
from registers.kernel import sheets
from registers.people.roles import Permission

blueprint = Blueprint("breach_papers", __name__)


@blueprint.get("/breaches/register.xlsx")
@needs(Permission.BREACHES_READ)
def register_sheet() -> ResponseReturnValue:
    """The register of breaches as a spreadsheet: one row a breach, exercises left out."""
    found = register.listed(house().session, house().today, house().settings.zone)
    headings = [say(each) for each in register.HEADINGS]
    content = sheets.xlsx(headings, register.rows(found, words()))
    return downloads.saved(content, downloads.XLSX, f"breaches-{house().today}.xlsx")


SHOWN = 50


@blueprint.get("/breaches/<code>/evidence")
@needs(Permission.BREACHES_READ)
def proofs(code: str) -> ResponseReturnValue:
    """The proof of a breach, for everybody and for each controller."""
    session, search = house().session, request.args.get("search", "")
    head = queries.one(session, code)
    found = recipients.controllers_of(session, head, search)
    return render_template(
        "breaches/evidence.html",
        **frame(head),
        found=found[:SHOWN],
        total=len(found),
        search=search,
        **bundles.state(
            BREACH,
            head,
            url_for("breach_papers.proof", code=code),
            lambda key: url_for("breach_papers.archive", code=code, bundle_id=key),
        ),
    )


bundles.pages(
    blueprint,
    "/breaches/<code>/evidence",
    Permission.BREACHES_READ,
    BREACH,
    lambda code: queries.one(house().session, code),
)


@blueprint.post("/breaches/<code>/evidence/<uuid:controller_id>.zip")
@needs(Permission.BREACHES_READ)
def proof_of_one(code: str, controller_id: uuid.UUID) -> ResponseReturnValue:
    """The proof of a breach, of one controller: what it may be handed."""
    head = queries.one(house().session, code)
    owner = recipients.controller_of(house().session, head, controller_id)
    asked = Proof(head.id, words().language, owner.id)
    return bundles.of_one(
        f"{code}-{owner.code}",
        Permission.BREACHES_READ,
        lambda press, checkpoint, to: breach_evidence.bundle(press, checkpoint, asked, to),
    )
