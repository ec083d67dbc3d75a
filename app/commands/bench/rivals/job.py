"""One annex to make, and what all rivals share: how they are asked, and how they seal."""

import hashlib
import io
from dataclasses import dataclass
from typing import Protocol

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter, append_signature_field
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.stamp import TextStampStyle

from registers.kernel.base import canonical
from registers.press.colophon import CHECKPOINT, SNAPSHOT, colophon
from registers.press.paper import CONTROLLER_FIELD, PROCESSOR_FIELD, Block, Paper, Stamp


@dataclass(frozen=True)
class Job:
    """One annex to make: what stands on it, what it was made from, its number and moment."""

    paper: Paper
    snapshot: bytes
    stamp: Stamp

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks, with those that say how it can be checked."""
        digest = hashlib.sha256(self.snapshot).hexdigest()
        return (*self.paper.blocks, *colophon(self.paper, self.stamp, digest))

    @property
    def attached(self) -> dict[str, bytes]:
        """The files it carries."""
        files = {SNAPSHOT: self.snapshot}
        if self.stamp.checkpoint:
            files[CHECKPOINT] = canonical(self.stamp.checkpoint)
        return files


class Rival(Protocol):
    """One way to make annexes that is not ours."""

    def typeset(self, job: Job) -> bytes:
        """The paper as a PDF, without a seal."""
        ...

    def seal(self, pdf: bytes) -> bytes:
        """The same PDF, sealed."""
        ...


class Sealer:
    """Seals with pyHanko's own signer, stamp and fields, as its documentation does."""

    def __init__(self, identity: str, passphrase: bytes) -> None:
        signer = SimpleSigner.load_pkcs12(identity, passphrase=passphrase)
        if signer is None:
            raise ValueError(f"{identity} cannot be read")
        metadata = PdfSignatureMetadata(
            field_name=PROCESSOR_FIELD,
            certify=True,
            docmdp_permissions=MDPPerm.FILL_FORMS,
            subfilter=SigSeedSubFilter.PADES,
        )
        left = SigFieldSpec(PROCESSOR_FIELD, on_page=-1, box=(50, 60, 280, 120))
        style = TextStampStyle(stamp_text="Signed by: %(signer)s\nDate: %(ts)s")
        self._signer = PdfSigner(metadata, signer, stamp_style=style, new_field_spec=left)

    def seal(self, pdf: bytes) -> bytes:
        """The PDF with a certifying seal, and a second field for the controller."""
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        right = SigFieldSpec(CONTROLLER_FIELD, on_page=-1, box=(310, 60, 540, 120))
        append_signature_field(writer, right)
        sealed: bytes = self._signer.sign_pdf(writer).getvalue()
        return sealed
