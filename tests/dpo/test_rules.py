"""What a declaration must say, and when it needs the word of the representative."""

from datetime import date

import pytest
from msgspec.structs import replace

from registers.controllers.facts import Contact
from registers.controllers.vocabulary import ContactKind, ContactRole
from registers.dpo import rules
from registers.dpo.facts import FORM, OFFICER, Declaration
from registers.dpo.rules import Found, OnRecord
from registers.dpo.vocabulary import WORTH, Phase, Way
from registers.kernel.errors import Invalid
from registers.kernel.words import Words
from tests.dpo.declaring import DECLARED

FORMER = Contact(name="Roche", first_name="Luc", email="luc.roche@nasbinals.example")
BREACHES = Contact(kind=ContactKind.MAILBOX, email="alertes@nasbinals.example")
NOBODY = OnRecord((), ())


def test_the_form_has_the_fields_of_the_contract_in_their_order():
    assert [*FORM, *OFFICER] == [
        "body",
        "address",
        "postcode",
        "city",
        "representative_name",
        "representative_first_name",
        "representative_quality",
        "civility",
        "name",
        "first_name",
        "phone",
        "email",
    ]
    assert set(FORM) | set(OFFICER) | {"done_at", "done_on"} <= set(Declaration.__struct_fields__)


@pytest.mark.parametrize(
    ("changed", "stands_for"),
    [
        ({}, "Madame Jeanne Astruc"),
        ({"kind": ContactKind.MAILBOX, "civility": "", "name": "", "first_name": ""}, ""),
        (
            {
                "kind": ContactKind.SERVICE,
                "civility": "",
                "name": "",
                "first_name": "",
                "firm": "Direction juridique",
            },
            "Direction juridique",
        ),
        ({"kind": ContactKind.FIRM, "firm": "Cabinet Valette"}, "Madame Jeanne Astruc"),
    ],
)
def test_a_dpo_is_a_person_a_mailbox_a_department_or_a_firm(changed, stands_for):
    known = rules.checked(replace(DECLARED, **changed), public_body=True)
    assert known.officer_name == (stands_for or known.email)


def test_a_person_has_a_name_and_anybody_else_an_address():
    with pytest.raises(Invalid) as refused:
        rules.checked(replace(DECLARED, name=""), public_body=True)
    assert refused.value.field == "name"
    nowhere = replace(DECLARED, kind=ContactKind.MAILBOX, email="")
    with pytest.raises(Invalid) as refused:
        rules.checked(nowhere, public_body=True)
    assert refused.value.field == "email"


NONE = {
    "none": True,
    "none_reason": "Moins de dix salariés, aucun suivi à grande échelle.",
    **dict.fromkeys(("civility", "name", "first_name", "email", "phone"), ""),
}


def test_that_none_is_required_needs_its_reason_and_is_refused_for_a_public_body():
    assert rules.checked(replace(DECLARED, **NONE), public_body=False).officer is None
    for changed, public, field in (
        (NONE, True, "none"),
        ({**NONE, "none_reason": " "}, False, "none_reason"),
        ({**NONE, "name": "Astruc"}, False, "none"),
        ({"none_reason": "aucun"}, False, "none_reason"),
    ):
        with pytest.raises(Invalid) as refused:
            rules.checked(replace(DECLARED, **changed), public_body=public)
        assert refused.value.field == field


def test_addresses_are_put_in_their_normal_form_beside_their_field():
    known = rules.checked(
        replace(DECLARED, email="J.Astruc@Nasbinals.EXAMPLE", breach_email="A@b.EXAMPLE"),
        public_body=True,
    )
    assert (known.email, known.breach_email) == ("j.astruc@nasbinals.example", "a@b.example")
    with pytest.raises(Invalid) as refused:
        rules.checked(replace(DECLARED, breach_email="nowhere"), public_body=True)
    assert refused.value.field == "breach_email"


def test_a_complete_form_is_asked_for_only_where_it_is_signed():
    assert rules.lacking(DECLARED, dated=True) == []
    bare = Declaration(body="Commune", name="Astruc")
    assert rules.checked(bare, public_body=True)
    assert rules.lacking(bare, dated=False)[:3] == ["address", "postcode", "city"]
    with pytest.raises(Invalid) as refused:
        rules.require_complete(replace(DECLARED, done_on=None), dated=True)
    assert refused.value.field == "done_on"
    rules.require_complete(replace(DECLARED, done_on=None), dated=False)


def test_the_first_declaration_is_news_and_the_same_again_is_none():
    assert rules.news(DECLARED, NOBODY) == (True, False, ())
    same = OnRecord((DECLARED.officer,), ())
    assert not rules.news(DECLARED, same).is_any
    assert not rules.news(replace(DECLARED, phone="06"), same).is_any


def test_another_dpo_is_news_and_the_former_address_is_told():
    found = rules.news(DECLARED, OnRecord((FORMER,), (BREACHES,)))
    assert found == (True, False, (FORMER.email,))


def test_breaches_follow_the_dpo_who_was_told_of_them():
    now = OnRecord((FORMER,), (FORMER,))
    assert rules.serving(DECLARED, now)[ContactRole.BREACH] == DECLARED.officer
    assert rules.news(DECLARED, now) == (True, True, (FORMER.email,))
    kept = OnRecord((FORMER,), (BREACHES,))
    assert ContactRole.BREACH not in rules.serving(DECLARED, kept)


def test_another_address_for_breaches_alone_is_news():
    now = OnRecord((DECLARED.officer,), (BREACHES,))
    other = replace(DECLARED, breach_email="astreinte@nasbinals.example")
    assert rules.news(other, now) == (False, True, (BREACHES.email,))
    assert not rules.news(replace(DECLARED, breach_email=BREACHES.email), now).is_any


def test_that_none_is_required_any_more_is_news():
    now = OnRecord((FORMER,), (FORMER,))
    none = replace(DECLARED, **NONE)
    assert rules.serving(none, now) == {ContactRole.DPO: None, ContactRole.BREACH: None}
    assert rules.news(none, now).former == (FORMER.email,)


SIGNED = Found(by="Odile Chabrol", level="B-B", intact=True, same=True)


def test_a_signed_form_is_ours_signed_and_whole():
    rules.require_signed(SIGNED)
    for changed in ({"same": False}, {"by": ""}, {"intact": False}):
        with pytest.raises(Invalid):
            rules.require_signed(replace(SIGNED, **changed))


def test_what_a_return_is_worth_is_said_plainly():
    words = Words("en")
    assert "no authority to hold it against" in words.say(rules.ways(Way.SIGNED, SIGNED))
    for changed, says in (
        ({"trusted": True}, "an authority that we trust"),
        ({"trusted": False}, "no authority we trust"),
        ({"trusted": True, "test": True}, "without legal value"),
    ):
        assert says in words.say(rules.ways(Way.SIGNED, replace(SIGNED, **changed)))
    assert set(WORTH) == set(Way)
    assert "no electronic" in words.say(WORTH[Way.SCANNED])
    assert "No signature" in words.say(WORTH[Way.PORTAL])


def test_a_form_is_returned_once_and_confirmed_once():
    assert rules.may_return(Phase.DRAWN) is None
    assert rules.may_confirm(Phase.RETURNED) is None
    for phase in rules.CLOSED:
        assert rules.may_return(phase)
        assert rules.may_confirm(phase)


def test_the_day_since_when_may_stay_open():
    assert replace(DECLARED, since=date(2026, 11, 1)).officer == DECLARED.officer
