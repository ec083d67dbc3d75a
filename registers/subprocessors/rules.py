"""What a sub-processor's dossier cannot say: pure rules."""

import msgspec

from registers.kernel import identifiers
from registers.kernel.errors import Invalid
from registers.kernel.words import text
from registers.subprocessors.facts import State, Subprocessor


def checked(known: Subprocessor) -> Subprocessor:
    """A dossier in normal form; what is not known stays empty.

    Raises:
        Invalid: an identifier or a date is impossible; names the field.
    """
    if not known.name.strip():
        raise Invalid(text("This entry is needed."), "name")
    if known.engaged_on and known.ended_on and known.ended_on < known.engaged_on:
        raise Invalid(text("It ended before it was engaged."), "ended_on")
    starts, ends = known.contract_starts_on, known.contract_ends_on
    if starts and ends and ends < starts:
        raise Invalid(text("The contract ends before it begins."), "contract_ends_on")
    if known.state is State.ENGAGED and known.engaged_on is None:
        raise Invalid(text("Say since when it is engaged."), "engaged_on")
    if known.state is State.ENDED and known.ended_on is None:
        raise Invalid(text("Say on which day it ended."), "ended_on")
    if known.no_transfer and known.transfers:
        raise Invalid(text("Either there is no transfer, or there are these."), "no_transfer")
    identifiers.checked_country(known.country)
    for site in known.sites:
        if site.postcode:
            identifiers.checked_postcode(site.postcode, site.country)
    postcode, email = known.postcode, known.contact_email
    return msgspec.structs.replace(
        known,
        name=known.name.strip(),
        postcode=identifiers.checked_postcode(postcode, known.country) if postcode else "",
        contact_email=_email(email) if email else "",
    )


def _email(written: str) -> str:
    try:
        return identifiers.checked_email(written)
    except Invalid as error:
        raise Invalid(error.reason, "contact_email") from error
