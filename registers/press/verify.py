"""Whether a PDF is what somebody signed: for any PDF, ours or not, and without the network."""

import asyncio
import enum
import io
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from asn1crypto import pem, x509  # type: ignore[import-untyped]
from pyhanko.pdf_utils.generic import DictionaryObject
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation import (
    DocumentSecurityStore,
    DocumentTimestampStatus,
    EmbeddedPdfSignature,
    PdfSignatureStatus,
    SignatureCoverageLevel,
    async_validate_pdf_signature,
    async_validate_pdf_timestamp,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext

from registers.kernel import clock
from registers.kernel.errors import Invalid
from registers.kernel.words import Text, text
from registers.press import embedded, signature_value, trial_identity
from registers.press.embedded import Snapshot, entry
from registers.press.identity import Kind
from registers.press.seal import KIND, NAMES

for _library in ("pyhanko", "pyhanko_certvalidator"):
    # What they would log, with a traceback for every bad file, is what a verification says.
    logging.getLogger(_library).setLevel(logging.CRITICAL)

Status = PdfSignatureStatus | DocumentTimestampStatus

Coverage = Literal["document", "revision", "part"]
COVERAGES: dict[SignatureCoverageLevel, Coverage] = {
    SignatureCoverageLevel.ENTIRE_FILE: "document",
    SignatureCoverageLevel.ENTIRE_REVISION: "revision",
}

SIGNING = KeyUsageConstraints(
    key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False
)

PERMITTED = frozenset(
    {ModificationLevel.NONE, ModificationLevel.LTA_UPDATES, ModificationLevel.FORM_FILLING}
)
"""What may be written after a signature: further signatures, and what archives add."""

ENDINGS = (b"%%EOF", b"%%EOF\n", b"%%EOF\r", b"%%EOF\r\n")


class Level(enum.Enum):
    """The level of PAdES (ETSI EN 319 142-1) whose parts a signature has."""

    BASIC = "B-B"
    TIMESTAMPED = "B-T"
    LONG_TERM = "B-LT"
    ARCHIVED = "B-LTA"
    OTHER = "other"


class Signature(msgspec.Struct, frozen=True):
    """One signature, seal or document time-stamp of a file.

    Attributes:
        field: the name of its field.
        by: the common name in the certificate.
        kind: seal or signature, as the signer states it; None where nothing does.
        timestamp: whether it is a document time-stamp.
        at: when; None where nothing says it.
        attested: whether a time-stamp says it; otherwise the signer claims it.
        level: of PAdES.
        algorithm: key and digest.
        intact: whether what it covers is what was signed, and nothing hides in its own value.
        covers: the whole file, a revision of it that others follow, or only a part.
        revision: which revision, counted from 1.
        trusted: whether a trusted authority certified it; None where no authority was given.
        test: whether a test identity made it, without legal value.
    """

    field: str
    by: str
    kind: Kind | None
    timestamp: bool
    at: datetime | None
    attested: bool
    level: Level
    algorithm: str
    intact: bool
    covers: Coverage
    revision: int
    trusted: bool | None
    test: bool


class Verification(msgspec.Struct, frozen=True):
    """What was found in a file.

    Attributes:
        readable: whether it could be read as a PDF at all.
        revisions: how many times it was written to.
        signatures: in the order in which they were made.
        changed: whether anything changed after a signature, beyond what signatures allow.
        snapshot: the data of one of our papers; None in other files.
        faults: every reason not to rely on it.
        intact: signed, and nothing shows that anything was altered since.
        sound: intact; and trusted throughout, where authorities were given.
    """

    readable: bool
    revisions: int = 0
    signatures: tuple[Signature, ...] = ()
    changed: bool = False
    snapshot: Snapshot | None = None
    faults: tuple[Text, ...] = ()
    intact: bool = False
    sound: bool = False


NOT_PDF = text("This is not a PDF file.")
DAMAGED = text("The file is cut short or damaged: it cannot be read as a PDF.")
ENCRYPTED = text("The file is encrypted: what it says cannot be checked.")
UNSIGNED = text("The document bears no signature.")
TRAILING = text("Bytes stand after the end of the document.")
NO_DATA = text("The document states the digest of its data, but does not carry these data.")
OTHER_DATA = text("The embedded data are not those that the document was typeset from.")
LATER_DATA = text(
    "The embedded data, or what the document states of itself, were changed after signing."
)


def verify(pdf: bytes, trust: Sequence[bytes] = (), now: datetime | None = None) -> Verification:
    """Checks a file, whatever it is.

    Args:
        pdf: the file.
        trust: certificates of authorities to rely on, PEM or DER; without any, nobody is
            trusted or distrusted.
        now: the instant at which certificates must be valid where no time-stamp attests an
            earlier one; the present by default.

    Raises:
        Invalid: something in `trust` is no certificate. Nothing in `pdf` raises.
    """
    roots = [root for each in trust for root in authorities(each)]
    if b"%PDF-" not in pdf[:1024]:
        return Verification(readable=False, faults=(NOT_PDF,))
    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        if reader.encrypted:
            return Verification(readable=False, faults=(ENCRYPTED,))
        return _Examination(pdf, reader, roots, now or clock.now()).verdict()
    except Exception:  # noqa: BLE001 a hostile file may break its parser in any way
        return Verification(readable=False, faults=(DAMAGED,))


def authorities(certificates: bytes) -> list[x509.Certificate]:
    """The certificates of a PEM or DER file.

    Raises:
        Invalid: it holds none.
    """
    try:
        armoured = pem.detect(certificates)
        parts = pem.unarmor(certificates, multiple=True) if armoured else [("", {}, certificates)]
        found = [x509.Certificate.load(content, strict=True) for _, _, content in parts]
        for certificate in found:
            certificate.native  # noqa: B018 reading it is the test
    except (ValueError, TypeError) as error:
        raise Invalid(text("This file of authorities holds no certificate."), "trust") from error
    return found


class _Examination:
    """One file being checked; collects faults and doubts as it goes."""

    def __init__(
        self, pdf: bytes, reader: PdfFileReader, roots: list[x509.Certificate], now: datetime
    ) -> None:
        self.pdf, self.reader, self.roots, self.now = pdf, reader, roots, now
        self.faults: list[Text] = []
        self.doubts: list[Text] = []
        self.changed = False
        self.fields = {_shown(name): value for name, value, _ in enumerate_sig_fields(reader)}

    def verdict(self) -> Verification:
        """Everything that was found."""
        made = sorted(self._signatures(), key=lambda each: each.signed_revision)
        found = asyncio.run(self._examine_all(made))
        if not found and not self.faults:
            self.faults.append(UNSIGNED)
        self._look_behind(found)
        snapshot = self._snapshot(made)
        intact = bool(found) and not self.faults
        return Verification(
            readable=True,
            revisions=self.reader.total_revisions,
            signatures=found,
            changed=self.changed,
            snapshot=snapshot,
            faults=(*self.faults, *self.doubts),
            intact=intact,
            sound=intact and not self.doubts,
        )

    def _signatures(self) -> Iterator[EmbeddedPdfSignature]:
        for name, _, field in enumerate_sig_fields(self.reader, filled_status=True):
            try:
                yield EmbeddedPdfSignature(self.reader, field.get_object(), _shown(name))
            except Exception:  # noqa: BLE001 a value may be broken in any way
                said = text("The signature in {field} cannot be read.", field=_shown(name))
                self.faults.append(said)

    async def _examine_all(self, made: Sequence[EmbeddedPdfSignature]) -> tuple[Signature, ...]:
        found = []
        for each in made:
            try:
                found.append(await self._examine(each))
            except Exception:  # noqa: BLE001 the same
                said = text("The signature in {field} cannot be checked.", field=each.fq_name)
                self.faults.append(said)
        return tuple(found)

    async def _examine(self, made: EmbeddedPdfSignature) -> Signature:
        status = await self._status(made)
        timestamp = isinstance(status, DocumentTimestampStatus)
        attested = _attested(status)
        certificate = made.signer_cert
        return Signature(
            field=made.fq_name,
            by=_common_name(certificate.subject),
            kind=None if timestamp else _kind(made.sig_object),
            timestamp=timestamp,
            at=attested or made.self_reported_timestamp,
            attested=attested is not None,
            level=self._level(made, stamped=not timestamp and attested is not None),
            algorithm=_algorithm(certificate, made.md_algorithm),
            intact=self._is_intact(made, status),
            covers=self._covers(made, status),
            revision=made.signed_revision + 1,
            trusted=self._is_trusted(certificate, status) if self.roots else None,
            test=_common_name(certificate.issuer) == trial_identity.AUTHORITY,
        )

    # --- what pyHanko finds ---------------------------------------------------------------

    async def _status(self, made: EmbeddedPdfSignature) -> Status:
        if made.sig_object_type == "/DocTimeStamp":
            return await async_validate_pdf_timestamp(made, self._context(self.now))
        status = await self._signature_status(made, self.now)
        stamp = status.timestamp_validity
        if not status.trusted and stamp and stamp.trusted:
            # A certificate that expired since was valid when the authority attested the time.
            return await self._signature_status(made, stamp.timestamp)
        return status

    async def _signature_status(
        self, made: EmbeddedPdfSignature, at: datetime
    ) -> PdfSignatureStatus:
        return await async_validate_pdf_signature(
            made, self._context(at), self._context(self.now), key_usage_settings=SIGNING
        )

    def _context(self, at: datetime) -> ValidationContext:
        settings: dict[str, Any] = {
            "trust_roots": self.roots,
            "allow_fetching": False,
            "revocation_mode": "soft-fail",
            "moment": at,
        }
        if "/DSS" in self.reader.root:
            return DocumentSecurityStore.read_dss(self.reader).as_validation_context(settings)
        return ValidationContext(**settings)

    # --- one question each, which tells its own fault -------------------------------------

    def _is_intact(self, made: EmbeddedPdfSignature, status: Status) -> bool:
        field, value = made.fq_name, made.pkcs7_content
        if not status.intact:
            said = text("What the signature in {field} covers was altered.", field=field)
        elif not status.valid:
            said = text("The signature in {field} does not belong to its certificate.", field=field)
        elif not (
            signature_value.covers_all_but_itself(self.pdf, made.byte_range, value)
            and signature_value.is_canonical(value)
        ):
            said = text("The signature in {field} hides bytes that nobody signed.", field=field)
        else:
            return True
        self.faults.append(said)
        return False

    def _covers(self, made: EmbeddedPdfSignature, status: Status) -> Coverage:
        """How far it reaches; later revisions must hold only what it allows."""
        result, allowed = status.diff_result, made.docmdp_level
        if not (
            isinstance(result, DiffResult)
            and result.modification_level in PERMITTED
            and (allowed is None or result.modification_level.value <= allowed.value)
            and result.changed_form_fields <= self.fields.keys()
        ):
            self.changed = True
            field = made.fq_name
            said = text("The document was changed after the signature in {field}.", field=field)
            self.faults.append(said)
        return COVERAGES.get(status.coverage, "part") if status.coverage else "part"

    def _is_trusted(self, certificate: x509.Certificate, status: Status) -> bool:
        if status.trusted:
            return True
        name = _common_name(certificate.subject)
        if status.revoked:
            doubt = text("The certificate of {name} was revoked.", name=name)
        elif not certificate.not_valid_before <= self.now <= certificate.not_valid_after:
            doubt = text("The certificate of {name} is not valid at this time.", name=name)
        else:
            doubt = text("No authority that you trust certified {name}.", name=name)
        self.doubts.append(doubt)
        return False

    def _look_behind(self, found: Sequence[Signature]) -> None:
        covered = any(each.covers == "document" for each in found)
        if not covered and not self.pdf.endswith(ENDINGS):
            self.changed = self.changed or bool(found)
            self.faults.append(TRAILING)

    def _snapshot(self, made: Sequence[EmbeddedPdfSignature]) -> Snapshot | None:
        signed = self.reader.get_historical_resolver(made[0].signed_revision).root if made else None
        found = embedded.snapshot(signed, self.reader.root)
        if found and not found.matches:
            self.faults.append(OTHER_DATA if found.found else NO_DATA)
        if found and made and not found.signed:
            self.changed = True
            self.faults.append(LATER_DATA)
        return found

    def _level(self, made: EmbeddedPdfSignature, *, stamped: bool) -> Level:
        if entry(made.sig_object, "/SubFilter") not in {"/ETSI.CAdES.detached", "/ETSI.RFC3161"}:
            return Level.OTHER
        later = any(
            entry(value.get_object(), "/Type") == "/DocTimeStamp"
            and self.reader.xrefs.get_last_change(value.reference) > made.signed_revision
            for value in self.fields.values()
            if value is not None
        )
        if "/DSS" in self.reader.root and (stamped or later):
            return Level.ARCHIVED if later else Level.LONG_TERM
        return Level.TIMESTAMPED if stamped or later else Level.BASIC


def _attested(status: Status) -> datetime | None:
    """The time that an intact time-stamp attests."""
    stamp = status if isinstance(status, DocumentTimestampStatus) else status.timestamp_validity
    return stamp.timestamp if stamp and stamp.intact and stamp.valid else None


def _kind(signature: DictionaryObject) -> Kind | None:
    stated = entry(signature, KIND)
    return next((kind for kind, name in NAMES.items() if name == stated), None)


def _common_name(name: x509.Name) -> str:
    found = name.native.get("common_name") or name.human_friendly
    return _shown(found if isinstance(found, str) else found[0])


def _shown(written: str) -> str:
    """A name that a stranger chose, without what would command a terminal."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in written)


def _algorithm(certificate: x509.Certificate, digest: str) -> str:
    key, digest = certificate.public_key, digest.upper().replace("SHA", "SHA-", 1)
    if key.algorithm == "ec":
        return f"ECDSA {CURVES.get(key.curve[1], key.curve[1])}, {digest}"
    return f"{key.algorithm.upper()} {key.bit_size}, {digest}"


CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
