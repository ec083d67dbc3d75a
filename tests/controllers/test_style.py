"""The look of papers: chosen in an act, told in the journal, on every paper from then on."""

import io
import json

import pytest
import sqlalchemy as sa
from PIL import Image

from registers.annexes.models import Annex
from registers.controllers import operations, style
from registers.controllers.models import PaperStyle
from registers.kernel import exchange
from registers.kernel.audit import EntryValues
from registers.kernel.errors import Conflict, Forbidden, Invalid
from registers.kernel.files import digest
from registers.people.roles import VISITOR, Role
from registers.press.house_style import DEFAULT, DEFAULT_ACCENT, HouseStyle, picture
from registers.work import EXPORTED
from tests.controllers.test_pages import form_of
from tests.press import archival
from tests.registers import count, entries, publisher, since
from tests.site import TOKEN


def png(colour="red", size=(30, 9), form="PNG"):
    to = io.BytesIO()
    Image.new("RGB", size, colour).save(to, form)
    return to.getvalue()


LOGO = picture(png())
RED = HouseStyle("#7a1f3d", "SAS au capital de 100 000 €", LOGO)


@pytest.fixture
def described(database, acting):
    with acting() as act:
        operations.describe_organisation(act, publisher(), 0, since(2020))
    return database


def chosen(database):
    with database.reading() as session:
        return style.chosen(session)


def test_papers_are_as_they_come_until_a_look_is_chosen(described, acting):
    assert chosen(described) == (DEFAULT, 0)
    with acting() as act:
        assert style.choose(act, RED, 0)
    assert chosen(described) == (RED, 1)
    with acting() as act:
        assert not style.choose(act, RED, 1)
        assert style.choose(act, DEFAULT, 1)
    assert chosen(described) == (DEFAULT, 2)
    assert count(described, PaperStyle) == 1


def test_the_journal_has_the_digest_that_papers_state(described, acting):
    with acting() as act:
        style.choose(act, RED, 0)
    (entry,) = entries(described, "organisation.styled")
    assert json.loads(entry.facts) == {"style": RED.digest}
    assert entry.about.startswith("organisation:")
    with described.reading() as session:
        told = session.get_one(EntryValues, entry.values_id).content
    assert digest(LOGO) in told
    assert "SAS au capital" in told


def test_two_who_choose_at_once_do_not_overwrite_each_other(described, acting):
    with acting() as act:
        style.choose(act, RED, 0)
    with pytest.raises(Conflict), acting() as act:
        style.choose(act, HouseStyle("#004400"), 0)


def test_who_may_not_describe_the_organisation_chooses_no_look(described):
    with pytest.raises(Forbidden), described.acting(VISITOR) as act:
        style.choose(act, RED, 0)


def test_what_makes_papers_illegible_is_refused(described, acting):
    with pytest.raises(Invalid), acting() as act:
        style.choose(act, HouseStyle("#cccccc"), 0)
    assert chosen(described) == (DEFAULT, 0)


def test_without_an_organisation_there_is_no_look(database, acting):
    with pytest.raises(Invalid, match="Describe the organisation"), acting() as act:
        style.choose(act, RED, 0)


def test_a_look_is_exported_and_comes_back(described, acting):
    with acting() as act:
        style.choose(act, RED, 0)
    with described.reading() as session:
        (row,) = json.loads(json.dumps(exchange.export(session, EXPORTED)))["paper_style"]
    kind = next(each for each in EXPORTED if each.key == "paper_style")
    with acting() as act:
        act.session.execute(sa.delete(PaperStyle))
        exchange._bring_rows(act, kind, [row])
        act.log(style.STYLED, "organisation:1", style="x")
        act.require(style.Permission.ORGANISATION_EDIT)
    assert chosen(described) == (RED, 1)


# --- pages --------------------------------------------------------------------------------

PAGE = "/organisation/look"


@pytest.fixture
def dpo(sample_site):
    return sample_site.signed_in(Role.DPO)


def send(client, **changed):
    """Sends the form as a browser would, with what was changed in it."""
    token = TOKEN.search(client.get(PAGE).text)[1]
    fields = form_of(client, PAGE) | changed
    given = {name: value for name, value in fields.items() if value is not None}
    return client.post(PAGE, data={**given, "csrf_token": token})


def test_a_look_is_chosen_on_its_page_and_stands_on_papers(sample_site, dpo):
    assert f"{DEFAULT_ACCENT}, the usual one" in dpo.get("/organisation").text
    wanted = {"accent": "#7a1f3d", "footer": "SAS au capital", "logo": (io.BytesIO(png()), "l.png")}
    assert send(dpo, **wanted).headers["Location"] == "/organisation"
    page = dpo.get("/organisation").text
    assert "#7a1f3d" in page
    assert 'src="/organisation/logo.png"' in page
    assert dpo.get("/organisation/logo.png").data == LOGO
    draft = dpo.get("/annexes/draft.pdf").data
    assert archival.faults(draft) == []
    with sample_site.reading() as session:
        look = style.chosen(session).style
    assert archival.File(draft).xmp.findtext(".//{*}style") == look.digest
    form = form_of(dpo, "/controllers/CA-ANNELAC/annexes")
    dpo.send("/controllers/CA-ANNELAC/annexes", **form)
    with sample_site.reading() as session:
        annex = session.scalars(sa.select(Annex)).one()
        sealed = sample_site.house.database.files.get(session, annex.paper_sha256)
    assert archival.File(sealed).xmp.findtext(".//{*}style") == look.digest
    assert archival.faults(sealed) == []


def test_what_is_not_changed_stays_and_a_logo_can_be_left_out(sample_site, dpo):
    send(dpo, logo=(io.BytesIO(png(form="JPEG")), "l.jpg"))
    send(dpo, accent="#004400", logo=None)
    with sample_site.reading() as session:
        assert style.chosen(session).style.logo
    send(dpo, without_logo="y", logo=None)
    with sample_site.reading() as session:
        assert style.chosen(session).style == HouseStyle("#004400")
    assert dpo.get("/organisation/logo.png").status_code == 404
    assert "Nothing was changed." in dpo.get(send(dpo, logo=None).headers["Location"]).text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("accent", "#cccccc", "Choose a darker colour."),
        ("accent", "rouge", "Write a colour as #17365d"),
        ("footer", "a\nb\nc", "room for 2 lines"),
        ("logo", b"GIF89a", "no PNG or JPEG"),
        ("base", "7", "Somebody else changed this"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(dpo, field, value, sentence):
    given = (io.BytesIO(value), "logo.png") if field == "logo" else value
    response = send(dpo, **{"logo": None, field: given})
    assert response.status_code == 422
    assert sentence in response.text


def test_only_who_describes_the_organisation_chooses_its_look(sample_site):
    auditor = sample_site.signed_in(Role.AUDITOR)
    assert auditor.get(PAGE).status_code == 403
    page = auditor.get("/organisation").text
    assert "Look of the papers" in page
    assert "Change the look" not in page


def test_the_page_waits_for_the_organisation(empty_site):
    dpo = empty_site.signed_in(Role.DPO)
    assert dpo.get(PAGE).headers["Location"] == "/organisation"
