"""The processor's seal on a paper: PAdES B-B, certifying, leaving room for the controller's."""

import asyncio
import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.dates import format_date
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.generic import IndirectObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner
from pyhanko.stamp import BaseStamp, BaseStampStyle

from registers.kernel.errors import Conflict, Invalid
from registers.kernel.words import Text, Words, text
from registers.press.appearance import signed
from registers.press.identity import Identity, Kind
from registers.press.paper import PROCESSOR_FIELD

KIND = pdf_name("/GREF_Kind")
"""Our own entry of a signature dictionary: whether it is a seal or a signature."""

NO_PLACE = text("This paper has no place for a seal: a draft is never sealed.")

NAMES = {Kind.SEAL: pdf_name("/Seal"), Kind.SIGNATURE: pdf_name("/Signature")}


def seal(
    pdf: bytes,
    identity: Identity,
    now: datetime,
    language: str,
    *,
    reason: str = "",
    place: str = "",
) -> bytes:
    """The paper, sealed or signed in the processor's field, as one more revision of it.

    Only signing in the controller's field, and what an archive adds, is allowed afterwards.

    Args:
        pdf: a paper as `typeset` made it, not yet sealed.
        identity: who seals or signs.
        now: an aware instant; its own zone decides the date that is shown.
        language: of the visible block.
        reason: why it is sealed, for the reader's signature panel.
        place: where it is done.

    Raises:
        Invalid: the identity is not valid now, or this is no paper that waits for its seal.
        Conflict: it is sealed already.
    """
    identity.require_valid(now)
    revision = _open(pdf)
    metadata = PdfSignatureMetadata(
        field_name=PROCESSOR_FIELD,
        name=identity.name,
        reason=reason or None,
        location=place or None,
        certify=True,
        docmdp_permissions=MDPPerm.FILL_FORMS,
        subfilter=SigSeedSubFilter.PADES,
    )
    block = signed(tuple(map(Words(language).say, block_lines(identity, now, language))))
    signer = _Sealer(metadata, identity.signer, stamp_style=_Block(page=block))
    session = signer.init_signing_session(revision, existing_fields_only=True)
    session.system_time = now
    prepared = session.prepare_tbs_document(None, bytes_reserved=_room(identity))
    session.sig_field["/V"][KIND] = NAMES[identity.kind]
    sealed = io.BytesIO()
    digest, _ = prepared.digest_tbs_document(output=sealed)
    attributes = PdfCMSSignedAttributes(signing_time=now)
    asyncio.run(prepared.perform_signature(digest.document_digest, attributes))
    return sealed.getvalue()


def block_lines(identity: Identity, now: datetime, language: str) -> list[Text]:
    """The three lines of the visible block; a test identity says what it is."""
    by_seal = identity.kind is Kind.SEAL
    date = format_date(now, "dd/MM/yyyy" if language == "fr" else "d MMMM yyyy", locale=language)
    return [
        text("Electronically sealed by: {name}", name=identity.name)
        if by_seal
        else text("Electronically signed by: {name}", name=identity.name),
        text("Date: {date}", date=date),
        text("Quality: {quality}", quality=_quality(identity)),
    ]


def _quality(identity: Identity) -> Text | str:
    if identity.kind is Kind.SEAL:
        if identity.is_test:
            return text("test seal, without legal value")
        return text("seal of the legal person")
    quality: Text | str = identity.quality
    if identity.delegation:
        quality = text(
            "{quality}, by delegation ({delegation})",
            quality=identity.quality,
            delegation=identity.delegation,
        )
    if identity.is_test:
        return text("{quality}; test signature, without legal value", quality=quality)
    return quality


def _open(pdf: bytes) -> "_Revision":
    try:
        revision = _Revision(io.BytesIO(pdf))
        fields = {name: value for name, value, _ in enumerate_sig_fields(revision)}
    except (PdfError, ValueError) as error:
        raise Invalid(text("This is no paper that can be sealed.")) from error
    if any(fields.values()):
        raise Conflict(text("This paper is sealed already."))
    if PROCESSOR_FIELD not in fields:
        raise Invalid(NO_PLACE)
    return revision


def _room(identity: Identity) -> int:
    """Hexadecimal digits to reserve for the signature: certificates, and what stands around."""
    known = [identity.certificate, *identity.chain]
    certificates = sum(len(each.public_bytes(serialization.Encoding.DER)) for each in known)
    return 2 * (certificates + identity.key.key_size // 8 * 2 + 1024)


class _Sealer(PdfSigner):
    """Declares no extension: PDF/A-3 builds on PDF 1.7, and pyHanko would declare 2.0."""

    def register_extensions(self, pdf_out: BasePdfFileWriter, *, md_algorithm: str) -> None:
        """Nothing."""


class _Revision(IncrementalPdfFileWriter):
    """A revision that leaves the metadata alone: they say when the paper was made."""

    output_version = (1, 7)
    """That of the paper, which stays what it is."""

    def _update_meta(self) -> None:
        """Nothing; pyHanko would ask the computer for the time and name itself the producer."""


@dataclass(frozen=True)
class _Block(BaseStampStyle):
    """The visible block as pyHanko asks for it."""

    page: bytes = b""

    def create_stamp(
        self,
        writer: BasePdfFileWriter,
        box: BoxConstraints,  # noqa: ARG002 pyHanko's shape
        text_params: dict[str, Any],  # noqa: ARG002 the same
    ) -> BaseStamp:
        """The drawn page, as the appearance of a field."""
        return _Imported(writer, self)


class _Imported(BaseStamp):
    """An appearance drawn elsewhere, with its own typeface."""

    style: _Block

    def register(self) -> IndirectObject:
        """The appearance, copied into the file."""
        drawn = PdfFileReader(io.BytesIO(self.style.page))
        copied: IndirectObject = self._ensure_writer.import_page_as_xobject(drawn)
        return copied
