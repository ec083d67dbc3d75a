"""Every kind of entry, and every fact it declares, has its words in both languages."""

import subprocess
import sys

import pytest

import registers.work  # noqa: F401 all kinds are declared then
from app.journal import fields
from registers.kernel.audit import KINDS
from registers.kernel.words import Words
from tests import catalogues


@pytest.fixture(scope="module")
def kinds():
    """Those of the product: tests declare some of their own."""
    listing = (
        "import app.application, app.commands.serving, registers.work; "
        "from registers.kernel.audit import KINDS; print(*KINDS)"
    )
    found = subprocess.run([sys.executable, "-c", listing], capture_output=True, check=True)
    return [KINDS[name] for name in found.stdout.decode().split()]


def test_every_kind_of_entry_has_its_words_in_french(kinds):
    french = Words("fr")
    assert [kind.name for kind in kinds if french.say(kind.says) == kind.says.source] == []


def test_every_declared_fact_has_a_name_in_french(kinds):
    declared = {field for kind in kinds for field in kind.fields}
    assert declared == set(fields.FIELDS)
    kept = {each.id: each.string for each in catalogues.kept("app", "fr") if each.id}
    sources = {label._args[0] for label in fields.FIELDS.values()}
    assert [source for source in sources if not kept.get(source)] == []


def test_values_with_words_belong_to_facts_that_are_declared():
    assert all(name in KINDS[kind].fields for kind, name in fields._VALUES)


def test_values_beside_an_entry_are_said_and_what_has_parts_is_shown_as_kept(empty_site):
    kept = {
        "reason": "Corrigé",
        "places": ["a", "b"],
        "note": "",
        "contracts": [{"persons": 3}],
        "after": {"name": "Support"},
        "whatever": "2026-11-22",
    }
    with empty_site.app.test_request_context("/"):
        found = [(each.label, each.says, each.detail) for each in fields.beside(kept)]
    assert found == [
        ("Motif", "Corrigé", None),
        ("Emplacements", "a, b", None),
        ("Contrats", "", [{"persons": 3}]),
        ("Après", "", {"name": "Support"}),
        ("whatever", "dimanche 22 novembre 2026", None),
    ]


@pytest.mark.parametrize(
    ("language", "said"),
    [("fr", "10\N{NARROW NO-BREAK SPACE}000 entrées"), ("en", "10,000 entries")],
)
def test_what_pages_count_has_its_thousands_set_apart(empty_site, language, said):
    page = '{{ ngettext("%(num)s entry", "%(num)s entries", 10000) }}'
    accepted = {"Accept-Language": language}
    with empty_site.app.test_request_context("/", headers=accepted):
        assert empty_site.app.jinja_env.from_string(page).render() == said
