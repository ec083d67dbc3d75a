"""The evidence of a breach for all controllers: made by a worker, taken away when it is ready."""

import io
import re
import zipfile

import pytest

from registers.delivery import bundles
from registers.kernel import heartbeat
from registers.people.roles import Role
from tests.portal.breached import breached, notify
from tests.portal.hands import bare, sent
from tests.site import site as installation

PLACE = "/breaches/BR-2026-0001/evidence"


@pytest.fixture
def site(register_url, tmp_path, clock):
    with installation(register_url, tmp_path, clock) as made:
        yield made


@pytest.fixture
def told(site):
    head = breached(site.house.database)
    notify(site.house.database, head)
    sent(site)
    return head


def alive(site):
    """A worker was seen just now."""
    database = site.house.database
    with database.upkeep() as traces:
        heartbeat.beat(traces, "worker", "1", database.now(), database.now())


def test_all_of_it_is_made_in_the_background(site, told):
    client = site.signed_in(Role.AUDITOR)
    assert "Of all controllers" in client.get(PLACE).text
    assert client.send(PLACE).headers["Location"] == PLACE
    page = client.get(PLACE).text
    assert "waits for its turn" in page
    assert "No worker is running" in page
    alive(site)
    assert "No worker is running" not in client.get(PLACE).text
    assert "Have the archive made" not in page  # once is enough
    sent(site)
    page = client.get(PLACE).text
    (address,) = re.findall(rf'href="({PLACE}/[^"]+\.zip)"', page)
    assert "SHA-256" in bare(page)
    answer = client.get(address, buffered=True)
    assert answer.headers["Content-Disposition"] == "attachment; filename=BR-2026-0001.zip"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert {"breach.json", "timeline.txt", "journal.jsonl"} <= set(archive.namelist())
    assert "Have the archive made" in page


def test_an_archive_belongs_to_its_dossier_and_is_kept_a_week(site, told, clock):
    client = site.signed_in(Role.DPO)
    client.send(PLACE)
    page = client.get(PLACE).text
    sent(site)
    (address,) = re.findall(rf'href="({PLACE}/[^"]+\.zip)"', client.get(PLACE).text)
    key = address.rpartition("/")[2]
    assert client.get(f"/breaches/BR-2026-0002/evidence/archives/{key}").status_code == 404
    assert client.get(f"/announcements/AN-2026-0001/evidence/archives/{key}").status_code == 404
    assert site.signed_in(Role.ADMIN).get(address).status_code == 403
    assert "being made" in page
    clock.forward(days=8)
    other = site.signed_in(Role.DPO)
    sent(site)
    bundles.drop(site.house.database)
    assert other.get(address).status_code == 404
