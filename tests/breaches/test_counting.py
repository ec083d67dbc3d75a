"""Numbers from a table: every row has a fate before anything is written, faults have their line."""

import io
import re

import pytest
import sqlalchemy as sa

from registers.breaches import counting, finding
from registers.breaches.counting import Fate
from registers.breaches.models import Affected
from registers.controllers.models import Contract, Controller
from registers.kernel import sheets
from registers.kernel.errors import Invalid
from registers.people.roles import Role
from tests.breaches.test_operations import RESPONDER, recorded, rows, touched
from tests.registers import entries
from tests.site import site as installation


@pytest.fixture
def breach(sample):
    found = recorded(sample)
    touched(sample, found)
    return found


def sheet(written):
    return sheets.read(written.encode(), "numbers.csv")


def planned(database, breach, written):
    with database.reading() as session:
        return counting.plan(session, breach, sheet(written))


def codes(database):
    """The codes of controllers of whom one contract is affected, and of whom several are."""
    with database.reading() as session:
        query = (
            sa.select(Controller.code, sa.func.count())
            .join(Affected, Affected.controller_id == Controller.id)
            .group_by(Controller.code)
        )
        found = {row[0]: row[1] for row in session.execute(query)}
    single = sorted(code for code, count in found.items() if count == 1)
    return single, sorted(code for code, count in found.items() if count > 1)


def test_faults_are_told_by_their_line(sample, breach):
    (first, second, *_), (several, *_) = codes(sample)
    written = (
        "Code;Contrat;Personnes;Enregistrements\r\n"
        f"{first};;1 200;3400\r\n"
        f"{second};;environ 12;\r\n"
        "NOBODY;;1;1\r\n"
        f"{several};;5;5\r\n"
        f"{several};RIEN;5;5\r\n"
        f"{first};;1;1\r\n"
    )
    found = planned(sample, breach, written)
    assert [row.number for row in found] == [2, 3, 4, 5, 6, 7]
    assert found[0].after == (1200, 3400)
    assert [row.fate for row in found] == [Fate.NEW, *[Fate.REFUSED] * 5]
    assert [[column for column, _ in row.reasons] for row in found[1:]] == [
        *(["persons"], ["code"], ["contract"], ["contract"], ["code"]),
    ]
    assert "“environ 12”" in str(found[1].reasons[0][1])
    assert "Row 2" in str(found[5].reasons[0][1])


def test_what_is_recorded_is_what_was_shown_and_twice_changes_nothing(sample, breach):
    (first, second, *_), _several = codes(sample)
    written = f"code,persons,records\n{first},10,\n{second},?,7\n"
    with sample.acting(RESPONDER) as act:
        done = counting.record(act, breach, sheet(written))
    assert [row.fate for row in done] == [Fate.NEW, Fate.NEW]
    held = sorted(((each.persons, each.records) for each in rows(sample, Affected)), key=str)
    assert held.count((10, None)) == 1
    assert held.count((None, 7)) == 1
    assert {row.fate for row in planned(sample, breach, written)} == {Fate.UNCHANGED}
    with sample.acting(RESPONDER) as act:
        act.require(next(iter(act.actor.permissions)))
        counting.record(act, breach, sheet(written))
    assert len(entries(sample, "breach.numbered")) == 1
    assert planned(sample, breach, f"code,persons\n{first},?\n")[0].fate is Fate.CHANGED


@pytest.mark.parametrize("written", ["name;persons\nx;1\n", "code;name\nx;1\n", "code;code\nx;1\n"])
def test_a_table_that_says_nothing_is_refused(sample, breach, written):
    with pytest.raises(Invalid):
        planned(sample, breach, written)


def test_the_table_that_goes_out_comes_back_unchanged(sample, breach):
    found = rows(sample, Affected)
    with sample.acting(RESPONDER) as act:
        numbers = {each.id: (place, 2 * place) for place, each in enumerate(found)}
        finding.count_persons(act, breach.id, numbers)
    with sample.reading() as session:
        table = list(counting.table(session, breach))
    assert len(table) == len(found)
    content = sheets.xlsx(["code", "contract", "name", "persons", "records"], table)
    with sample.reading() as session:
        back = counting.plan(session, breach, sheets.read(content, "numbers.xlsx"))
    assert {row.fate for row in back} == {Fate.UNCHANGED}


def test_a_contract_that_is_not_affected_after_all_is_not_counted(sample, breach):
    (first, *_), _several = codes(sample)
    with sample.reading() as session:
        query = sa.select(Affected.id).join(Controller, Controller.id == Affected.controller_id)
        (key,) = session.scalars(query.where(Controller.code == first))
    with sample.acting(RESPONDER) as act:
        finding.untouch(act, [key], "Non")
    (row,) = planned(sample, breach, f"code;persons\n{first};1\n")
    assert row.fate is Fate.REFUSED


@pytest.fixture
def site(register_url, tmp_path, clock):
    with installation(register_url, tmp_path, clock) as made:
        yield made


def test_a_table_is_sent_looked_at_and_confirmed(site):
    database = site.house.database
    breach = recorded(database)
    touched(database, breach)
    (first, *_), _several = codes(database)
    responder = site.signed_in(Role.RESPONDER)
    place = f"/breaches/{breach.code}/affected/numbers"
    assert responder.get(f"{place}.xlsx").data.startswith(b"PK")
    page = responder.get(f"{place}/import").text
    token = re.search(r'csrf_token"[^>]*value="([^"]+)"', page)[1]
    assert responder.post(f"{place}/import", data={"csrf_token": token}).status_code == 422

    def sent(content):
        file = (io.BytesIO(content), "numbers.csv")
        return responder.post(f"{place}/import", data={"csrf_token": token, "file": file})

    assert sent(b"name;x\na;b\n").status_code == 422
    look = sent(f"code;persons\n{first};42\nNOBODY;1\n".encode()).headers["Location"]
    shown = responder.get(look).text
    assert "Refused rows are left out" in shown
    assert "No affected contract is of a controller with this code." in shown
    assert not any(each.persons for each in rows(database, Affected))
    done = responder.post(look, data={"csrf_token": token})
    assert done.headers["Location"] == f"/breaches/{breach.code}/affected"
    assert [each.persons for each in rows(database, Affected) if each.persons] == [42]
    assert responder.get(look).status_code == 404
    other = site.signed_in(Role.AUDITOR)
    assert other.get(f"{place}/import").status_code == 403
    assert len(rows(database, Contract)) >= len(rows(database, Affected))
