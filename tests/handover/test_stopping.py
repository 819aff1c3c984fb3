"""Cancelling tells everybody; stopping tells nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from handover.booking import book
from handover.domain.talks import Talk
from handover.errors import Conflict, Invalid, NotFound
from handover.stopping import cancel, stop, undo_stop
from handover.store import audit, talks
from handover.store.sqlite import SqliteStore
from tests.bookings import ELLEN, TEN, letters, wanted, words
from tests.cast import NOW, Cast

LATER = NOW + 60
WEEK = 7 * 24 * 3600


@pytest.fixture
def talk(store: SqliteStore, cast: Cast) -> Talk:
    store.write_now(words)
    return store.write_now(book, wanted(nurse=cast.bo.actor), by=cast.astrid, now=NOW)


def another(store: SqliteStore, cast: Cast, start: int = TEN + WEEK, **facts: Any) -> Talk:
    return store.write_now(book, wanted(start, **facts), by=cast.astrid, now=NOW)


def alive(store: SqliteStore, talk: Talk) -> tuple[int, int]:
    """How many letters and links of a talk still do something."""
    return store.read_now(
        lambda tx: (
            tx.value("select count(*) from outbox where talk = :t and state = 'queued'", t=talk.id),
            tx.value("select count(*) from links where talk = :t and revoked_at is null", t=talk.id),
        )
    )


def test_everybody_who_was_invited_is_told(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    cancelled = store.write_now(cancel, talk.id, "Goes home today", by=cast.astrid, now=LATER)
    assert (cancelled.state, cancelled.cancel_reason, cancelled.sequence) == (
        "cancelled",
        "Goes home today",
        1,
    )
    assert [row[:3] for row in store.read_now(letters, talk.id)[4:]] == [
        ("cancellation", name, 1) for name in ("Astrid Lund", "Bo Madsen", "Ellen Holm", "Dag Holm")
    ]
    assert alive(store, talk)[1] == 0


def test_cancelling_again_changes_nothing_and_writes_to_nobody(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    first = store.write_now(cancel, talk.id, "One", by=cast.astrid, now=LATER)
    again = store.write_now(cancel, talk.id, "Two", by=cast.bo, now=LATER + 5)
    assert again == first
    assert len(store.read_now(letters, talk.id)) == 8
    assert [row["action"] for row in store.read_now(audit.of_talk, talk.id)] == ["talk:book", "talk:cancel"]


def test_a_cancelled_time_is_free_again(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    store.write_now(cancel, talk.id, "", by=cast.astrid, now=LATER)
    assert another(store, cast, TEN, nurse=cast.bo.actor).state == "booked"


def test_a_held_talk_is_not_cancelled(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    store.write_now(lambda tx: tx.run("update talks set state = 'held' where id = :t", t=talk.id))
    with pytest.raises(Conflict) as caught:
        store.write_now(cancel, talk.id, "", by=cast.astrid, now=LATER)
    assert caught.value.code == "talk-over"


def test_others_cancel_and_stop_nothing(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    for who in (cast.anton, cast.lis):
        with pytest.raises(NotFound):
            store.write_now(cancel, talk.id, "", by=who, now=LATER)
        with pytest.raises(NotFound):
            store.write_now(stop, talk.id, "died", by=who, now=LATER)


@pytest.mark.parametrize("because", ["died", "readmitted", "other"])
def test_stopping_sends_nothing_and_takes_back_what_was_waiting(
    store: SqliteStore, cast: Cast, talk: Talk, because: Any
) -> None:
    assert alive(store, talk) == (4, 2)
    stopped = store.write_now(stop, talk.id, because, by=cast.astrid, now=LATER)
    assert (stopped.state, stopped.stopped_because, stopped.stopped_at) == ("cancelled", because, LATER)
    assert alive(store, talk) == (0, 0)
    assert len(store.read_now(letters, talk.id)) == 4
    assert {one.delivery for one in stopped.participants} == {"none"}
    assert store.read_now(audit.of_talk, talk.id)[-1]["action"] == "talk:stop"


def test_after_a_death_every_talk_of_the_patient_is_silent(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    other = another(store, cast)
    stranger = another(store, cast, patient=replace(ELLEN, reference="HO-18"))
    store.write_now(lambda tx: tx.run("update talks set state = 'held' where id = :t", t=talk.id))
    store.write_now(stop, other.id, "died", by=cast.astrid, now=LATER)
    assert (alive(store, talk), alive(store, other)) == ((0, 0), (0, 0))
    assert store.read_now(talks.get, cast.astrid, talk.id).state == "held"
    assert alive(store, stranger) == (4, 2)


def test_nothing_is_booked_after_a_death_until_the_stop_is_undone(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    store.write_now(stop, talk.id, "died", by=cast.astrid, now=LATER)
    with pytest.raises(Conflict) as caught:
        another(store, cast)
    assert caught.value.code == "patient-stopped"
    undone = store.write_now(undo_stop, talk.id, by=cast.astrid, now=LATER)
    assert (undone.state, undone.stopped_because) == ("cancelled", None)
    fresh = another(store, cast)
    assert fresh.pathway == talk.pathway
    store.write_now(stop, talk.id, "died", by=cast.astrid, now=LATER)
    assert alive(store, fresh) == (0, 0)


def test_a_readmission_is_a_pause(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    store.write_now(stop, talk.id, "readmitted", by=cast.astrid, now=LATER)
    assert another(store, cast).pathway == talk.pathway


def test_stopping_again_changes_nothing(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    first = store.write_now(stop, talk.id, "died", by=cast.astrid, now=LATER)
    assert store.write_now(stop, talk.id, "died", by=cast.astrid, now=LATER + 5) == first


def test_a_reason_nobody_knows_is_refused(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    with pytest.raises(Invalid):
        store.write_now(stop, talk.id, "bored", by=cast.astrid, now=LATER)  # type: ignore[arg-type]
