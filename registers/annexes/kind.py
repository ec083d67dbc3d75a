"""What a kind of paper is.

A kind says what it is about, from which snapshot it is made, which sections stand on it in
which order, and which facts it cannot do without. Which there are stands in `kinds`.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from registers.annexes import demands
from registers.annexes.gaps import Gap
from registers.annexes.shapes import ContractSnapshot, Snapshot
from registers.annexes.subjects import About, Asked, Subject
from registers.kernel.errors import Invalid
from registers.kernel.words import LANGUAGES, Text, Words, plural, text
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
