"""What a declaration must say, and when it needs more than its own word."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from registers.controllers.facts import Contact
from registers.controllers.rules import checked_contact
from registers.controllers.vocabulary import ContactKind, ContactRole
from registers.dpo.facts import FORM, Declaration
from registers.dpo.vocabulary import Phase, Way
from registers.kernel.errors import Invalid
from registers.kernel.identifiers import checked_email
from registers.kernel.words import Text, text


def checked(known: Declaration, *, public_body: bool) -> Declaration:
    """A declaration in normal form: what it leaves open stays open.

    Args:
        known: as it was declared.
        public_body: whether the controller is one: then a DPO is always required, Art. 37(1)(a).

    Raises:
        Invalid: no body is named; a DPO and none are declared at once, or neither; a public body
            declares that none is required, or nobody says why none is; an address cannot be one.
    """
    if not known.body.strip():
        raise Invalid(text("This entry is needed."), "body")
    if known.breach_email:
        known = msgspec.structs.replace(known, breach_email=_email(known.breach_email))
    if known.none:
        _require_none(known, public_body=public_body)
        return known
    if known.none_reason.strip():
        raise Invalid(
            text("A reason why none is required does not go with a DPO who is named."),
            "none_reason",
        )
    officer = known.officer
    if officer is None:  # pragma: no cover - `none` was looked at above
        return known
    right = checked_contact(officer)
    return msgspec.structs.replace(known, email=right.email)


def _email(written: str) -> str:
    try:
        return checked_email(written)
    except Invalid as error:
        raise Invalid(error.reason, "breach_email") from error


def _require_none(known: Declaration, *, public_body: bool) -> None:
    if public_body:
        raise Invalid(
            text("A public body always has a DPO (Art. 37(1)(a)): none cannot be declared."),
            "none",
        )
    if not known.none_reason.strip():
        raise Invalid(text("Say why no DPO is required (Art. 37(1))."), "none_reason")
    if any((known.name, known.first_name, known.firm, known.email, known.phone)):
        raise Invalid(
            text("Either no DPO is required, or one is named: not both."),
            "none",
        )


def lacking(known: Declaration, *, dated: bool) -> list[str]:
    """The fields that a complete form has and this one does not.

    Args:
        known: the declaration.
        dated: whether place and day of signing are asked for too.
    """
    asked = list(FORM)
    if not known.none:
        asked.append("email")
        asked += ["name", "first_name"] if known.kind is ContactKind.PERSON else []
    asked += ["done_at", "done_on"] if dated else []
    return [name for name in asked if not getattr(known, name)]


def require_complete(known: Declaration, *, dated: bool) -> None:
    """Makes sure that the whole form is filled in.

    Raises:
        Invalid: a field is empty; names the first.
    """
    missing = lacking(known, dated=dated)
    if missing:
        raise Invalid(text("The form asks for this."), missing[0])


class OnRecord(NamedTuple):
    """Who serves a controller today."""

    officers: Sequence[Contact]
    breach: Sequence[Contact]


class News(NamedTuple):
    """What a declaration would change of the addresses on record."""

    officer: bool
    """Another DPO, or another address of the same one; or the first; or none any more."""
    breach: bool
    """Another address for breaches, or none any more."""
    former: tuple[str, ...]
    """Addresses that would serve no more."""

    @property
    def is_any(self) -> bool:
        """Whether something is new: then the word of the representative is needed."""
        return self.officer or self.breach


def serving(known: Declaration, now: OnRecord) -> dict[ContactRole, Contact | None]:
    """Who serves in which role once a declaration takes effect; other roles stay as they are.

    The form does not ask for an address for breaches: where none is declared, the one on record
    stays, unless it was that of the DPO who is replaced.
    """
    officer = known.officer
    found: dict[ContactRole, Contact | None] = {ContactRole.DPO: officer}
    told = _addresses(now.breach)
    if known.for_breaches:
        if told != {known.breach_email.lower()}:
            found[ContactRole.BREACH] = known.for_breaches
    elif told & _addresses(now.officers) - {known.email.lower()}:
        found[ContactRole.BREACH] = officer
    return found


def news(known: Declaration, now: OnRecord) -> News:
    """What a declaration would change of the addresses on record."""
    wanted = serving(known, now)
    officer = known.officer
    held = {_who(each) for each in now.officers}
    after = {officer.email.lower()} if officer else set()
    breach = ContactRole.BREACH in wanted
    if breach:
        told = wanted[ContactRole.BREACH]
        after |= {told.email.lower()} if told else set()
    else:
        after |= _addresses(now.breach)
    before = _addresses(now.officers) | _addresses(now.breach)
    other = held != ({_who(officer)} if officer else set())
    return News(other, breach, tuple(sorted(before - after)))


def _who(contact: Contact) -> tuple[str, str, str]:
    return (contact.email.lower(), contact.name, contact.first_name)


def _addresses(contacts: Iterable[Contact]) -> set[str]:
    return {each.email.lower() for each in contacts if each.email}


CLOSED = frozenset({Phase.IN_EFFECT, Phase.REFUSED, Phase.CANCELLED})
"""In these nothing more is done with a form."""


def may_return(phase: Phase) -> Text | None:
    """Why a form cannot be returned; None where it can."""
    if phase is Phase.DRAWN:
        return None
    return text("This form was returned already, or is not awaited any more.")


def may_confirm(phase: Phase) -> Text | None:
    """Why a form cannot be confirmed; None where it can."""
    if phase is Phase.RETURNED:
        return None
    return text("Nothing is to be confirmed here any more.")


class Found(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was found in a file that came back as signed electronically.

    Attributes:
        by: the name in the certificate of the controller's signature; empty: there is none.
        level: of PAdES.
        at: when it was signed, ISO; as a time-stamp attests or the signer claims it.
        attested: whether a time-stamp attests it.
        trusted: whether an authority that we trust certified the signer; None where we were
            given none to trust.
        test: whether a test identity signed.
        intact: whether nothing was altered, of what was signed and after it.
        same: whether what was signed is the very form that was produced, byte for byte.
        faults: what speaks against it, in English as the verification says it.
    """

    by: str = ""
    level: str = ""
    at: str = ""
    attested: bool = False
    trusted: bool | None = None
    test: bool = False
    intact: bool = False
    same: bool = False
    faults: tuple[str, ...] = ()


def require_signed(found: Found) -> None:
    """Makes sure that a file can be taken as an electronic signature of our form.

    An unknown authority is no reason to refuse: it is told, and what it is worth with it.

    Raises:
        Invalid: it is not the form that was produced, the controller did not sign in it, or it
            was altered.
    """
    if not found.same:
        raise Invalid(
            text(
                "This is not the form that was produced: some programs write the file anew when "
                "they sign, and destroy our seal. Sign in the field of the form itself, or enter "
                "the file as a scan."
            ),
            "content",
        )
    if not found.by:
        raise Invalid(text("The controller's field of the form is not signed."), "content")
    if not found.intact:
        raise Invalid(text("The file was altered after it was signed."), "content")


def ways(way: Way, found: Found | None) -> Text:
    """What a returned form is worth, in one sentence for lists."""
    if way is not Way.SIGNED or found is None:
        return way.says
    if found.test:
        return text("signed electronically, with a test certificate without legal value")
    if found.trusted:
        return text("signed electronically, certified by an authority that we trust")
    if found.trusted is None:
        return text("signed electronically; we were given no authority to hold it against")
    return text("signed electronically, by a certificate that no authority we trust issued")
