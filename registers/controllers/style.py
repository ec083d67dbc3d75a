"""The look of the organisation's papers: no fact of the register, and kept as it is at present.

What a paper looked like, the paper itself says: it states the digest of its look, and so does
the entry of the journal by which the look was chosen.
"""

from typing import NamedTuple

from sqlalchemy.orm import Session

from registers.controllers.models import ONLY, Organisation, PaperStyle
from registers.kernel import audit
from registers.kernel.act import Act
from registers.kernel.errors import Conflict, Invalid
from registers.kernel.files import digest
from registers.kernel.words import text
from registers.people.roles import Permission
from registers.press.house_style import DEFAULT, HouseStyle, checked

STYLED = audit.kind("organisation.styled", text("Look of the papers changed"), "style")


class Chosen(NamedTuple):
    """A look, and how often it was changed; 0 where nobody chose one."""

    style: HouseStyle
    revision: int


def chosen(session: Session) -> Chosen:
    """The look in which papers are set now."""
    row = session.get(PaperStyle, ONLY)
    if row is None:
        return Chosen(DEFAULT, 0)
    return Chosen(HouseStyle(row.accent, row.footer, row.logo), row.revision)


def choose(act: Act, style: HouseStyle, base: int) -> bool:
    """Sets papers in this look from now on; tells whether it is another one.

    Args:
        act: what it is done in.
        style: the look; its logo comes from `picture`.
        base: the revision of the look that was before the eyes.

    Raises:
        Invalid: the look makes papers hard to read, or nobody described the organisation.
        Conflict: it was changed meanwhile.
    """
    act.require(Permission.ORGANISATION_EDIT)
    organisation = act.session.get(Organisation, ONLY)
    if organisation is None:
        raise Invalid(text("Describe the organisation first: its name stands on every paper."))
    style, before = checked(style), chosen(act.session)
    if before.revision != base:
        raise Conflict(text("Somebody else changed this in the meantime."))
    if style == before.style:
        return False
    if before.revision:
        row = act.take(PaperStyle, ONLY)
    else:
        row = PaperStyle(organisation_id=ONLY)
        act.session.add(row)
    row.accent, row.footer, row.logo = style.accent, style.footer, style.logo
    act.log(
        STYLED,
        organisation,
        values={"before": _told(before.style), "after": _told(style)},
        style=style.digest,
    )
    return True


def _told(style: HouseStyle) -> dict[str, str]:
    """A look as the journal keeps it: of the picture, its digest."""
    return {
        "accent": style.accent,
        "footer": style.footer,
        "logo": digest(style.logo) if style.logo else "",
    }
