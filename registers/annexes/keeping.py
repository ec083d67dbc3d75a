"""Keeping what was sealed, once: the same annex is not made twice, a new one takes its place."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from registers.annexes.kind import Kind
from registers.annexes.models import Annex
from registers.annexes.orders import Made, Press
from registers.annexes.shapes import Snapshot
from registers.annexes.subjects import Subject
from registers.kernel import audit
from registers.kernel.act import Act
from registers.kernel.files import digest
from registers.kernel.words import text
from registers.people.roles import Permission
from registers.press.identity import Identity
from registers.press.issue import Issued
from registers.press.paper import Stamp

SEALED = audit.kind(
    "annex.sealed",
    text("Annex sealed"),
    *("number", "kind", "on", "language", "snapshot", "paper"),
)


@dataclass(frozen=True)
class Job:
    """An annex to make: the same kind, subject, language and snapshot are the same annex."""

    kind: Kind
    subject: Subject
    since: date | None
    snapshot: Snapshot
    stored: bytes
    language: str

    @cached_property
    def sha256(self) -> str:
        """The digest of its snapshot."""
        return digest(self.stored)

    @property
    def key(self) -> tuple[str, str, str]:
        """By which the same annex is recognised."""
        return self.subject.about, self.language, self.sha256


@dataclass(frozen=True)
class Sealed:
    """An annex that was sealed, and is not kept yet."""

    job: Job
    stamp: Stamp
    issued: Issued
    sealed_at: datetime


def keep(press: Press, sealed: Sequence[Sealed]) -> list[Made]:
    """Keeps the annexes; of those that were kept meanwhile, the ones that are there."""
    with press.database.acting(press.actor) as act:
        act.require(Permission.ANNEX_SEAL)
        there = known(act.session, sealed[0].job.kind, [each.job for each in sealed])
        new = [each for each in sealed if each.job.key not in there]
        contents = [part for each in new for part in (each.job.stored, each.issued.pdf)]
        digests = act.files.put_all(act.session, contents)
        pairs = zip(digests[::2], digests[1::2], strict=True)
        superseded = _superseded(act.session, sealed)
        kept = {
            each.job.key: _record(act, press.identity, each, pair, superseded)
            for each, pair in zip(new, pairs, strict=True)
        }
    return [
        there.get(each.job.key) or _made(each.job.subject, kept[each.job.key], new=True)
        for each in sealed
    ]


def known(session: Session, kind: Kind, jobs: Sequence[Job]) -> dict[Any, Made]:
    """The annexes of these jobs that were made before, by their keys."""
    subjects = {job.subject.about: job.subject for job in jobs}
    query = sa.select(Annex).where(
        Annex.kind == kind.name,
        Annex.about.in_(subjects),
        Annex.snapshot_sha256.in_({job.sha256 for job in jobs}),
    )
    return {
        (annex.about, annex.language, annex.snapshot_sha256): _made(
            subjects[annex.about], annex, new=False
        )
        for annex in session.scalars(query)
    }


def _made(subject: Subject, annex: Annex, *, new: bool) -> Made:
    return Made(subject, annex.id, annex.number, annex.paper_sha256, new, annex.conformance)


def _record(
    act: Act,
    identity: Identity,
    each: Sealed,
    digests: tuple[str, str],
    superseded: dict[Any, uuid.UUID],
) -> Annex:
    job = each.job
    annex = Annex(
        number=each.stamp.number,
        kind=job.kind.name,
        about=job.subject.about,
        controller_id=job.subject.controller_id,
        contract_id=job.subject.contract_id,
        language=job.language,
        since=job.since,
        on_day=job.snapshot.on,
        snapshot_sha256=digests[0],
        paper_sha256=digests[1],
        size=len(each.issued.pdf),
        identity_kind=identity.kind.value,
        identity_name=identity.name,
        is_test=identity.is_test,
        level=each.issued.level,
        conformance=each.issued.conformance,
        prepared_at=each.stamp.prepared_at,
        sealed_at=each.sealed_at,
        author=act.actor.reference,
        checkpoint=int((each.stamp.checkpoint or {"size": 0})["size"]),
        supersedes_id=superseded.get(_place(job)),
    )
    act.session.add(annex)
    superseded[_place(job)] = annex.id
    act.log(
        SEALED,
        annex,
        within=job.subject.dossier,
        number=annex.number,
        kind=annex.kind,
        on=annex.on_day,
        language=annex.language,
        snapshot=annex.snapshot_sha256,
        paper=annex.paper_sha256,
    )
    return annex


def _place(job: Job) -> tuple[Any, ...]:
    """What an annex takes the place in: of a period, only one of the same period gives way."""
    period = (job.since, job.snapshot.on) if job.since is not None else (None, None)
    return job.subject.about, job.language, *period


def _superseded(session: Session, papers: Sequence[Sealed]) -> dict[Any, uuid.UUID]:
    """The last annexes of the same kind, in the places that these take."""
    query = (
        sa.select(Annex.id, Annex.about, Annex.language, Annex.since, Annex.on_day)
        .where(
            Annex.kind == papers[0].job.kind.name,
            Annex.about.in_({each.job.subject.about for each in papers}),
        )
        .order_by(Annex.sealed_at, Annex.number)
    )
    return {
        (row.about, row.language, row.since, row.on_day if row.since is not None else None): row.id
        for row in session.execute(query)
    }
