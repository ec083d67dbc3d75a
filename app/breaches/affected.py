"""Pages of the contracts touched by a breach: proposed, added, removed, their numbers."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import SelectChoice

from app.breaches import forms
from app.breaches.views import frame, names
from app.gate import acting, may, needs
from app.house import house
from app.languages import short
from app.lists import cut
from registers.breaches import finding, hand_records, proposing, queries, recipients
from registers.breaches.counting import MOST
from registers.breaches.finding import Touched
from registers.breaches.models import Breach
from registers.breaches.proposing import Proposal, Reason
from registers.breaches.queries import Filters, Row, State
from registers.controllers import queries as parties
from registers.kernel import history
from registers.kernel.errors import GreffeError, Invalid
from registers.kernel.identifiers import fold
from registers.kernel.pages import Cut
from registers.kernel.words import text
from registers.people.roles import Permission

blueprint = Blueprint("affected", __name__)

PLACE = "/breaches/<code>/affected"
SHOWN_PROPOSALS, SHOWN_CONTROLLERS = 100, 20

Numbers = dict[uuid.UUID, tuple[str, str]]
"""The numbers of persons and of records as somebody typed them, by row."""


@blueprint.get(PLACE)
@needs(Permission.BREACHES_READ)
def listed(code: str) -> ResponseReturnValue:
    """Who is affected: the time left, whether informed, how many persons and records."""
    return _listed(queries.one(house().session, code), {}, [])


def _listed(
    head: Breach, typed: Numbers, wrong: Sequence[tuple[uuid.UUID, str, str]]
) -> ResponseReturnValue:
    filters = Filters(**{name: request.args.get(name, "") for name in ("search", "state")})
    around = frame(head)
    kept = {"search": filters.search, "state": filters.state}
    page = queries.affected(house().session, head, filters, around["now"], cut())
    return (
        render_template(
            "breaches/affected.html",
            **around,
            page=page,
            filters=filters,
            states=State,
            typed=typed,
            by_hand=_by_hand(page.rows),
            telling=may(Permission.BREACHES_NOTIFY),
            wrong={(key, name): says for key, name, says in wrong},
            counting=around["open"] and may(Permission.BREACHES_RECORD),
            kept=_asked(),
            address=lambda **more: url_for(
                "affected.listed", **{"code": head.code, **kept, **more}
            ),
        ),
        422 if wrong else 200,
    )


def _by_hand(rows: Sequence[Row]) -> dict[uuid.UUID, list[hand_records.Shown]]:
    """What was told by hand, by affected contract."""
    found: dict[uuid.UUID, list[hand_records.Shown]] = {}
    for each in hand_records.all_of(house().session, [row.affected.id for row in rows]):
        if each.corrects_id is None:
            found.setdefault(each.row.affected_id, []).append(each)
    return found


@blueprint.post(f"{PLACE}/numbers")
@needs(Permission.BREACHES_RECORD)
def count(code: str) -> ResponseReturnValue:
    """Records the numbers typed in the list: those that somebody changed, and no others."""
    head = queries.one(house().session, code)
    shown = forms.ids_of(request.form.getlist("row"))
    typed = {
        key: (request.form.get(f"persons-{key}", ""), request.form.get(f"records-{key}", ""))
        for key in shown
    }
    former = {key: request.form.get(f"was-{key}", "/") for key in shown}
    changed = {key: each for key, each in typed.items() if "/".join(each) != former[key]}
    if not changed:
        flash(_("Nothing was changed."))
        return _back(code)
    numbers, wrong = _read(changed)
    wrong += _overtaken(queries.by_ids(house().session, head, list(changed)), former)
    if wrong:
        return _listed(head, typed, wrong)
    with acting() as act:
        finding.count_persons(act, head.id, numbers)
    flash(
        ngettext(
            "Numbers of %(num)s contract recorded.",
            "Numbers of %(num)s contracts recorded.",
            len(numbers),
        ),
        "good",
    )
    return _back(code)


def _back(code: str) -> ResponseReturnValue:
    return redirect(url_for("affected.listed", code=code, **_asked()))


def _asked() -> dict[str, Any]:
    """Which part of the list the address asks for."""
    asked = ("search", "state", *Cut._fields)
    return {name: request.args[name] for name in asked if request.args.get(name)}


def _read(
    typed: Numbers,
) -> tuple[dict[uuid.UUID, tuple[int | None, int | None]], list[tuple[uuid.UUID, str, str]]]:
    """The numbers that were typed, and what is wrong with the others."""
    numbers: dict[uuid.UUID, tuple[int | None, int | None]] = {}
    wrong = []
    for key, written in typed.items():
        found: list[int | None] = []
        for name, each in zip(("persons", "records"), written, strict=True):
            plain = "".join(each.split())
            if plain and not (plain.isascii() and plain.isdecimal() and int(plain) <= MOST):
                wrong.append((key, name, _("Write a whole number.")))
            else:
                found.append(int(plain) if plain else None)
        if len(found) == len(written):
            numbers[key] = (found[0], found[1])
    return numbers, wrong


def _overtaken(
    rows: Sequence[Row], former: Mapping[uuid.UUID, str]
) -> list[tuple[uuid.UUID, str, str]]:
    """The rows whose numbers somebody else recorded since the page was opened."""
    return [
        (
            row.affected.id,
            "persons",
            _(
                "Meanwhile somebody recorded %(persons)s persons and %(records)s records: "
                "save again to put yours in their place.",
                persons="–" if row.affected.persons is None else row.affected.persons,
                records="–" if row.affected.records is None else row.affected.records,
            ),
        )
        for row in rows
        if numbers_of(row) != former[row.affected.id]
    ]


def numbers_of(row: Row) -> str:
    """The numbers on record as the form carries them, to see whether they changed meanwhile."""
    held = (row.affected.persons, row.affected.records)
    return "/".join("" if each is None else str(each) for each in held)


class Group(NamedTuple):
    """Contracts that are proposed for the same reason."""

    key: str
    reason: Reason
    why: str
    contracts: int
    wished: bool
    """Whether they are ticked until somebody says otherwise."""


@blueprint.route(f"{PLACE}/proposed", methods=["GET", "POST"])
@needs(Permission.BREACHES_RECORD)
def propose(code: str) -> ResponseReturnValue:
    """Which contracts may be affected, and why; ticked by groups or one by one."""
    session, today, search = house().session, house().today, request.args.get("search", "")
    head = queries.one(session, code)
    known = history.latest(session, head)
    touched = proposing.touched_activities(session, known, today)
    found = proposing.proposed(session, head, list(touched), today)
    groups = _groups(found, touched, known.services)
    form = forms.Proposed()
    shown = [each for each in found if _matches(each, search)]
    form.groups.choices = [SelectChoice(each.key, _described(each)) for each in groups]
    form.contracts.choices = [
        SelectChoice(str(each.contract_id), _named(each)) for each in shown[:SHOWN_PROPOSALS]
    ]
    if request.method == "GET":
        form.groups.data = [each.key for each in groups if each.wished] if not search else []
    if form.validate_on_submit():
        try:
            known_at = forms.moment_of(form.instant())
            chosen = _chosen(form, found, groups)
            with acting() as act:
                new = finding.touch(act, head.id, chosen, known_at)
        except GreffeError as error:
            form.refuse(error)
        else:
            flash(_started(new), "good")
            return redirect(url_for("affected.listed", code=code))
    page = render_template(
        "breaches/proposed.html",
        **frame(queries.one(house().session, code), _("Proposed")),
        form=form,
        known=known,
        found=found,
        groups=groups,
        shown=shown,
        most=SHOWN_PROPOSALS,
        search=search,
    )
    return page, 422 if form.problems() else 200


def _groups(
    found: Sequence[Proposal], touched: Mapping[str, tuple[str, ...]], named: Sequence[str]
) -> list[Group]:
    counted = Counter(each.reason for each in found)
    called = names()
    return [
        Group(
            ",".join(reason.activities) + ("|ended" if reason.ended else ""),
            reason,
            _why(reason, touched, called),
            number,
            not reason.ended and (not named or bool(set(named) & set(reason.activities))),
        )
        for reason, number in sorted(counted.items(), key=lambda each: (each[0].ended, -each[1]))
    ]


def _why(reason: Reason, touched: Mapping[str, tuple[str, ...]], called: Mapping[str, str]) -> str:
    """The reason in words, as it is recorded."""
    covered = [
        called.get(code, code)
        + (f" ({', '.join(called.get(each, each) for each in through)})" if through else "")
        for code in reason.activities
        for through in [touched.get(code, ())]
    ]
    said = ", ".join(covered)
    return (
        _("%(why)s; contract ended, data not known to be erased", why=said)
        if (reason.ended)
        else said
    )


def _described(group: Group) -> str:
    number = ngettext("%(num)s contract", "%(num)s contracts", group.contracts)
    return f"{number} – {group.why}"


def _named(each: Proposal) -> str:
    ended = _(", ended on %(day)s", day=short(each.ended_on)) if each.reason.ended else ""
    return f"{each.name} – {each.reference} ({', '.join(each.reason.activities)}{ended})"


def _matches(each: Proposal, search: str) -> bool:
    searched = fold(f"{each.name} {each.code} {each.reference}")
    return all(word in searched for word in fold(search).split())


def _chosen(
    form: forms.Proposed, found: Sequence[Proposal], groups: Sequence[Group]
) -> list[Touched]:
    by_reason = {each.reason: each for each in groups}
    keys, single = set(form.groups.data or ()), set(form.contracts.data or ())
    chosen = [
        Touched(each.controller_id, each.contract_id, by_reason[each.reason].why)
        for each in found
        if by_reason[each.reason].key in keys or str(each.contract_id) in single
    ]
    if not chosen:
        raise Invalid(text("Choose at least one contract."), "groups")
    return chosen


def _started(new: int) -> str:
    return ngettext(
        "%(num)s contract is affected: its clock runs.",
        "%(num)s contracts are affected: their clocks run.",
        new,
    )


@blueprint.route(f"{PLACE}/add", methods=["GET", "POST"])
@needs(Permission.BREACHES_RECORD)
def add(code: str) -> ResponseReturnValue:
    """Adds a controller that nothing on record led to, with or without a contract."""
    session, search = house().session, request.args.get("search", "")
    head = queries.one(session, code)
    found = recipients.controllers_named(session, search, SHOWN_CONTROLLERS) if search else []
    form = forms.ByHand()
    form.whom.choices = [
        choice
        for owner, contracts in found
        for choice in (
            *(
                SelectChoice(f"{owner.id}:{each.id}", f"{owner.name} – {each.reference}")
                for each in contracts
            ),
            SelectChoice(
                f"{owner.id}:",
                _("%(name)s – without a contract, but data are held", name=owner.name),
            ),
        )
    ]
    if form.validate_on_submit():
        owner_id, _colon, contract_id = form.whom.data.partition(":")
        touched = Touched(
            uuid.UUID(owner_id), uuid.UUID(contract_id) if contract_id else None, form.why.data
        )
        try:
            known_at = forms.moment_of(form.instant())
            with acting() as act:
                new = finding.touch(act, head.id, [touched], known_at)
        except GreffeError as error:
            form.refuse(error)
        else:
            flash(_started(new) if new else _("It is on the list already."), "good" if new else "")
            return redirect(url_for("affected.listed", code=code))
    page = render_template(
        "breaches/add.html",
        **frame(queries.one(house().session, code), _("Add by hand")),
        form=form,
        search=search,
        total=parties.counts(house().session).controllers,
    )
    return page, 422 if form.problems() else 200


@blueprint.post(f"{PLACE}/remove")
@needs(Permission.BREACHES_RECORD)
def remove(code: str) -> ResponseReturnValue:
    """Records that contracts are not affected after all, once the reason is given."""
    head = queries.one(house().session, code)
    ids = forms.ids_of(request.form.getlist("affected"))
    if not ids:
        flash(_("Tick the contracts that are not affected."), "warn")
        return _back(code)
    rows = queries.by_ids(house().session, head, ids)
    form = forms.Unaffected()
    if "why" in request.form and form.validate_on_submit():
        try:
            with acting() as act:
                finding.untouch(act, ids, form.why.data)
        except GreffeError as error:
            form.refuse(error)
            head = queries.one(house().session, code)
            rows = queries.by_ids(house().session, head, ids)
        else:
            flash(_("Recorded: they are not affected, and the reason stays."), "good")
            return redirect(url_for("affected.listed", code=code))
    page = render_template(
        "breaches/remove.html", **frame(head, _("Not affected")), form=form, rows=rows
    )
    return page, 422 if form.problems() else 200


@blueprint.post(f"{PLACE}/known")
@needs(Permission.BREACHES_RECORD)
def correct(code: str) -> ResponseReturnValue:
    """Corrects since when it is known that contracts are affected, once the reason is given."""
    head = queries.one(house().session, code)
    ids = forms.ids_of(request.form.getlist("affected"))
    if not ids:
        flash(_("Tick the contracts whose time was recorded wrongly."), "warn")
        return _back(code)
    rows = queries.by_ids(house().session, head, ids)
    form = forms.KnownSince()
    if "reason" in request.form and form.validate_on_submit():
        try:
            known_at = forms.moment_of(form.instant())
            with acting() as act:
                finding.correct_known(act, head.id, ids, known_at, form.reason.data)
        except GreffeError as error:
            form.refuse(error)
            head = queries.one(house().session, code)
            rows = queries.by_ids(house().session, head, ids)
        else:
            flash(_("Corrected: their clocks follow, and the former time stays on record."), "good")
            return redirect(url_for("affected.listed", code=code))
    page = render_template(
        "breaches/known.html", **frame(head, _("Known since")), form=form, rows=rows
    )
    return page, 422 if form.problems() else 200
