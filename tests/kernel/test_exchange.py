"""The register's facts as JSON: out of one installation, into an empty other of either kind."""

import copy
import uuid
from datetime import date

import msgspec
import pytest
import sqlalchemy as sa

from registers.activities import operations as activities
from registers.activities import queries as register
from registers.activities.facts import Activity
from registers.annexes import snapshots
from registers.controllers import operations as parties
from registers.controllers.models import (
    ContractService,
    Controller,
    ControllerContact,
    Organisation,
)
from registers.kernel import exchange
from registers.kernel.base import Base
from registers.kernel.errors import Conflict, Invalid
from registers.kernel.exchange import Plain, Versioned
from registers.people.roles import Permission
from registers.work import EXPORTED, NOT_EXPORTED
from tests.databases import KINDS, Clock, opened
from tests.registers import EVERYTHING, TODAY, commune, count, entries, publisher, since


@pytest.fixture
def lived_in(sample, acting):
    """The fictional register after some life: corrections, a draft, a merge, a model of terms."""
    with acting() as act:
        terms = parties.facts.TermsModel(name="IPS")
        parties.record_terms_model(act, "ips", terms, 0, since(2026))
        heads = {head.code: head for head in act.session.query(Controller)}
        montval, annelac = heads["VILLE-MONTVAL"], heads["CA-ANNELAC"]
        parties.change_controller(act, montval.id, commune("Montval"), 1, since(2024, 1))
        parties.merge(act, [montval.id], annelac.id, since(2026, 10))
        activity = act.session.query(activities.Activity).filter_by(code="P2").one()
        activities.change_activity(act, activity.id, Activity(name="Demain"), 1, since(2027))
    return sample


def exported(database):
    with database.reading() as session:
        return msgspec.json.encode(exchange.export(session, EXPORTED))


def bring_in(database, register):
    with database.acting(EVERYTHING) as act:
        act.require(Permission.EXCHANGE)
        return exchange.bring_in(act, EXPORTED, register)


@pytest.fixture(params=KINDS)
def elsewhere(request, databases, tmp_path):
    """An empty installation."""
    with databases.fresh(request.param) as url:
        with opened(url, tmp_path / "elsewhere", Clock()) as made:
            yield made


SHOWN = [kind.heads for kind in EXPORTED if isinstance(kind, Versioned)]
SHOWN += [ControllerContact, ContractService]


def shown(database):
    """All that lists show, row by row, but for how often a row was written."""
    with database.reading() as session:
        return {
            kind.__tablename__: sorted(repr(_cells(row)) for row in session.query(kind))
            for kind in SHOWN
        }


def _cells(row):
    names = [column.name for column in row.__table__.c if column.name != "revision"]
    return {name: getattr(row, name) for name in names}


def test_what_was_exported_comes_back_the_same_from_another_installation(lived_in, elsewhere):
    left = exported(lived_in)
    parts = [part for part in msgspec.json.decode(left).values() if isinstance(part, list)]
    brought = bring_in(elsewhere, msgspec.json.decode(left))
    assert exported(elsewhere) == left
    assert brought == sum(map(len, parts)) > 50
    assert brought == sum(
        len(part) for part in msgspec.json.decode(left).values() if isinstance(part, list)
    )
    (entry,) = entries(elsewhere)
    assert (entry.kind, entry.facts) == ("register.brought_in", f'{{"subjects":{brought}}}')


def test_lists_and_papers_show_the_same_there(lived_in, elsewhere):
    bring_in(elsewhere, msgspec.json.decode(exported(lived_in)))
    assert shown(elsewhere) == shown(lived_in)
    for day in (date(2025, 6, 1), TODAY, date(2027, 6, 1)):
        papers = []
        for database in (lived_in, elsewhere):
            with database.reading() as session:
                ids = list(session.scalars(sa.select(Controller.id)))
                found = snapshots.registers(session, ids, day)
                papers.append({key: each.sha256 for key, each in found.items()})
                assert list(register.activities_in_force(session, day))
        assert papers[0] == papers[1]


def test_the_register_goes_on_there(lived_in, elsewhere):
    bring_in(elsewhere, msgspec.json.decode(exported(lived_in)))
    with elsewhere.acting(EVERYTHING) as act:
        head = act.session.query(activities.Activity).filter_by(code="P2").one()
        assert (head.latest, head.validated) == (2, 1)
        activities.validate_activity(act, head.id, 2)
        owner = act.session.query(Controller).filter_by(code="CA-ANNELAC").one()
        parties.change_controller(act, owner.id, commune(), owner.latest, since(2027))


def test_an_empty_register_is_a_register(database, elsewhere):
    assert bring_in(elsewhere, msgspec.json.decode(exported(database))) == 0
    assert exported(elsewhere) == exported(database)


@pytest.fixture(scope="session")
def left(shared_sample):
    """The fictional register, exported."""
    return msgspec.json.decode(exported(shared_sample))


def refused(database, register, error=Invalid):
    with pytest.raises(error) as raised:
        bring_in(database, register)
    assert count(database, Organisation) == count(database, Controller) == 0
    assert entries(database) == []
    return str(raised.value)


@pytest.mark.parametrize(
    "changes",
    [{"schema": "other"}, {"schema_version": 2}, {"schema": None}, {"schema_version": "1"}],
)
def test_what_is_no_export_of_this_program_is_refused(database, left, changes):
    refused(database, left | changes)


def test_unknown_parts_are_refused_by_name(database, left):
    said = refused(database, left | {"breaches": [], "annexes": []})
    assert "annexes, breaches" in said


def _without_version(register):
    register["controllers"][0]["versions"] = []


def _unknown_fact(register):
    register["controllers"][0]["versions"][0]["facts"]["colour"] = "red"


def _wrong_type(register):
    register["measures"][0]["versions"][0]["number"] = "one"


def _unknown_field(register):
    register["activities"][0]["rank"] = 1


def _bad_row(register):
    register["validations"][0]["validated_at"] = "yesterday"


def _missing_cell(register):
    del register["validations"][0]["version_id"]


def _no_list(register):
    register["contracts"] = {"a": 1}


def _no_rows(register):
    register["validations"] = ["a"]


def _no_code(register):
    del register["controllers"][0]["identity"]["code"]


WRONG = [
    *(_without_version, _unknown_fact, _wrong_type, _unknown_field),
    *(_bad_row, _missing_cell, _no_list, _no_rows, _no_code),
]


@pytest.mark.parametrize("spoil", WRONG)
def test_a_spoilt_part_is_refused_whole(database, left, spoil):
    spoilt = copy.deepcopy(left)
    spoil(spoilt)
    assert refused(database, spoilt)


def test_facts_that_name_what_is_not_there_are_refused(database, left):
    spoilt = copy.deepcopy(left)
    spoilt["contracts"][0]["versions"][0]["facts"]["controller"] = str(uuid.uuid4())
    assert refused(database, spoilt)


@pytest.mark.parametrize("what", ["organisation", "controller", "measure"])
def test_only_an_empty_installation_is_filled(database, acting, left, what):
    with acting() as act:
        if what == "organisation":
            parties.describe_organisation(act, publisher(), 0, since(2026))
        elif what == "controller":
            parties.record_controller(act, "A", commune(), since(2026))
        else:
            activities.record_measure(act, "M", activities.facts.Measure(name="M"), since(2026))
    before = exported(database)
    with pytest.raises(Conflict):
        bring_in(database, left)
    assert exported(database) == before


def test_every_table_is_exported_or_says_why_not():
    heads = {kind.table if isinstance(kind, Plain) else kind.heads for kind in EXPORTED}
    versions = {kind.heads.version_type for kind in EXPORTED if not isinstance(kind, Plain)}
    named = {table.__tablename__ for table in heads | versions}
    assert not named & set(NOT_EXPORTED)
    assert named | set(NOT_EXPORTED) == set(Base.metadata.tables)
    assert all(len(why) > 10 for why in NOT_EXPORTED.values())
