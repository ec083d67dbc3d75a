"""What people come for, from the first click to the proof, as they do it in a browser."""

import re
import subprocess
import sys
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import expect

from registers.people.roles import Role
from tests.browser.conftest import DESKTOP, PHONE
from tests.site import PASSWORD
from tests.tools import need

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]


def verified(path, *options):
    """What `greffe verify` says, which knows nothing of the installation."""
    command = [str(Path(sys.executable).with_name("greffe")), "verify", str(path), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_from_an_edited_activity_to_a_signed_annex(register, opened, tmp_path, width, scripts):
    need("pdftotext")
    subjects = f"Agents at {width} pixels {'with' if scripts else 'without'} scripts"
    page = opened(Role.DPO, width=width, java_script_enabled=scripts)
    page.goto("/activities/P4")
    page.click("text=Change")
    page.fill("#data_subjects", f"Référents\n{subjects}")
    page.fill("#reason", "the new agreement")
    page.click(".save-bar button")
    expect(page.locator(".call.good")).to_have_text("Saved.")
    expect(page.locator("main")).to_contain_text("is a draft")
    page.get_by_role("button", name="Validate").click()
    expect(page.locator("main")).to_contain_text(subjects)

    legal = opened(Role.LEGAL, width=width, java_script_enabled=scripts)
    legal.goto("/controllers/CA-ANNELAC/annexes")
    legal.click("main form button")
    expect(legal.locator("main")).to_contain_text("Verified just now: intact")
    with legal.expect_download() as waiting:
        legal.click("a[href$='.pdf'][download], a[href$='.pdf']")
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    authority = register.house.home.path / "identity" / "test-ca.pem"
    said = verified(path, "--trust", str(authority))
    assert said.returncode == 0, said.stdout + said.stderr
    printed = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True)
    assert subjects in " ".join(printed.stdout.split())
    path.write_bytes(path.read_bytes().replace(b"/Title", b"/Titel", 1))
    assert verified(path).returncode == 1


def test_a_slip_keeps_everything_typed(opened):
    page = opened(Role.DPO, amiss=True)
    page.goto("/controllers/new")
    page.fill("#code", "TOURNEBELLE")
    page.fill("#name", "Commune de Tournebelle")
    page.fill("#siret", "123")
    page.fill("#reason", "signed")
    page.click(".save-bar button")
    summary = page.locator(".summary-wrong")
    expect(summary).to_be_focused()
    summary.locator("a").first.click()
    expect(page.locator("#siret")).to_be_focused()
    expect(page.locator("#siret-wrong")).to_contain_text("SIRET")
    expect(page.locator("#name")).to_have_value("Commune de Tournebelle")
    page.fill("#siret", "")
    page.click(".save-bar button")
    expect(page.locator("h1")).to_have_text("Commune de Tournebelle")


def test_everything_is_reached_by_keyboard(opened):
    page = opened(Role.DPO)
    page.goto("/controllers")
    page.keyboard.press("Tab")
    skip = page.locator("a.skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside = page.evaluate("document.querySelector('main').contains(document.activeElement)")
    assert inside


def test_a_list_follows_what_is_typed(opened):
    page = opened(Role.DPO)
    page.goto("/controllers")
    rows = page.locator("main table tbody tr")
    assert rows.count() > 5
    page.locator("#search").press_sequentially("annelac", delay=30)
    expect(rows).to_have_count(1)
    expect(page).to_have_url(re.compile("search=annelac"))
    expect(page.locator("#search")).to_be_focused()


def test_a_second_factor_is_set_up_and_asked_for(opened, register):
    page = opened(Role.RESPONDER)
    page.goto("/account/second-factor")
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.fill("#code", pyotp.TOTP(secret).at(register.clock()))
    page.click("main form button")
    codes = page.locator("main li").all_inner_texts()
    assert len(codes) >= 8
    again = opened()
    again.goto("/sign-in")
    again.fill("#email", register.account(Role.RESPONDER))
    again.fill("#password", PASSWORD)
    again.click("main form button")
    expect(again).to_have_url(re.compile("/sign-in/code"))
    again.fill("#code", codes[0])
    again.click("main form button")
    again.goto("/account")
    expect(again.locator("h1")).to_be_visible()
    assert "sign-in" not in again.url


def test_the_calculator_shows_each_day(opened):
    page = opened(Role.AUDITOR, width=PHONE)
    page.goto("/time-limits")
    page.fill("#amount", "30")
    page.select_option("#unit", "business_days")
    page.fill("#start", "2026-04-01")
    page.select_option("#calendar", "FR")
    page.click("main form button")
    expect(page.locator("main")).to_contain_text("19 May 2026")
    expect(page.locator("table.days")).to_contain_text("Lundi de Pâques")
