"""The kinds of papers: one declaration each, and no engine of its own.

A kind says what it is about, from which snapshot it is made, which sections stand on it in
which order, and which facts it cannot do without.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from registers.annexes import (
    attesting,
    demands,
    sources,
    telling,
    telling_breaches,
    telling_certificates,
    telling_controllers,
    telling_instructions,
)
from registers.annexes.gaps import Gap
from registers.annexes.papers import (
    assessment_support,
    breach_notices,
    breach_register,
    certificate_notices,
    clauses_914,
    clauses_915,
    declarations,
    erasure_certificate,
    instruction_notices,
    journal_extract,
    notices,
    officers,
    register,
    request_notices,
    security,
    version_notices,
    whole_register,
)
from registers.annexes.shapes import ContractSnapshot, Snapshot
from registers.annexes.subjects import About, Asked, Subject
from registers.kernel.errors import Invalid
from registers.kernel.words import LANGUAGES, Text, Words, plural, text
from registers.notices.vocabulary import NoticeKind
from registers.people.roles import Permission
from registers.press.paper import (
    ANCHOR,
    Block,
    Heading,
    Letter,
    Paper,
    Paragraph,
    Signatures,
)

Source = Callable[[Session, Collection[Subject], Asked], dict[Subject, Any]]
Section = Callable[[Any, Words], Iterable[Block]]
Demand = Callable[[Any], Iterable[Gap]]


@dataclass(frozen=True)
class Kind:
    """One kind of paper.

    Attributes:
        name: by which commands, addresses and the journal know it; it never changes.
        title: what stands at the top of the paper.
        law: what it is for, under the title; `{contract}` is filled in.
        about: of what sort its subjects are.
        source: reads the snapshots of many subjects at once.
        sections: what stands on it, in this order.
        wants: what it cannot do without; more than one may want the same fact.
        drops: the parts of the snapshot that it does not show.
        object: says why it has no object for a subject, where it has none.
        countersigned: whether the controller has a place to sign.
        ages: whether a change of the registers puts it out of date.
        asks: what whoever reads it must be allowed to read.
        letter: from whom to whom, where it is a letter; see `papers.letters`.
    """

    name: str
    title: Text
    law: Text
    about: About
    source: Source
    sections: tuple[Section, ...]
    wants: tuple[Demand, ...] = (demands.issuer,)
    drops: tuple[str, ...] = ()
    object: Callable[[Any], Text | None] = lambda _snapshot: None
    countersigned: bool = True
    ages: bool = True
    asks: Permission = Permission.ANNEX_READ
    letter: Callable[[Any, Words], Letter] | None = None

    def snapshots(
        self, session: Session, subjects: Collection[Subject], asked: Asked
    ) -> dict[Subject, Any]:
        """What papers of this kind would show; subjects that were not on record are absent.

        Raises:
            Invalid: the organisation is not described, or too much is asked.
        """
        found = self.source(session, subjects, asked)
        return {subject: self.of(snapshot) for subject, snapshot in found.items()}

    def of(self, snapshot: Snapshot) -> Any:
        """The part of a snapshot that papers of this kind show, under its name."""
        dropped: dict[str, Any] = dict.fromkeys(self.drops, ())
        return msgspec.structs.replace(snapshot, kind=self.name, **dropped)

    @staticmethod
    def is_drill(snapshot: Any) -> bool:
        """Whether a paper belongs to an exercise."""
        return bool(getattr(snapshot, "drill", False))

    def titled(self, snapshot: Any, words: Words) -> str:
        """The title of a paper, which stands on each of its pages; of an exercise it says so."""
        title = words.say(self.title)
        return f"{words.say(text('EXERCISE'))} – {title}" if self.is_drill(snapshot) else title

    def missing(self, snapshot: Any) -> list[Gap]:
        """What the paper cannot do without and does not have, each fact once."""
        return list(dict.fromkeys(gap for want in self.wants for gap in want(snapshot)))

    def require_object(self, snapshot: Any) -> None:
        """Makes sure that there is something to state.

        Raises:
            Invalid: there is nothing; says what.
        """
        reason = self.object(snapshot)
        if reason is not None:
            raise Invalid(reason, "paper")

    def paper(self, snapshot: Any, language: str, *, draft: bool = False) -> Paper:
        """The paper of a snapshot.

        Args:
            snapshot: what it shows.
            language: the language of its own words; the facts stand in theirs.
            draft: marked as of no effect on each page.
        """
        words = Words(language)
        blocks: list[Block] = list(_warning(self.missing(snapshot), words)) if draft else []
        for section in self.sections:
            blocks += section(snapshot, words)
        ours = snapshot.organisation.name
        theirs = snapshot.controller.name if self.countersigned else ""
        place = Paragraph(ANCHOR)
        if place not in blocks:
            if self.letter is None:
                blocks.append(Heading(words.say(text("Signatures")), 1))
            blocks.append(place)
        blocks[blocks.index(place)] = Signatures(ours, theirs)
        return Paper(
            kind=self.name,
            title=self.titled(snapshot, words),
            subtitle=_concerns(snapshot),
            language="en" if words.language == "en" else "fr",
            organisation=ours,
            on=None if self.about is About.JOURNAL else snapshot.on,
            lead=tuple(map(words.say, _lead(self, snapshot))),
            blocks=tuple(blocks),
            draft=draft,
            letter=self.letter(snapshot, words) if self.letter else None,
        )


def _warning(gaps: Sequence[Gap], words: Words) -> Iterable[Block]:
    """What keeps a draft from being sealed, fact by fact."""
    if gaps:
        told = plural(
            "One fact that this paper must state is missing; it cannot be sealed without:",
            "{count} facts that this paper must state are missing; it cannot be sealed without:",
            len(gaps),
        )
        lines = [text("{of}: {field}", of=gap.of, field=gap.field) for gap in gaps]
        yield Paragraph("\n".join(map(words.say, (told, *lines))), "warning")


def _concerns(snapshot: Any) -> str:
    controller = getattr(snapshot, "controller", None)
    name: str = controller.name if controller else getattr(snapshot, "name", "")
    return name or snapshot.organisation.name


def _lead(kind: Kind, snapshot: Any) -> Iterable[Text | str]:
    yield kind.law
    if isinstance(snapshot, ContractSnapshot):
        known = snapshot.contract.known
        named = " – ".join(filter(None, (known.reference, known.title)))
        if known.signed_on:
            yield text("Contract {named}, signed on {day}", named=named, day=known.signed_on)
        else:
            yield text("Contract {named}", named=named)


def language_of(snapshot: Any) -> str:
    """The language in which a subject is written to: its contract's, its controller's, ours."""
    wished = getattr(snapshot, "language", "")
    if isinstance(snapshot, ContractSnapshot):
        wished = snapshot.contract.known.terms.language
    controller = getattr(snapshot, "controller", None)
    wished = wished or (controller.language if controller else "")
    return wished if wished in LANGUAGES else LANGUAGES[0]


OF_915 = text(
    "annexed to the standard contractual clauses between controllers and processors "
    "(Implementing Decision (EU) 2021/915)"
)
OF_914 = text(
    "annexed to the standard contractual clauses for transfers to third countries, module "
    "three (Implementing Decision (EU) 2021/914)"
)
NOT_PARTS = ("activities", "subprocessors", "measures")

I_WANTS = (demands.organisation, demands.controller, demands.signature)
III_WANTS = (demands.issuer, demands.measures)
IV_WANTS = (demands.issuer, demands.subprocessors)

REGISTER = Kind(
    name="register",
    title=text("Record of categories of processing activities"),
    law=text("kept by the processor for the controller (Regulation (EU) 2016/679, art. 30(2))"),
    about=About.CONTROLLER,
    source=sources.registers,
    sections=register.SECTIONS,
    wants=(demands.issuer, demands.customer),
)

_ALL = (
    REGISTER,
    Kind(
        name="whole_register",
        title=text("Whole record of processing activities"),
        law=text("kept for the supervisory authority (Regulation (EU) 2016/679, art. 30)"),
        about=About.ORGANISATION,
        source=sources.whole,
        sections=whole_register.SECTIONS,
        countersigned=False,
    ),
    Kind(
        name="breach_register",
        title=text("Register of personal data breaches"),
        law=text("documentation of breaches (Regulation (EU) 2016/679, art. 33(5))"),
        about=About.ORGANISATION,
        source=sources.breaches,
        sections=breach_register.SECTIONS,
        countersigned=False,
        asks=Permission.BREACHES_READ,
    ),
    Kind(
        name="clauses_915",
        title=text("Annexes I to IV to the standard contractual clauses"),
        law=OF_915,
        about=About.CONTRACT,
        source=sources.contracts,
        sections=clauses_915.BUNDLE,
        wants=(*I_WANTS, demands.processing, *III_WANTS, *IV_WANTS),
    ),
    Kind(
        name="clauses_915_i",
        title=clauses_915.LIST_OF_PARTIES,
        law=OF_915,
        about=About.CONTRACT,
        source=sources.contracts,
        sections=clauses_915.ANNEX_I,
        wants=I_WANTS,
        drops=NOT_PARTS,
    ),
    Kind(
        name="clauses_915_ii",
        title=clauses_915.DESCRIPTION,
        law=OF_915,
        about=About.CONTRACT,
        source=sources.contracts,
        sections=clauses_915.ANNEX_II,
        wants=(demands.issuer, demands.processing),
        drops=("measures",),
    ),
    Kind(
        name="clauses_915_iii",
        title=clauses_915.MEASURES,
        law=OF_915,
        about=About.CONTRACT,
        source=sources.contracts,
        sections=clauses_915.ANNEX_III,
        wants=III_WANTS,
    ),
    Kind(
        name="clauses_915_iv",
        title=clauses_915.LIST_OF_SUBPROCESSORS,
        law=OF_915,
        about=About.CONTRACT,
        source=sources.contracts,
        sections=clauses_915.ANNEX_IV,
        wants=IV_WANTS,
        drops=("activities", "measures"),
    ),
    Kind(
        name="clauses_914",
        title=text("Annexes I.A to III to the standard contractual clauses for transfers"),
        law=OF_914,
        about=About.CONTRACT,
        source=sources.contracts,
        sections=clauses_914.BUNDLE,
        wants=(demands.organisation, demands.exports, demands.measures, demands.onward),
        object=clauses_914.none,
        countersigned=False,
    ),
    Kind(
        name="security",
        title=text("Security annex"),
        law=text(
            "technical and organisational measures of the contract (Regulation (EU) 2016/679, "
            "art. 32)"
        ),
        about=About.CONTRACT,
        source=sources.contracts,
        sections=security.SECTIONS,
        wants=(demands.issuer, demands.families),
        drops=("subprocessors",),
        countersigned=False,
    ),
    Kind(
        name="journal_extract",
        title=text("Extract of the journal"),
        law=text("evidence of what was done (Regulation (EU) 2016/679, art. 28(3)(h))"),
        about=About.JOURNAL,
        source=sources.extracts,
        sections=journal_extract.SECTIONS,
        countersigned=False,
        ages=False,
        asks=Permission.JOURNAL_READ,
    ),
    *(
        Kind(
            name=f"notice_{told.value}",
            title=notices.TITLES[told],
            law=notices.LAW,
            about=About.NOTICE,
            source=telling.notices,
            sections=sections,
            countersigned=False,
            ages=False,
            letter=notices.letter,
        )
        for told, sections in notices.SECTIONS.items()
    ),
    *(
        Kind(
            name=f"notice_{told.value}",
            title=version_notices.TITLES[told],
            law=version_notices.LAW,
            about=About.NOTICE,
            source=telling.notices,
            sections=sections,
            countersigned=False,
            ages=False,
            letter=notices.letter,
        )
        for told, sections in version_notices.SECTIONS.items()
    ),
    *(
        Kind(
            name=f"notice_{told.value}",
            title=title,
            law=breach_notices.LAW,
            about=About.NOTICE,
            source=telling_breaches.notices,
            sections=breach_notices.SECTIONS,
            countersigned=False,
            ages=False,
            letter=breach_notices.letter,
        )
        for told, title in breach_notices.TITLES.items()
    ),
    Kind(
        name="dpo_declaration",
        title=declarations.TITLE,
        law=declarations.LAW,
        about=About.DECLARATION,
        source=telling_controllers.declarations,
        sections=declarations.FORM,
        ages=False,
    ),
    Kind(
        name="dpo_evidence",
        title=text("Declaration of the data protection officer, made on the portal"),
        law=declarations.LAW,
        about=About.DECLARATION,
        source=telling_controllers.declarations,
        sections=declarations.EVIDENCE,
        countersigned=False,
        ages=False,
    ),
    *(
        Kind(
            name=f"notice_{told.value}",
            title=title,
            law=officers.LAW,
            about=About.NOTICE,
            source=telling_controllers.officers,
            sections=officers.SECTIONS[told],
            countersigned=False,
            ages=False,
            letter=officers.letter,
        )
        for told, title in officers.TITLES.items()
    ),
    Kind(
        name=f"notice_{NoticeKind.REQUEST.value}",
        title=request_notices.TITLE,
        law=request_notices.LAW,
        about=About.NOTICE,
        source=telling_controllers.requests,
        sections=request_notices.SECTIONS,
        countersigned=False,
        ages=False,
        letter=request_notices.letter,
    ),
    Kind(
        name="erasure_certificate",
        title=text("Erasure certificate"),
        law=text(
            "erasure or return of personal data at the end of the services (Regulation (EU) "
            "2016/679, art. 28(3)(g))"
        ),
        about=About.ERASURE,
        source=attesting.erasures,
        sections=erasure_certificate.SECTIONS,
        wants=(demands.issuer, demands.attested),
        countersigned=False,
    ),
    *(
        Kind(
            name=f"notice_{told.value}",
            title=title,
            law=instruction_notices.LAW,
            about=About.NOTICE,
            source=telling_instructions.notices,
            sections=instruction_notices.SECTIONS,
            countersigned=False,
            ages=False,
            letter=instruction_notices.letter,
        )
        for told, title in instruction_notices.TITLES.items()
    ),
    Kind(
        name=f"notice_{NoticeKind.ERASURE.value}",
        title=certificate_notices.TITLE,
        law=certificate_notices.LAW,
        about=About.NOTICE,
        source=telling_certificates.notices,
        sections=certificate_notices.SECTIONS,
        countersigned=False,
        ages=False,
        letter=certificate_notices.letter,
    ),
    Kind(
        name="assessment_support",
        title=text("Contribution to an impact assessment"),
        law=text(
            "assistance of the controller by the processor (Regulation (EU) 2016/679, "
            "art. 28(3)(f) and 35(7))"
        ),
        about=About.ACTIVITY,
        source=sources.activities,
        sections=assessment_support.SECTIONS,
        wants=(demands.issuer, demands.assessable),
        countersigned=False,
    ),
)

KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
"""All kinds by name, in the order in which they are offered."""


CAUSED = (About.NOTICE, About.DECLARATION, About.ERASURE, About.ACTIVITY)
"""Papers about these are made by what people do, not ordered by themselves."""

ORDERED = {name: kind for name, kind in KINDS.items() if kind.about not in CAUSED}
"""Those that people ask for; notices are written by what they tell, the others on their pages."""


def kinds_about(*sorts: About) -> list[Kind]:
    """The kinds whose subjects are of these sorts."""
    return [kind for kind in KINDS.values() if kind.about in sorts]


def of_name(name: str) -> Kind:
    """A kind by its name.

    Raises:
        Invalid: there is none of this name.
    """
    if name not in KINDS:
        raise Invalid(text("There is no paper of this kind: {name}.", name=name), "paper")
    return KINDS[name]


def readable(permissions: Collection[Permission]) -> Sequence[str]:
    """The kinds that may be read with these permissions."""
    return [kind.name for kind in KINDS.values() if kind.asks in permissions]
