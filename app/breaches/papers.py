"""What leaves the pages of breaches as files: the register, the proof."""

import io

from flask import Blueprint, send_file
from flask.typing import ResponseReturnValue

from app.gate import needs
from app.house import house
from app.languages import say, words
from registers.breaches import register
from registers.kernel import sheets
from registers.people.roles import Permission

blueprint = Blueprint("breach_papers", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/breaches/register.xlsx")
@needs(Permission.BREACHES_READ)
def register_sheet() -> ResponseReturnValue:
    """The register of breaches as a spreadsheet: one row a breach, exercises left out."""
    found = register.listed(house().session, house().today, house().settings.zone)
    headings = [say(each) for each in register.HEADINGS]
    content = sheets.xlsx(headings, register.rows(found, words()))
    return send_file(
        io.BytesIO(content),
        mimetype=XLSX,
        as_attachment=True,
        download_name=f"breaches-{house().today}.xlsx",
    )
