"""The register's lists on the fictional data, on both databases."""

from datetime import date

import pytest

from registers.activities import operations, queries
from registers.activities.facts import Activity, Measure
from registers.activities.vocabulary import Family
from registers.kernel.errors import NotFound
from registers.kernel.pages import FIRST, Cut
from tests.registers import since


def activities(database, search="", role="", gaps=""):
    with database.reading() as session:
        page = queries.activities(session, search, role, gaps, FIRST)
    return {row.head.code: row.contracts for row in page.rows}


def test_the_register_is_listed_by_code_with_the_contracts_of_each(shared_sample):
    assert activities(shared_sample) == {
        "P1": 8,
        "P1-PRO": 0,
        "P2": 8,
        "P3": 3,
        "P4": 7,
        "P5": 7,
        "P6": 1,
        "REG": 0,
    }
    with shared_sample.reading() as session:
        assert list(queries.activity_names(session)) == list(activities(shared_sample))


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ({"search": "HEBERGEMENT"}, ["P4"]),
        ({"search": "donnees sante"}, ["P6"]),
        ({"search": "p1-pro"}, ["P1-PRO"]),
        ({"role": "controller"}, ["P1-PRO", "REG"]),
        ({"role": "joint"}, []),
        ({"gaps": "draft"}, []),
        ({"gaps": "findings"}, []),
        ({"gaps": "missing"}, []),
        ({"search": "xyz"}, []),
    ],
)
def test_it_is_searched_and_narrowed(shared_sample, asked, codes):
    assert list(activities(shared_sample, **asked)) == codes


def test_drafts_and_gaps_are_found_and_counted(database, acting):
    with acting() as act:
        for code, known in (
            ("A", Activity(name="Brouillon")),
            ("B", Activity(name="Validée", no_transfer=True)),
            ("C", Activity(name="Finie", ended_on=date(2026, 1, 1))),
        ):
            head = operations.record_activity(act, code, known, since(2026))
            act.session.flush()
            if code != "A":
                operations.validate_activity(act, head.id, 1)
    assert list(activities(database, gaps="draft")) == ["A"]
    assert list(activities(database, gaps="findings")) == ["A", "C"]
    assert list(activities(database, gaps="missing")) == ["A", "B", "C"]
    with database.reading() as session:
        assert queries.counts(session) == (2, 1, 1, 15)


def test_an_empty_register_counts_nothing(database):
    with database.reading() as session:
        assert queries.counts(session) == (0, 0, 0, 0)
        assert queries.activities(session, "", "", "", FIRST).rows == []


def test_the_contracts_of_an_activity_come_with_their_controllers(shared_sample):
    with shared_sample.reading() as session:
        found = queries.carried_out(session, "P3", 9).shown
        assert [(contract.reference, owner.code) for contract, owner in found] == [
            ("CA-AL_CM_TT-WD", "CA-ANNELAC"),
            ("UC-ADH-2023", "UNIV-CLAIRMONT"),
            ("MTV-2024-31", "VILLE-MONTVAL"),
        ]
        assert queries.carried_out(session, "P3", 2) == (3, [])
        assert queries.carried_out(session, "P9", 9) == (0, [])


def test_what_is_to_review_comes_the_soonest_first(shared_sample):
    with shared_sample.reading() as session:
        soon = queries.to_review(session, date(2026, 12, 31), 9)
        assert [head.code for head in soon] == ["P6"]
        later = queries.to_review(session, date(2027, 1, 15), 9)
        assert [head.code for head in later] == [
            "P6",
            "P1",
            "P1-PRO",
            "P2",
            "P3",
            "P4",
            "P5",
            "REG",
        ]
        assert queries.to_review(session, date(2026, 11, 30), 9) == []


def test_measures_are_listed_by_family_page_by_page(shared_sample):
    with shared_sample.reading() as session:
        page = queries.measures(session, "", "", FIRST)
        families = [head.family for head in page.rows]
        assert families == sorted(families, key=list(Family).index)
        assert set(families) == set(Family)
        chosen = queries.measures(session, "", "physical", FIRST)
        assert {head.family for head in chosen.rows} == {Family.PHYSICAL}
        found = queries.measures(session, "BADGES rfid", "", FIRST)
        assert [head.code for head in found.rows] == ["PHY-ACCES"]
        assert queries.measures(session, "", "", Cut(after=page.after or "")).total == page.total


def test_within_a_family_measures_stand_by_name(database, acting):
    with acting() as act:
        for code, name, family in (
            ("A", "Zèle", Family.PHYSICAL),
            ("B", "écran", Family.CONTROL),
            ("C", "Eau", Family.PHYSICAL),
            ("D", "Audit", Family.CONTROL),
        ):
            operations.record_measure(act, code, Measure(name=name, family=family), since(2026))
    with database.reading() as session:
        assert list(queries.measure_names(session)) == ["C", "A", "D", "B"]


def test_what_has_no_such_code_is_not_found(shared_sample):
    with shared_sample.reading() as session:
        assert queries.activity(session, "P1").code == "P1"
        for ask in (queries.activity, queries.measure):
            with pytest.raises(NotFound):
                ask(session, "p1")
