"""The words of declarations: how they come back, what that is worth, where they stand."""

from registers.kernel.words import Named, Text, text


class Way(Named):
    """How a controller declares."""

    SIGNED = "signed", text("signed electronically by the controller")
    SCANNED = "scanned", text("signed by hand and scanned")
    PORTAL = "portal", text("confirmed on the portal")


WORTH: dict[Way, Text] = {
    Way.SIGNED: text(
        "An electronic signature in the file itself shows that nothing was altered since, and "
        "which certificate signed. How far it proves the person depends on the certificate: "
        "only a qualified signature is presumed reliable and equals one by hand (Regulation (EU) "
        "910/2014, art. 25; French Civil Code, art. 1367). What was found in this file is told "
        "beside it."
    ),
    Way.SCANNED: text(
        "A copy of a paper that was signed by hand. A scanned signature is no electronic "
        "signature: the copy convinces as long as nobody disputes it, and the original decides. "
        "Keep it."
    ),
    Way.PORTAL: text(
        "No signature. Whoever reads the address on record confirmed the form with a one-time "
        "code. The seal of the organisation proves what was recorded and when, not who sat "
        "before the screen."
    ),
}
"""What each way is worth, in plain words."""


class Phase(Named):
    """Where a form stands."""

    DRAWN = "drawn", text("to be signed and returned")
    RETURNED = "returned", text("waits for a confirmation")
    IN_EFFECT = "in_effect", text("in effect")
    REFUSED = "refused", text("not confirmed")
    CANCELLED = "cancelled", text("cancelled")


class Confirmation(Named):
    """How it was made sure that a new address is the controller's own will."""

    CODE = "code", text("one-time code to the representative on record")
    CALL_BACK = "call_back", text("call-back recorded by staff")
    NOTHING_NEW = "nothing_new", text("none needed: no address is new")


CIVILITIES = ("Madame", "Monsieur")
"""As the form of the contract has them."""
