"""Answers: confirmed, handed to a colleague, or the ward is told."""

from __future__ import annotations

import pytest

from handover.booking import book
from handover.domain.talks import Talk
from handover.errors import NotAllowed
from handover.moving import move
from handover.replying import answer
from handover.stopping import cancel
from handover.store import audit, talks
from handover.store.sqlite import SqliteStore
from tests.bookings import TEN, letters, wanted, words
from tests.cast import NOW, Cast

LATER = NOW + 60


@pytest.fixture
def talk(store: SqliteStore, cast: Cast) -> Talk:
    store.write_now(words)
    return store.write_now(book, wanted(nurse=cast.bo.actor), by=cast.astrid, now=NOW)


def test_a_nurse_who_accepts_confirms_the_talk(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    after = store.write_now(answer, talk.id, "accepted", by=cast.bo, now=LATER)
    assert (after.state, after.version, after.sequence) == ("confirmed", 1, 0)
    assert len(store.read_now(letters, talk.id)) == 4
    assert store.write_now(answer, talk.id, "tentative", by=cast.bo, now=LATER + 1).state == "booked"


def test_the_wards_answer_confirms_nothing(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    after = store.write_now(answer, talk.id, "accepted", by=cast.astrid, now=LATER)
    assert (after.state, after.participants[0].response) == ("booked", "accepted")


def test_the_same_answer_again_and_an_older_one_change_nothing(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    first = store.write_now(answer, talk.id, "accepted", by=cast.bo, now=LATER)
    assert store.write_now(answer, talk.id, "accepted", by=cast.bo, now=LATER + 9) == first
    assert store.write_now(answer, talk.id, "declined", by=cast.bo, now=LATER - 1) == first
    assert [row["action"] for row in store.read_now(audit.of_talk, talk.id)] == ["talk:book", "talk:answer"]


def test_a_nurse_who_declines_is_replaced_by_a_free_colleague(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    after = store.write_now(answer, talk.id, "declined", by=cast.bo, now=LATER)
    assert (after.nurse, after.state, after.starts_at, after.version) == (cast.birgit.actor, "booked", TEN, 1)
    assert [one.name for one in after.participants if one.role == "nurse"] == ["Birgit Holm"]
    assert store.read_now(letters, talk.id)[4:] == [
        ("cancellation", "Bo Madsen", 1, "queued"),
        ("invitation", "Birgit Holm", 1, "queued"),
        ("invitation", "Astrid Lund", 1, "queued"),
    ]


def test_when_everybody_declines_the_ward_is_told_and_nobody_is_asked_twice(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    store.write_now(answer, talk.id, "declined", by=cast.bo, now=LATER)
    after = store.write_now(answer, talk.id, "declined", by=cast.birgit, now=LATER + 1)
    assert (after.nurse, after.state) == (None, "booked")
    assert [row[:2] for row in store.read_now(letters, talk.id)[-2:]] == [
        ("cancellation", "Birgit Holm"),
        ("no-nurse", "Astrid Lund"),
    ]


def test_a_colleague_who_is_taken_is_not_handed_the_talk(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    store.write_now(book, wanted(nurse=cast.birgit.actor), by=cast.astrid, now=NOW)
    assert store.write_now(answer, talk.id, "declined", by=cast.bo, now=LATER).nurse is None


def test_a_moved_talk_may_come_back_to_who_declined_the_old_time(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    store.write_now(answer, talk.id, "declined", by=cast.bo, now=LATER)
    moved = store.write_now(move, talk.id, TEN + 3600, version=1, by=cast.astrid, now=LATER)
    assert moved.nurse == cast.birgit.actor
    assert store.write_now(answer, talk.id, "declined", by=cast.birgit, now=LATER).nurse == cast.bo.actor


def test_who_is_not_invited_does_not_answer(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    with pytest.raises(NotAllowed) as caught:
        store.write_now(answer, talk.id, "accepted", by=cast.birgit, now=LATER)
    assert caught.value.code == "not-invited"


def test_an_answer_to_a_cancelled_talk_changes_nothing(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    store.write_now(cancel, talk.id, "", by=cast.astrid, now=LATER)
    store.write_now(answer, talk.id, "declined", by=cast.bo, now=LATER)
    assert store.read_now(talks.get, cast.astrid, talk.id).state == "cancelled"
    assert len(store.read_now(letters, talk.id)) == 8
