"""Pages as a whole: French and English, errors, statements asked of the database."""

import re
from html.parser import HTMLParser

import pytest
import sqlalchemy as sa

from registers.people.roles import Role
from tests.whole.test_gate import address_of, cells

EVERYTHING = tuple(Role)


class Outline(HTMLParser):
    """What matters of a page's structure: headings, labels, identifiers."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.labels, self.fields, self.headings, self.lang = [], set(), [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "html":
            self.lang = given["lang"]
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "label":
            self.labels.add(given.get("for"))
        if tag in {"input", "select", "textarea"} and given.get("type") not in {"hidden", "submit"}:
            self.fields.append(given.get("id"))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))


def pages(site, client):
    for rule, method in cells(site.app):
        if method == "GET" and rule.endpoint != "static" and not rule.endpoint.startswith("lang"):
            response = client.get(address_of(rule), buffered=True)
            if response.mimetype == "text/html" and response.status_code == 200:
                yield rule, response.text


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_is_well_built_in_its_language(shared_site, language):
    client = shared_site.signed_in(*EVERYTHING, language=language)
    seen = 0
    for rule, text in pages(shared_site, client):
        outline = Outline(text)
        assert outline.lang == language, rule
        assert len(outline.ids) == len(set(outline.ids)), (rule, outline.ids)
        assert set(outline.fields) <= outline.labels, (rule, set(outline.fields) - outline.labels)
        assert outline.headings.count(1) == 1, rule
        steps = zip(outline.headings, outline.headings[1:], strict=False)
        assert all(after <= before + 1 for before, after in steps), (rule, outline.headings)
        seen += 1
    assert seen > 40


def test_french_pages_have_french_words_only(shared_site):
    client = shared_site.signed_in(*EVERYTHING, language="fr")
    english = re.compile(r">\s*(Save|Change|History|Cancel|Search|Name|Record|Next|Back)\b")
    for rule, text in pages(shared_site, client):
        assert not english.search(text), rule
        body = re.sub(r"<[^>]+>", " ", text.partition("<main")[2])
        assert "  ?" not in body
        assert not re.search(r"\w [;?!](\s|$)", body), rule  # a breaking space before them


def test_errors_are_pages_with_a_sentence(shared_site):
    client = shared_site.signed_in(*EVERYTHING)
    for address, status, sentence in (
        ("/nowhere", 404, "nothing here under this address"),
        ("/controllers/NOBODY", 404, "nothing here under this address"),
        ("/controllers?after=garbage", 422, "not there any more"),
        ("/controllers/CA-ANNELAC?on=yesterday", 422, "is not a date"),
        ("/activities/P1/history?to=99", 404, "nothing here"),
    ):
        response = client.get(address)
        assert (response.status_code, sentence in response.text) == (status, True), address
    assert client.post("/sign-out").status_code == 400  # without its token


def test_a_language_can_be_chosen_before_signing_in(shared_site):
    shared_site.account(Role.DPO)  # without any account there is one to set up
    client = shared_site.client()
    client.get("/language/fr?next=/sign-in")
    assert "Se connecter" in client.get("/sign-in").text
    client.get("/language/en")
    assert "Sign in" in client.get("/sign-in").text
    assert client.get("/language/xx").status_code == 404
    assert client.get("/language/fr?next=//evil.example").headers["Location"] == "/"


@pytest.fixture
def statements(shared_site):
    """Counts the statements of a request."""
    counted = []

    def count(_connection, _cursor, sql, *_):
        if not sql.startswith("PRAGMA"):
            counted.append(sql)

    engine = shared_site.house.database.engine
    sa.event.listen(engine, "before_cursor_execute", count)
    yield counted
    sa.event.remove(engine, "before_cursor_execute", count)


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/controllers",
        "/controllers?search=commune+annelac&gaps=findings&activity=P4",
        "/controllers/CA-ANNELAC",
        "/contracts",
        "/contacts",
        "/activities",
        "/activities/P4",
        "/subprocessors/OVH",
        "/subprocessors",
        "/announcements",
        "/breaches",
        "/breaches/BR-2026-0002",
        "/breaches/BR-2026-0001/affected",
        "/breaches/BR-2026-0001/letters",
        "/breaches/BR-2026-0001/told/CA-ANNELAC",
        "/retention",
        "/contracts/terms",
        "/public/subprocessors",
        "/annexes",
        "/controllers/CA-ANNELAC/annexes",
        "/journal",
    ],
)
def test_a_page_asks_little_of_the_database(shared_site, statements, address):
    client = shared_site.signed_in(*EVERYTHING)
    client.get(address)
    statements.clear()
    assert client.get(address).status_code == 200
    asked = [sql for sql in statements if not sql.startswith(("BEGIN", "SET TRANSACTION"))]
    # the front page asks each of nine registers what falls due
    assert len(asked) <= (26 if address == "/" else 15), "\n".join(asked)
