"""From a draft to an engaged sub-processor, in French, on a desk and on a telephone."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from registers.controllers.vocabulary import Channel
from registers.notices import operations as notices
from registers.notices.models import Dispatch
from registers.notices.operations import Result
from registers.people.roles import Role
from registers.sample.loading import load_register
from registers.subprocessors import operations as dossiers
from tests.announcements.telling import ANNOUNCER, DRAFT, NEWCOMER, rows
from tests.browser.conftest import DESKTOP, PHONE, served
from tests.databases import Clock
from tests.site import site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("announcing")]

LETTER = {"name": "lettre.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n%%EOF"}


@pytest.fixture
def register(databases, tmp_path):
    """A register of its own: the journey changes it, and days go by."""
    clock = Clock()
    clock.at = datetime(2026, 3, 30, 8, tzinfo=UTC)
    with (
        databases.fresh("sqlite", load_register) as url,
        site(url, tmp_path, clock) as made,
        served(made) as address,
    ):
        made.address = address
        yield made


def all_messages_left(register):
    """What the worker would have done meanwhile."""
    database = register.house.database
    ways = rows(database, Dispatch, Dispatch.channel == Channel.EMAIL)
    with database.acting(ANNOUNCER) as act:
        notices.record_results(act, [Result(way.id, True, "250 OK") for way in ways])


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_from_a_draft_to_an_engaged_sub_processor(register, opened, width):
    with register.act() as act:
        dossiers.record(act, "BOREALE", NEWCOMER, DRAFT)
    announce(opened(Role.DPO, language="fr", width=width))
    all_messages_left(register)
    register.clock.at = datetime(2026, 4, 2, 9, tzinfo=UTC)
    legal = opened(Role.LEGAL, language="fr", width=width)
    prove_receipt(legal)
    object_and_withdraw(legal)
    register.clock.at = datetime(2026, 6, 1, 9, tzinfo=UTC)
    engage(opened(Role.DPO, language="fr", width=width))


def announce(dpo):
    dpo.goto("/subprocessors/BOREALE")
    dpo.click("text=Informer les responsables")
    dpo.fill("#decided_by", "Maëlle Kerbrat")
    dpo.fill("#decided_on", "2026-03-27")
    dpo.fill("#dpo_opinion", "Favorable, sous réserve du contrat.")
    dpo.click(".save-bar button")
    expect(dpo.locator("main")).to_contain_text("personne n’a encore été informé")
    expect(dpo.locator("main")).to_contain_text("CA-AL_CM_TT-WD")
    count = dpo.locator(".count").first.inner_text()
    dpo.click("text=Adresser l’information…")
    expect(dpo.locator("main")).to_contain_text("Favorable, sous réserve du contrat.")
    dpo.fill("#typed", count)
    dpo.click("text=Informer tous les destinataires")
    expect(dpo.locator(".call.good")).to_contain_text("Information adressée")


def prove_receipt(legal):
    legal.goto("/announcements")
    legal.click("text=AN-2026-0001")
    legal.fill("#search", "annelac")
    expect(legal.locator("#found tbody tr")).to_have_count(1)
    legal.click("#found tbody a")
    standing = legal.locator(".standing")
    expect(standing).to_contain_text("La réception n’est pas prouvée.")
    legal.click("text=Consigner une preuve de réception")
    legal.get_by_label("accusé de réception signé").check()
    legal.fill("#received_on", "2026-04-01")
    legal.set_input_files("#document", LETTER)
    legal.click("main form .btn-primary")
    expect(standing).to_contain_text("jusqu’au mardi 19 mai 2026")
    legal.click("text=Comment le délai a été compté")
    expect(legal.locator("details[open]")).to_contain_text("lundi 6 avril 2026")


def object_and_withdraw(legal):
    standing = legal.locator(".standing")
    legal.click("text=Consigner une objection")
    legal.fill("#received_on", "2026-04-02")
    legal.fill("#way", "Courriel")
    legal.fill("#by_name", "Solange Perrier")
    legal.click("main form .btn-primary")
    expect(standing).to_contain_text("objection en cours")
    legal.click("text=Donner suite")
    legal.get_by_label("retirée par écrit").check()
    legal.fill("#happened_on", "2026-04-02")
    legal.fill("#says", "Hébergement en France confirmé.")
    legal.set_input_files("#document", LETTER)
    legal.click("main form .btn-primary")
    expect(standing).to_contain_text("délai en cours")


def engage(dpo):
    dpo.goto("/announcements/AN-2026-0001")
    dpo.get_by_role("link", name="Engager", exact=True).click()
    expect(dpo.locator(".count").first).to_have_text("1")
    dpo.fill("#reason", "Délai expiré sans objection")
    dpo.click("main form.sheet .btn-primary")
    expect(dpo.locator(".call.good")).to_have_text("Engagé pour 1 contrat.")
    dpo.goto("/subprocessors/BOREALE")
    expect(dpo.locator("main")).to_contain_text("engagé pour 1 contrat depuis le lundi 1er juin")
    dpo.goto("/public/subprocessors")
    expect(dpo.locator("main")).to_contain_text("Messagerie Boréale SAS")
