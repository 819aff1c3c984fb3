"""Talk right now: past notice and hours, and the first nurse who says yes comes."""

from __future__ import annotations

from typing import Any

import pytest

from handover.asking_now import ask_now, join_now
from handover.booking import book
from handover.domain.bookings import Changes
from handover.domain.talks import Talk
from handover.errors import Conflict, Invalid, NotAllowed, NotFound
from handover.moving import change
from handover.stopping import cancel
from handover.store import accounts, talks
from handover.store.sqlite import SqliteStore
from tests.bookings import at, letters, wanted, words
from tests.cast import NOW, Cast

SUNDAY = at("2026-11-29 20:02")  # nobody works


@pytest.fixture
def asked(store: SqliteStore, cast: Cast) -> Talk:
    store.write_now(words)
    store.write_now(lambda tx: tx.run("update units set notice_minutes = 10000 where id = :t", t=cast.team))
    return store.write_now(ask_now, wanted(0), by=cast.astrid, now=SUNDAY)


def test_every_nurse_is_asked_and_nobody_else_is_written_to(store: SqliteStore, asked: Talk) -> None:
    assert (asked.state, asked.nurse, asked.starts_at) == ("asked", None, at("2026-11-29 20:05"))
    written = store.read_now(letters, asked.id)
    assert {(letter, name) for letter, name, _, _ in written} == {
        ("right-now", "Bo Madsen"),
        ("right-now", "Birgit Holm"),
    }


def test_the_first_who_says_yes_comes_and_everybody_is_invited(
    store: SqliteStore, cast: Cast, asked: Talk
) -> None:
    joined = store.write_now(join_now, asked.id, by=cast.bo, now=SUNDAY + 60)
    assert (joined.state, joined.nurse) == ("confirmed", cast.bo.actor)
    assert next(one for one in joined.participants if one.role == "nurse").response == "accepted"
    invited = {name for letter, name, _, state in store.read_now(letters, asked.id) if letter == "invitation"}
    assert invited == {"Astrid Lund", "Bo Madsen", "Ellen Holm", "Dag Holm"}
    assert {row[3] for row in store.read_now(letters, asked.id) if row[0] == "right-now"} == {"dropped"}
    with pytest.raises(Conflict) as caught:
        store.write_now(join_now, asked.id, by=cast.birgit, now=SUNDAY + 61)
    assert caught.value.code == "already-taken"
    assert store.write_now(join_now, asked.id, by=cast.bo, now=SUNDAY + 62) == joined


def test_an_answer_that_took_its_time_moves_the_start(store: SqliteStore, cast: Cast, asked: Talk) -> None:
    joined = store.write_now(join_now, asked.id, by=cast.bo, now=at("2026-11-29 20:43"))
    assert (joined.starts_at, joined.minutes) == (at("2026-11-29 20:40"), 30)


def test_who_is_in_a_talk_or_away_is_not_asked(store: SqliteStore, cast: Cast) -> None:
    store.write_now(words)
    now = at("2026-12-01 09:58")
    store.write_now(book, wanted(nurse=cast.bo.actor), by=cast.astrid, now=NOW)
    asked = store.write_now(ask_now, wanted(), by=cast.astrid, now=now)
    assert [name for _, name, _, _ in store.read_now(letters, asked.id)] == ["Birgit Holm"]
    with pytest.raises(Conflict) as caught:
        store.write_now(join_now, asked.id, by=cast.bo, now=now)
    assert caught.value.code == "slot-taken"


def test_when_there_is_nobody_to_ask_the_ward_gets_a_number_and_times(store: SqliteStore, cast: Cast) -> None:
    store.write_now(words)

    def away(tx: Any) -> None:
        for nurse in (cast.bo, cast.birgit):
            accounts.add_absence(tx, nurse.actor, NOW, NOW + 7200, entered_by="x", now=NOW)

    store.write_now(away)
    with pytest.raises(Conflict) as caught:
        store.write_now(ask_now, wanted(), by=cast.astrid, now=NOW)
    assert caught.value.code == "nobody-free"
    assert caught.value.details["phone"] == "+45 74 11 22 33"
    assert caught.value.details["alternatives"][0]["start"] == at("2026-11-30 09:30")


def test_only_the_teams_nurses_join(store: SqliteStore, cast: Cast, asked: Talk) -> None:
    with pytest.raises(NotAllowed):
        store.write_now(join_now, asked.id, by=cast.astrid, now=SUNDAY)
    with pytest.raises(NotFound):
        store.write_now(join_now, asked.id, by=cast.lis, now=SUNDAY)


def test_consent_is_asked_for_here_too(store: SqliteStore, cast: Cast, asked: Talk) -> None:
    with pytest.raises(Invalid) as caught:
        store.write_now(ask_now, wanted(consent=()), by=cast.astrid, now=NOW)
    assert caught.value.code == "consent-missing"


def test_taking_it_back_sends_nothing(store: SqliteStore, cast: Cast, asked: Talk) -> None:
    store.write_now(cancel, asked.id, "", by=cast.astrid, now=SUNDAY + 60)
    assert {row[0::3] for row in store.read_now(letters, asked.id)} == {("right-now", "dropped")}
    with pytest.raises(Conflict):
        store.write_now(join_now, asked.id, by=cast.bo, now=SUNDAY + 60)


def test_a_named_nurse_ends_the_asking_and_everybody_is_invited(store: SqliteStore, cast: Cast) -> None:
    store.write_now(words)
    asked = store.write_now(ask_now, wanted(), by=cast.astrid, now=at("2026-12-01 09:58"))
    changes = Changes(nurse=cast.bo.actor)
    after = store.write_now(change, asked.id, changes, version=1, by=cast.astrid, now=at("2026-12-01 09:59"))
    assert (after.state, after.nurse) == ("booked", cast.bo.actor)
    written = store.read_now(letters, asked.id)
    assert {name for letter, name, _, state in written if (letter, state) == ("invitation", "queued")} == {
        "Astrid Lund",
        "Bo Madsen",
        "Ellen Holm",
        "Dag Holm",
    }
    assert {state for letter, _, _, state in written if letter == "right-now"} == {"dropped"}
    assert store.read_now(talks.get, cast.bo, asked.id) == after
