"""What administrators are told of the emergency pack."""

from dataclasses import replace

import pytest

from app.packs import elsewhere_of
from registers.delivery import packs
from registers.people.roles import Role
from tests.delivery.hands import Post, drained, tools
from tests.site import site as installation

PASSPHRASE = "sept greffiers en hiver 1789"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "elsewhere"
    made.mkdir()
    return made


@pytest.fixture
def site(register_url, tmp_path, clock, folder):
    given = {"pack_passphrase": PASSPHRASE, "pack_folder": str(folder)}
    with installation(register_url, tmp_path, clock, **given) as made:
        yield made


def left(site):
    """One is made now."""
    elsewhere = elsewhere_of(site.house.settings)
    return packs.leave(replace(tools(site.house.database, Post()), elsewhere=elsewhere))


def test_its_age_is_shown_and_one_that_is_old_or_failed_is_told_on_every_page(site, clock, folder):
    def page():
        return site.signed_in(Role.ADMIN).get("/on-call").text

    assert ">never<" in page()
    left(site)
    shown = page()
    assert "of today" in shown
    assert "8 controllers" in shown
    clock.forward(days=9)
    assert "9 days old" in page()
    everywhere = site.signed_in(Role.ADMIN).get("/").text
    assert "The last emergency pack is of 22 Nov 2026" in everywhere
    assert "emergency pack" not in site.signed_in(Role.DPO).get("/").text
    for each in folder.iterdir():
        each.unlink()
    folder.rmdir()
    assert not left(site).ok
    assert "is it mounted?" in page()
    assert (
        "The emergency pack of 1 Dec 2026, 10:30 failed" in site.signed_in(Role.ADMIN).get("/").text
    )


def test_a_button_makes_one_now(site, folder):
    admin = site.signed_in(Role.ADMIN)
    admin.send("/on-call/pack", "/on-call")
    assert "One is being made" in admin.get("/on-call").text
    drained(site.house.database, Post())  # by a worker that knows no folder
    assert "has no passphrase" in admin.get("/on-call").text
    assert list(folder.iterdir()) == []
