"""Controllers from a table: what would happen is what happens, and twice is once."""

from datetime import date

import pytest

from registers.controllers import facts, importing, operations, queries
from registers.controllers.facts import Span, Terms
from registers.controllers.importing import Fate
from registers.controllers.models import (
    Contact,
    Contract,
    ContractService,
    Controller,
    ControllerContact,
)
from registers.controllers.vocabulary import (
    Authorisation,
    Channel,
    ContactKind,
    ContactRole,
    ControllerKind,
    EndChoice,
    ObjectionEffect,
    Renewal,
)
from registers.kernel import history
from registers.kernel.act import Actor
from registers.kernel.errors import Forbidden, Invalid
from registers.kernel.periods import Unit
from registers.people.roles import Permission
from tests.controllers.tables import csv, ods, request, xlsx
from tests.registers import EVERYTHING, TODAY, commune, count, entries, since

HEADINGS = (
    "Code;Nom;Nature;SIRET;Adresse;Code postal;Ville;Pays;Téléphone;Représentant;"
    "Qualité du représentant;Courriel des notifications;Courriel des violations;Nom du DPO;"
    "Courriel du DPO;Référence du contrat;Début du contrat;Fin du contrat;Activités;"
    "Délai d’objection;Unité du délai d’objection;Effet de l’objection;Autorisation;"
    "Heures de notification;Canaux de notification;Reconduction;Préavis;Sort des données"
)
EVERY_CELL = (
    "CA-1;Agglomération d’Aubrac;agglomération;73282932000074;11 avenue Zola;67100;Strasbourg;"
    "France;0400000010;Odile Chabrol;présidente;notif@aubrac.example;astreinte@aubrac.example;"
    "Rose Vidal;dpo@aubrac.example;CM-1;01/03/2026;28/02/2027;P1 P2,P4;45;jours ouvrés;veto;"
    "générale;24;courriel + LRAR;tacite;3 mois;restitution puis effacement"
)
FULL = (HEADINGS, EVERY_CELL)
SHORT = "code;name;postcode;notice_email;dpo_name;dpo_email;contract_reference;contract_start"


def run(acting, content, **more):
    with acting() as act:
        return importing.import_all(act, request(content, **more))


def planned(database, content, **more):
    with database.reading() as session:
        return importing.plan(session, request(content, **more))


def fates(plan):
    return [row.fate.value for row in plan.rows]


def known(database, code, day=TODAY):
    """The facts of a controller and of its contracts by reference."""
    with database.reading() as session:
        head = queries.controller(session, code)
        dated = history.in_force(session, Controller, day, [head.id])
        held = queries.contracts_of(session, head.id, day)
        return dated[head.id].facts, {each.known.reference: each.known for each in held}


def people(database, code):
    """Who serves a controller: by role, the name and the address."""
    controller, _ = known(database, code)
    with database.reading() as session:
        ids = [link.contact for link in controller.contacts]
        found = queries.contact_facts(session, ids, TODAY)
    return {
        link.role: (found[link.contact].full_name, found[link.contact].email)
        for link in controller.contacts
    }


def rows_of(database):
    kinds = (Controller, Contract, Contact, ControllerContact, ContractService)
    versions = (Controller.version_type, Contract.version_type, Contact.version_type)
    return [count(database, kind) for kind in (*kinds, *versions)]


FORMS = {
    "semicolons": csv(*FULL),
    "tabs": csv(*FULL, separator="\t"),
    "commas": csv(*(row.replace("P1 P2,P4", "P1 P2 P4") for row in FULL), separator=","),
    "UTF-8 with a mark": csv(*FULL, encoding="utf-8-sig"),
    "Windows": csv(*FULL, encoding="cp1252"),
    "XLSX": xlsx(*FULL),
    "ODS": ods(*FULL),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_table_says_the_same_in_every_form(database, acting, form):
    plan = run(acting, FORMS[form])
    assert [(row.fate, row.reasons) for row in plan.rows] == [(Fate.NEW, [])]
    controller, contracts = known(database, "CA-1")
    assert controller.name == "Agglomération d’Aubrac"
    assert (controller.kind, controller.public_body) == (ControllerKind.INTERCOMMUNAL, True)
    assert (controller.siret, controller.postcode) == ("73282932000074", "67100")
    assert (controller.country, controller.calendar) == ("FR", "FR-67")
    assert controller.phone.endswith("400000010")
    assert controller.representative_quality == "présidente"
    assert people(database, "CA-1") == {
        ContactRole.NOTICE: ("notif@aubrac.example", "notif@aubrac.example"),
        ContactRole.BREACH: ("astreinte@aubrac.example", "astreinte@aubrac.example"),
        ContactRole.DPO: ("Rose Vidal", "dpo@aubrac.example"),
    }
    contract = contracts["CM-1"]
    assert (contract.starts_on, contract.ends_on) == (date(2026, 3, 1), date(2027, 2, 28))
    assert [service.code for service in contract.services] == ["P1", "P2", "P4"]
    assert contract.terms == Terms(
        objection_amount=45,
        objection_unit=Unit.BUSINESS_DAYS,
        objection_effect=ObjectionEffect.VETO,
        authorisation=Authorisation.GENERAL,
        breach_hours=24,
        breach_channels=(Channel.EMAIL, Channel.REGISTERED_LETTER),
        renewal=Renewal.TACIT,
        notice=Span(3, Unit.MONTHS),
        end_choice=EndChoice.RETURN_THEN_ERASE,
    )


def test_the_same_file_twice_changes_nothing(database, acting):
    run(acting, csv(*FULL))
    before = rows_of(database)
    assert fates(planned(database, csv(*FULL))) == ["unchanged"]
    plan = run(acting, xlsx(*FULL))
    assert fates(plan) == ["unchanged"]
    assert plan.rows[0].changes == []
    assert rows_of(database) == before
    assert entries(database)[-1].facts == '{"changed":0,"new":0,"refused":0,"unchanged":1}'


@pytest.mark.parametrize(
    "row",
    [
        "A;Alpha;48260;;Rose Vidal;;;",
        "A;Alpha;48260;;;dpo@a.example;;",
        "A;Alpha;48260;n@a.example;Rose Vidal;n@a.example;C-1;01/03/2027",
        "A;Alpha;;;;;C-1;",
        "A;Alpha;97400;;;;;",
    ],
)
def test_twice_is_once_whatever_is_left_blank(database, acting, row):
    run(acting, csv(SHORT, row))
    before = rows_of(database)
    assert fates(run(acting, csv(SHORT, row))) == ["unchanged"]
    assert rows_of(database) == before


def test_a_dry_run_writes_nothing_and_foretells_everything(database, acting):
    content = csv(SHORT, "A;Alpha;48260;;;;C-1;", "B;;;;;;;")
    plan = planned(database, content)
    assert fates(plan) == ["new", "refused"]
    assert rows_of(database) == [0] * 8
    assert entries(database) == []
    done = run(acting, content)
    assert [(row.number, row.code, row.fate, row.reasons) for row in done.rows] == [
        (row.number, row.code, row.fate, row.reasons) for row in plan.rows
    ]
    assert [len(row.changes) for row in done.rows] == [len(row.changes) for row in plan.rows]


def test_refused_rows_say_why_by_column_and_do_not_stop_the_others(database, acting):
    header = (
        "code;name;postcode;country;siret;notice_email;contract_reference;contract_start;"
        "contract_end;activities;breach_hours;renewal;language;calendar"
    )
    plan = run(
        acting,
        csv(
            header,
            "A;Alpha;1400;;123;nobody;C;32/01/2026;;;x;perhaps;de;FR-99",
            "B;Beta;1400;;;;;;;;;;;",
            "C;Gamma;;;;;C-1;01/03/2026;28/02/2026;;;;;",
            "D;Delta;;;;;C-1;;;P1 P9 P8;;;;",
            "E;;;;;;;;;;;;;",
            ";Zeta;;;;;;;;;;;;",
            "F/1;Eta;;;;;;;;;;;;",
            "G;Theta;;ZZ;;;;;;;;;;",
            "H;Iota;;;;;;;;;;;;",
            "I;Kappa;;;;;;;;P1;;;;",
        ),
    )
    reasons = {row.code: [column for column, _why in row.reasons] for row in plan.rows}
    assert reasons == {
        "A": [
            *("siret", "notice_email", "contract_start"),
            *("breach_hours", "renewal", "language", "calendar"),
        ],
        "B": ["postcode"],
        "C": ["ends_on"],
        "D": ["activities"],
        "E": ["name"],
        "": ["code"],
        "F/1": ["code"],
        "G": ["country"],
        "H": [],
        "I": ["contract_reference"],
    }
    assert [row.number for row in plan.rows] == list(range(2, 12))
    assert "P9, P8" in str(plan.rows[3].reasons[0][1])
    assert [plan.count(fate) for fate in Fate] == [1, 0, 0, 9]
    assert rows_of(database) == [1, 0, 0, 0, 0, 1, 0, 0]
    assert entries(database)[-1].facts == '{"changed":0,"new":1,"refused":9,"unchanged":0}'


def test_several_rows_of_a_code_are_one_controller_with_several_contracts(database, acting):
    plan = run(
        acting,
        csv(
            SHORT,
            "A;Alpha;48260;;;;C-1;01/03/2024",
            "A;;;;;;C-2;01/03/2022",
            "A;;;n@a.example;;;;",
            "A;;;;;;C-2;",
        ),
    )
    assert fates(plan) == ["new", "new", "changed", "unchanged"]
    controller, contracts = known(database, "A")
    assert sorted(contracts) == ["C-1", "C-2"]
    assert people(database, "A") == {ContactRole.NOTICE: ("n@a.example", "n@a.example")}
    assert controller.postcode == "48260"
    assert rows_of(database)[:2] == [1, 2]


def test_a_blank_cell_leaves_what_is_there_and_a_filled_one_replaces_it(database, acting):
    run(acting, csv(*FULL))
    plan = run(acting, csv("code;nom;ville;heures de notification;contrat", "CA-1;;Aumont;48;"))
    assert fates(plan) == ["changed"]
    assert [
        (str(change.field), change.before, change.after) for change in plan.rows[0].changes
    ] == [
        ("City", "Strasbourg", "Aumont"),
        ("Terms", 24, 48),
    ]
    controller, contracts = known(database, "CA-1")
    assert (controller.name, controller.city) == ("Agglomération d’Aubrac", "Aumont")
    assert contracts["CM-1"].terms.breach_hours == 48
    assert contracts["CM-1"].terms.objection_amount == 45
    assert known(database, "CA-1", date(2026, 11, 21))[0].city == "Strasbourg"


def test_of_two_contracts_a_row_says_which_it_means(acting):
    run(acting, csv(SHORT, "A;Alpha;48260;;;;C-1;", "A;;;;;;C-2;"))
    plan = run(acting, csv("code;breach_hours", "A;24"))
    assert [column for column, _why in plan.rows[0].reasons] == ["contract_reference"]
    assert fates(run(acting, csv("code;contract_reference;breach_hours", "A;C-2;24"))) == [
        "changed"
    ]


@pytest.mark.parametrize(
    ("header", "named"),
    [
        ("code;nom;couleur;taille", "couleur, taille"),
        ("code;nom;name", "name"),
        ("code;Raison sociale;dénomination", "name"),
        ("nom;ville", "code"),
    ],
)
def test_columns_that_are_unknown_doubled_or_missing_are_refused_at_once(database, header, named):
    with pytest.raises(Invalid, match=named) as refused:
        planned(database, csv(header, "A;B;C;D"))
    assert refused.value.field == "file"


def test_headings_are_read_in_both_languages_whatever_their_case(database):
    headings = " CODE ;Dénomination;CODE POSTAL;Référence Du Contrat;OBJECTION AMOUNT"
    assert fates(planned(database, csv(headings, "A;Alpha;48260;C-1;30"))) == ["new"]


@pytest.mark.parametrize(
    ("cells", "calendar", "zone"),
    [
        ("67000;", "FR-67", "Europe/Paris"),
        ("57000;France", "FR-57", "Europe/Paris"),
        ("97412;", "FR-974", "Indian/Reunion"),
        ("97150;", "FR-971", "America/Guadeloupe"),
        ("48260;", "FR", "Europe/Paris"),
        (";", "FR", "Europe/Paris"),
        ("1400;Belgique", "BE", "Europe/Brussels"),
        ("L-4002;LU", "LU", "Europe/Luxembourg"),
        ("83001;Allemagne", "DE", "Europe/Berlin"),
        ("1200;CH", "FR", "Europe/Paris"),
    ],
)
def test_a_new_controller_has_the_calendar_of_its_place(database, cells, calendar, zone):
    plan = planned(database, csv("code;name;postcode;country", f"A;Alpha;{cells}"))
    controller = plan.controllers["A"].known
    assert (controller.calendar, controller.zone) == (calendar, zone)


def test_a_calendar_that_is_given_brings_its_zone_and_stays(database, acting):
    content = csv(
        "code;name;postcode;calendar;zone", "A;Alpha;67000;FR-974;", "B;B;;FR-974;Europe/Paris"
    )
    run(acting, content)
    assert [known(database, code)[0].zone for code in "AB"] == ["Indian/Reunion", "Europe/Paris"]
    run(acting, csv("code;postcode", "A;48260"))
    assert known(database, "A")[0].calendar == "FR-974"
    run(acting, csv("code;calendar", "A;FR-972"))
    assert known(database, "A")[0].zone == "America/Martinique"


def test_terms_come_from_the_model_where_the_table_says_nothing(database, acting):
    terms = Terms(breach_hours=12, breach_channels=(Channel.EMAIL,))
    header = "code;name;contract_reference;breach_hours"
    run(acting, csv(header, "A;Alpha;C-1;", "B;Beta;C-1;36"), terms=terms)
    hours = {code: known(database, code)[1]["C-1"].terms.breach_hours for code in "AB"}
    assert hours == {"A": 12, "B": 36}
    assert known(database, "B")[1]["C-1"].terms.breach_channels == (Channel.EMAIL,)
    assert fates(run(acting, csv(header, "A;;C-1;"))) == ["unchanged"]  # another model, later


def test_what_began_before_is_taken_over_from_its_day(database, acting):
    run(
        acting,
        csv(
            SHORT,
            "A;Alpha;48260;;Rose Vidal;dpo@a.example;C-1;01/03/2024",
            "A;;;;;;C-2;01/03/2020",
            "B;Beta;48260;;;;C-1;01/03/2027",
            "C;Gamma;48260;;;;;",
        ),
    )
    with database.reading() as session:
        begun = {
            head.code: (version.effective_from, version.taken_over)
            for head in session.query(Controller)
            for version in history.versions(session, head)
        }
        contracts = {
            (version.effective_from, version.taken_over)
            for head in session.query(Contract)
            for version in history.versions(session, head)
        }
    assert begun == {
        "A": (date(2020, 3, 1), True),
        "B": (TODAY, False),
        "C": (TODAY, False),
    }
    assert contracts == {
        (date(2024, 3, 1), True),
        (date(2020, 3, 1), True),
        (TODAY, False),
    }


def test_a_contact_is_known_by_its_address_and_serves_all_who_name_it(database, acting):
    run(
        acting,
        csv(
            SHORT,
            "A;Alpha;;Shared@firm.example;;;;",
            "B;Beta;;shared@firm.example;;;;",
            "C;Gamma;;;;shared@firm.example;;",
        ),
    )
    assert count(database, Contact) == 1
    with database.reading() as session:
        (head,) = session.query(Contact)
        assert len(queries.served_by(session, head.id, 9)) == 3
        assert head.kind is ContactKind.MAILBOX


def test_a_name_given_later_completes_the_mailbox(database, acting):
    run(acting, csv(SHORT, "A;Alpha;;;;dpo@a.example;;"))
    plan = run(acting, csv("code;dpo_name", "A;Rose Vidal"))
    assert fates(plan) == ["changed"]
    assert people(database, "A") == {ContactRole.DPO: ("Rose Vidal", "dpo@a.example")}
    assert count(database, Contact) == 1


def test_two_persons_may_share_a_mailbox(database, acting):
    run(
        acting,
        csv(
            SHORT,
            "A;Alpha;;;Rose Vidal;dpo@firm.example;;",
            "B;Beta;;;Jean Roux;dpo@firm.example;;",
            "C;Gamma;;;Rose Vidal;dpo@firm.example;;",
        ),
    )
    assert count(database, Contact) == 2
    assert {code: people(database, code)[ContactRole.DPO][0] for code in "ABC"} == {
        "A": "Rose Vidal",
        "B": "Jean Roux",
        "C": "Rose Vidal",
    }


def test_a_person_recorded_with_a_first_name_is_recognised(database, acting):
    with acting() as act:
        person = facts.Contact(name="Vidal", first_name="Rose", email="dpo@a.example")
        operations.record_contact(act, person, since(2020))
    run(
        acting,
        csv(SHORT, "A;Alpha;;;Rose Vidal;dpo@a.example;;", "B;Beta;;;Vidal Rose;dpo@a.example;;"),
    )
    assert count(database, Contact) == 1


def test_a_new_dpo_takes_the_place_of_the_old_one(database, acting):
    run(acting, csv(SHORT, "A;Alpha;;n@a.example;Rose Vidal;dpo@a.example;;"))
    run(acting, csv(SHORT, "A;;;;Jean Roux;roux@a.example;;"))
    assert people(database, "A") == {
        ContactRole.NOTICE: ("n@a.example", "n@a.example"),
        ContactRole.DPO: ("Jean Roux", "roux@a.example"),
    }
    assert count(database, ControllerContact) == 2


def test_controllers_on_record_are_found_by_their_code(database, acting):
    with acting() as act:
        operations.record_controller(act, "NASBINALS", commune(), since(2020))
    plan = run(acting, csv("code;phone;kind", "NASBINALS;0400;association", "nasbinals;1;"))
    assert fates(plan) == ["changed", "refused"]
    controller, _ = known(database, "NASBINALS")
    assert (controller.phone, controller.kind) == ("0400", ControllerKind.ASSOCIATION)
    assert controller.public_body is False
    assert controller.representative == "Odile Chabrol"


def test_what_is_recorded_to_take_effect_later_is_left_alone(database, acting):
    with acting() as act:
        head = operations.record_controller(act, "A", commune(), since(2020))
        act.session.flush()
        operations.change_controller(act, head.id, commune("Demain"), 1, since(2027))
    assert fates(run(acting, csv("code;name", "A;Commune de Nasbinals"))) == ["unchanged"]
    assert known(database, "A", date(2027, 1, 1))[0].name == "Demain"


def test_many_controllers_take_one_act(database, acting):
    rows = [f"C-{n};Commune {n};48260;n{n % 7}@a.example;;;M-{n};01/03/2024" for n in range(700)]
    plan = run(acting, csv(SHORT, *rows))
    assert plan.count(Fate.NEW) == 700
    assert rows_of(database)[:4] == [700, 700, 7, 700]
    assert len({entry.act for entry in entries(database)}) == 1
    assert fates(planned(database, csv(SHORT, *rows))) == ["unchanged"] * 700


def test_an_import_asks_for_its_permission(database, acting):
    without = Actor("user", EVERYTHING.permissions - {Permission.CONTROLLERS_EDIT})
    with pytest.raises(Forbidden), acting(without) as act:
        importing.import_all(act, request(csv(SHORT, "A;Alpha;;;;;;")))
    assert entries(database) == []
