"""Certificates of erasure on their way to the controller, Art. 28(3)(g).

A person sends one once it is sealed: the confirmation by itself sends nothing, since whether to
wait for the word of the chain is for people to judge, and what was certified is not taken back.
"""

import uuid
from collections.abc import Iterator
from datetime import date

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes.models import Annex
from registers.controllers import queries as parties
from registers.kernel import audit
from registers.kernel.act import Act
from registers.kernel.errors import Conflict, Invalid, NotFound
from registers.kernel.words import text
from registers.notices import addressing, dossiers
from registers.notices import operations as notices
from registers.notices.addressing import Addressee
from registers.notices.dossiers import Sent
from registers.notices.models import Matter, Notice
from registers.notices.operations import Written
from registers.notices.transport import is_fictional
from registers.notices.vocabulary import NoticeKind
from registers.people.roles import Permission
from registers.retention import queries
from registers.retention.models import Erasure
from registers.retention.vocabulary import ErasureState

KIND = "erasure_certificate"
TOLD = audit.kind(
    "erasure.certified",
    text("Certificate of erasure sent to the controller"),
    *("number", "certificate", "notice"),
)


def cause_of(erasure_id: uuid.UUID) -> str:
    """How the causes of all notices about an erasure begin."""
    return f"{Erasure.__tablename__}:{erasure_id}:"


def told(session: Session, erasure_id: uuid.UUID) -> dict[str, Notice]:
    """The notices that went with certificates of an erasure, by the certificate's number."""
    query = sa.select(Notice).where(
        Notice.kind == NoticeKind.ERASURE, Notice.cause.startswith(cause_of(erasure_id))
    )
    rows = session.scalars(query.order_by(Notice.created_at, Notice.number))
    return {row.told["certificate"]: row for row in rows}


def sent_to(session: Session, controller_id: uuid.UUID) -> list[str]:
    """The numbers of all certificates that were sent to a controller."""
    query = (
        sa.select(Notice)
        .join(Matter, Matter.notice_id == Notice.id)
        .where(Notice.kind == NoticeKind.ERASURE, Matter.controller_id == controller_id)
    )
    return [row.told["certificate"] for row in session.scalars(query)]


def reached(session: Session, erasure: Erasure, day: date) -> Addressee:
    """Who is told for the controller; without an e-mail address it goes by post."""
    (to,) = addressing.addressees(session, [erasure.controller_id], day)
    return to


def ways(session: Session, erasure: Erasure) -> Iterator[Sent]:
    """The ways that the certificates of an erasure took to the controller."""
    mine = sa.and_(Notice.kind == NoticeKind.ERASURE, Notice.cause.startswith(cause_of(erasure.id)))
    return dossiers.sent(session, mine, erasure.controller_id)


def send(act: Act, erasure_id: uuid.UUID, number: str, day: date) -> Written:
    """Sends a sealed certificate: by e-mail with a personal link, else by registered letter.

    Args:
        act: of staff.
        erasure_id: what is certified.
        number: of the certificate.
        day: the present day where the organisation is.

    Raises:
        NotFound: there is no such certificate of this erasure.
        Conflict: nobody confirmed the erasure, a newer certificate took its place, or it was sent.
        Invalid: the organisation is itself controller, so that there is nobody to certify it to;
            or the test identity sealed it, and the address is a real one.
    """
    act.require(Permission.RETENTION_EDIT)
    erasure = act.take(Erasure, erasure_id)
    annex = _certificate(act.session, erasure, number)
    if erasure.state is not ErasureState.CONFIRMED:
        raise Conflict(text("A second person has not confirmed this erasure."))
    found = queries.attested(act.session, erasure.code, annex.on_day)
    if found.own:
        raise Invalid(text("The organisation is itself controller: nobody is to be told."))
    if number in told(act.session, erasure.id):
        raise Conflict(text("This certificate was sent already."))
    to = reached(act.session, erasure, day)
    if annex.is_test and to.email and not is_fictional(to.email):
        raise Invalid(
            text("The test identity sealed it, which is worth nothing in law: seal it anew.")
        )
    ours = parties.organisation_facts(act.session, day)
    says = {
        "erasure": str(erasure.id),
        "code": erasure.code,
        "annex": str(annex.id),
        "certificate": annex.number,
        "sha256": annex.paper_sha256,
        "reference": found.contract.reference if found.contract else "",
        "result": erasure.result.value,
        "done_on": erasure.done_on.isoformat(),
        "complete": _says_complete(act, annex),
    }
    cause = f"{cause_of(erasure.id)}{annex.id}"
    wanted = addressing.wanted(NoticeKind.ERASURE, cause, to, says, ours.country if ours else "FR")
    # its proofs belong to the contract, and go with them
    contract_id = found.ending.contract_id
    concerned = [each._replace(contract_id=contract_id) for each in wanted.concerned]
    within = f"controller:{erasure.controller_id}"
    (written,) = notices.write(act, [wanted._replace(concerned=concerned)], within, day)
    erasure.told_at = erasure.told_at or act.now
    act.log(
        TOLD,
        erasure,
        within=within,
        number=erasure.code,
        certificate=annex.number,
        notice=written.number,
    )
    return written


def _says_complete(act: Act, annex: Annex) -> bool:
    """Whether the certificate itself states that no copy is left, whatever is known since."""
    shown = msgspec.json.decode(act.files.get(act.session, annex.snapshot_sha256))
    return bool(shown["complete"])


def _certificate(session: Session, erasure: Erasure, number: str) -> Annex:
    annex = session.scalar(sa.select(Annex).where(Annex.number == number))
    about = f"{Erasure.__tablename__}:{erasure.id}"
    if annex is None or (annex.kind, annex.about) != (KIND, about):
        raise NotFound
    if session.scalar(sa.select(Annex.id).where(Annex.supersedes_id == annex.id).limit(1)):
        raise Conflict(text("A newer certificate took its place: send that one."))
    return annex
