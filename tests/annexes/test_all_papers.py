"""Every kind of paper, of every fictional controller, in the look of a house: all are believed."""

import io
from dataclasses import replace
from datetime import date

import pytest
from cryptography import x509
from PIL import Image

from registers.annexes import making, queries
from registers.annexes.kinds import KINDS, ORDERED
from registers.annexes.orders import Order, Press
from registers.annexes.subjects import About
from registers.controllers import style
from registers.controllers.models import Controller
from registers.kernel.errors import Invalid
from registers.press.house_style import HouseStyle, picture
from registers.press.verify import verify
from registers.sample import load
from tests.annexes.papers import KEY, PRESSED, TEST, YESTERDAY, read
from tests.annexes.test_letters import NOTICE
from tests.databases import Clock, opened
from tests.press import archival
from tests.press.reading import run
from tests.press.test_issue import assert_openssl_agrees
from tests.registers import EVERYTHING, TODAY

AUTHORITY = x509.load_pem_x509_certificate(TEST.authority)


def logo():
    to = io.BytesIO()
    Image.new("RGB", (240, 60), "#7a1f3d").save(to, "PNG")
    return picture(to.getvalue())


@pytest.fixture(scope="module")
def house(databases, tmp_path_factory):
    with databases.fresh("sqlite", load) as url:
        with opened(url, tmp_path_factory.mktemp("files"), Clock()) as database:
            with database.acting(EVERYTHING) as act:
                look = HouseStyle("#7a1f3d", "SAS au capital de 100 000 €", logo())
                style.choose(act, look, 0)
            yield Press(database, EVERYTHING, PRESSED, KEY, "Europe/Paris")


def ordered(house, kind, language):
    with house.database.reading() as session:
        ids = [row.id for row in session.query(Controller.id).order_by(Controller.code)]
        subjects = queries.subjects_of(session, kind, ids, TODAY)
    if kind.about is About.JOURNAL:
        return Order(kind, subjects, YESTERDAY, date(2026, 11, 1), language)
    return Order(kind, subjects, TODAY, language=language)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", [*ORDERED, NOTICE.name])
def test_other_programs_believe_it(house, name, language, tmp_path, monkeypatch):
    monkeypatch.setitem(KINDS, NOTICE.name, NOTICE)
    wanted, refused = ordered(house, KINDS[name], language), []
    if language == "en":  # of these the first will do
        wanted = replace(wanted, subjects=wanted.subjects[:1])
    assert wanted.subjects
    for made in making.make_all(house, wanted, refused):
        content, path = read(house.database, made.paper_sha256), tmp_path / "p.pdf"
        assert archival.faults(content) == []
        assert made.conformance == "PDF/A-3a"
        verdict = verify(content, [TEST.authority])
        assert (verdict.sound, verdict.snapshot.matches) == (True, True)
        run("qpdf", "--check", content=content, path=path)
        said = run("pdfsig", "-nocert", content=content, path=path)
        assert "Signature is Valid." in said
        assert "Total document signed" in said
        assert_openssl_agrees(content, AUTHORITY, tmp_path)
    for each in refused:
        try:
            draft = making.draft_of(
                house.database,
                Order(wanted.kind, [each.subject], wanted.on, wanted.since, language),
                house.zone,
            )
        except Invalid:
            assert name == "clauses_914"  # none of them transfers anything
        else:
            assert archival.faults(draft) == []
