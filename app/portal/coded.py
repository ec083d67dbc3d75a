"""Forms that are answered with a one-time code: it is sent, counted, and used up in the act."""

from collections.abc import Callable
from typing import Any, NamedTuple

from flask import request

from app.house import house
from app.languages import moment
from app.portal import visiting
from app.portal.visiting import visit
from registers.dpo.operations import By
from registers.kernel.act import Act
from registers.kernel.errors import Conflict, GreffeError, Invalid
from registers.kernel.words import text
from registers.people import sessions
from registers.people.rules import digest_of
from registers.portal import visits


class Answered(NamedTuple):
    """What became of a form that was sent, or is only looked at."""

    done: bool
    """Whether what it asks was done, with the right code."""
    sent: bool
    """Whether a code was sent just now."""


def answered(form: Any, do: Callable[[Act], None]) -> Answered:
    """Has a code sent, or does what is asked with the code that is given.

    What is wrong stands on the form afterwards.
    """
    if "send_code" in request.form:
        return Answered(done=False, sent=code_sent(form))
    if form.validate_on_submit():
        try:
            with_code(form.code.data, do)
        except (Invalid, Conflict) as error:
            form.refuse(error)
        else:
            return Answered(done=True, sent=False)
    return Answered(done=False, sent=False)


def code_sent(form: Any) -> bool:
    """Whether a code could be sent; why it could not stands on the form."""
    try:
        send_code()
    except GreffeError as error:
        form.refuse(error)
        return False
    return True


def address() -> str:
    """Where the code goes, as its owner knows it again, and nobody else learns it."""
    return hidden(_address())


def by(form: Any) -> By:
    """Who answers, and to which address the code went."""
    return By(form.by_name.data, form.by_function.data, _address())


def _address() -> str:
    return visits.address_of(house().session, visit().notice_id)


def hidden(written: str) -> str:
    """An address that its owner knows again, and nobody else learns."""
    local, at, domain = written.rpartition("@")
    return f"{local[:1]}…\N{WORD JOINER}{at}{domain}" if written else ""


def send_code() -> None:
    """Sends a one-time code to the address on record, not too often."""
    named = digest_of(_address().lower())[:32]
    keys = [f"portal-code:{visit().link_id}", f"portal-mail:{named}"]
    check_waiting(keys)
    with house().acting(visit().actor) as act:
        visits.ask_code(act, visit())
    count(keys)
    visiting.look_again()


def with_code(given: str, do: Callable[[Act], None]) -> None:
    """Does what a contact asks for, once its code is right; wrong ones are counted."""
    by_link = f"portal-try:{visit().link_id}"
    keys = [by_link, f"portal-try:{request.remote_addr}"]
    check_waiting(keys)
    with house().upkeep() as traces:
        visits.count_try(traces, visit().id)
    try:
        with house().acting(visit().actor) as act:
            visits.use_code(act, visit(), given, house().home.portal_secret)
            do(act)
    except Invalid as error:
        if error.field == "code":
            count(keys)
            visiting.look_again()
        raise
    with house().upkeep() as traces:
        sessions.succeeded(traces, [by_link])


def check_waiting(keys: list[str]) -> None:
    """Makes whoever tried too often wait."""
    until = sessions.waiting(house().session, keys, house().now())
    if until:
        raise Invalid(
            text("Too many attempts: wait until {until}, then try again.", until=moment(until))
        )


def count(keys: list[str]) -> None:
    """Counts a try."""
    with house().upkeep() as traces:
        sessions.failed(traces, keys, house().now())
