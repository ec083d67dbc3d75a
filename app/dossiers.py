"""What all dossiers share: editing from facts, the history, the comparison of versions.

A subject says which facts its form has, in which sections; everything else is the same for all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField
from wtforms.validators import Optional

from app.facts import IN_HISTORY, REASON, FactsForm, Hints, form_for
from app.forms import Given, Line
from app.gate import acting
from app.house import house
from registers.kernel import history
from registers.kernel.act import Act
from registers.kernel.errors import Conflict, GreffeError, Invalid, NotFound
from registers.kernel.history import Facts, Head, How
from registers.kernel.words import text
from registers.people import queries as people

Save = Callable[[Act, Any, int, How], Any]

CODE_HINT = _l("Letters, digits, dots and dashes; it never changes.")


@dataclass(frozen=True)
class Editing:
    """One page on which facts are typed.

    Attributes:
        title: what the page is called.
        facts: which facts.
        hints: what their types do not say of the form.
        sections: titles of parts of the form, and the fields in each.
        back: where leaving without saving leads.
        save: what saving does.
        done: where it leads, from what `save` gave.
        crumbs: the way here.
        coded: whether a code is asked for, as for new dossiers.
        begins: from when new facts hold, when no day is given; None where one must be.
        dated: whether it is asked from when they hold; drafts hold from the day they are written.
    """

    title: str
    facts: type[Facts]
    hints: Hints
    sections: Mapping[str, tuple[str, ...]]
    back: str
    save: Save
    done: Callable[[Any], str]
    crumbs: tuple[tuple[str, str], ...] = ()
    coded: bool = False
    begins: Callable[[Any], date] | None = None
    dated: bool = True


def edit(page: Editing, head: Head[Any] | None, known: Facts | None = None) -> ResponseReturnValue:
    """Shows and saves a form of facts; keeps what was typed whatever happens.

    Args:
        page: the page.
        head: the dossier, None for a new one.
        known: the facts to begin with; those recorded last when left out.
    """
    if head is not None:
        known = _standing(head)
    base = head.latest if head is not None else 0
    asked: dict[str, Any] = (
        {"code": Line(_("Code"), [Given], description=CODE_HINT)} if page.coded else {}
    )
    if head is None:
        asked["reason"] = Line(REASON, [Given], default=_("First record"), description=IN_HISTORY)
    if page.begins:
        asked["effective_from"] = DateField(
            _("Takes effect on"), [Optional()], description=_("By default the day it starts.")
        )
    today = None if page.begins else house().today
    form = form_for(page.facts, page.hints, known, base=base, today=today, asked=asked)
    if form.grows:
        form.grow()
        return _form(page, form)
    if form.validate_on_submit():
        try:
            typed = form.to_facts(known)
            day = form.effective_from.data
            if page.begins and day is None:
                day = page.begins(typed)
            how = How(day, form.reason.data)
            with acting() as act:
                result = page.save(act, typed, form.base.data, how)
        except Conflict:
            return _conflict(page, form, head)
        except GreffeError as error:
            form.refuse(error)
        else:
            _say_saved(head, result, how.effective_from)
            return redirect(page.done(result))
    return _form(page, form)


def _standing(head: Head[Any]) -> Any:
    """The facts that take effect last: edits begin with them, not with a correction of the past."""
    return history.known_on(house().session, type(head), date.max, [head.id])[head.id]


def _say_saved(head: Head[Any] | None, result: Any, day: date) -> None:
    if result == []:
        flash(_("Nothing was changed."))
        return
    flash(_("Saved."), "good")
    later = history.later_days(house().session, head, day) if head is not None else []
    if later:
        flash(
            _(
                "It holds from %(day)s to %(next)s only: from then on there is another version.",
                day=f"{day:%d/%m/%Y}",
                next=f"{later[0]:%d/%m/%Y}",
            ),
            "warn",
        )


def _form(page: Editing, form: FactsForm, status: int = 200, **more: Any) -> ResponseReturnValue:
    code = 422 if form.problems() and status == 200 else status  # noqa: PLR2004 all is well
    return render_template("dossiers/edit.html", page=page, form=form, **more), code


def _conflict(page: Editing, form: FactsForm, head: Head[Any] | None) -> ResponseReturnValue:
    """Both versions side by side: somebody else's, and what was typed here."""
    if head is None:
        raise Conflict(text("Somebody else changed this in the meantime."))
    session = house().session
    head = session.get_one(type(head), head.id)
    base = version(head, form.base.data)
    theirs = _standing(head)
    mine = form.to_facts(theirs)
    latest = history.versions(session, head)[0]
    form.base.data = head.latest
    form.base.raw_data = None
    return _form(
        page,
        form,
        409,
        theirs=history.compare(base, theirs),
        mine=history.compare(theirs, mine),
        latest=latest,
        author=people.names(session, [latest.author]).get(latest.author, latest.author),
    )


def version(head: Head[Any], number: int) -> Facts:
    """The facts of one version.

    Raises:
        NotFound: there is none of this number.
    """
    for each in history.versions(house().session, head):
        if each.number == number and each.facts is not None:
            return head.facts_type.of(each.facts)
    raise NotFound


def show_history(
    head: Head[Any], title: str, crumbs: tuple[tuple[str, str], ...], **more: Any
) -> ResponseReturnValue:
    """All versions of a dossier, and what changed between two of them."""
    session = house().session
    versions = history.versions(session, head)
    to = request.args.get("to", type=int) or head.latest
    since = request.args.get("from", type=int)
    since = to - 1 if since is None else since
    numbers = {each.number: each for each in versions}
    if to not in numbers or (since and since not in numbers):
        raise NotFound
    before = _facts_of(head, numbers.get(since))
    after = _facts_of(head, numbers[to])
    return render_template(
        "dossiers/history.html",
        head=head,
        title=title,
        crumbs=crumbs,
        versions=versions,
        names=people.names(session, {each.author for each in versions}),
        since=since,
        to=to,
        changes=history.compare(before, after) if after is not None else [],
        **more,
    )


def _facts_of(head: Head[Any], found: Any) -> Any:
    if found is None or found.facts is None:
        return None
    return head.facts_type.of(found.facts)


def asked_day() -> date:
    """The day on which a dossier is read: the one in the address, else today.

    Raises:
        Invalid: the address holds no date.
    """
    written = request.args.get("on", "")
    if not written:
        return house().today
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise Invalid(text("“{written}” is not a date.", written=written)) from error


def on_day(head: Head[Any], day: date) -> history.Dated[Any] | None:
    """A dossier's facts on a day; None when it was not known yet."""
    return history.in_force(house().session, type(head), day, [head.id]).get(head.id)
