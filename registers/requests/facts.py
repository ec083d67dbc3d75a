"""What is known of a request. All of it but the rights may describe a person, and can be erased."""

from datetime import date
from typing import Annotated

from registers.kernel.history import Facts, titled
from registers.requests.vocabulary import Channel, Right


class Request(Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request of a data subject, as it reached the processor; no more of the person than needed.

    The identity is the controller's to check (Art. 12(6)); here stands what the person gave.
    """

    rights: Annotated[tuple[Right, ...], titled("What is asked for", "Art. 15")] = ()
    channel: Annotated[Channel, titled("By which way")] = Channel.EMAIL
    received_on: Annotated[date, titled("Received on")]
    name: Annotated[str, titled("Name of the data subject")] = ""
    email: Annotated[str, titled("E-mail of the data subject")] = ""
    address: Annotated[str, titled("Postal address, as on an envelope")] = ""
    words: Annotated[str, titled("The request, in the words of the person")] = ""
    language: Annotated[str, titled("Language")] = "fr"
    note: Annotated[str, titled("Note, for us only")] = ""


PERSONAL = ("name", "email", "address", "words", "note")
"""The fields that may describe the person."""
