"""The authority's form, filled from one notice: the controller's own fields stay empty."""

import json
from datetime import UTC, date, datetime

import msgspec
import pytest
from msgspec.structs import replace

from registers.annexes.papers import authority_form as papers
from registers.breaches import authority_form
from registers.breaches.authority_form import BLOCKS, OWN, Given, Person
from registers.breaches.facts import Breach
from registers.breaches.vocabulary import Cause, DataKind, Nature, Origin, PersonKind, Step
from registers.controllers.facts import Controller
from registers.kernel.instants import Instant
from registers.kernel.words import Words
from registers.press.issue import draft
from registers.press.paper import Stamp
from registers.sample.parties import ORGANISATION, PARTIES
from tests.portal.breached import KNOWN
from tests.press import archival
from tests.press.reading import words

THEIRS = PARTIES[2].known
AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

B2 = {
    "meta": ("type", "declarant", "certainty"),
    "dates": (
        *("discovered", "began", "ended", "ongoing", "spread_over_time", "unknown"),
        *("notified_by_processor", "circumstances", "delay_reasons"),
    ),
    "nature": (),
    "origin": (),
    "cause": (),
    "data": ("categories", "sensitive", "records"),
    "persons": ("categories", "number", "directly_identifiable"),
    "processor": (
        *("involved", "name", "siren", "address", "contact", "contracts", "subprocessors"),
    ),
    "measures_before": (),
    "consequences": (),
    "harms": (),
    "severity": (),
    "measures_after": ("taken", "planned"),
    "communication": ("state", "on", "number", "means", "content", "justification"),
    "other_notifications": ("cross_border", "authorities", "security_agency", "complaint"),
}
"""The blocks of the authority's form in its order, with their fields."""


def given(known=KNOWN, **more):
    return Given(
        **{
            "number": "NT-2026-0007",
            "code": "BR-2026-0001",
            "step": Step.FIRST,
            "known": known,
            "persons": 140,
            "records": 311,
            "late": "",
            "arrived_at": AT,
            "prepared_at": AT,
            "controller": THEIRS,
            "contact": Person(name="Inès Payet", function="DPO", email="ines@sainte-flore.example"),
            "dpo": None,
            "organisation": ORGANISATION,
            "contracts": ("SF-2026-02",),
            "subprocessors": ("OVH",),
            "language": "en",
            **more,
        }
    )


def data_of(form):
    return json.loads(form.stored)


def test_it_has_the_blocks_and_fields_of_the_authority_in_their_order():
    data = data_of(authority_form.fill(given()))
    head = ("schema", "schema_version", "draft", "language", "prepared", "left_to_controller")
    assert tuple(data) == (*head, *B2)
    for block, fields in B2.items():
        if fields:
            assert tuple(data[block]) == fields, block


def test_the_paper_shows_every_field():
    shown = {each.path for fields in BLOCKS.values() for each in fields}
    leaves = set()
    for block, fields in B2.items():
        leaves |= {f"{block}.{name}" for name in fields} or {block}
    declarant = {f"meta.declarant.{name}" for name in authority_form.Declarant.__struct_fields__}
    assert shown == (leaves - {"meta.declarant"}) | declarant


def test_what_is_the_controllers_own_is_empty_whatever_is_known():
    form = authority_form.fill(given(late="Identification tardive."))
    assert form.left_to_controller == OWN
    for path in OWN:
        assert authority_form.value_of(form, path) is None, path
    owned = {path.partition(".")[0] for path in OWN}
    assert {"harms", "severity", "communication", "other_notifications"} <= owned
    for block in ("communication", "other_notifications"):
        assert {f"{block}.{name}" for name in B2[block]} <= set(OWN)


def test_everything_known_is_filled():
    known = replace(KNOWN, ended=Instant(on=date(2026, 11, 22), at="02:00"), ongoing=None)
    form = authority_form.fill(given(known, dpo=Person(name="Inès Payet"), late="Tard."))
    empty = [
        each.path
        for fields in BLOCKS.values()
        for each in fields
        if each.path not in OWN and authority_form.value_of(form, each.path) in (None, "", ())
    ]
    assert empty == []


def test_it_speaks_of_this_controller_on_its_own_clocks():
    data = data_of(authority_form.fill(given()))
    assert data["dates"]["discovered"] == {
        "at": "2026-11-22T11:40+04:00",
        "zone": "Indian/Reunion",
    }
    assert data["dates"]["notified_by_processor"]["at"] == "2026-11-22T13:30+04:00"
    assert (data["persons"]["number"], data["data"]["records"]) == (140, 311)
    assert data["meta"]["declarant"]["siren"] == "999000136"
    assert data["nature"] == [
        {"code": "confidentiality", "label": "Confidentiality: disclosure or access"}
    ]
    assert [each["code"] for each in data["data"]["categories"]] == ["identity"]
    assert [each["code"] for each in data["data"]["sensitive"]] == ["health"]
    assert KNOWN.note not in json.dumps(data, ensure_ascii=False)


def test_what_is_not_known_is_null_and_never_guessed():
    bare = Breach(title="Alerte", aware=Instant(on=date(2026, 11, 22), at="09:00"))
    form = authority_form.fill(given(bare, persons=None, records=None, arrived_at=None))
    data = data_of(form)
    assert data["dates"]["discovered"]["at"] == "2026-11-22T12:00+04:00"
    for name in ("began", "ended", "ongoing", "spread_over_time", "notified_by_processor"):
        assert data["dates"][name] is None, name
    assert data["dates"]["unknown"] is True
    assert (data["origin"], data["cause"], data["nature"]) == (None, None, [])
    assert (data["persons"]["number"], data["data"]["records"]) == (None, None)


@pytest.mark.parametrize(
    ("more", "ongoing", "spread"),
    [
        ({"ongoing": True, "ended": None}, True, True),
        ({"ended": Instant(on=date(2026, 11, 22), at="02:00"), "ongoing": None}, False, True),
        ({"ended": KNOWN.began, "ongoing": None}, False, False),
        ({"ended": None, "ongoing": None}, None, None),
    ],
)
def test_how_long_it_lasted(more, ongoing, spread):
    dates = authority_form.fill(given(replace(KNOWN, **more))).dates
    assert (dates.ongoing, dates.spread_over_time) == (ongoing, spread)


def test_every_value_of_the_vocabulary_has_its_place():
    known = replace(KNOWN, data=tuple(DataKind), persons=tuple(PersonKind), nature=tuple(Nature))
    data = data_of(authority_form.fill(given(known)))
    codes = {each["code"] for name in ("categories", "sensitive") for each in data["data"][name]}
    assert codes == {each.value for each in DataKind}
    for origin in Origin:
        assert authority_form.fill(given(replace(known, origin=origin))).origin.label
    for cause in Cause:
        assert authority_form.fill(given(replace(known, cause=cause))).cause.label


def test_the_data_read_back_are_the_same():
    form = authority_form.fill(given())
    assert msgspec.json.decode(form.stored, type=authority_form.Form) == form


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_paper_is_a_draft_on_each_page_and_carries_its_data(language, tmp_path):
    form = authority_form.fill(given(language=language))
    pdf = draft(papers.paper(form, date(2026, 11, 22)), form.stored, Stamp("", AT)).pdf
    assert archival.faults(pdf) == []
    assert b"/ByteRange" not in pdf
    said = words(pdf, tmp_path / "form.pdf")
    mark = "PROJET – sans valeur" if language == "fr" else "DRAFT – of no effect"
    assert said[0].startswith(mark) or mark in " ".join(said)
    text = " ".join(" ".join(said).split())
    assert " ".join(Words(language).say(authority_form.DRAFT).split()) in text
    assert THEIRS.name in text


def test_a_body_abroad_has_no_siren():
    abroad: Controller = PARTIES[4].known
    assert authority_form.fill(given(controller=abroad)).meta.declarant.siren == ""
