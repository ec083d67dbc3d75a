"""Making every kind: the same facts once, refused while incomplete, out of date after a change."""

import json
import re
from dataclasses import replace as with_other
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from registers.activities import operations as activities
from registers.annexes import making, queries, standing
from registers.annexes.gaps import Incomplete
from registers.annexes.kinds import KINDS, ORDERED
from registers.annexes.models import Annex
from registers.annexes.orders import Order, Press
from registers.annexes.subjects import ORGANISATION, About, of_controller
from registers.controllers import operations as parties
from registers.controllers.facts import Service
from registers.controllers.models import Contract, Controller
from registers.kernel.errors import Invalid, NotFound
from registers.kernel.pages import FIRST
from registers.press.verify import verify
from registers.subprocessors import operations as subprocessors
from registers.subprocessors.facts import State
from tests.annexes.contracts import ACTIVITY, supplier
from tests.annexes.papers import KEY, PRESSED, TEST, YESTERDAY, make, marks, order, read, said_by
from tests.press.reading import words
from tests.registers import EVERYTHING, TODAY, commune, contract, entries, since
from tests.tools import need


@pytest.mark.parametrize("name", list(ORDERED))
def test_each_kind_is_sealed_verified_and_the_same_again(database, press, owner, clock, name):
    (made,) = make(press, name, owner)
    assert (made.new, made.number) == (True, "AX-2026-0001")
    paper = read(database, made.paper_sha256)
    verdict = verify(paper, [TEST.authority])
    assert (verdict.sound, verdict.snapshot.matches) == (True, True)
    clock.forward(hours=1)
    assert make(press, name, owner) == [with_other(made, new=False)]
    (english,) = make(press, name, owner, language="en")
    assert english.number == "AX-2026-0002"
    with database.reading() as session:
        annex = session.get_one(Annex, made.annex_id)
    about = KINDS[name].about
    assert annex.kind == name
    assert annex.about == made.subject.about
    assert (annex.contract_id is not None) == (about is About.CONTRACT)
    assert (annex.controller_id == owner.id) == (about is not About.ORGANISATION)
    assert (annex.since, annex.on_day) == (
        (date(2026, 11, 1), YESTERDAY) if about is About.JOURNAL else (None, TODAY)
    )
    assert json.loads(read(database, annex.snapshot_sha256))["kind"] == name
    within = made.subject.dossier
    assert {entry.within for entry in entries(database, "annex.sealed")} == {within}
    assert marks(database)[name] is False


def test_a_change_puts_out_of_date_what_shows_it_and_nothing_else(
    database, press, owner, acting, clock
):
    for name in ORDERED:
        make(press, name, owner)
        clock.forward(minutes=1)
    assert set(marks(database).values()) == {False}
    with acting() as act:
        head = act.session.query(subprocessors.Subprocessor).filter_by(code="PAPIER").one()
        known = supplier("Papier SA", state=State.ENGAGED, engaged_on=date(2020, 1, 1), city="X")
        subprocessors.change(act, head.id, known, 1, since(2026, 11))
    stale = {name for name, out in marks(database).items() if out}
    assert stale == {
        *("register", "whole_register", "clauses_915", "clauses_915_ii", "clauses_915_iii"),
        *("clauses_915_iv", "clauses_914"),
    }
    (again,) = make(press, "clauses_915_iv", owner)
    assert again.new
    assert marks(database)["clauses_915_iv"] is False


def test_papers_of_all_kinds_cost_as_many_statements_as_one_of_each(
    database, press, owner, acting, clock
):
    with acting() as act:
        for number in range(3):
            known = contract(owner, f"D-{number}", services=(Service(code="P6"),))
            parties.record_contract(act, known, since(2020))
    names = ["register", "whole_register", "clauses_915", "clauses_915_iv", "security"]
    counted = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *_sent: counted.append(1))

    def spent():
        standing.forget()
        counted.clear()
        with database.reading() as session:
            rows = queries.listed(session, "", FIRST, TODAY).rows
        return len(counted), len(rows)

    for name in names:
        one = order(database, name, owner)
        list(making.make_all(press, Order(one.kind, one.subjects[:1], TODAY)))
        clock.forward(minutes=1)
    spent()  # the journal is looked through from where it was left
    few, rows = spent()
    assert rows == len(names)
    for name in names:
        make(press, name, owner)
    many, rows = spent()
    assert rows == 2 + 3 * 4
    assert few == many < 60


@pytest.mark.parametrize("name", ["register", "whole_register", "clauses_915", "security"])
def test_the_registers_are_read_again_only_after_a_change(database, press, owner, acting, name):
    make(press, name, owner)
    read_from = []

    def note(_connection, _cursor, sql, *_more):
        if "controller_version" in sql:
            read_from.append(sql)

    assert marks(database) == {name: False}
    sa.event.listen(database.engine, "before_cursor_execute", note)
    assert marks(database) == {name: False}
    make(press, "clauses_915_iii", owner)  # a sealed paper changes no register
    read_from.clear()
    with database.reading() as session:
        queries.one(session, "AX-2026-0001", TODAY)
    assert read_from == []
    with acting() as act:
        parties.change_controller(act, owner.id, commune(phone="0466000001"), 1, since(2026, 11))
    assert marks(database)[name] is True
    assert read_from != []
    with database.reading() as session:
        read_from.clear()
        queries.one(session, "AX-2026-0001", TODAY + timedelta(days=1))  # what a day brings
    assert read_from != []


def test_an_incomplete_paper_takes_no_number_but_can_be_drafted(
    database, press, owner, acting, clock
):
    with acting() as act:
        head = act.session.query(subprocessors.Subprocessor).filter_by(code="PAPIER").one()
        known = supplier(
            "Papier SA", state=State.ENGAGED, engaged_on=date(2020, 1, 1), contact_name=""
        )
        subprocessors.change(act, head.id, known, 1, since(2026, 11))
    with pytest.raises(Incomplete, match="one fact") as caught:
        make(press, "clauses_915", owner)
    (gap,) = caught.value.gaps
    assert (str(gap.field), gap.of, gap.place.key) == ("Contact person", "Papier SA", "PAPIER")
    assert entries(database, "annexes.prepared") == []
    drafted = making.draft_of(database, order(database, "clauses_915", owner), "Europe/Paris")
    assert verify(drafted).signatures == ()
    assert make(press, "clauses_915_i", owner)[0].number == "AX-2026-0001"  # it asks no supplier


def test_among_many_an_incomplete_one_does_not_hold_up_the_others(database, press, owner, acting):
    with acting() as act:
        bare = parties.record_controller(act, "BARE", commune(), since(2020))
        act.session.flush()
        parties.record_contract(act, contract(bare, "B-1"), since(2020))
    kind = KINDS["clauses_915_i"]
    with database.reading() as session:
        subjects = queries.subjects_of(session, kind, None, TODAY)
    refused = []
    made = list(making.make_all(press, Order(kind, subjects, TODAY), refused))
    assert [each.controller_id for each in made] == [owner.id]
    assert [each.subject.controller_id for each in refused] == [bare.id]
    assert [str(gap.field) for gap in refused[0].gaps] == ["Name of the contact person"]


def test_what_has_no_object_is_refused_for_a_draft_too(database, press, owner, acting):
    with acting() as act:
        head = act.session.query(activities.Activity).filter_by(code="P6").one()
        known = replace(ACTIVITY, transfers=(), no_transfer=True)
        activities.change_activity(act, head.id, known, 1, since(2026, 11))
        act.session.flush()
        activities.validate_activity(act, head.id, 2)
    wanted = order(database, "clauses_914", owner)
    with pytest.raises(Invalid, match="without object"):
        list(making.make_all(press, wanted))
    with pytest.raises(Invalid, match="without object"):
        making.draft_of(database, wanted, "Europe/Paris")


def test_a_contract_to_come_has_its_annexes_but_one_that_is_over_has_none(
    database, press, owner, acting
):
    with acting() as act:
        known = contract(owner, "NEXT", services=(Service(code="P6"),), signed_on=None)
        known = replace(known, starts_on=date(2027, 1, 1), ends_on=date(2027, 12, 31))
        parties.record_contract(act, known, since(2026))
        act.session.flush()
        over = contract(owner, "OVER", services=(Service(code="P6"),), ended_on=date(2026, 6, 30))
        parties.record_contract(act, over, since(2026))
    made = make(press, "clauses_915", owner)
    with database.reading() as session:
        names = {each.id: each.reference for each in session.query(Contract)}
    assert [names[each.subject.contract_id] for each in made] == ["C-1", "NEXT"]


def test_a_contract_names_its_own_language(database, press, owner, acting):
    with acting() as act:
        head = act.session.query(Contract).one()
        agreed = contract(owner, "C-1", services=(Service(code="P6"),))
        agreed = replace(agreed, terms=replace(agreed.terms, language="en"))
        parties.change_contract(act, head.id, agreed, 1, since(2026))
    (made,) = make(press, "security", owner)
    with database.reading() as session:
        assert session.get_one(Annex, made.annex_id).language == "en"


def test_the_whole_register_of_the_sample_names_everybody(sample, tmp_path):
    need("pdftotext")
    press = Press(sample, EVERYTHING, PRESSED, KEY, "Europe/Paris")
    wanted = Order(KINDS["whole_register"], [ORGANISATION], TODAY, language="fr")
    (made,) = making.make_all(press, wanted)
    assert made.controller_id is None
    told = said_by(sample, made, tmp_path)
    with sample.reading() as session:
        names = list(session.scalars(sa.select(Controller.code)))
    assert len(names) == 8
    for name in (*names, "Basile Fontanel", "basile.fontanel@", "OVH SAS", "P1-PRO", "Reprise"):
        assert name in told
    assert "Traitements effectués pour le compte de responsables de traitement" in told
    assert "Protection contre l’incendie" in told


def test_the_annexes_are_read_back_from_the_pdf(database, press, owner, tmp_path):
    need("pdftotext")
    (made,) = make(press, "clauses_915", owner, language="fr")
    told = re.sub(
        r"\s+", " ", " ".join(words(read(database, made.paper_sha256), tmp_path / "p.pdf"))
    )
    place = 0
    for expected in (
        *("Annexe I – Liste des parties", "Rose Vidal, secrétaire", "Alix Morel"),
        *("Annexe II – Description du traitement", "Bénéficiaires", "Accès restreint"),
        *("Annexe III – Mesures techniques", "Mesure 1", "Description 4"),
        *("Annexe IV – Liste des sous-traitants ultérieurs", "Contact de Cloud Inc."),
    ):
        assert expected in told[place:], expected
        place = told.index(expected, place)


def test_a_dossier_that_is_unknown_has_no_paper(database, press, owner):
    other = of_controller(type(owner.id)(int=9))
    for kind in ("register", "security"):
        wanted = Order(KINDS[kind], [other], TODAY)
        assert list(making.make_all(press, wanted)) == []
        with pytest.raises(NotFound):
            making.draft_of(database, wanted, "Europe/Paris")
