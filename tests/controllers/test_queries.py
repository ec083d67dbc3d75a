"""Lists of controllers, contracts and contacts: searched, narrowed, page by page, alike on both."""

from collections import Counter
from datetime import date

import pytest

from registers.controllers import operations, queries
from registers.controllers.facts import Contact, ContactLink, Service
from registers.controllers.queries import Filters
from registers.controllers.vocabulary import ContactKind, ContactRole, ControllerKind
from registers.kernel.identifiers import fold
from registers.kernel.pages import FIRST, SIZE, Cut
from tests.databases import KINDS, Clock, opened
from tests.registers import EVERYTHING, commune, contract, since

NAMES = [
    *("Élancourt", "elancourt", "Ela-ncourt", "Ela ncourt", "Elan’court", "ÉLANCOURT"),
    *("Œuilly", "Oeuilly", "Ouilly", "Çà", "ca", "Zoé", "zoe 10", "zoe 2", "zoe-2", "Zürich"),
    *("100 % local", "100 communes", "sous_tiret", "sous-tiret", "Saint-Flour", "Saint Flour"),
]
CROWD = [*NAMES, *(f"Commune {number % 40}" for number in range(130 - len(NAMES)))]


@pytest.fixture(scope="module", params=KINDS)
def crowd(request, databases, tmp_path_factory):
    """More controllers than two pages hold: names with accents, some alike, one of them ended."""
    with databases.fresh(request.param) as url:
        with opened(url, tmp_path_factory.mktemp("files"), Clock()) as database:
            with database.acting(EVERYTHING) as act:
                _fill(act)
            yield database


def _fill(act):
    mailbox = Contact(kind=ContactKind.MAILBOX, email="astreinte@flour.example")
    contact = operations.record_contact(act, mailbox, since(2026))
    act.session.flush()
    links = (ContactLink(role=ContactRole.BREACH, contact=contact.id),)
    for number, name in enumerate(CROWD):
        known = {
            "Saint-Flour": commune(name, contacts=links, kind=ControllerKind.UNIVERSITY),
            "Zürich": commune(name, calendar="FR-67", postcode="67000", city="Strasbourg"),
            "Zoé": commune(name, ended_on=date(2026, 2, 1), city=""),
        }.get(name, commune(name))
        head = operations.record_controller(act, f"C-{number}", known, since(2000 + number % 7))
        if name in NAMES:
            act.session.flush()
            services = (Service(code="P2" if name == "ca" else "P1"),)
            agreed = contract(head, f"É/{number}", title="Hébergement", services=services)
            operations.record_contract(act, agreed, since(2026))


def pages(database, ask, filters):
    """All pages from the first to the last, then back again from there."""
    onward, cut = [], FIRST
    while True:
        with database.reading() as session:
            page = ask(session, filters, cut)
        onward.append(page)
        assert (page.before is None) == (len(onward) == 1)
        if page.after is None:
            break
        cut = Cut(after=page.after)
    back = [onward[-1]]
    while back[0].before is not None:
        with database.reading() as session:
            back.insert(0, ask(session, filters, Cut(before=back[0].before)))
    return onward, back


def sorting(order):
    return {
        "name": lambda head: (head.sorted, head.id.hex),
        "code": lambda head: head.code,
        "recent": lambda head: (head.effective_from, head.id.hex),
    }[order]


@pytest.mark.parametrize("order", ["name", "code", "recent"])
def test_every_controller_stands_once_on_the_pages_in_order_there_and_back(crowd, order):
    onward, back = pages(crowd, queries.controllers, Filters(order=order, ended=True))
    heads = [row.head for page in onward for row in page.rows]
    assert [len(page.rows) for page in onward] == [SIZE, SIZE, 30]
    assert Counter(head.code for head in heads) == Counter(f"C-{n}" for n in range(130))
    assert heads == sorted(heads, key=sorting(order), reverse=order == "recent")
    assert [[row.head.id for row in page.rows] for page in back] == [
        [row.head.id for row in page.rows] for page in onward
    ]
    assert {page.total for page in onward} == {130}


def test_names_are_sorted_by_their_letters_on_both_databases(crowd):
    onward, _ = pages(crowd, queries.controllers, Filters(ended=True))
    names = [fold(row.head.name) for page in onward for row in page.rows]
    assert names == sorted(map(fold, CROWD))


def found(database, **filters):
    with database.reading() as session:
        page = queries.controllers(session, Filters(**filters), FIRST)
    return sorted(row.head.name for row in page.rows)


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("elancourt", ["elancourt", "ÉLANCOURT", "Élancourt"]),
        ("ÉLANCOURT", ["elancourt", "ÉLANCOURT", "Élancourt"]),
        ("elan'court", ["Elan’court"]),
        ("oeuilly", ["Oeuilly", "Œuilly"]),
        ("ŒUILLY", ["Oeuilly", "Œuilly"]),
        ("flour saint", ["Saint Flour", "Saint-Flour"]),
        ("  saint   flour ", ["Saint Flour", "Saint-Flour"]),
        ("zurich strasb", ["Zürich"]),
        ("67000", ["Zürich"]),
        ("100 %", ["100 % local"]),
        ("%", ["100 % local"]),
        ("_", ["sous_tiret"]),
        ("\\", []),
        ("'; DROP TABLE controller; --", []),
        ("ca", ["100 % local", "ca", "Çà"]),
        ("c-3", None),
        ("astreinte", ["Saint-Flour"]),
        ("é/1 hebergement", None),
        ("nowhere", []),
    ],
)
def test_a_search_looks_past_accents_case_and_signs(crowd, search, names):
    if names is None:  # by the code of a controller, by the reference of a contract
        assert found(crowd, search=search)
    else:
        assert found(crowd, search=search) == names


def test_lists_are_narrowed(crowd):
    assert found(crowd, kind="university") == ["Saint-Flour"]
    assert found(crowd, kind="nothing") == []
    assert found(crowd, calendar="FR-67") == ["Zürich"]
    assert found(crowd, activity="P2") == ["ca"]
    assert found(crowd, search="zoe", ended=True) == ["Zoé", "zoe 10", "zoe 2", "zoe-2"]
    assert found(crowd, search="zoe") == ["zoe 10", "zoe 2", "zoe-2"]
    assert found(crowd, gaps="missing") == []
    assert found(crowd, gaps="missing", ended=True) == ["Zoé"]
    assert found(crowd, search="flour", kind="university", gaps="findings") == ["Saint-Flour"]


def test_a_row_counts_contracts_and_what_they_and_the_controller_lack(crowd):
    with crowd.reading() as session:
        rows = queries.controllers(session, Filters(search="flour"), FIRST).rows
        (alone,) = queries.controllers(session, Filters(search="C-129"), FIRST).rows
    counted = {row.head.name: (row.contracts, row.findings) for row in rows}
    assert counted == {"Saint-Flour": (1, 3), "Saint Flour": (1, 4)}
    assert (alone.contracts, alone.findings) == (0, 3)


def test_contracts_are_listed_by_reference_with_their_controllers(crowd):
    onward, back = pages(crowd, queries.contracts, Filters())
    rows = [row for page in onward for row in page.rows]
    assert len(rows) == len(NAMES)
    assert [row[0].sorted for row in rows] == sorted(row[0].sorted for row in rows)
    assert all(row[0].controller_id == row[1].id for row in rows)
    assert [page.rows for page in back] == [page.rows for page in onward]
    with crowd.reading() as session:
        ((_, owner),) = queries.contracts(session, Filters(search="HEBERGEMENT zurich"), FIRST).rows
        assert owner.name == "Zürich"
        assert queries.contracts(session, Filters(gaps="findings"), FIRST).total == len(NAMES)
        assert queries.contracts(session, Filters(search="100 %"), FIRST).total == 1


def test_contracts_whose_term_ends_are_named_the_soonest_first(database, acting):
    with acting() as act:
        head = operations.record_controller(act, "A", commune(), since(2026))
        act.session.flush()
        for reference, end, over in (
            ("late", date(2027, 3, 1), None),
            ("soon", date(2026, 12, 1), None),
            ("over", date(2026, 12, 1), date(2026, 6, 1)),
            ("last", date(2027, 3, 2), None),
            ("open", None, None),
        ):
            known = contract(head, reference, ends_on=end, ended_on=over)
            operations.record_contract(act, known, since(2026))
    with database.reading() as session:
        ending = queries.ending_before(session, date(2027, 3, 1), 9)
        assert [each.reference for each, _owner in ending] == ["soon", "late"]
        assert len(queries.ending_before(session, date(2027, 3, 1), 1)) == 1


def test_the_front_page_counts_what_is_not_over(database, acting):
    with database.reading() as session:
        assert queries.counts(session) == (0, 0, 0, 0)
    with acting() as act:
        live = operations.record_controller(act, "A", commune(city=""), since(2026))
        gone = operations.record_controller(
            act, "B", commune(city="", ended_on=date(2026, 2, 1)), since(2026)
        )
        act.session.flush()
        operations.record_contract(act, contract(live), since(2026))
        over = contract(gone, ended_on=date(2026, 2, 1))
        operations.record_contract(act, over, since(2026))
    with database.reading() as session:
        assert queries.counts(session) == (1, 1, 1, 1)


def test_contracts_of_a_controller_come_the_newest_first(database, acting):
    with acting() as act:
        head = operations.record_controller(act, "A", commune(), since(2020))
        act.session.flush()
        for year in (2021, 2024, 2022):
            known = contract(head, f"C-{year}", starts_on=date(year, 1, 1), ends_on=None)
            operations.record_contract(act, known, since(year))
        undated = contract(head, "C-0", starts_on=None)
        operations.record_contract(act, undated, since(2020))
    with database.reading() as session:
        held = queries.contracts_of(session, head.id, date(2023, 1, 1))
    assert [each.known.reference for each in held] == ["C-2022", "C-2021", "C-0"]


def test_of_contacts_with_one_address_one_is_found(database, acting):
    with acting() as act:
        for name in ("Vidal", "Roux"):
            known = Contact(name=name, email="Mairie@Flour.example")
            operations.record_contact(act, known, since(2026))
    with database.reading() as session:
        first = queries.contact_by_email(session, "MAIRIE@flour.example")
        assert first.id == queries.contact_by_email(session, "mairie@flour.example").id
        assert queries.contact_by_email(session, "other@flour.example") is None
