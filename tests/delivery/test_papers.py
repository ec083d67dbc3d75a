"""Letters to print and drafts to look at."""

import io

import pikepdf
import pytest
from msgspec.structs import replace

from registers.announcements import queries
from registers.announcements.facts import Announcement
from registers.controllers.vocabulary import Channel
from registers.delivery import letters, preview
from registers.notices.models import Dispatch
from tests.annexes.papers import NOW
from tests.announcements.telling import INTENDED, announced, drafted, rows
from tests.delivery.hands import Post, drained
from tests.press.reading import words


def test_the_letters_are_one_file_each_on_sheets_of_its_own(sample, clock):
    head = announced(sample, clock, at=NOW)
    drained(sample, Post())
    waiting = rows(sample, Dispatch, Dispatch.channel == Channel.REGISTERED_LETTER)
    with sample.reading() as session:
        content, count = letters.to_print(session, sample.files, queries.cause_of(head))
        assert letters.ready(session, queries.cause_of(head)) == count
    assert count == len(waiting) > 0
    with pikepdf.open(io.BytesIO(content)) as merged:
        assert len(merged.pages) >= 2 * count
        assert len(merged.pages) % 2 == 0


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_draft_of_the_notice_is_the_notice_with_a_mark(sample, clock, language, tmp_path):
    drafted(sample, clock, at=NOW)
    with sample.reading() as session:
        content = preview.draft_pdf(session, INTENDED, language, NOW.date(), NOW)
    said = " ".join(words(content, tmp_path / "draft.pdf"))
    assert "Messagerie Boréale SAS" in said
    assert {"fr": "PROJET", "en": "DRAFT"}[language] in said.upper()


def test_a_draft_that_says_little_can_be_looked_at_too(sample, clock):
    drafted(sample, clock, at=NOW)
    empty = Announcement(title="Rien encore")
    unknown = replace(INTENDED, changes=(replace(INTENDED.changes[0], code="NOBODY"),))
    with sample.reading() as session:
        for known in (empty, unknown):
            assert preview.draft_pdf(session, known, "fr", NOW.date(), NOW).startswith(b"%PDF")
