"""Pages that are read with the link of a notice; none of them has any effect."""

import uuid
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.downloads import pdf
from app.gate import public
from app.house import house
from app.languages import moment
from app.lists import addresses, cut
from app.portal import coded, visiting
from app.portal.visiting import READS, seen
from registers.activities import queries as activities
from registers.annexes import queries as annexes
from registers.annexes import snapshots
from registers.annexes.shapes import Engaged
from registers.kernel.errors import Invalid, NotFound
from registers.kernel.words import text
from registers.notices import links
from registers.people import sessions
from registers.portal import dossiers, queries, records

blueprint = Blueprint("portal", __name__)
visiting.attach(blueprint, visiting.announced)

SHOWN = 8
"""As many contracts stand on the first page itself."""


@blueprint.get("/n/<token>")
@public("the link of a notice, as its message has it")
def follow(token: str) -> ResponseReturnValue:
    """Begins a visit; a scanner of mail that looks here first changes nothing by it."""
    try:
        link = links.opened(house().session, token, house().now())
    except NotFound:
        _count_guess()
        raise
    if request.method == "HEAD":
        return "", 204
    return visiting.begin(link)


def _count_guess() -> None:
    keys = [f"portal:{request.remote_addr}"]
    until = sessions.waiting(house().session, keys, house().now())
    if until:
        raise Invalid(
            text("Too many attempts: wait until {until}, then try again.", until=moment(until))
        )
    with house().upkeep() as traces:
        sessions.failed(traces, keys, house().now())


@blueprint.get("/notice/<uuid:visit_id>")
@public(READS)
def notice(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 the visit was looked up
    """What is intended, what it means for the reader, and what can be answered."""
    session, now, opened = house().session, house().now(), seen()
    overview = queries.overview(session, opened, now)
    few = overview.contracts <= SHOWN
    rows = queries.rows(session, opened, now) if few else []
    return render_template(
        "portal/notice.html",
        overview=overview,
        rows=rows,
        alone=rows[0] if len(rows) == 1 else None,
        counted=dossiers.counted(session, rows[0].matter) if len(rows) == 1 else None,
        preview=queries.if_acknowledged(session, opened, now),
        named=_activities(),
        address=coded.address(),
    )


def _activities() -> dict[str, str]:
    wanted = {code for tell in seen().tells for code in tell.intended.activities}
    known = activities.activities_in_force(house().session, house().today) if wanted else {}
    return {code: known[code].facts.name if code in known else code for code in wanted}


@blueprint.get("/notice/<uuid:visit_id>/contracts")
@public(READS)
def contracts(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 see above
    """All contracts that the notice is about."""
    search = request.args.get("search", "")
    found = queries.page(house().session, seen(), house().now(), search, cut())
    return render_template("portal/contracts.html", page=found, search=search, address=addresses())


@blueprint.get("/notice/<uuid:visit_id>/contracts/<uuid:matter_id>")
@public(READS)
def contract(visit_id: uuid.UUID, matter_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001
    """One contract: where it stands, how its window was counted, what was recorded."""
    found = dossiers.dossier(house().session, seen(), matter_id, house().now())
    return render_template("portal/contract.html", found=found, row=found.row)


@blueprint.get("/notice/<uuid:visit_id>/paper.pdf")
@public(READS)
def paper(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 see above
    """The sealed notice, byte for byte."""
    return _download(seen().notice.annex_id)


@blueprint.get("/notice/<uuid:visit_id>/former.pdf")
@public(READS)
def former(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 see above
    """The sealed notice that this one goes back to: it was sent to the same recipient."""
    return _download(seen().about.annex_id)


@blueprint.get("/notice/<uuid:visit_id>/version-sheet.pdf")
@public(READS)
def sheet(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 see above
    """The version sheet of an update, byte for byte as it was told of."""
    digest = next((tell.row.told.get("sheet") for tell in seen().tells), None)
    if not digest:
        raise NotFound
    content = house().database.files.get(house().session, digest)
    return pdf(content, f"{seen().announcement.code}-version-sheet.pdf", attachment=True)


def _download(annex_id: uuid.UUID | None) -> ResponseReturnValue:
    if annex_id is None:
        raise NotFound
    session = house().session
    number, digest = annexes.paper(session, annex_id)
    return pdf(house().database.files.get(session, digest), f"{number}.pdf", attachment=True)


@blueprint.get("/notice/<uuid:visit_id>/recorded")
@public(READS)
def recorded(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 see above
    """What was done with this link, and what follows."""
    return render_template(
        "portal/recorded.html", entries=records.recorded(house().session, seen())
    )


@blueprint.get("/notice/<uuid:visit_id>/notices")
@public(READS)
def past(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 see above
    """The notices that the same controllers were sent."""
    return render_template("portal/notices.html", past=records.past(house().session, seen()))


@blueprint.get("/notice/<uuid:visit_id>/subprocessors")
@public(READS)
def subprocessors(visit_id: uuid.UUID) -> ResponseReturnValue:  # noqa: ARG001 see above
    """The sub-processors that are at work under the contracts of the same controllers."""
    return render_template("portal/subprocessors.html", **_engaged())


def _engaged() -> dict[str, Any]:
    session, today = house().session, house().today
    rows = queries.rows(session, seen(), house().now())
    owners = {row.contract.id: row.matter.controller_id for row in rows}
    held = queries.not_engaged(session, owners, today)
    found: dict[str, Engaged] = {}
    for key, snapshot in snapshots.contracts(session, owners, today).items():
        if snapshot.contract.known.controller == owners[key]:
            found |= {
                each.code: each
                for each in snapshot.subprocessors
                if each.code not in held.get(key, ())
            }
    engaged = sorted(found.values(), key=lambda each: each.known.name)
    return {"engaged": engaged, "today": today}
