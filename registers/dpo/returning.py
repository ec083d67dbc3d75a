"""What is found in a form that came back signed electronically.

It takes a moment and belongs in no act: look first, then record what was found.
"""

from collections.abc import Sequence
from datetime import datetime

from registers.dpo.rules import Found


def examine(
    content: bytes, produced: bytes, trust: Sequence[bytes] = (), now: datetime | None = None
) -> Found:
    """Looks into a file that is said to be our form, signed by the controller.

    A signature is added to a file at its end: what was produced must stand at its beginning,
    byte for byte. So the text that was signed is the text that was asked for.

    Args:
        content: the file that came back.
        produced: the sealed form as it left.
        trust: certificates of authorities to rely on, PEM or DER.
        now: the instant at which certificates must be valid.

    Raises:
        Invalid: something in `trust` is no certificate.
    """
    from registers.press.paper import CONTROLLER_FIELD  # noqa: PLC0415 few acts need a verifier
    from registers.press.verify import verify  # noqa: PLC0415 the same

    seen = verify(content, trust, now)
    theirs = next(
        (each for each in seen.signatures if each.field == CONTROLLER_FIELD and not each.timestamp),
        None,
    )
    return Found(
        by=theirs.by if theirs else "",
        level=theirs.level.value if theirs else "",
        at=theirs.at.isoformat() if theirs and theirs.at else "",
        attested=theirs.attested if theirs else False,
        trusted=theirs.trusted if theirs else None,
        test=theirs.test if theirs else False,
        intact=bool(theirs and theirs.intact and seen.intact),
        same=content.startswith(produced) and len(content) > len(produced),
        faults=tuple(str(each) for each in seen.faults),
    )
