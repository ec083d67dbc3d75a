"""`greffe bench breach`: a breach that touches ten thousand controllers, to the mail server."""

import resource
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import uuid4

import click

from app.commands.bench import delivering
from app.commands.bench.delivering import Told
from app.commands.bench.measuring import Report, house_of, options, peak, say
from app.house import House
from registers.activities import queries as register
from registers.breaches import finding, notifying, proposing, rules
from registers.breaches import operations as breaches
from registers.breaches.facts import Breach
from registers.breaches.finding import Touched
from registers.breaches.models import Affected, Alarm
from registers.breaches.models import Breach as Head
from registers.breaches.vocabulary import Nature, Step
from registers.controllers.models import Contract
from registers.kernel import history
from registers.kernel.instants import Instant
from registers.people.roles import Permission, console

MANY, QUICK = 10_000, 600
RIVAL = 500
"""For how many contracts clocks are recorded row by row: the time for one does not depend on it."""
AWARE_SINCE = timedelta(hours=2)


class Recorded(NamedTuple):
    """A breach on record."""

    head: Head
    contracts: int
    seconds: float


@click.command("breach")
@click.option("--controllers", type=click.IntRange(min=9), help="How many are affected.")
@options
def command(*, as_json: bool, quick: bool, size: int | None, controllers: int | None) -> None:
    """Record a breach for many controllers, write the notices, typeset, seal and send them."""
    report = Report("breach")
    wanted = controllers or size or (QUICK if quick else MANY)
    recorded: list[Recorded] = []
    with delivering.listening() as (sink, port), delivering.prepared(wanted, port) as app:
        house = house_of(app)
        found = delivering.run(app, sink, tell=_telling(recorded))
        plain = _by_row(house, RIVAL)
    (done,) = recorded
    each = done.seconds / done.contracts
    report.table(
        ("", "contracts", "µs a contract"),
        [
            ("clocks in one statement, alarms by instant", done.contracts, f"{each * 1e6:.0f}"),
            ("a row by the ORM for each clock and alarm", RIVAL, f"{plain * 1e6:.0f}"),
        ],
    )
    memory = max(peak(resource.RUSAGE_SELF), peak(resource.RUSAGE_CHILDREN))
    say(
        f"A breach with {done.contracts:,} contracts of {found.notices:,} controllers recorded in "
        f"one act of {done.seconds:.2f} s ({plain / each:.1f} times the rate of one row after "
        f"another), its notices written in {found.commit_s:.1f} s, the last byte at the server "
        f"{found.total_s:.1f} s after the beginning ({delivering.WORKERS} processes): "
        f"{found.lost} lost, {found.duplicate_effects} legal effects twice. "
        f"At most {memory:.0f} MiB in one process."
    )
    report.end(
        {
            "controllers": found.notices,
            "contracts": done.contracts,
            "commit_s": done.seconds,
            "queued_s": found.commit_s,
            "sent_s": found.total_s,
            "peak_mib": memory,
            "lost": found.lost,
            "duplicate_effects": found.duplicate_effects,
            "ratio_row_by_row": plain / each,
        },
        as_json=as_json,
    )


def _telling(recorded: list[Recorded]) -> Callable[[House], Told]:
    """Records a breach and notifies it; keeps what the record took."""

    def tell(house: House) -> Told:
        begun = time.perf_counter()
        done = record(house)
        recorded.append(done)
        queued = time.perf_counter()
        with house.database.acting(console()) as act:
            notices = notifying.notify(act, done.head.id, Step.FIRST, done.head.latest)
        return Told(notices, time.perf_counter() - queued, begun)

    return tell


def record(house: House) -> Recorded:
    """Records a breach of all activities, with every contract that covers one."""
    now = house.now()
    since = now - AWARE_SINCE
    known = Breach(
        title="Essai",
        aware=Instant(on=since.date(), at=since.strftime("%H:%M"), zone="UTC"),
        nature=(Nature.CONFIDENTIALITY,),
        description="Essai",
    )
    found = _touched(house)
    begun = time.perf_counter()
    with house.database.acting(console()) as act:
        head = breaches.record(act, known)
        contracts = finding.touch(act, head.id, found)
    return Recorded(head, contracts, time.perf_counter() - begun)


def _touched(house: House) -> Sequence[Touched]:
    today = house.now().date()
    with house.database.reading() as session:
        named = register.activity_names(session)
        proposed = proposing.proposed(session, Head(id=uuid4()), named, today)
    return [
        Touched(each.controller_id, each.contract_id, ", ".join(each.reason.activities))
        for each in proposed
    ]


def _by_row(house: House, contracts: int) -> float:
    """The seconds a contract if clocks and alarms were objects of the ORM, one after another."""
    found = _touched(house)[:contracts]
    with house.database.acting(console()) as act:
        head = breaches.record(act, Breach(title="Essai"))
    begun = time.perf_counter()
    with house.database.acting(console()) as act:
        act.require(Permission.BREACHES_RECORD)
        for place, each in enumerate(found):
            terms = history.latest(act.session, act.session.get_one(Contract, each.contract_id))
            hours, channels = rules.strictest([terms.terms])
            running = rules.clock(act.now + timedelta(microseconds=place), None, hours)
            act.session.add(
                Affected(
                    breach_id=head.id,
                    controller_id=each.controller_id,
                    contract_id=each.contract_id,
                    why=each.why,
                    hours=hours,
                    channels=[channel.value for channel in channels],
                    starts_at=running.starts_at,
                    ends_at=running.ends_at,
                )
            )
            for threshold, due_at in rules.alarms(running).items():
                act.session.add(
                    Alarm(
                        breach_id=head.id,
                        ends_at=running.ends_at,
                        threshold=threshold,
                        due_at=due_at,
                    )
                )
        act.log(finding.TOUCHED, head, contracts=len(found), digest="")
    return (time.perf_counter() - begun) / len(found)
