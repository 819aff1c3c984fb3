"""Moving and changing: who is told, who is not, and what a stale page may do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from handover import replying
from handover.booking import book
from handover.consenting import withdraw_consent
from handover.domain.bookings import Changes, Guest
from handover.domain.talks import Participant, Talk
from handover.errors import Conflict, Invalid, NotAllowed, NotFound
from handover.moving import change, move
from handover.stopping import cancel
from handover.store import audit, consents, links, talks
from handover.store.sqlite import SqliteStore
from tests.bookings import DAG, TEN, at, letters, wanted, words
from tests.cast import NOW, Cast

LATER = NOW + 60
ELEVEN = TEN + 3600


@pytest.fixture
def talk(store: SqliteStore, cast: Cast) -> Talk:
    """Bo on Tuesday at ten, with Ellen and Dag."""
    store.write_now(words)
    facts: dict[str, Any] = {"nurse": cast.bo.actor, "interpreter": "ar", "minutes": 30}
    return store.write_now(book, wanted(**facts), by=cast.astrid, now=NOW)


def guests(talk: Talk) -> dict[str, Guest]:
    return {one.role: as_guest(one) for one in talk.participants}


def as_guest(one: Participant) -> Guest:
    return Guest(one.role, one.name, one.email, one.phone, one.relation, one.language, one.id)


def since(store: SqliteStore, talk: Talk, seen: int = 4) -> list[tuple[str, str, int | None, str]]:
    """Letters written after the booking's four."""
    return store.read_now(letters, talk.id)[seen:]


def test_a_moved_talk_keeps_uid_and_nurse_and_everybody_hears_of_it(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    moved = store.write_now(move, talk.id, ELEVEN, version=1, by=cast.astrid, now=LATER)
    assert (moved.uid, moved.nurse, moved.starts_at, moved.minutes) == (talk.uid, talk.nurse, ELEVEN, 30)
    assert (moved.sequence, moved.version) == (1, 2)
    assert [(letter, name, sequence) for letter, name, sequence, _ in since(store, talk)] == [
        ("invitation", name, 1) for name in ("Astrid Lund", "Bo Madsen", "Ellen Holm", "Dag Holm")
    ]


def test_only_the_side_that_booked_sends_the_patients_link_elsewhere(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    ellen, dag = guests(talk)["patient"], guests(talk)["relative"]
    elsewhere = Changes(participants=(replace(ellen, email="bo@kommune.example"), dag))
    with pytest.raises(NotAllowed):
        store.write_now(change, talk.id, elsewhere, version=1, by=cast.bo, now=LATER)
    changed = store.write_now(change, talk.id, elsewhere, version=1, by=cast.astrid, now=LATER)
    assert guests(changed)["patient"].email == "bo@kommune.example"


def test_three_moves_and_a_cancellation_count_up_and_stamps_rise_whatever_the_clock_says(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    seen = [(talk.sequence, talk.stamp)]
    for number in range(1, 4):
        after = store.write_now(
            move, talk.id, TEN + number * 3600, version=number, by=cast.astrid, now=NOW - number
        )
        seen.append((after.sequence, after.stamp))
    last = store.write_now(cancel, talk.id, "Goes home", by=cast.astrid, now=NOW - 10)
    seen.append((last.sequence, last.stamp))
    assert [sequence for sequence, _ in seen] == [0, 1, 2, 3, 4]
    assert [stamp for _, stamp in seen] == sorted({stamp for _, stamp in seen})


def test_answers_and_the_interpreter_are_asked_for_anew(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    store.write_now(replying.answer, talk.id, "accepted", by=cast.bo, now=LATER)
    ordered = Changes(interpreter_state="confirmed", interpreter_reference="T-1")
    after = store.write_now(change, talk.id, ordered, version=1, by=cast.astrid, now=LATER)
    assert (after.state, after.interpreter_state, after.interpreter_reference) == (
        "confirmed",
        "confirmed",
        "T-1",
    )
    assert since(store, talk) == []
    moved = store.write_now(move, talk.id, ELEVEN, version=2, by=cast.astrid, now=LATER)
    assert (moved.state, moved.interpreter_state, moved.interpreter_reference) == ("booked", "needed", None)
    assert {one.response for one in moved.participants} == {"none"}


def test_moving_by_less_than_its_length_does_not_collide_with_itself(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    assert (
        store.write_now(move, talk.id, TEN + 900, version=1, by=cast.astrid, now=LATER).starts_at == TEN + 900
    )


def test_a_nurse_who_is_taken_then_gives_other_times_of_theirs(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    store.write_now(book, wanted(ELEVEN, nurse=cast.bo.actor), by=cast.astrid, now=NOW)
    with pytest.raises(Conflict) as caught:
        store.write_now(move, talk.id, ELEVEN, version=1, by=cast.astrid, now=LATER)
    assert caught.value.code == "slot-taken"
    free = caught.value.details["alternatives"]
    assert (free[0]["start"], [one["name"] for one in free[0]["nurses"]]) == (ELEVEN + 1800, ["Bo Madsen"])
    other = store.write_now(
        move, talk.id, ELEVEN, version=1, nurse=cast.birgit.actor, by=cast.astrid, now=LATER
    )
    assert other.nurse == cast.birgit.actor


def test_a_double_booking_moved_to_a_free_time_is_one_no_more(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    twice = store.write_now(book, wanted(nurse=cast.bo.actor, override="Today"), by=cast.astrid, now=NOW)
    moved = store.write_now(move, twice.id, ELEVEN, version=1, by=cast.astrid, now=LATER)
    assert (twice.override_reason, moved.override_reason) == ("Today", None)


def test_a_stale_page_changes_nothing_and_is_told_the_current_version(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    store.write_now(change, talk.id, Changes(place="Stue 2"), version=1, by=cast.astrid, now=LATER)
    with pytest.raises(Conflict) as caught:
        store.write_now(change, talk.id, Changes(place="Stue 3"), version=1, by=cast.bo, now=LATER)
    assert (caught.value.code, caught.value.details) == ("stale-version", {"current": 2})
    assert store.read_now(talks.get, cast.bo, talk.id).place == "Stue 2"


def test_replies_do_not_make_a_page_stale(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    store.write_now(replying.answer, talk.id, "declined", by=cast.bo, now=LATER)
    assert store.read_now(talks.get, cast.astrid, talk.id).version == 1


@pytest.mark.parametrize(
    "changes",
    [
        Changes(place="Stue 2"),
        Changes(themes=("fatigue", "children")),
        Changes(discharge_on="2026-12-04"),
        Changes(minor_children="yes"),
        Changes(interpreter="so"),
        Changes(interpreter=None),
        Changes(language="nb"),
        Changes(intended_form="phone"),
    ],
)
def test_what_stands_in_no_invitation_mails_nobody(
    store: SqliteStore, cast: Cast, talk: Talk, changes: Changes
) -> None:
    after = store.write_now(change, talk.id, changes, version=1, by=cast.astrid, now=LATER)
    ((name, value),) = changes.given().items()
    assert (
        sorted(getattr(after, name)) == sorted(value) if name == "themes" else getattr(after, name) == value
    )
    assert (after.sequence, after.stamp, after.version) == (0, talk.stamp, 2)
    assert since(store, talk) == []
    assert store.read_now(audit.of_talk, talk.id)[-1]["action"] == "talk:change"


def test_who_is_taken_off_gets_a_cancellation_and_a_dead_link_and_who_comes_new_an_invitation(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    dag = talk.participants[-1]
    people = (guests(talk)["patient"], Guest("gp", "Dr. Vang", "vang@laege.example"))
    after = store.write_now(
        change, talk.id, Changes(participants=people), version=1, by=cast.astrid, now=LATER
    )
    assert [one.role for one in after.participants] == ["ward", "nurse", "patient", "gp"]
    assert since(store, talk) == [
        ("cancellation", "Dag Holm", 1, "queued"),
        ("invitation", "Dr. Vang", 1, "queued"),
    ]
    assert store.read_now(letters, talk.id)[3] == ("invitation", "Dag Holm", 0, "dropped")
    link = store.read_now(links.of_participant, "join", dag.id)
    assert link is not None and link["revoked_at"] == LATER


def test_a_list_without_patient_ward_or_nurse_keeps_them(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    after = store.write_now(change, talk.id, Changes(participants=()), version=1, by=cast.astrid, now=LATER)
    assert [one.role for one in after.participants] == ["ward", "nurse", "patient"]


def test_a_corrected_address_gets_the_invitation_and_the_wrong_one_a_link_that_is_dead(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    listed = {role: guest for role, guest in guests(talk).items() if role in ("patient", "relative")}
    listed["relative"] = replace(listed["relative"], email="dag.holm@post.example")
    changes = Changes(participants=tuple(listed.values()))
    after = store.write_now(change, talk.id, changes, version=1, by=cast.astrid, now=LATER)
    assert [one.id for one in after.participants] == [one.id for one in talk.participants]
    assert since(store, talk) == [("invitation", "Dag Holm", 1, "queued")]
    link = store.read_now(links.of_participant, "join", talk.participants[-1].id)
    assert link is not None and link["generation"] == 2


def test_a_new_phone_number_is_written_down_quietly(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    listed = guests(talk)
    people = (listed["patient"], replace(listed["relative"], phone="+46 70 2"))
    after = store.write_now(
        change, talk.id, Changes(participants=people), version=1, by=cast.astrid, now=LATER
    )
    assert (after.participants[-1].phone, after.sequence, since(store, talk)) == ("+46 70 2", 0, [])


def test_people_of_another_talk_and_second_patients_are_refused(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    for people, code in (
        ((replace(DAG, id="someone-else"),), "unknown"),
        ((Guest("patient", "Somebody Else"),), "duplicate"),
    ):
        with pytest.raises(Invalid) as caught:
            store.write_now(
                change, talk.id, Changes(participants=people), version=1, by=cast.astrid, now=LATER
            )
        assert [fault.code for fault in caught.value.fields] == [code]


def test_one_more_guest_is_invited_alone(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    people = (*(as_guest(one) for one in talk.participants), Guest("peer", "Per", "per@post.example"))
    after = store.write_now(
        change, talk.id, Changes(participants=people), version=1, by=cast.astrid, now=LATER
    )
    assert after.participants[-1].role == "peer"
    assert since(store, talk) == [("invitation", "Per", 1, "queued")]


def test_another_nurse_is_invited_the_old_one_called_off_and_the_ward_told(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    changes = Changes(nurse=cast.birgit.actor)
    after = store.write_now(change, talk.id, changes, version=1, by=cast.birgit, now=LATER)
    assert (after.nurse, after.nurse_name, after.starts_at) == (cast.birgit.actor, "Birgit Holm", TEN)
    assert [(letter, name) for letter, name, _, _ in since(store, talk)] == [
        ("cancellation", "Bo Madsen"),
        ("invitation", "Birgit Holm"),
        ("invitation", "Astrid Lund"),
    ]


def test_another_nurse_can_come_after_the_notice_has_run_out(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    store.write_now(lambda tx: tx.run("update units set notice_minutes = 10000 where id = :t", t=cast.team))
    changes = Changes(nurse=cast.birgit.actor)
    assert (
        store.write_now(change, talk.id, changes, version=1, by=cast.astrid, now=LATER).nurse
        == cast.birgit.actor
    )


def test_a_nurse_who_is_taken_is_not_put_on_without_a_reason(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    store.write_now(book, wanted(nurse=cast.birgit.actor), by=cast.astrid, now=NOW)
    changes = Changes(nurse=cast.birgit.actor)
    with pytest.raises(Conflict) as caught:
        store.write_now(change, talk.id, changes, version=1, by=cast.astrid, now=LATER)
    assert caught.value.code == "slot-taken"
    changes = replace(changes, override="Bo is ill")
    after = store.write_now(change, talk.id, changes, version=1, by=cast.astrid, now=LATER)
    assert (after.nurse, after.override_reason) == (cast.birgit.actor, "Bo is ill")


def test_moving_into_a_place_that_is_taken_is_a_conflict(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    store.write_now(book, wanted(place="Stue 4"), by=cast.astrid, now=NOW)
    with pytest.raises(Conflict) as caught:
        store.write_now(change, talk.id, Changes(place="Stue 4"), version=1, by=cast.astrid, now=LATER)
    assert caught.value.code == "slot-taken"


def test_a_cancelled_talk_is_not_changed(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    store.write_now(cancel, talk.id, "", by=cast.astrid, now=LATER)
    with pytest.raises(Conflict) as caught:
        store.write_now(move, talk.id, ELEVEN, version=2, by=cast.astrid, now=LATER)
    assert caught.value.code == "talk-over"


def test_others_cannot_move_it(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    for who in (cast.anton, cast.lis):
        with pytest.raises(NotFound):
            store.write_now(move, talk.id, ELEVEN, version=1, by=who, now=LATER)


def test_without_the_municipality_the_ward_still_moves_the_talk_and_no_nurse_comes(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    consent = store.read_now(consents.of_talk, talk.id)[0]
    store.write_now(withdraw_consent, talk.id, consent.id, by=cast.astrid, now=LATER)
    moved = store.write_now(move, talk.id, at("2026-12-01 17:00"), version=2, by=cast.astrid, now=LATER)
    assert (moved.nurse, moved.starts_at) == (None, at("2026-12-01 17:00"))
    with pytest.raises(Invalid) as caught:
        changes = Changes(nurse=cast.bo.actor)
        store.write_now(change, talk.id, changes, version=3, by=cast.astrid, now=LATER)
    assert caught.value.code == "consent-missing"
