"""What is known of a breach: it comes in phases, and every phase stays readable.

An empty field is not known yet; `wanted` names the letter of Art. 33(3) that asks for it.
"""

from datetime import datetime
from typing import Annotated

from registers.breaches.vocabulary import (
    Cause,
    Certainty,
    DataKind,
    Discoverer,
    Nature,
    Origin,
    PersonKind,
)
from registers.kernel.history import Facts, titled
from registers.kernel.instants import Instant


class Breach(Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A breach of personal data, Art. 4(12) and 33."""

    title: Annotated[str, titled("What happened")]
    aware: Annotated[Instant | None, titled("Aware since (reasonable certainty)", "Art. 33(2)")] = (
        None
    )
    aware_reason: Annotated[str, titled("Why from then on")] = ""
    services: Annotated[tuple[str, ...], titled("Activities touched")] = ()
    certainty: Annotated[Certainty, titled("Certainty")] = Certainty.SUSPECTED
    detected: Annotated[Instant | None, titled("Detected")] = None
    detected_reason: Annotated[str, titled("How it was detected")] = ""
    discoverer: Annotated[Discoverer | None, titled("Discovered by")] = None
    subprocessors: Annotated[tuple[str, ...], titled("Sub-processors touched")] = ()
    subprocessor_aware: Annotated[
        Instant | None, titled("The sub-processor was aware since", "Art. 33(2)")
    ] = None
    sites: Annotated[tuple[str, ...], titled("Sites touched")] = ()
    began: Annotated[Instant | None, titled("Began")] = None
    ended: Annotated[Instant | None, titled("Ended")] = None
    ongoing: Annotated[bool | None, titled("Still going on")] = None
    nature: Annotated[tuple[Nature, ...], titled("Nature", wanted="Art. 33(3)(a)")] = ()
    origin: Annotated[Origin | None, titled("Origin")] = None
    cause: Annotated[Cause | None, titled("Cause")] = None
    data: Annotated[tuple[DataKind, ...], titled("Categories of data", wanted="Art. 33(3)(a)")] = ()
    persons: Annotated[
        tuple[PersonKind, ...], titled("Categories of persons", wanted="Art. 33(3)(a)")
    ] = ()
    description: Annotated[str, titled("Description", wanted="Art. 33(3)(a)")] = ""
    contact: Annotated[str, titled("Contact point", wanted="Art. 33(3)(b)")] = ""
    contact_email: Annotated[str, titled("E-mail of the contact point")] = ""
    contact_phone: Annotated[str, titled("Telephone of the contact point")] = ""
    consequences: Annotated[str, titled("Likely consequences", wanted="Art. 33(3)(c)")] = ""
    measures_before: Annotated[str, titled("Measures in place before")] = ""
    measures_taken: Annotated[str, titled("Measures taken", wanted="Art. 33(3)(d)")] = ""
    measures_planned: Annotated[str, titled("Measures planned")] = ""
    ours: Annotated[
        bool, titled("Also concerns data of which the organisation is itself controller")
    ] = False
    note: Annotated[str, titled("Note, for us only")] = ""

    @property
    def aware_at(self) -> datetime | None:
        """The instant from which clocks run, where it is known."""
        return self.aware.moment() if self.aware else None


LETTERS: dict[str, tuple[str, ...]] = {
    "a": ("description", "nature", "data", "persons"),
    "b": ("contact",),
    "c": ("consequences",),
    "d": ("measures_taken", "measures_planned"),
}
"""Which fields serve which letter of Art. 33(3)."""
