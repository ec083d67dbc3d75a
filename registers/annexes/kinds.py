"""The kinds of papers: one declaration each, and no engine of its own."""

from collections.abc import Collection, Sequence

from registers.annexes import (
    attesting,
    demands,
    sources,
    telling,
    telling_breaches,
    telling_certificates,
    telling_controllers,
    telling_duties,
    telling_instructions,
)
from registers.annexes.kind import Kind, Section, Source
from registers.annexes.papers import (
    assessment_support,
    breach_notices,
    breach_register,
    certificate_notices,
    clauses_914,
    clauses_915,
    declarations,
    duty_notices,
    erasure_certificate,
    instruction_notices,
    journal_extract,
    letters,
    notices,
    officers,
    register,
    request_notices,
    security,
    version_notices,
    whole_register,
)
from registers.annexes.subjects import About
from registers.kernel.errors import Invalid
from registers.kernel.words import Text, text
from registers.notices.vocabulary import NoticeKind
from registers.people.roles import Permission

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


def _letter(
    told: NoticeKind, title: Text, law: Text, source: Source, sections: tuple[Section, ...]
) -> Kind:
    """The letter of a notice: it follows from what it tells, and nothing puts it out of date."""
    return Kind(
        name=f"notice_{told.value}",
        title=title,
        law=law,
        about=About.NOTICE,
        source=source,
        sections=sections,
        countersigned=False,
        ages=False,
        letter=letters.to_recipient,
    )


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
        _letter(told, page.TITLES[told], page.LAW, telling.notices, sections)
        for page in (notices, version_notices)
        for told, sections in page.SECTIONS.items()
    ),
    *(
        _letter(told, title, page.LAW, source, page.SECTIONS)
        for page, source in (
            (breach_notices, telling_breaches.notices),
            (request_notices, telling_controllers.requests),
            (instruction_notices, telling_instructions.notices),
            (duty_notices, telling_duties.notices),
            (certificate_notices, telling_certificates.notices),
        )
        for told, title in page.TITLES.items()
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
        _letter(told, title, officers.LAW, telling_controllers.officers, officers.SECTIONS[told])
        for told, title in officers.TITLES.items()
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
