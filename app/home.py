"""The data folder: made at the first run, for its owner's eyes only."""

import base64
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from app.config import Refused, Settings
from registers.kernel.audit import CheckpointKey
from registers.kernel.files import FolderStore, Store, TableStore
from registers.press import trial_identity

MASTER, CHECKPOINT, PASSPHRASE = "master.key", "checkpoint.pem", "identity.passphrase"


@dataclass(frozen=True)
class Home:
    """A data folder and what the settings say instead of it."""

    settings: Settings

    @property
    def path(self) -> Path:
        """The folder itself."""
        return self.settings.home

    @property
    def backups(self) -> Path:
        """Where backups are put before migrations."""
        return self.path / "backups"

    @property
    def outgoing(self) -> Path:
        """Where messages are put when there is no mail server."""
        return self.path / "outgoing"

    @property
    def identity_path(self) -> Path:
        """The PKCS#12 file that seals annexes."""
        given = self.settings.identity
        return Path(given).expanduser() if given else self.path / "identity" / "test.p12"

    @property
    def test_authority_path(self) -> Path:
        """The certificate of the authority that issued the test identity, to trust it with."""
        return self.path / "identity" / "test-ca.pem"

    @property
    def identity_passphrase(self) -> bytes:
        """What opens the PKCS#12 file."""
        if self.settings.identity:
            return self.settings.identity_passphrase.encode()
        return self._secret(PASSPHRASE)

    def prepare(self, now: datetime) -> None:
        """Makes the folder, its secrets and a test identity, each only where it is missing.

        Raises:
            Refused: the folder cannot be made, or others can read it.
        """
        self.make_folders()
        self._make_secret(MASTER, secrets.token_urlsafe(48).encode())
        self._make_secret(CHECKPOINT, CheckpointKey.new_pem())
        if not self.settings.identity:
            self._make_secret(PASSPHRASE, secrets.token_urlsafe(24).encode())
            if not self.identity_path.exists():
                made = trial_identity.make(self.identity_passphrase, now)
                write_whole(self.test_authority_path, made.authority)
                write_whole(self.identity_path, made.pkcs12)

    def make_folders(self) -> None:
        """Makes the folder and those in it, for the owner's eyes only.

        Raises:
            Refused: it cannot be made, or others can read it.
        """
        try:
            for folder in (self.path, self.path / "secrets", self.path / "identity", self.backups):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise Refused(
                f"The data folder {self.path} cannot be made: {error.strerror}."
            ) from error
        if self.path.stat().st_mode & 0o077:
            raise Refused(
                f"The data folder {self.path} can be read by others: run chmod 700 {self.path}."
            )

    def sealed_secrets(self) -> bytes:
        """Everything under `secrets` and `identity`, encrypted to the backup's passphrase."""
        kept = {
            f"{folder}/{path.name}": path.read_bytes()
            for folder in ("secrets", "identity")
            for path in sorted((self.path / folder).iterdir())
        }
        salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
        sealed = AESGCM(self._backup_key(salt)).encrypt(nonce, msgspec.msgpack.encode(kept), None)
        return salt + nonce + sealed

    def open_secrets(self, sealed: bytes) -> None:
        """Puts the secrets of a backup into a data folder that has none.

        Raises:
            Refused: the passphrase is not the backup's, or there are secrets already.
        """
        salt, nonce, body = sealed[:16], sealed[16:28], sealed[28:]
        try:
            opened = AESGCM(self._backup_key(salt)).decrypt(nonce, body, None)
        except InvalidTag as error:
            raise Refused("GREFFE_BACKUP_PASSPHRASE is not the one of this backup.") from error
        kept = msgspec.msgpack.decode(opened, type=dict[str, bytes])
        for name, content in kept.items():
            path = self.path / name
            if path.exists() and path.read_bytes() != content:
                raise Refused(f"{path} exists already: restore into an empty data folder.")
            write_whole(path, content)

    def _backup_key(self, salt: bytes) -> bytes:
        passphrase = self.settings.backup_passphrase.encode()
        return Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(passphrase)

    def store(self) -> Store:
        """Where the bytes of papers are kept, for the database in use."""
        return FolderStore(self.path / "files") if self.settings.sqlite else TableStore()

    @cached_property
    def checkpoint_key(self) -> CheckpointKey:
        """The key that signs checkpoints."""
        given = self.settings.checkpoint_key.encode()
        return CheckpointKey.from_pem(given or self._secret(CHECKPOINT))

    @cached_property
    def session_key(self) -> str:
        """The key that signs the browser's cookie."""
        return self._derived(b"cookie").hex()

    @cached_property
    def portal_secret(self) -> bytes:
        """From which the links of notices, and the codes of their visitors, are derived."""
        return self._derived(b"portal links")

    @cached_property
    def vault(self) -> Fernet:
        """Encrypts the secrets of second factors."""
        return Fernet(base64.urlsafe_b64encode(self._derived(b"second factor")))

    def _derived(self, purpose: bytes) -> bytes:
        master = self.settings.master_key.encode() or self._secret(MASTER)
        return HKDF(hashes.SHA256(), 32, None, b"greffe " + purpose).derive(master)

    def _secret(self, name: str) -> bytes:
        path = self.path / "secrets" / name
        try:
            return path.read_bytes().strip()
        except OSError as error:
            raise Refused(
                f"The secret {path} cannot be read: run greffe init, or restore it."
            ) from error

    def _make_secret(self, name: str, content: bytes) -> None:
        path = self.path / "secrets" / name
        if not path.exists():
            write_whole(path, content)


def write_whole(path: Path, content: bytes) -> None:
    """Puts a file where it is either not at all or whole, for the owner's eyes only.

    Raises:
        OSError: it could not be written; what was there before is still there.
    """
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
