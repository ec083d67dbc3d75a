"""Merges and transfers: from their day on the successor has the contracts, before it the former."""

from datetime import date

import pytest
from msgspec.structs import replace

from registers.controllers import operations, queries
from registers.controllers.models import Contract, Controller
from registers.controllers.queries import Filters
from registers.kernel import history
from registers.kernel.errors import Conflict, Invalid, NotFound
from registers.kernel.pages import FIRST
from tests.registers import commune, contract, entries, since

BEFORE, DAY, LONG_AFTER = date(2026, 6, 30), date(2026, 7, 1), date(2030, 1, 1)
HOW = since(2026, 7, 1, "Fusion")


@pytest.fixture
def parties(acting):
    """Two communes with two contracts each, and a new commune without any."""
    with acting() as act:
        found = {
            code: operations.record_controller(act, code, commune(code), since(2020))
            for code in ("AUMONT", "JAVOLS", "PEYRE")
        }
        act.session.flush()
        for code in ("AUMONT", "JAVOLS"):
            for number in (1, 2):
                known = contract(found[code], f"{code}-{number}")
                operations.record_contract(act, known, since(2020))
    return found


def held(database, head, day):
    with database.reading() as session:
        return sorted(each.known.reference for each in queries.contracts_of(session, head.id, day))


def merge(acting, parties, *codes, to="PEYRE", how=HOW):
    with acting() as act:
        operations.merge(act, [parties[code].id for code in codes], parties[to].id, how)


def contract_of(database, reference):
    with database.reading() as session:
        return session.query(Contract).filter_by(reference=reference).one()


def transfer(acting, database, reference, to, how=HOW):
    with acting() as act:
        operations.transfer(act, contract_of(database, reference).id, to.id, how)


def test_a_merge_moves_all_contracts_and_past_days_still_show_the_former_owners(
    database, acting, parties
):
    merge(acting, parties, "AUMONT", "JAVOLS")
    aumont, javols, peyre = parties.values()
    for day in (DAY, LONG_AFTER):
        assert held(database, peyre, day) == ["AUMONT-1", "AUMONT-2", "JAVOLS-1", "JAVOLS-2"]
        assert held(database, aumont, day) == held(database, javols, day) == []
    assert held(database, peyre, BEFORE) == []
    assert held(database, aumont, BEFORE) == ["AUMONT-1", "AUMONT-2"]
    assert held(database, javols, BEFORE) == ["JAVOLS-1", "JAVOLS-2"]


def test_merged_controllers_end_and_name_their_successor(database, acting, parties):
    merge(acting, parties, "AUMONT")
    with database.reading() as session:
        found = history.in_force(session, Controller, DAY)
        before = history.in_force(session, Controller, BEFORE)
        listed = [
            [
                row.head.code
                for row in queries.controllers(session, Filters(ended=ended), FIRST).rows
            ]
            for ended in (False, True)
        ]
        told = queries.successions_of(session, parties["AUMONT"].id)
        also = queries.successions_of(session, parties["PEYRE"].id)
    known = found[parties["AUMONT"].id].facts
    assert (known.ended_on, known.succeeded_by) == (DAY, "PEYRE")
    assert before[parties["AUMONT"].id].facts.ended_on is None
    assert listed == [["JAVOLS", "PEYRE"], ["AUMONT", "JAVOLS", "PEYRE"]]
    assert sorted(each.kind.value for each in told) == ["merged", "transferred", "transferred"]
    assert {each.id for each in told} == {each.id for each in also}
    assert {(each.before, each.after, each.reason) for each in told} == {
        ("AUMONT", "PEYRE", "Fusion")
    }


def test_a_merge_says_so_in_the_journal(database, acting, parties):
    merge(acting, parties, "AUMONT")
    said = entries(database, "controller.succeeded")
    assert [each.about for each in said] == [f"controller:{parties['AUMONT'].id}"] * 3
    moved = entries(database, "contract.changed")
    assert {each.within for each in moved} == {f"controller:{parties['PEYRE'].id}"}


def test_nobody_succeeds_itself_or_twice(database, acting, parties):
    with pytest.raises(Invalid):
        merge(acting, parties, "PEYRE")
    merge(acting, parties, "AUMONT")
    with pytest.raises(Conflict, match="AUMONT has ended already"):
        merge(acting, parties, "AUMONT", to="JAVOLS")
    assert held(database, parties["PEYRE"], DAY) == ["AUMONT-1", "AUMONT-2"]


def test_a_refused_merge_moves_nothing(database, acting, parties):
    merge(acting, parties, "AUMONT")
    with pytest.raises(Conflict):
        merge(acting, parties, "JAVOLS", "AUMONT")
    assert held(database, parties["JAVOLS"], LONG_AFTER) == ["JAVOLS-1", "JAVOLS-2"]


def test_a_transfer_moves_one_contract(database, acting, parties):
    transfer(acting, database, "AUMONT-1", parties["JAVOLS"])
    assert held(database, parties["AUMONT"], BEFORE) == ["AUMONT-1", "AUMONT-2"]
    assert held(database, parties["AUMONT"], DAY) == ["AUMONT-2"]
    assert held(database, parties["JAVOLS"], BEFORE) == ["JAVOLS-1", "JAVOLS-2"]
    assert held(database, parties["JAVOLS"], DAY) == ["AUMONT-1", "JAVOLS-1", "JAVOLS-2"]
    with database.reading() as session:
        (told,) = queries.successions_of(session, parties["AUMONT"].id)
    assert (told.kind.value, told.effective_on) == ("transferred", DAY)


def test_a_contract_can_go_on_and_come_back(database, acting, parties):
    aumont, javols, peyre = parties.values()
    for year, to in ((2022, javols), (2024, peyre), (2026, aumont)):
        transfer(acting, database, "AUMONT-1", to, since(year))
    owners = {
        year: [head.code for head in parties.values() if "AUMONT-1" in held(database, head, day)]
        for year in range(2021, 2028)
        for day in [date(year, 6, 1)]
    }
    assert owners == {
        2021: ["AUMONT"],
        2022: ["JAVOLS"],
        2023: ["JAVOLS"],
        2024: ["PEYRE"],
        2025: ["PEYRE"],
        2026: ["AUMONT"],
        2027: ["AUMONT"],
    }


def test_a_transfer_recorded_late_lasts_through_what_was_recorded_since(database, acting, parties):
    head = contract_of(database, "AUMONT-1")
    with acting() as act:
        new = contract(parties["AUMONT"], "AUMONT-1", title="Avenant")
        operations.change_contract(act, head.id, new, 1, since(2028))
    transfer(acting, database, "AUMONT-1", parties["PEYRE"])
    with database.reading() as session:
        known = [history.in_force(session, Contract, day, [head.id])[head.id].facts
                 for day in (BEFORE, DAY, LONG_AFTER)]  # fmt: skip
    assert [(each.controller, each.title) for each in known] == [
        (parties["AUMONT"].id, ""),
        (parties["PEYRE"].id, ""),
        (parties["PEYRE"].id, "Avenant"),
    ]
    assert "AUMONT-1" in held(database, parties["PEYRE"], LONG_AFTER)


def test_a_merge_recorded_late_ends_the_controller_for_good(database, acting, parties):
    with acting() as act:
        operations.change_controller(
            act, parties["AUMONT"].id, commune("Aumont-Aubrac"), 1, since(2028)
        )
    merge(acting, parties, "AUMONT")
    with database.reading() as session:
        known = history.in_force(session, Controller, LONG_AFTER)[parties["AUMONT"].id].facts
    assert (known.name, known.ended_on) == ("Aumont-Aubrac", DAY)


def test_a_correction_of_the_past_leaves_a_contract_with_its_owner_of_that_day(
    database, acting, parties
):
    transfer(acting, database, "AUMONT-1", parties["PEYRE"])
    head = contract_of(database, "AUMONT-1")
    with database.reading() as session:
        known = history.latest(session, session.get_one(Contract, head.id))
    with acting() as act:
        new = replace(known, title="Corrigé")
        operations.change_contract(act, head.id, new, head.latest, since(2022))
    assert "AUMONT-1" in held(database, parties["AUMONT"], date(2022, 6, 1))
    assert "AUMONT-1" in held(database, parties["AUMONT"], BEFORE)
    assert "AUMONT-1" in held(database, parties["PEYRE"], DAY)
    assert contract_of(database, "AUMONT-1").controller_id == parties["PEYRE"].id


def test_a_contract_changes_hands_only_by_a_transfer(database, acting, parties):
    head = contract_of(database, "AUMONT-1")
    with pytest.raises(Invalid) as refused, acting() as act:
        new = contract(parties["PEYRE"], "AUMONT-1")
        operations.change_contract(act, head.id, new, 1, HOW)
    assert refused.value.field == "controller"


def test_a_transfer_to_the_same_or_to_nobody_is_refused(database, acting, parties):
    with pytest.raises(Invalid):
        transfer(acting, database, "AUMONT-1", parties["AUMONT"])
    with pytest.raises(NotFound):
        transfer(acting, database, "AUMONT-1", Controller(code="X"))


def test_a_transfer_where_the_reference_is_taken_is_refused(database, acting, parties):
    with acting() as act:
        operations.record_contract(act, contract(parties["PEYRE"], "AUMONT-1"), since(2020))
    with database.reading() as session:
        of_aumont = session.query(Contract).filter_by(
            reference="AUMONT-1", controller_id=parties["AUMONT"].id
        )
        wanted = of_aumont.one().id
    with pytest.raises(Invalid) as refused, acting() as act:
        operations.transfer(act, wanted, parties["PEYRE"].id, HOW)
    assert refused.value.field == "reference"


def test_a_merge_to_come_shows_only_from_its_day(database, acting, parties):
    merge(acting, parties, "AUMONT", how=since(2027))
    assert held(database, parties["AUMONT"], date(2026, 12, 31)) == ["AUMONT-1", "AUMONT-2"]
    assert held(database, parties["PEYRE"], date(2026, 12, 31)) == []
    assert held(database, parties["PEYRE"], date(2027, 1, 1)) == ["AUMONT-1", "AUMONT-2"]
