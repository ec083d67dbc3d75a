"""What is said of a file that must not be relied on."""

from registers.press.verify import verify
from tests.press.samples import NOW

ALTERED = "What the signature in {field} covers was altered."
CHANGED = "The document was changed after the signature in {field}."
HIDDEN = "The signature in {field} hides bytes that nobody signed."
UNREADABLE = "The signature in {field} cannot be read."
UNCHECKED = "The signature in {field} cannot be checked."


def faults(content, *trust):
    """The sources of the faults of a file that must not be sound."""
    found = verify(content, trust, NOW)
    assert not found.sound
    return {fault.source for fault in found.faults}
