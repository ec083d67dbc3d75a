"""What people do to the dossiers of sub-processors."""

import uuid

from registers.kernel import audit, history
from registers.kernel.act import Act
from registers.kernel.history import FIELDS, How
from registers.kernel.words import text
from registers.people.roles import Permission
from registers.subprocessors import facts, rules
from registers.subprocessors.models import Subprocessor

RECORDED = audit.kind("subprocessor.recorded", text("Sub-processor recorded"), *FIELDS)
CHANGED = audit.kind("subprocessor.changed", text("Sub-processor changed"), *FIELDS)


def record(act: Act, code: str, known: facts.Subprocessor, how: How) -> Subprocessor:
    """Opens the dossier of a sub-processor, engaged already or only proposed.

    Raises:
        Invalid: the code is taken or empty, or the facts cannot be.
    """
    act.require(Permission.REGISTER_EDIT)
    head = history.begin(act, Subprocessor, code)
    history.record(act, head, rules.checked(known), 0, how.by(RECORDED))
    return head


def change(
    act: Act, subprocessor_id: uuid.UUID, known: facts.Subprocessor, base: int, how: How
) -> list[str]:
    """Adds a version to a dossier; gives the names of what changed.

    Raises:
        Invalid, Conflict, NotFound: see `record`, and `history.record`.
    """
    act.require(Permission.REGISTER_EDIT)
    head = act.take(Subprocessor, subprocessor_id)
    return history.record(act, head, rules.checked(known), base, how.by(CHANGED))
