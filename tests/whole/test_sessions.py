"""Signing in and out: what a cookie is worth, what guessing costs, what a second factor asks."""

import re
from datetime import timedelta

import pyotp
import pytest
import sqlalchemy as sa

from registers.kernel import audit
from registers.people import queries
from registers.people.models import UserSession
from registers.people.roles import Role
from registers.people.sessions import SETUP, issue_token
from tests.site import PASSWORD


def cookie(client):
    return client.get_cookie("greffe").value


def replay(site, value):
    """The same cookie in another browser."""
    client = site.client()
    client.set_cookie("greffe", value)
    return client.get("/account").status_code


def test_a_cookie_kept_from_before_signing_out_opens_nothing_after(sample_site):
    client = sample_site.signed_in(Role.DPO)
    kept = cookie(client)
    assert replay(sample_site, kept) == 200
    assert client.send("/sign-out", "/account").status_code == 302
    assert replay(sample_site, kept) == 302
    assert client.get("/account").status_code == 302


def test_signing_in_gives_a_new_session_each_time(sample_site):
    first, second = (sample_site.signed_in(Role.DPO) for _ in range(2))
    with sample_site.reading() as session:
        digests = session.scalars(sa.select(UserSession.digest)).all()
    assert len(set(digests)) == 2
    assert cookie(first) != cookie(second)


def test_what_a_visitor_brought_is_not_kept_when_signing_in(sample_site):
    client = sample_site.client()
    with client.session_transaction() as before:
        before["planted"] = "by somebody else"
    sample_site.add_user(Role.DPO, email="dpo@ponant.example")
    client.send("/sign-in", email="dpo@ponant.example", password=PASSWORD)
    with client.session_transaction() as after:
        assert "planted" not in after


def test_a_session_ends_by_itself(sample_site, clock):
    client = sample_site.signed_in(Role.DPO)
    clock.forward(minutes=119)
    assert client.get("/account").status_code == 200  # in use: it goes on
    clock.forward(minutes=119)
    assert client.get("/account").status_code == 200
    clock.forward(minutes=121)
    assert client.get("/account").status_code == 302
    client = sample_site.signed_in(Role.DPO)
    for _ in range(7):
        clock.forward(minutes=100)
        client.get("/account")
    clock.forward(minutes=100)
    assert client.get("/account").status_code == 302  # twelve hours at most


def test_sessions_are_listed_and_ended_by_their_owner_only(sample_site):
    first, second = (sample_site.signed_in(Role.DPO) for _ in range(2))
    other = sample_site.signed_in(Role.LEGAL)
    with sample_site.reading() as session:
        held = {each.id: each for each in session.scalars(sa.select(UserSession))}
    assert len(held) == 3
    for key in held:
        assert other.send(f"/account/sessions/{key}/end", "/account").status_code in {302, 404}
    assert first.get("/account").status_code == 200
    assert second.send("/account/sessions/end-others", "/account").status_code == 302
    assert first.get("/account").status_code == 302
    assert second.get("/account").status_code == 200


def test_guessing_is_slow_and_honest_about_it(sample_site, clock):
    sample_site.add_user(Role.DPO, email="dpo@ponant.example")
    client = sample_site.client()
    for _ in range(5):
        response = client.send("/sign-in", email="dpo@ponant.example", password="wrong wrong wrong")
        assert "The address or the password is wrong." in response.text
    response = client.send("/sign-in", email="dpo@ponant.example", password=PASSWORD)
    assert "Too many attempts" in response.text
    clock.forward(minutes=2)
    response = client.send("/sign-in", email="dpo@ponant.example", password=PASSWORD)
    assert response.status_code == 302


def test_an_unknown_address_is_answered_like_a_wrong_password(sample_site):
    client = sample_site.client()
    sample_site.add_user(Role.DPO, email="dpo@ponant.example")
    texts = {
        client.send("/sign-in", email=email, password="wrong wrong wrong").text.count("wrong.")
        for email in ("dpo@ponant.example", "nobody@ponant.example")
    }
    assert len(texts) == 1


@pytest.fixture
def with_factor(sample_site, clock):
    """Somebody whose second factor is on: what shows its codes, and the recovery codes."""
    client = sample_site.signed_in(Role.DPO)
    page = client.get("/account/second-factor").text
    totp = pyotp.TOTP(re.search(r'name="secret"[^>]*value="([A-Z2-7]+)"', page)[1])
    code = totp.at(clock())
    done = client.send("/account/second-factor", secret=totp.secret, code=code)
    clock.forward(minutes=1)
    return totp, re.findall(r"<li>(\w{4}-\w{4}-\w{4}-\w{4})</li>", done.text)


def test_a_second_factor_is_asked_and_no_code_is_taken_twice(sample_site, with_factor, clock):
    totp, (recovery, *others) = with_factor
    assert len(others) == 7
    client = sample_site.client()
    given = {"email": "dpo-en@ponant.example", "password": PASSWORD}
    response = client.send("/sign-in", **given)
    assert response.headers["Location"].startswith("/sign-in/code")
    assert client.get("/account").status_code == 302  # half way is not in
    assert "wrong" in client.send("/sign-in/code", code="000000").text
    code = totp.at(clock())
    assert client.send("/sign-in/code", code=code).status_code == 302
    assert client.get("/account").status_code == 200
    again = sample_site.client()
    again.send("/sign-in", **given)
    assert "wrong" in again.send("/sign-in/code", code=code).text
    assert again.send("/sign-in/code", code=recovery).status_code == 302
    third = sample_site.client()
    third.send("/sign-in", **given)
    assert "wrong" in third.send("/sign-in/code", code=recovery).text
    clock.forward(minutes=6)  # too long between password and code
    assert third.get("/sign-in/code").headers["Location"].startswith("/sign-in")


def test_the_secret_of_a_second_factor_is_encrypted(sample_site, with_factor):
    totp, _ = with_factor
    with sample_site.reading() as session:
        (user,) = [each for each in queries.users(session) if each.totp]
    assert totp.secret.encode() not in user.totp
    assert sample_site.house.home.vault.decrypt(user.totp).decode() == totp.secret


def test_a_changed_password_signs_out_everywhere(sample_site):
    first, second = (sample_site.signed_in(Role.DPO) for _ in range(2))
    response = first.send(
        "/account/password", present="not mine at all", password="x" * 5 + "abcdefghi"
    )
    assert "not your present password" in response.text
    response = first.send("/account/password", present=PASSWORD, password="another long sentence")
    assert response.status_code == 302
    assert second.get("/account").status_code == 302


def test_the_first_account_needs_the_printed_token(empty_site, clock):
    with empty_site.house.database.upkeep() as traces:
        token = issue_token(traces, SETUP, clock(), timedelta(days=1))
    client = empty_site.client()
    assert client.get("/").headers["Location"].startswith("/sign-in")
    assert client.get("/sign-in").headers["Location"] == "/set-up"
    given = {"name": "Alix Morel", "email": "alix@ponant.example", "password": PASSWORD}
    assert "printed last" in client.send("/set-up", token="guessed", **given).text
    assert client.send("/set-up", token=token, **given).status_code == 302
    assert "Begin with the organisation" in client.get("/").text
    assert client.get("/users").status_code == 200
    assert empty_site.client().get("/set-up").headers["Location"].startswith("/sign-in")
    with empty_site.reading() as session:
        kinds = session.scalars(sa.select(audit.Entry.kind)).all()
    assert "installation.set_up" in kinds


def test_an_invitation_works_once(sample_site):
    admin = sample_site.signed_in(Role.ADMIN)
    page = admin.send(
        "/users/new",
        name="Camille Aubry",
        email="camille@ponant.example",
        roles="legal",
        language="fr",
    )
    link = page.text.partition("<pre>http://127.0.0.1:8090")[2].partition("</pre>")[0]
    guest = sample_site.client()
    assert guest.send(link, password="court").status_code == 200
    assert guest.send(link, password="camille est ma phrase").status_code == 200  # the own name
    assert guest.send(link, password=PASSWORD).status_code == 302
    assert guest.get(link).status_code == 404
    assert (
        guest.send("/sign-in", email="camille@ponant.example", password=PASSWORD).status_code == 302
    )


def test_a_form_sent_after_the_session_ended_says_what_to_do(sample_site, clock):
    client = sample_site.signed_in(Role.DPO)
    page = client.get("/organisation/edit").text
    token = page.partition('name="csrf_token" type="hidden" value="')[2].partition('"')[0]
    clock.forward(hours=3)
    response = client.post("/organisation/edit", data={"csrf_token": token, "name": "typed"})
    assert response.status_code == 401
    assert "still in the page before this one" in response.text


@pytest.mark.parametrize(
    "onward", ["//evil.example", "https://evil.example", "/\\evil", "javascript:1"]
)
def test_signing_in_leads_only_to_pages_of_this_site(sample_site, onward):
    sample_site.add_user(Role.DPO, email="dpo@ponant.example")
    client = sample_site.client()
    response = client.send(f"/sign-in?next={onward}", email="dpo@ponant.example", password=PASSWORD)
    assert response.headers["Location"] == "/"
