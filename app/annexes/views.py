"""Pages of one annex: read it, take it away, check it."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app import downloads
from app.annexes.ordering import readable_kinds
from app.downloads import pdf
from app.gate import needs
from app.house import house
from registers.annexes import queries
from registers.people import queries as people
from registers.people.roles import Permission
from registers.press.verify import verify

blueprint = Blueprint("annexes", __name__)


@blueprint.get("/annexes/<number>")
@needs(Permission.ANNEX_READ)
def one(number: str) -> ResponseReturnValue:
    """An annex, hashed and verified again as it is shown."""
    session = house().session
    row = _row(number)
    paper = house().database.files.get(session, row.annex.paper_sha256)
    return render_template(
        "annexes/one.html",
        row=row,
        annex=row.annex,
        verdict=verify(paper),
        author=people.names(session, [row.annex.author]).get(row.annex.author),
    )


@blueprint.get("/annexes/<number>.pdf")
@needs(Permission.ANNEX_READ)
def download(number: str) -> ResponseReturnValue:
    """The sealed paper, byte for byte."""
    row = _row(number)
    paper = house().database.files.get(house().session, row.annex.paper_sha256)
    named = row.controller.code if row.controller else row.annex.kind
    return pdf(paper, f"{row.annex.number}-{named}.pdf", attachment=True)


@blueprint.get("/annexes/<number>.json")
@needs(Permission.ANNEX_READ)
def data(number: str) -> ResponseReturnValue:
    """The snapshot the paper was made from."""
    row = _row(number)
    snapshot = house().database.files.get(house().session, row.annex.snapshot_sha256)
    return downloads.saved(snapshot, "application/json", f"{row.annex.number}.json")


def _row(number: str) -> queries.Row:
    return queries.one(house().session, number, house().today, readable_kinds())
