"""Presence as fact: minutes, forms, what a killed service still knows, and that it is all forgotten."""

from __future__ import annotations

import pytest

from handover import attending, joining, lending, ringing
from handover.attending import Facts
from handover.domain.access import Scope
from handover.domain.presence import Attendance, Run, attendance, form_of, held_as
from handover.errors import Conflict, NotAllowed, NotFound
from handover.store import audit, links, stays, talks
from handover.store.sqlite import SqliteStore
from tests import booked
from tests.booked import ENDS_AT, STARTS_AT, Booked, book
from tests.cast import NOW, Cast

DAY = 24 * 60 * 60


@pytest.fixture
def talk(store: SqliteStore, cast: Cast) -> Booked:
    made = store.write_now(book, cast)
    for guest in (made.ellen, made.dag):
        store.write_now(links.ensure, "join", made.talk, guest, now=NOW)
    return made


def facts(store: SqliteStore, talk: Booked, now: int = ENDS_AT) -> Facts:
    found = store.read_now(talks.load, talk.talk)
    assert found is not None
    return store.read_now(attending.facts_of, found, now=now)


def comes(store: SqliteStore, talk: Booked, seat: str, by: Scope, at: int) -> None:
    store.write_now(joining.sit_down, talk.talk, seat, by=by, now=STARTS_AT + at)


def goes(store: SqliteStore, talk: Booked, seat: str, by: Scope, at: int) -> None:
    store.write_now(joining.leave, talk.talk, seat, by=by, now=STARTS_AT + at)


def takes(store: SqliteStore, talk: Booked, form: str, at: int) -> None:
    store.write_now(attending.take_form, talk.talk, form, now=STARTS_AT + at)


def looks_round(store: SqliteStore, rooms: dict[str, set[str]], first: int, last: int) -> None:
    """As the service does every half minute."""
    for at in range(first, last + 1, 30):
        store.write_now(attending.look_round, rooms, now=STARTS_AT + at)


def test_nobody_has_come_and_so_nothing_is_claimed(store: SqliteStore, talk: Booked) -> None:
    assert facts(store, talk) == Facts(None, (), ())


def test_minutes_are_counted_for_each_person_over_all_their_stays(
    store: SqliteStore, cast: Cast, talk: Booked
) -> None:
    dag = Scope("guest", talk.dag, "Dag")
    comes(store, talk, talk.bo, cast.bo, 0)
    comes(store, talk, talk.dag, dag, 60)
    goes(store, talk, talk.dag, dag, 180)
    comes(store, talk, talk.dag, dag, 300)
    goes(store, talk, talk.dag, dag, 301)
    goes(store, talk, talk.bo, cast.bo, 1200)
    assert facts(store, talk).attended == (
        Attendance("Bo Madsen", "device", 20),
        Attendance("Dag Sørensen", "device", 3),
    )
    assert facts(store, talk).present == (talk.bo, talk.dag)


def test_the_form_is_the_last_that_held(store: SqliteStore, cast: Cast, talk: Booked) -> None:
    comes(store, talk, talk.bo, cast.bo, 0)
    comes(store, talk, talk.astrid, cast.astrid, 0)
    takes(store, talk, "sound", 0)  # cameras come on one after the other
    takes(store, talk, "video", 20)
    looks_round(store, {talk.talk: {talk.bo, talk.astrid}}, 30, 600)
    assert facts(store, talk, STARTS_AT + 600).held == "video"
    takes(store, talk, "sound", 600)
    assert facts(store, talk, STARTS_AT + 659).held == "video"
    assert facts(store, talk, STARTS_AT + 660).held == "sound"
    takes(store, talk, "video", 690)
    goes(store, talk, talk.astrid, cast.astrid, 720)
    goes(store, talk, talk.bo, cast.bo, 740)
    assert runs(store, talk) == [("video", 20, 600), ("sound", 600, 690)], "what was short tells nothing"
    assert facts(store, talk).held == "sound"


def runs(store: SqliteStore, talk: Booked, now: int = ENDS_AT) -> list[tuple[str, int, int]]:
    """Form, from, until; in seconds since the start of the talk."""
    found = store.read_now(stays.forms_of, talk.talk, now=now, at_most=60)
    return [(run.form, run.began_at - STARTS_AT, run.until - STARTS_AT) for run in found]


def test_where_no_form_held_it_is_the_longest() -> None:
    flapping = [Run("sound", 0, 30), Run("video", 30, 80), Run("sound", 80, 110)]
    assert held_as(flapping, []) == "sound"
    assert held_as(flapping, [Run("phone", 110, 169)]) == "sound"
    assert held_as(flapping, [Run("phone", 110, 170)]) == "phone"


def test_while_patient_or_nurse_is_on_the_phone_a_frozen_picture_is_no_video_talk() -> None:
    """Their seat is kept: the room still believes in a picture."""
    video = [Run("video", 0, 1500)]
    assert held_as(video, [Run("phone", 600, 1500)]) == "phone"
    assert held_as(video, [Run("phone", 600, 1470)]) == "phone", "the line came back for a goodbye"
    assert held_as(video, [Run("phone", 600, 900)]) == "video", "and here it held again"
    assert held_as(video, [Run("phone", 1460, 1500)]) == "video", "rung, and not answered"
    assert held_as([Run("video", 0, 90)], [Run("phone", 20, 75)]) == "phone", (
        "nothing held; most was by phone"
    )


def test_a_form_that_is_told_twice_goes_on(store: SqliteStore, talk: Booked) -> None:
    takes(store, talk, "video", 0)
    takes(store, talk, "video", 40)
    takes(store, talk, "", 70)
    assert runs(store, talk) == [("video", 0, 70)]


def test_sound_alone_is_told_from_video_and_counts_as_a_talk_by_the_link() -> None:
    assert held_as([Run("video", 0, 60), Run("sound", 60, 1500)], []) == "sound"
    assert (form_of("sound"), form_of("video"), form_of("phone")) == ("video", "video", "phone")


def test_a_talk_that_went_over_to_the_phone_was_held_by_phone(
    store: SqliteStore, cast: Cast, talk: Booked
) -> None:
    comes(store, talk, talk.astrid, cast.astrid, 0)
    comes(store, talk, talk.bo, cast.bo, 10)
    takes(store, talk, "video", 10)
    looks_round(store, {talk.talk: {talk.astrid, talk.bo}}, 30, 90)
    goes(store, talk, talk.bo, cast.bo, 100)
    store.write_now(ringing.ring, talk.talk, talk.bo, by=cast.astrid, now=STARTS_AT + 200)
    looks_round(store, {talk.talk: {talk.astrid}}, 210, 1400)
    goes(store, talk, talk.astrid, cast.astrid, 1400)
    assert facts(store, talk).held == "phone"
    assert Attendance("Bo Madsen", "phone", 20) in facts(store, talk).attended


def test_a_relative_on_the_phone_does_not_make_it_a_phone_call() -> None:
    assert held_as([Run("video", 0, 1500)], []) == "video"
    assert held_as([], []) is None


def test_a_killed_service_knows_until_when_people_were_there(
    store: SqliteStore, cast: Cast, talk: Booked
) -> None:
    comes(store, talk, talk.astrid, cast.astrid, 0)
    comes(store, talk, talk.bo, cast.bo, 1)
    takes(store, talk, "video", 1)
    looks_round(store, {talk.talk: {talk.bo, talk.astrid}}, 30, 300)
    # Killed here; two minutes later it runs again, and only Astrid comes back.
    store.write_now(attending.begin)
    comes(store, talk, talk.astrid, cast.astrid, 400)
    looks_round(store, {talk.talk: {talk.astrid}}, 405, 500)
    assert facts(store, talk, now=STARTS_AT + 510).attended == (
        Attendance("Astrid Lund", "device", 9),
        Attendance("Bo Madsen", "device", 5),
    )
    assert runs(store, talk) == [("video", 1, 300)]


def test_everybody_on_the_phone_has_gone_when_the_room_is_empty(
    store: SqliteStore, cast: Cast, talk: Booked
) -> None:
    comes(store, talk, talk.astrid, cast.astrid, 0)
    store.write_now(ringing.ring, talk.talk, talk.dag, by=cast.astrid, now=STARTS_AT + 60)
    goes(store, talk, talk.astrid, cast.astrid, 660)
    assert facts(store, talk).attended[1] == Attendance("Dag Sørensen", "phone", 10)


def test_who_comes_by_the_link_is_no_longer_on_the_phone(
    store: SqliteStore, cast: Cast, talk: Booked
) -> None:
    store.write_now(ringing.ring, talk.talk, talk.dag, by=cast.astrid, now=STARTS_AT)
    dag = Scope("guest", talk.dag, "Dag")
    assert store.write_now(joining.sit_down, talk.talk, talk.dag, by=dag, now=STARTS_AT + 60)
    assert not store.write_now(joining.sit_down, talk.talk, talk.bo, by=cast.bo, now=STARTS_AT + 60)
    assert facts(store, talk).attended[0] == Attendance("Dag Sørensen", "phone", 1)


def test_where_the_tablet_was_the_patient_counts_as_present_and_the_tablet_as_nobody(
    store: SqliteStore, cast: Cast, talk: Booked
) -> None:
    store.write_now(lending.lend, talk.talk, by=cast.astrid, now=NOW)
    _, tablet = store.read_now(lending.lent, talk.talk, by=cast.astrid)
    assert tablet is not None
    comes(store, talk, tablet["id"], Scope("guest", tablet["id"], "stue 4"), 0)
    assert facts(store, talk) == Facts(None, (talk.ellen,), ())


def test_after_ninety_days_nobody_knows_who_came(store: SqliteStore, cast: Cast, talk: Booked) -> None:
    other = store.write_now(lambda tx: book(tx, cast, starts_at=STARTS_AT + 7 * DAY, reference="HO-18"))
    store.write_now(lending.lend, talk.talk, by=cast.astrid, now=NOW)
    store.write_now(joining.knock, talk.talk, talk.dag, "Dag", "son", now=STARTS_AT)
    store.write_now(joining.let_in, talk.talk, talk.dag, "digest", by=cast.bo, now=STARTS_AT)
    comes(store, talk, talk.dag, Scope("guest", talk.dag, "Dag"), 0)
    takes(store, talk, "video", 0)
    store.write_now(joining.sit_down, other.talk, other.bo, by=cast.bo, now=STARTS_AT + 7 * DAY)
    assert store.write_now(attending.forget, now=ENDS_AT + 90 * DAY) == 0
    assert store.write_now(attending.forget, now=ENDS_AT + 90 * DAY + 1) == 1
    assert store.write_now(attending.forget, now=ENDS_AT + 90 * DAY + 1) == 0
    left = store.read_now(
        lambda tx: {
            table: tx.value(f"select count(*) from {table}")
            for table in ("stays", "talk_forms", "admissions", "seats", "tablets")
        }
    )
    assert left == {"stays": 1, "talk_forms": 0, "admissions": 0, "seats": 0, "tablets": 0}


# Ringing


def test_who_is_rung_takes_part_and_everybody_can_be_told(
    store: SqliteStore, cast: Cast, talk: Booked
) -> None:
    store.write_now(joining.introduce, talk.talk, talk.dag, "Dag", "son", now=STARTS_AT)
    for _ in range(2):
        told = store.write_now(ringing.ring, talk.talk, talk.dag, by=cast.astrid, now=STARTS_AT)
        assert [(one.participant, one.name, one.role) for one in told] == [(talk.dag, "Dag", "relative")]
    assert facts(store, talk).present == (talk.dag,)
    for _ in range(2):
        assert store.write_now(ringing.hang_up, talk.talk, talk.dag, by=cast.bo, now=STARTS_AT + 60) == []
    said = [row["action"] for row in store.read_now(audit.of_talk, talk.talk)]
    assert said == ["phone:on", "phone:off"]


def test_the_list_of_who_may_be_rung_has_the_numbers_to_ring(
    store: SqliteStore, cast: Cast, talk: Booked
) -> None:
    store.write_now(ringing.ring, talk.talk, talk.dag, by=cast.astrid, now=STARTS_AT)
    found = store.read_now(ringing.invited, talk.talk, by=cast.astrid)
    known = {one.person.id: (one.phone, one.on_phone) for one in found}
    assert set(known) == {talk.astrid, talk.bo, talk.ellen, talk.dag}
    assert known[talk.bo] == ("", False)
    assert known[talk.dag] == ("+47 90 90 90 90", True)
    found = store.read_now(ringing.invited, talk.talk, by=cast.bo)
    assert {one.phone for one in found} == {""}, "no consent lets the municipality know"


def test_who_sits_in_the_room_is_not_on_the_phone_too(store: SqliteStore, cast: Cast, talk: Booked) -> None:
    comes(store, talk, talk.bo, cast.bo, 0)
    with pytest.raises(Conflict) as caught:
        store.write_now(ringing.ring, talk.talk, talk.bo, by=cast.astrid, now=STARTS_AT)
    assert caught.value.code == "already-here"


def test_who_has_a_seat_and_no_line_is_on_the_phone_until_the_line_comes_back(
    store: SqliteStore, cast: Cast, talk: Booked
) -> None:
    comes(store, talk, talk.astrid, cast.astrid, 0)
    comes(store, talk, talk.bo, cast.bo, 0)
    takes(store, talk, "video", 0)
    assert store.write_now(ringing.come_back, talk.talk, talk.bo, now=STARTS_AT) is None
    told = store.write_now(
        ringing.ring, talk.talk, talk.bo, line_lost=True, by=cast.astrid, now=STARTS_AT + 300
    )
    assert [one.participant for one in told] == [talk.bo]
    store.write_now(ringing.ring, talk.talk, talk.dag, line_lost=True, by=cast.astrid, now=STARTS_AT + 300)
    looks_round(store, {talk.talk: {talk.bo, talk.astrid}}, 300, 420)
    assert facts(store, talk, STARTS_AT + 420).held == "phone"
    left = store.write_now(ringing.come_back, talk.talk, talk.bo, now=STARTS_AT + 420)
    assert left is not None and [one.participant for one in left] == [talk.dag]
    looks_round(store, {talk.talk: {talk.bo, talk.astrid}}, 420, 480)
    assert facts(store, talk, STARTS_AT + 480).held == "video"


def test_nobody_is_rung_for_a_talk_that_was_called_off(store: SqliteStore, cast: Cast, talk: Booked) -> None:
    store.write_now(lambda tx: booked.set_talk(tx, talk.talk, state="cancelled"))
    with pytest.raises(Conflict) as caught:
        store.write_now(ringing.ring, talk.talk, talk.dag, by=cast.astrid, now=STARTS_AT)
    assert caught.value.code == "talk-over"


@pytest.mark.parametrize("who", ["anton", "lis", "ida", "oda", "admin"])
def test_nobody_elses_staff_sees_or_changes_who_is_on_the_phone(
    store: SqliteStore, cast: Cast, talk: Booked, who: str
) -> None:
    by: Scope = getattr(cast, who)
    with pytest.raises((NotFound, NotAllowed)):
        store.read_now(ringing.invited, talk.talk, by=by)
    for story in (ringing.ring, ringing.hang_up):
        with pytest.raises((NotFound, NotAllowed)):
            store.write_now(story, talk.talk, talk.dag, by=by, now=STARTS_AT)
    assert facts(store, talk).present == ()


def test_somebody_of_another_talk_is_not_rung(store: SqliteStore, cast: Cast, talk: Booked) -> None:
    other = store.write_now(lambda tx: book(tx, cast, reference="HO-18", nurse=cast.birgit))
    for story in (ringing.ring, ringing.hang_up):
        with pytest.raises(NotFound):
            store.write_now(story, talk.talk, other.dag, by=cast.astrid, now=STARTS_AT)


def test_minutes_begin_to_count_at_once() -> None:
    assert attendance([], NOW) == []
