"""One tree of errors, each with a sentence that a person understands.

The web maps them once to 404, 403, 409 and 422, the command line to an exit status of 1.
"""

from registers.kernel.words import Text, text


class GreffeError(Exception):
    """Something that was asked for is not done; `reason` says why, in words to be translated."""

    def __init__(self, reason: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason


class NotFound(GreffeError):
    """It does not exist, or it is not yours to see: both look the same."""

    def __init__(self, reason: Text | None = None) -> None:
        super().__init__(reason or text("There is nothing here under this address."))


class Forbidden(GreffeError):
    """The actor lacks the permission."""

    def __init__(self, reason: Text | None = None) -> None:
        super().__init__(reason or text("Your role does not allow this."))


class Conflict(GreffeError):
    """It was true when you looked; somebody else has changed it since."""


class Invalid(GreffeError):
    """What was given cannot be right; `field` names where, when it is one field's fault."""

    def __init__(self, reason: Text, field: str | None = None) -> None:
        super().__init__(reason)
        self.field = field


class Damaged(GreffeError):
    """Stored bytes are not what was stored."""
