"""Where a missing fact is completed, as an address for whoever looks at the page."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from flask import url_for

from app.gate import may
from registers.annexes.gaps import Gap, Place, Where
from registers.kernel.words import Text
from registers.people.roles import Permission


class Lacking(NamedTuple):
    """What one dossier lacks, and where it is completed."""

    of: Text | str
    fields: Sequence[Text]
    address: str


def _either(permission: Permission, change: str, look: str, key: str) -> Callable[[str], str]:
    """To the form for whoever may change the dossier, to the dossier for others."""

    def address(value: str) -> str:
        named: dict[str, Any] = {key: value} if key else {}
        return url_for(change if may(permission) else look, **named)

    return address


_PARTIES = Permission.CONTROLLERS_EDIT
_REGISTER = Permission.REGISTER_EDIT

ADDRESSES: dict[Where, Callable[[str], str]] = {
    Where.ORGANISATION: _either(
        Permission.ORGANISATION_EDIT,
        "controllers.edit_organisation",
        "controllers.organisation",
        "",
    ),
    Where.CONTROLLER: _either(_PARTIES, "controllers.edit", "controllers.one", "code"),
    Where.CONTACTS: _either(_PARTIES, "controllers.new_link", "controllers.one", "code"),
    Where.CONTRACT: _either(_PARTIES, "contracts.edit", "contracts.one", "contract_id"),
    Where.ACTIVITY: _either(_REGISTER, "activities.edit", "activities.one", "code"),
    Where.SUBPROCESSOR: _either(_REGISTER, "subprocessors.edit", "subprocessors.one", "code"),
    Where.ERASURE: lambda code: url_for("erasures.one", code=code),
    Where.MEASURE: _either(_REGISTER, "measures.edit", "measures.one", "code"),
    Where.MEASURES: _either(_REGISTER, "measures.listed", "measures.listed", ""),
}


def lacking(gaps: Iterable[Gap]) -> list[Lacking]:
    """What is missing, dossier by dossier."""
    found: dict[tuple[Text | str, Place], list[Text]] = {}
    for gap in gaps:
        found.setdefault((gap.of, gap.place), []).append(gap.field)
    return [
        Lacking(of, fields, ADDRESSES[place.where](place.key))
        for (of, place), fields in found.items()
    ]
