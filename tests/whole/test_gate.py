"""Who may open what: the whole table, method by URL by role, asked of the running application."""

import re

import pytest

from app.gate import Access, needs, public, table
from registers.people.roles import MAY, Permission, Role

NOBODY = None
PLACES = {
    "code": "CA-ANNELAC",
    "number": "AX-2026-0001",
    "language": "fr",
    "controller": "CA-ANNELAC",
    "token": "none",
    "filename": "greffe.css",
    "digest": "0" * 64,
    "what": "instructions",
    "name": "OVH",
    "form": "json",
}
CODES = {
    "activities": "P1",
    "measures": "PHY-ACCES",
    "subprocessors": "OVH",
    "languages": "fr",
    "contracts": "standard",
    **dict.fromkeys(
        ("announcements", "following", "matters", "engaging", "letters", "versions"), "AN-2026-0001"
    ),
    **dict.fromkeys(
        (
            *("breaches", "affected", "counting", "notifying", "withdrawing", "owning"),
            *("follow_ups", "figures", "breach_papers", "informed", "breach_letters", "by_hand"),
        ),
        "BR-2026-0001",
    ),
    **dict.fromkeys(("retention", "cases", "erasures"), "RT-2026-0001"),
}
UUID = "00000000-0000-0000-0000-00000000abcd"


def address_of(rule):
    """A rule with something plausible in its gaps."""

    def fill(gap):
        kind, _, name = gap[1].rpartition(":")
        if kind == "uuid":
            return UUID
        if kind == "int":
            return "1"
        blueprint = rule.endpoint.partition(".")[0]
        if name == "code" and rule.rule.startswith("/erasures/"):
            return "EF-2026-0001"
        if name == "code" and "/controllers/" not in rule.rule:
            return CODES.get(blueprint, PLACES["code"])
        return PLACES[name]

    return re.sub(r"<([^>]+)>", fill, rule.rule)


def cells(app):
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods & {"GET", "POST"}):
            yield rule, method


@pytest.mark.parametrize("role", [NOBODY, *Role], ids=lambda role: role.value if role else "nobody")
def test_every_route_opens_only_to_whom_the_table_names(shared_site, role):
    client = shared_site.signed_in(role) if role else shared_site.client()
    token = re.search(r'csrf_token" value="([^"]+)"', client.get("/time-limits").text)
    accesses = table(shared_site.app)
    wrong = []
    for rule, method in cells(shared_site.app):
        if rule.endpoint == "people.sign_out":
            continue  # it would end the session of the cells after it
        access = accesses[rule.endpoint]
        data = {"csrf_token": token[1] if token else ""} if method == "POST" else None
        response = client.open(address_of(rule), method=method, data=data, buffered=True)
        allowed = access.permission is None or (role and access.permission in MAY[role])
        if role is NOBODY and access.permission is not None:
            ok = response.status_code == (302 if method == "GET" else 401) or (
                method == "POST" and response.status_code == 400
            )
            ok = ok and "/sign-in" in response.headers.get("Location", "/sign-in")
        elif allowed:
            ok = response.status_code not in {401, 403, 500}
        else:
            ok = response.status_code == 403
        if not ok:
            wrong.append((method, address_of(rule), response.status_code))
    assert wrong == []


def test_the_table_says_why_a_route_is_open(shared_site):
    for endpoint, access in table(shared_site.app).items():
        assert access.permission or len(access.why) > 10, endpoint


def test_a_route_without_a_declaration_stops_the_start(shared_site):
    shared_site.app.view_functions["undeclared"] = lambda: ""
    rule = shared_site.app.url_rule_class("/undeclared", endpoint="undeclared", methods=["GET"])
    shared_site.app.url_map.add(rule)
    try:
        with pytest.raises(RuntimeError, match="declares no permission"):
            table(shared_site.app)
    finally:
        shared_site.app.url_map._rules.remove(rule)
        shared_site.app.url_map._rules_by_endpoint.pop("undeclared")
        del shared_site.app.view_functions["undeclared"]


def test_declarations_stand_on_the_views():
    @needs(Permission.EXCHANGE)
    def closed():
        pass

    @public("everybody may know")
    def opened():
        pass

    assert closed.access == Access(Permission.EXCHANGE)
    assert opened.access == Access(None, "everybody may know")


def test_every_answer_is_hardened(shared_site):
    for client in (shared_site.client(), shared_site.signed_in(Role.DPO)):
        for address in ("/sign-in", "/", "/nowhere"):
            headers = client.get(address).headers
            policy = headers["Content-Security-Policy"]
            assert "unsafe" not in policy
            assert "default-src 'none'" in policy
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Cache-Control"] == "no-store"


def test_pages_hold_no_inline_code(shared_site):
    client = shared_site.signed_in(Role.DPO)
    for rule, method in cells(shared_site.app):
        if method != "GET" or rule.endpoint == "static":
            continue
        response = client.get(address_of(rule))
        if response.mimetype == "text/html":
            assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", response.text)


def test_every_form_carries_its_token(shared_site):
    client = shared_site.signed_in(Role.DPO, Role.ADMIN)
    for rule, method in cells(shared_site.app):
        if method != "GET" or rule.endpoint == "static":
            continue
        response = client.get(address_of(rule), buffered=True)
        text = response.text if response.mimetype == "text/html" else ""
        for form in re.findall(r'<form[^>]*method="post".*?</form>', text, re.DOTALL):
            assert 'name="csrf_token"' in form, rule
