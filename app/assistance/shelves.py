"""Pages of dossiers that are kept alike: lists, one dossier, its form, its history, its documents.

What differs between audits, interventions, staff and certificates stands in one `Pages` each.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import dossiers, downloads, instants
from app.assistance import forms
from app.dossiers import Editing
from app.facts import Hints
from app.gate import acting, may, needs
from app.house import house
from app.languages import moment
from app.lists import addresses, cut
from registers.activities import queries as register
from registers.assistance import dossiers as operations
from registers.assistance import facts, queries, rules
from registers.assistance.dossiers import ASSISTANCE, CERTIFICATES, INTERVENTIONS, STAFF, Shelf
from registers.assistance.vocabulary import AssistanceKind
from registers.controllers import queries as parties
from registers.controllers.models import Contract, Controller
from registers.kernel import audit, history
from registers.kernel.act import Act
from registers.kernel.errors import GreffeError, NotFound
from registers.kernel.history import Facts
from registers.kernel.words import text
from registers.people.roles import Permission
from registers.retention import queries as retention
from registers.subprocessors import queries as subprocessors

SHOWN_ENTRIES = 20


@dataclass(frozen=True)
class Pages:
    """The pages of one shelf.

    Attributes:
        name: of the blueprint, and the first part of its addresses.
        shelf: what is kept, and how.
        facts: what is typed.
        read: who may look.
        title: what the list is called.
        new: what opening a dossier is called.
        hints, sections: its form.
        listing: what the list shows.
        more: what the page of a dossier shows beside its facts.
        owned: whether each belongs to a controller, in whose dossier it is opened.
        times: the fields that are local times.
    """

    name: str
    shelf: Shelf
    facts: type[Facts]
    read: Permission
    title: Any
    new: Any
    hints: Callable[[], Hints]
    sections: Callable[[], Mapping[str, tuple[str, ...]]]
    listing: Callable[[], dict[str, Any]]
    more: Callable[[Any, Any], dict[str, Any]] = lambda _head, _known: {}
    owned: bool = True
    times: tuple[str, ...] = ()
    blueprint: Blueprint = field(init=False)

    def __post_init__(self) -> None:
        """Lays the pages out."""
        blueprint = Blueprint(self.name, __name__)
        object.__setattr__(self, "blueprint", blueprint)
        mine, record = f"/{self.name}", self.shelf.record
        opening = f"/controllers/<code>/{self.name}/new" if self.owned else f"{mine}/new"
        both = ["GET", "POST"]
        for address, view, permission, methods in (
            (mine, self.listed, self.read, ["GET"]),
            (opening, self.opened, record, both),
            (f"{mine}/<code>", self.one, self.read, ["GET"]),
            (f"{mine}/<code>/edit", self.edit, record, both),
            (f"{mine}/<code>/history", self.past, self.read, ["GET"]),
            (f"{mine}/<code>/documents/new", self.attach, record, both),
            (f"{mine}/<code>/documents/<digest>", self.document, self.read, ["GET"]),
        ):
            blueprint.add_url_rule(
                address, view.__name__, _gated(view, permission), methods=methods
            )

    def listed(self) -> ResponseReturnValue:
        """All dossiers of the shelf."""
        return render_template(
            f"assistance/{self.name}.html", pages=self, address=addresses(), **self.listing()
        )

    def opened(self, code: str = "") -> ResponseReturnValue:
        """Opens a dossier."""
        known, crumbs = None, [(str(self.title), url_for(f"{self.name}.listed"))]
        if self.owned:
            owner = parties.controller(house().session, code)
            forms.about(owner)
            known = self.facts(controller=owner.id, title="")
            crumbs = way(owner)

        def save(act: Act, typed: Any, _base: int, how: history.How) -> Any:
            instants.require_asked(typed, None, self.times)
            return operations.record(act, self.shelf, typed, how.reason)

        return dossiers.edit(
            Editing(
                title=str(self.new),
                facts=self.facts,
                hints=self.hints(),
                sections=self.sections(),
                back=crumbs[-1][1],
                save=save,
                done=lambda head: url_for(f"{self.name}.one", code=head.code),
                crumbs=(*crumbs, (str(self.new), "")),
                dated=False,
            ),
            None,
            known,
        )

    def one(self, code: str) -> ResponseReturnValue:
        """A dossier: what is known, its documents, what happened."""
        session = house().session
        head = queries.by_code(session, self.shelf.head, code)
        if history.is_erased(session, head):
            crumbs = (*self._way(head)[:-1], (head.code, ""))
            return render_template(
                "assistance/erased.html",
                head=head,
                title=self.title,
                crumbs=crumbs,
                entries=audit.within(session, head, SHOWN_ENTRIES),
            )
        known = history.latest(session, head)
        return render_template(
            "assistance/dossier.html",
            pages=self,
            head=head,
            known=known,
            owner=self._owner(head),
            crumbs=(*self._way(head)[:-1], (head.code, "")),
            sections=self.sections(),
            names=_names(known),
            own={name: _local(getattr(known, name)) for name in self.times},
            documents=queries.documents(session, head),
            entries=audit.within(session, head, SHOWN_ENTRIES),
            **self.more(head, known),
        )

    def edit(self, code: str) -> ResponseReturnValue:
        """Completes a dossier."""
        head = self._alive(code)
        before = history.latest(house().session, head)
        owner = self._owner(head)
        if owner is not None:
            forms.about(owner)
        place = url_for(f"{self.name}.one", code=code)

        def save(act: Act, typed: Any, base: int, how: history.How) -> list[str]:
            instants.require_asked(typed, before, self.times)
            return operations.change(act, self.shelf, head.id, typed, base, reason=how.reason)

        return dossiers.edit(
            Editing(
                title=_("Complete %(code)s", code=code),
                facts=self.facts,
                hints=self.hints(),
                sections=self.sections(),
                back=place,
                save=save,
                done=lambda _changed: place,
                crumbs=(*self._way(head), (_("Change"), "")),
                dated=False,
            ),
            head,
        )

    def past(self, code: str) -> ResponseReturnValue:
        """All versions of a dossier."""
        head = self._alive(code)
        named: dict[Any, str] = {}
        for each in history.versions(house().session, head):
            if each.facts is not None:
                named |= _names(self.facts.of(each.facts))
        crumbs = (*self._way(head), (_("History"), ""))
        return dossiers.show_history(head, head.code, crumbs, named=named)

    def attach(self, code: str) -> ResponseReturnValue:
        """Adds a document."""
        head = self._alive(code)
        form, place = forms.Attached(), url_for(f"{self.name}.one", code=code)
        if form.validate_on_submit():
            try:
                content = form.file()
                if content is None:
                    form.content.errors = [_("Choose a file.")]
                else:
                    with acting() as act:
                        operations.attach(act, self.shelf, head.id, form.title.data, content)
                    flash(_("The document is added."), "good")
                    return redirect(place)
            except GreffeError as error:
                form.refuse(error)
        page = render_template(
            "assistance/form.html",
            form=form,
            title=_("Add a document"),
            about=(head.code, getattr(head, "title", getattr(head, "name", ""))),
            back=place,
            crumbs=(*self._way(head), (_("Add a document"), "")),
        )
        return page, 422 if form.problems() else 200

    def document(self, code: str, digest: str) -> ResponseReturnValue:
        """A document, byte for byte."""
        head = queries.by_code(house().session, self.shelf.head, code)
        if digest not in {each.sha256 for each in queries.documents(house().session, head)}:
            raise NotFound
        return downloads.proof(digest, head.code)

    def _alive(self, code: str) -> Any:
        """A dossier of which something is known still."""
        head = queries.by_code(house().session, self.shelf.head, code)
        if history.is_erased(house().session, head):
            raise NotFound(text("What this dossier said was erased when its time was over."))
        return head

    def _owner(self, head: Any) -> Controller | None:
        if not self.owned:
            return None
        return house().session.get_one(Controller, head.controller_id)

    def _way(self, head: Any) -> tuple[tuple[str, str], ...]:
        place = (head.code, url_for(f"{self.name}.one", code=head.code))
        return ((str(self.title), url_for(f"{self.name}.listed")), place)


def _gated(view: Callable[..., Any], permission: Permission) -> Callable[..., Any]:
    """A view of the shelf behind its permission."""

    @needs(permission)
    def gated(**given: Any) -> Any:
        return view(**given)

    return gated


def way(owner: Controller) -> list[tuple[str, str]]:
    """The way to what is instructed and given under one controller."""
    return [
        (_("Controllers"), url_for("controllers.listed")),
        (owner.name, url_for("controllers.one", code=owner.code)),
        (_("Instructions and assistance"), url_for("assisting.one", code=owner.code)),
    ]


def _names(known: Any) -> dict[Any, str]:
    """What the codes and identifiers in a dossier stand for."""
    session = house().session
    names: dict[Any, str] = {
        code: f"{code} – {name}" for code, name in register.activity_names(session).items()
    }
    if getattr(known, "controller", None):
        names[known.controller] = session.get_one(Controller, known.controller).name
    contract = getattr(known, "contract", "")
    if contract:
        names[contract] = session.get_one(Contract, uuid.UUID(contract)).reference
    if getattr(known, "subprocessor", ""):
        names |= {each.code: each.name for each in subprocessors.everyone(session)}
    return names


def _local(written: Any) -> str:
    return moment(written.moment(), written.zone) if written else ""


def _audits() -> dict[str, Any]:
    search, kind = request.args.get("search", ""), request.args.get("kind", "")
    kind = kind if kind in {each.value for each in AssistanceKind} else ""
    open_only = "open" in request.args
    page = queries.assistance(house().session, search, kind, open_only, cut())
    return {
        "page": page,
        "search": search,
        "kind": kind,
        "kinds": AssistanceKind,
        "open_only": open_only,
    }


def _interventions() -> dict[str, Any]:
    search, state = request.args.get("search", ""), request.args.get("state", "")
    page = queries.interventions(house().session, search, state, cut())
    return {"page": page, "search": search, "state": state}


def _staff() -> dict[str, Any]:
    left = "left" in request.args
    found = queries.staff(house().session, house().today, left=left)
    gaps = "gaps" in request.args
    return {
        "rows": [each for each in found if each.gaps] if gaps else found,
        "coverage": queries.coverage(found),
        "gaps": gaps,
        "left": left,
    }


def _certificates() -> dict[str, Any]:
    rows = queries.certificates(house().session)
    names = {each.code: each.name for each in subprocessors.everyone(house().session)}
    return {"rows": rows, "names": names, "today": house().today}


def _about_intervention(head: Any, known: Any) -> dict[str, Any]:
    opened = []
    if may(Permission.RETENTION_READ):
        opened = retention.cases_about(house().session, audit.name_of(head))
    return {"irregular": rules.irregular(known), "opened": opened, "today": house().today}


def _about_member(head: Any, _known: Any) -> dict[str, Any]:
    session, today = house().session, house().today
    found = queries.commitments(session, head.id)
    counted = [rules.Word(row.kind, row.done_on, row.again_on) for row, counts in found if counts]
    return {"commitments": found, "covers": rules.covers(counted, today)}


SHELVES = (
    Pages(
        name="audits",
        shelf=ASSISTANCE,
        facts=facts.Assistance,
        read=Permission.ASSISTANCE_READ,
        title=_l("Audits and assistance"),
        new=_l("Record an audit or assistance"),
        hints=forms.assistance_hints,
        sections=forms.assistance_sections,
        listing=_audits,
    ),
    Pages(
        name="interventions",
        shelf=INTERVENTIONS,
        facts=facts.Intervention,
        read=Permission.INTERVENTIONS_READ,
        title=_l("Interventions"),
        new=_l("Record an intervention"),
        hints=forms.intervention_hints,
        sections=forms.intervention_sections,
        listing=_interventions,
        more=_about_intervention,
        times=rules.INSTANTS,
    ),
    Pages(
        name="staff",
        shelf=STAFF,
        facts=facts.Member,
        read=Permission.ASSISTANCE_READ,
        title=_l("Authorised persons"),
        new=_l("Record an authorised person"),
        hints=forms.member_hints,
        sections=forms.member_sections,
        listing=_staff,
        more=_about_member,
        owned=False,
    ),
    Pages(
        name="certificates",
        shelf=CERTIFICATES,
        facts=facts.Certificate,
        read=Permission.ASSISTANCE_READ,
        title=_l("Certificates"),
        new=_l("Record a certificate"),
        hints=forms.certificate_hints,
        sections=forms.certificate_sections,
        listing=_certificates,
        owned=False,
    ),
)
"""The four shelves."""
