"""Backups have their limit: those of this installation go, nothing else does."""

import json
import zipfile
from datetime import UTC, date, datetime

import pytest
import pyzipper

from registers.kernel import backup
from registers.kernel.errors import Forbidden
from registers.people.roles import Role
from registers.retention.facts import OwnLimits
from registers.stores import backups
from tests.annexes.papers import KEY
from tests.registers import entries
from tests.retention.ended import ALIX, replace_permissions

ZONE = "Europe/Paris"
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TODAY = date(2026, 11, 22)


def manifest(path, made_at, key=KEY.public, form=backup.FORMAT):
    """A file that says of itself what a backup says."""
    said = {
        "made_at": made_at.isoformat(), "revision": "0019", "tables": {}, "digests": {},
        "rows": {}, "files": 0, "checkpoint": {"key": key}, "format": form, "version": 1,
    }  # fmt: skip
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", json.dumps(said))
    return path


OLD = datetime(2026, 8, 20, 22, tzinfo=UTC)
"""In Paris it is the 21st of August: kept until 22 November."""


def test_the_last_day_is_counted_where_the_organisation_is():
    assert backups.kept_until(OLD, OwnLimits(), ZONE) == date(2026, 11, 22)
    assert backups.kept_until(OLD, OwnLimits(backup_days=8), ZONE) == date(2026, 8, 29)


def found(folder, today=TODAY, **limits):
    over = backups.over([folder, folder], KEY.public, OwnLimits(**limits), today, ZONE)
    return [each.path.name for each in over.ours], [each.path.name for each in over.others]


def test_only_what_this_installation_made_is_over(tmp_path):
    manifest(tmp_path / "any-name.bin", OLD)
    manifest(tmp_path / "greffe-20260820T220000.zip", OLD)
    manifest(tmp_path / "fresh.zip", NOW)
    manifest(tmp_path / "theirs.zip", OLD, key="00" * 32)
    manifest(tmp_path / "another-program.zip", OLD, form="other-backup")
    (tmp_path / "greffe-20200101T000000.zip").write_bytes(b"notes of somebody")
    with zipfile.ZipFile(tmp_path / "greffe-20200102T000000.zip", "w") as archive:
        archive.writestr("photo.jpg", b"x")
    with pyzipper.AESZipFile(
        tmp_path / "emergency.zip", "w", encryption=pyzipper.WZ_AES
    ) as archive:  # fmt: skip
        archive.setpassword(b"une phrase de passe")
        archive.writestr("manifest.json", b"{}")
    within = tmp_path / "within"
    within.mkdir()
    manifest(within / "greffe.zip", OLD)
    (tmp_path / "greffe-link.zip").symlink_to(within / "greffe.zip")
    assert found(tmp_path) == ([], [])  # its last day is not over
    ours = ["any-name.bin", "greffe-20260820T220000.zip"]
    assert found(tmp_path, date(2026, 11, 23)) == (ours, ["theirs.zip"])
    assert found(tmp_path, backup_days=30) == (ours, ["theirs.zip"])
    assert found(tmp_path / "nowhere") == ([], [])


def test_a_backup_says_who_made_it(database, tmp_path):
    url, path = database.engine.url, tmp_path / "b.zip"
    backup.write(path, url, database.files, key=KEY, now=NOW)
    (kept,) = backup.kept_in(tmp_path, KEY.public)
    assert (kept.path, kept.made_at, kept.ours) == (path, NOW, True)
    (kept,) = backup.kept_in(tmp_path, "00" * 32)
    assert not kept.ours


def test_the_journal_says_how_many_were_deleted(database, tmp_path):
    gone = [backup.Kept(tmp_path / "secret-customer.zip", OLD, ours=True)]
    with database.acting(ALIX) as act:
        backups.deleted(act, gone, date(2026, 8, 21))
    (entry,) = entries(database, "own.backups_deleted")
    assert "secret-customer" not in entry.facts
    with pytest.raises(Forbidden), database.acting(replace_permissions(Role.LEGAL)) as act:
        backups.deleted(act, gone, date(2026, 8, 21))
