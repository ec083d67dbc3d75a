"""Where a notice goes that did not arrive: the next address, the same one, or the post."""

from datetime import date

from flask import flash
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import SelectChoice

from app.gate import acting
from app.house import house
from app.languages import say
from app.notices.forms import Again
from registers.controllers import queries as controllers
from registers.controllers.models import Controller
from registers.controllers.vocabulary import Channel
from registers.kernel import history
from registers.kernel.words import Words
from registers.notices import operations as notices
from registers.notices.fallbacks import Chain
from registers.notices.operations import Way
from registers.notices.reaching import envelope

POST = "post"


def asked(found: Chain) -> Again:
    """The form that asks where it goes: the next address is ticked."""
    form = Again()
    form.address.choices = _choices(found)
    if form.address.choices and form.address.data is None:
        form.address.data = form.address.choices[0].value
    return form


def send(found: Chain, chosen: str) -> None:
    """Lets it leave again, or a letter be written."""
    with acting() as act:
        if chosen == POST:
            notices.write_letters(act, found.notice.id, _letters(found, house().today))
        else:
            notices.send_again(act, found.dispatch.id, chosen)
    flash(
        _("A letter is to be sent: see the letters.")
        if chosen == POST
        else _("It leaves again, to %(address)s.", address=chosen),
        "good",
    )


def _choices(found: Chain) -> list[SelectChoice]:
    """The addresses in the order to try them; what was tried last stands at the end."""
    dispatch = found.dispatch
    choices = [
        SelectChoice(each.email, f"{say(each.role.says)} – {each.name} – {each.email}")
        for each in found.addresses
    ]
    if dispatch.channel is not Channel.EMAIL:
        choices = []
    if found.letters:
        label = ngettext(
            "by registered letter to %(num)s controller",
            "by registered letter to %(num)s controllers",
            len(found.letters),
        )
        choices.append(SelectChoice(POST, label))
    if dispatch.channel is Channel.EMAIL:
        once_more = _("the same address once more – %(address)s", address=dispatch.address)
        choices.append(SelectChoice(dispatch.address, once_more))
    return choices


def _letters(found: Chain, day: date) -> list[Way]:
    """A letter to each controller of a notice, with the address of the day."""
    words = Words(found.notice.language)
    with house().database.reading() as session:
        ours = controllers.organisation_facts(session, day)
        known = history.known_on(session, Controller, day, [each.id for each in found.letters])
    return [
        Way(Channel.REGISTERED_LETTER, "\n".join(lines), each.id)
        for each in found.letters
        for lines in [envelope(known[each.id], ours.country if ours else "FR", words)]
    ]
