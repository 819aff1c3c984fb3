"""A national id is looked up by those who may know it, and noted every time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handover.booking import book
from handover.consenting import withdraw_consent
from handover.domain.talks import Talk
from handover.errors import NotFound
from handover.looking_up import look_up_national_id
from handover.store import audit, consents
from handover.store.sqlite import SqliteStore
from tests.bookings import ELLEN, wanted, words
from tests.cast import NOW, Cast

SEALED = b"sealed 010203-1234"


@pytest.fixture
def talk(store: SqliteStore, cast: Cast) -> Talk:
    store.write_now(words)
    ellen = replace(ELLEN, national_id=SEALED)
    return store.write_now(book, wanted(nurse=cast.bo.actor, patient=ellen), by=cast.astrid, now=NOW)


def test_each_look_is_noted_with_who_looked(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    for by in (cast.bo, cast.astrid, cast.bo):
        assert store.write_now(look_up_national_id, talk.id, by=by, now=NOW) == SEALED
    looks = [row for row in store.read_now(audit.of_talk, talk.id) if row["action"] == "patient:look-up"]
    assert [row["actor_name"] for row in looks] == ["Bo Madsen", "Astrid Lund", "Bo Madsen"]


def test_municipality_does_not_see_it_once_the_patient_has_said_no(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    consent = store.read_now(consents.of_talk, talk.id)[0]
    store.write_now(withdraw_consent, talk.id, consent.id, by=cast.astrid, now=NOW)
    with pytest.raises(NotFound):
        store.write_now(look_up_national_id, talk.id, by=cast.bo, now=NOW)
    assert store.write_now(look_up_national_id, talk.id, by=cast.astrid, now=NOW) == SEALED


def test_strangers_to_the_talk_find_nothing_and_leave_no_note(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    for by in (cast.anton, cast.lis, cast.kari):
        with pytest.raises(NotFound):
            store.write_now(look_up_national_id, talk.id, by=by, now=NOW)
    assert "patient:look-up" not in [row["action"] for row in store.read_now(audit.of_talk, talk.id)]


def test_patient_without_a_number_has_nothing_to_look_up(store: SqliteStore, cast: Cast) -> None:
    store.write_now(words)
    talk = store.write_now(book, wanted(), by=cast.astrid, now=NOW)
    with pytest.raises(NotFound):
        store.write_now(look_up_national_id, talk.id, by=cast.astrid, now=NOW)
