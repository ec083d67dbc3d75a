"""Where all subjects meet: the tables that say which of them follows upon which.

Importing this module makes every table of the registers known.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from registers.activities import models as activities
from registers.activities.vocabulary import Trigger
from registers.annexes import models as annexes
from registers.announcements import models as announcements
from registers.announcements import operations as announcing
from registers.announcements import sweeps
from registers.assistance import duty_models as duties
from registers.assistance import models as assistance
from registers.breaches import alarms, calling, calls, gauges, hand_records, oncall
from registers.breaches import models as breaches
from registers.breaches.gateway import Gateway, Nowhere
from registers.controllers import models as controllers
from registers.controllers import operations as parties
from registers.delivery import acknowledging, bundles, packs
from registers.delivery.packs import Elsewhere
from registers.dpo import models as officers
from registers.dpo.operations import SEAL
from registers.kernel import audit, files, heartbeat, outbox, references, uploads
from registers.kernel.act import Act, Follows
from registers.kernel.exchange import Plain, Versioned
from registers.notices import models as notices
from registers.notices.operations import PREPARE, SEND
from registers.notices.transport import Transport
from registers.notices.vocabulary import NoticeKind
from registers.people import models as people
from registers.portal import codes
from registers.portal.visits import CODE
from registers.requests import models as requests
from registers.requests import passing
from registers.requests.operations import ACKNOWLEDGE
from registers.retention import models as retention
from registers.retention import opening as ending
from registers.retention import sweeps as ended
from registers.stores import erasing as stores
from registers.stores import requesters
from registers.subprocessors import models as subprocessors

if TYPE_CHECKING:
    from registers.annexes.orders import Press  # takes a second, which only workers need wait for

log = logging.getLogger(__name__)


def _show_contacts(act: Act, head: Any, known: Any) -> None:
    rows = parties.contact_rows(head, known.contacts)
    act.session.add_all(controllers.ControllerContact(**row) for row in rows)


def _show_services(act: Act, head: Any, known: Any) -> None:
    rows = parties.service_rows(head, known.services)
    act.session.add_all(controllers.ContractService(**row) for row in rows)


EXPORTED: tuple[Versioned | Plain, ...] = (
    Versioned("organisation", controllers.Organisation, ("sample",)),
    Plain("paper_style", controllers.PaperStyle),
    Versioned("terms_models", controllers.TermsModel, ("code",)),
    Versioned("contacts", controllers.Contact),
    Versioned("controllers", controllers.Controller, ("code",), _show_contacts),
    Versioned("contracts", controllers.Contract, (), _show_services),
    Plain("successions", controllers.Succession),
    Versioned("declarations", officers.Declaration, ("controller_id",)),
    Versioned("subprocessors", subprocessors.Subprocessor, ("code",)),
    Versioned("measures", activities.Measure, ("code",)),
    Versioned("activities", activities.Activity, ("code", "validated")),
    Plain("validations", activities.ActivityValidation),
)
"""What `greffe export` writes, parents first."""

NOT_EXPORTED: dict[str, str] = {
    audit.Entry.__tablename__: "evidence of this installation; a backup holds it",
    audit.EntryValues.__tablename__: "as the journal it belongs to",
    audit.Checkpoint.__tablename__: "as the journal it signs",
    files.StoredFile.__tablename__: "papers; a backup holds them",
    annexes.Annex.__tablename__: "papers; a backup holds them",
    references.Series.__tablename__: "counts the papers of this installation",
    people.User.__tablename__: "accounts belong to an installation, not to the register",
    people.RecoveryCode.__tablename__: "as the account it opens",
    people.UserSession.__tablename__: "a technical trace",
    people.OneTimeToken.__tablename__: "a technical trace",
    people.Throttle.__tablename__: "a technical trace",
    uploads.Upload.__tablename__: "a technical trace",
    **dict.fromkeys(
        (
            notices.Notice.__tablename__,
            notices.Matter.__tablename__,
            notices.Receipt.__tablename__,
            notices.Confirmation.__tablename__,
            notices.Dispatch.__tablename__,
            notices.Posted.__tablename__,
            notices.PortalLink.__tablename__,
            notices.FormerAddress.__tablename__,
        ),
        "what this installation sent, and what proves it; a backup holds it",
    ),
    notices.Sending.__tablename__: "a technical trace",
    notices.PortalVisit.__tablename__: "a technical trace",
    **dict.fromkeys(
        (
            announcements.Announcement.__tablename__,
            announcements.AnnouncementVersion.__tablename__,
            announcements.Change.__tablename__,
            announcements.Case.__tablename__,
            announcements.Window.__tablename__,
            announcements.Objection.__tablename__,
            announcements.Answer.__tablename__,
        ),
        "what was announced by this installation, with its windows; a backup holds it",
    ),
    **dict.fromkeys(
        (
            breaches.Breach.__tablename__,
            breaches.BreachVersion.__tablename__,
            breaches.Affected.__tablename__,
            breaches.Alarm.__tablename__,
            breaches.OwnCase.__tablename__,
            breaches.OwnCaseVersion.__tablename__,
            breaches.FollowUp.__tablename__,
            calls.AlarmCall.__tablename__,
            hand_records.ToldByHand.__tablename__,
        ),
        "what happened here, with its clocks; a backup holds it",
    ),
    officers.Form.__tablename__: "how declarations came to this installation; a backup holds it",
    **dict.fromkeys(
        (
            requests.Request.__tablename__,
            requests.RequestVersion.__tablename__,
            requests.Concern.__tablename__,
            requests.Step.__tablename__,
        ),
        "persons who wrote to this installation; a backup holds it",
    ),
    bundles.Bundle.__tablename__: "archives of evidence, made again where they are wanted",
    bundles.BundlePart.__tablename__: "as the archive it is a piece of",
    packs.EmergencyPack.__tablename__: "what left this installation; a backup holds it",
    oncall.OnCall.__tablename__: "who is on call here: elsewhere somebody else is",
    **dict.fromkeys(
        (
            retention.Ending.__tablename__,
            retention.Case.__tablename__,
            retention.Hold.__tablename__,
            retention.HoldEnd.__tablename__,
            retention.Choice.__tablename__,
            retention.ReturnRequest.__tablename__,
            retention.Returned.__tablename__,
            retention.Erasure.__tablename__,
            retention.ChainWord.__tablename__,
        ),
        "what fell due here and what was done, with its evidence; a backup holds it",
    ),
    **dict.fromkeys(
        (
            retention.OwnLimits.__tablename__,
            retention.OwnLimitsVersion.__tablename__,
            retention.OwnErasure.__tablename__,
            files.ErasedFile.__tablename__,
        ),
        "limits of this installation's own stores; a backup holds it",
    ),
    **dict.fromkeys(
        (
            assistance.Instruction.__tablename__,
            assistance.InstructionStep.__tablename__,
            assistance.Document.__tablename__,
            assistance.Assistance.__tablename__,
            assistance.AssistanceVersion.__tablename__,
            assistance.Intervention.__tablename__,
            assistance.InterventionVersion.__tablename__,
            assistance.Member.__tablename__,
            assistance.MemberVersion.__tablename__,
            assistance.Commitment.__tablename__,
            assistance.Certificate.__tablename__,
            assistance.CertificateVersion.__tablename__,
            duties.LegalDuty.__tablename__,
            duties.DutyContract.__tablename__,
            duties.LegalDutyStep.__tablename__,
        ),
        "what was instructed and given here, with its evidence; a backup holds it",
    ),
    outbox.Outbox.__tablename__: "work of this installation: elsewhere a person decides anew",
    heartbeat.WorkerSeen.__tablename__: "a technical trace",
    controllers.ControllerContact.__tablename__: "follows from the controllers' facts",
    controllers.ContractService.__tablename__: "follows from the contracts' facts",
}
"""Every other table, and why it is left out."""

FOLLOWS: Follows = {
    ("sent", NoticeKind.SUBPROCESSORS): announcing.told_left,
    ("received", NoticeKind.SUBPROCESSORS): announcing.told_received,
    **{
        (happened, kind): announcing.nothing_follows
        for happened in ("sent", "received")
        for kind in (
            *(NoticeKind.WITHDRAWAL, NoticeKind.ENGAGEMENT, NoticeKind.REMINDER),
            *(NoticeKind.INSTRUCTION, NoticeKind.LEGAL_DUTY),
            NoticeKind.UPDATE_WITHDRAWAL,
        )
    },
    # an update that was installed before it was told of has no other notice than that
    **{
        ("sent", kind): announcing.told_left
        for kind in (NoticeKind.UPDATE, NoticeKind.UPDATE_EARLY)
    },
    **{
        ("received", kind): announcing.told_received
        for kind in (NoticeKind.UPDATE, NoticeKind.UPDATE_EARLY)
    },
    **{("sent", kind): gauges.told_left for kind in gauges.INFORMING},
    **{("received", kind): gauges.told_received for kind in gauges.INFORMING},
    **{
        (happened, NoticeKind.BREACH_ERROR): announcing.nothing_follows
        for happened in ("sent", "received")
    },
    ("ended", "contract"): ending.contract_ended,
    ("ended", "controller"): ending.controller_ended,
    ("ended", Trigger.INTERVENTION_END): ending.something_ended,
    ("ended", Trigger.REQUEST_END): ending.something_ended,
    **{
        (happened, kind): announcing.nothing_follows
        for happened in ("sent", "received")
        for kind in (
            NoticeKind.DPO_AWAITED,
            NoticeKind.DPO_CONFIRM,
            NoticeKind.DPO_FORMER,
            NoticeKind.OUR_DPO,
        )
    },
    ("sent", NoticeKind.REQUEST): passing.told_left,
    ("received", NoticeKind.REQUEST): announcing.nothing_follows,
    ("sent", NoticeKind.ERASURE): announcing.nothing_follows,
    ("received", NoticeKind.ERASURE): announcing.nothing_follows,
}
"""What a dispatch or a receipt of each kind of notice, or the end of a contract, of a controller,
of an intervention or of a request, brings about elsewhere, in the same act."""


@dataclass(frozen=True)
class Tools:
    """What background work is done with."""

    press: "Press"
    """Makes papers; its database is the registers', its actor the worker."""
    mail: Transport
    sender: str
    """The address that mail comes from."""
    address: str
    """Where people reach the pages, without a slash at the end."""
    secret: bytes
    """From which the links of notices, the codes of their visitors, the secret of the gateway's
    signatures and the key of its address are derived."""
    holder: str
    """Who holds the work meanwhile; no two workers have the same."""
    gateway: Gateway = field(default_factory=Nowhere)
    """What wakes people on call."""
    elsewhere: Elsewhere = field(default_factory=Elsewhere)
    """Where emergency packs go."""


Handler = Callable[[Tools, Sequence[outbox.Taken]], None]
"""Does some work of one kind that was taken: at most `outbox.MOST` pieces.

It settles, gives back or gives up each piece itself. What it leaves, by raising or by returning,
is given back for it, to be tried later. It may be told of the same work twice, whenever a worker
died with it: `Taken.attempts` then is above 1.
"""


def _prepare(tools: Tools, work: Sequence[outbox.Taken]) -> None:
    from registers.delivery import preparing  # noqa: PLC0415 see above: it makes papers

    preparing.prepare(tools, work)


def _send(tools: Tools, work: Sequence[outbox.Taken]) -> None:
    from registers.delivery import sending  # noqa: PLC0415 the same

    sending.send(tools, work)


def _seal(tools: Tools, work: Sequence[outbox.Taken]) -> None:
    from registers.delivery import sealing  # noqa: PLC0415 the same

    sealing.seal(tools, work)


def _bundle(tools: Tools, work: Sequence[outbox.Taken]) -> None:
    from registers.delivery import bundling  # noqa: PLC0415 the same

    bundling.make(tools, work)


HANDLERS: dict[str, Handler] = {
    calls.CALL: calling.call,
    CODE: codes.send,
    packs.MAKE: packs.produce,
    PREPARE: _prepare,
    SEND: _send,
    SEAL: _seal,
    ACKNOWLEDGE: acknowledging.send,
    bundles.MAKE: _bundle,
}
"""Who does which kind of work: all that are declared, see `outbox.kind`."""


def _look_at_contracts(tools: Tools) -> None:
    sweeps.look(tools.press.database, tools.press.actor, tools.press.zone)


def _erase_requests(tools: Tools) -> None:
    requesters.sweep(tools.press.database, tools.press.actor, tools.press.zone)


def _fire_alarms(tools: Tools) -> None:
    alarms.fire(tools.press.database, tools.press.actor)


def _see_to_packs(tools: Tools) -> None:
    packs.see_to(tools.press.database, tools.press.actor, tools.elsewhere)


def _look_at_ends(tools: Tools) -> None:
    ended.look(tools.press.database, tools.press.actor)


def _look_at_own_stores(tools: Tools) -> None:
    stores.look(tools.press.database, tools.press.actor, tools.press.zone)


def _drop_bundles(tools: Tools) -> None:
    bundles.drop(tools.press.database)


SWEEPS: tuple[Callable[[Tools], None], ...] = (
    *(_fire_alarms, _look_at_contracts, _see_to_packs),
    *(_look_at_ends, _look_at_own_stores, _erase_requests, _drop_bundles),
)
"""What looks into the registers every minute for what has become due.

A sweep goes by the times in the data, so that one missed is made up for by the next; several
workers may run it at once.
"""


def sweep(tools: Tools) -> None:
    """Runs every sweep; one that fails is logged and does not stop the others."""
    for each in SWEEPS:
        try:
            each(tools)
        except Exception:
            log.exception("sweep %s", getattr(each, "__name__", each))


def drain(tools: Tools, stop: Callable[[], bool]) -> int:
    """Does what is due, some of each kind in turn, until nothing is due or it is told to stop.

    Returns how many pieces of work were taken.
    """
    database = tools.press.database
    done, before = 0, -1
    while done > before:
        before = done
        for kind, handler in HANDLERS.items():
            if stop():
                return done
            with database.upkeep() as traces:
                taken = outbox.take(traces, [kind], database.now(), tools.holder)
            if len(taken) == outbox.MOST:
                database.wake()  # there may be more than one worker can do
            if taken:
                _handle(tools, handler, taken)
            done += len(taken)
    with database.reading() as session:
        for kind in outbox.due_kinds(session, database.now()):
            if kind not in HANDLERS:
                _tell_of(kind)
    return done


def _handle(tools: Tools, handler: Handler, taken: Sequence[outbox.Taken]) -> None:
    error = "left undone"
    try:
        handler(tools, taken)
    except Exception as caught:
        log.exception("work of the kind %s", taken[0].kind)
        error = f"{type(caught).__name__}: {caught}"
    database = tools.press.database
    with database.reading() as session:
        left = outbox.held(session, [work.id for work in taken], tools.holder)
    if not left:
        return
    if error == "left undone":
        log.error("work of the kind %s was %s: %d", taken[0].kind, error, len(left))
    with database.upkeep() as traces:
        for work in left:
            outbox.put_back(traces, work, tools.holder, database.now(), error)


@cache
def _tell_of(kind: str) -> None:
    """Says it once in the life of a process."""
    log.error("work of the kind %s is due, and this version does not know how to do it", kind)
