"""Letters that a certificate of erasure goes to the controller with, Art. 28(3)(g).

The certificate is a paper of its own, under its own seal: the letter names it and its digest.
"""

from collections.abc import Callable, Iterator

from registers.annexes.letters import CertificateSnapshot
from registers.annexes.papers import letters
from registers.annexes.papers.telling import Teller
from registers.kernel.words import Text, Words, text
from registers.notices.vocabulary import NoticeKind
from registers.press.paper import Block, Paragraph

Section = Callable[[CertificateSnapshot, Words], Iterator[Block]]

LAW = text("Regulation (EU) 2016/679, art. 28(3)(g)")

TITLES: dict[NoticeKind, Text] = {NoticeKind.ERASURE: text("Certificate of erasure of your data")}
"""The subject of the letter."""

ENCLOSED = text("The signed certificate is enclosed; keep it with the contract.")
LINKED = text(
    "The signed certificate is read and kept by the personal link in the message that this letter "
    "came with; keep it with the contract."
)
LEFT = text(
    "Copies are still left: the certificate names them, and until when. We certify their end by "
    "another one, which takes the place of this one."
)
GONE = text("No copy is left, as the certificate states.")


def certified(snapshot: CertificateSnapshot, words: Words) -> Iterator[Block]:
    """What is certified, by which paper, and where that is."""
    yield Paragraph(
        words.say(
            text(
                "Personal data that we processed on your behalf were {result}: one person stated "
                "it, another one checked and confirmed it. We certify it to you, as Art. 28(3)(g) "
                "and your contract demand.",
                result=snapshot.result.says,
            )
        )
    )
    tell = Teller(words)
    tell.row(text("Controller"), snapshot.name)
    tell.row(text("Contract"), ", ".join(snapshot.references))
    tell.row(text("Erasure"), snapshot.code)
    tell.row(text("Done on"), words.day(snapshot.done_on))
    tell.row(text("Certificate"), snapshot.certificate)
    tell.row(text("SHA-256 of its file"), snapshot.sha256)
    yield tell.block()
    yield Paragraph(words.say(GONE if snapshot.complete else LEFT))
    yield Paragraph(words.say(ENCLOSED if snapshot.posted else LINKED))


SECTIONS: tuple[Section, ...] = (letters.salutation, certified, letters.closing)
"""What stands on each letter, in this order."""
