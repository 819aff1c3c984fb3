"""Whose time it becomes: a free nurse, fairly, within hours and notice; free times as they can be booked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from handover.booking import free_slots
from handover.errors import Conflict, Invalid
from handover.store import accounts, audit
from handover.store.sqlite import SqliteStore
from tests.bookings import TEN, at
from tests.cast import NOW, Cast
from tests.handover.conftest import Book, fields


def test_talks_are_shared_out_fairly(booked: Book, cast: Cast) -> None:
    hours = [f"2026-12-01 {hour:02}:00" for hour in range(8, 14)]
    nurses = [booked(at(hour)).nurse for hour in hours]
    assert sorted(nurses[:2]) == sorted([cast.bo.actor, cast.birgit.actor])
    assert {nurse: nurses.count(nurse) for nurse in nurses} == {cast.bo.actor: 3, cast.birgit.actor: 3}


def test_with_equal_counts_it_is_whose_last_talk_is_longest_ago(booked: Book, cast: Cast) -> None:
    booked(at("2026-12-01 08:00"), nurse=cast.bo.actor)
    booked(at("2026-12-02 08:00"), nurse=cast.birgit.actor)
    assert booked(at("2026-12-18 08:00")).nurse == cast.bo.actor


def test_the_chosen_nurse_comes(booked: Book, cast: Cast) -> None:
    assert booked(nurse=cast.birgit.actor).nurse == cast.birgit.actor
    with pytest.raises(Invalid) as caught:
        booked(nurse=cast.lis.actor)
    assert fields(caught.value) == [("nurse", "unknown")]


def test_who_comes_second_is_shown_other_times(booked: Book, cast: Cast) -> None:
    booked(nurse=cast.bo.actor)
    with pytest.raises(Conflict) as caught:
        booked(nurse=cast.bo.actor, minutes=60)
    assert caught.value.code == "slot-taken"
    first = caught.value.details["alternatives"][0]
    assert first == {
        "start": TEN + 1800,
        "end": TEN + 1800 + 3600,
        "nurses": [{"id": cast.bo.actor, "name": "Bo Madsen"}],
    }
    booked()  # Birgit is free
    with pytest.raises(Conflict) as caught:
        booked()
    assert [one["start"] for one in caught.value.details["alternatives"]][:2] == [TEN + 1800, TEN + 3600]


def test_two_talks_do_not_fit_in_one_place(booked: Book, cast: Cast) -> None:
    booked(place="Stue 4")
    with pytest.raises(Conflict) as caught:
        booked(place="stue 4")
    assert caught.value.code == "slot-taken"
    booked(place="Stue 5")


def test_a_deliberate_double_booking_needs_a_reason_and_is_recorded(
    booked: Book, store: SqliteStore, cast: Cast
) -> None:
    booked(nurse=cast.bo.actor)
    with pytest.raises(Conflict):
        booked(nurse=cast.bo.actor, override="  ")
    twice = booked(nurse=cast.bo.actor, override="Goes home today")
    assert twice.override_reason == "Goes home today"
    assert '"override": true' in store.read_now(audit.of_talk, twice.id)[0]["detail"]
    with pytest.raises(Conflict):
        booked(nurse=cast.bo.actor)


def test_an_override_that_was_not_needed_leaves_the_talk_protected(booked: Book) -> None:
    assert booked(override="To be sure").override_reason is None


@pytest.mark.parametrize(
    ("start", "code"),
    [
        ("2026-11-30 07:30", "past"),
        ("2026-11-29 10:00", "past"),
        ("2026-12-01 07:45", "out-of-hours"),
        ("2026-12-01 15:45", "out-of-hours"),
        ("2026-12-05 10:00", "out-of-hours"),
        ("2026-12-25 10:00", "out-of-hours"),
        ("2027-03-01 10:00", "too-far"),
    ],
)
def test_times_nobody_could_have_say_why(booked: Book, start: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        booked(at(start))
    assert fields(caught.value) == [("start", code)]


def test_the_team_is_given_its_notice(booked: Book, store: SqliteStore, cast: Cast) -> None:
    store.write_now(lambda tx: tx.run("update units set notice_minutes = 1440 where id = :t", t=cast.team))
    with pytest.raises(Invalid) as caught:
        booked(at("2026-11-30 15:00"))
    assert fields(caught.value) == [("start", "too-soon")]
    assert booked(at("2026-12-01 08:00")).state == "booked"


def test_only_an_override_books_out_of_hours_and_never_what_is_over(booked: Book) -> None:
    assert booked(at("2026-12-05 10:00"), override="The duty nurse agreed").nurse is not None
    assert booked(NOW - 60, override="It has begun").state == "booked"
    with pytest.raises(Invalid):
        booked(NOW - 3600, override="Yesterday")


def test_an_absent_nurse_is_not_booked(booked: Book, store: SqliteStore, cast: Cast) -> None:
    def away(tx: Any) -> None:
        for nurse in (cast.bo, cast.birgit):
            accounts.add_absence(tx, nurse.actor, TEN - 3600, TEN + 600, entered_by=nurse.actor, now=NOW)

    store.write_now(away)
    with pytest.raises(Conflict):
        booked()
    assert booked(TEN + 1800).state == "booked"


def test_free_times_are_shown_day_by_day(booked: Book, store: SqliteStore, cast: Cast) -> None:
    booked(nurse=cast.bo.actor)

    def ask(**more: Any) -> Any:
        facts = {"from_date": date(2026, 12, 1), "days": 1, "minutes": 30, **more}
        return store.read_now(free_slots, "0540", by=cast.astrid, now=NOW, **facts)

    found = ask()
    assert (found[0].start, found[-1].end) == (at("2026-12-01 08:00"), at("2026-12-01 16:00"))
    assert [one.name for slot in found if slot.start == TEN for one in slot.nurses] == ["Birgit Holm"]
    assert ask(from_date=date(2026, 11, 30))[0].start == at("2026-11-30 08:00")
    assert ask(from_date=date(2027, 3, 1)) == []
    for wrong in ({"days": 0}, {"days": 61}, {"minutes": 3}):
        with pytest.raises(Invalid):
            ask(**wrong)


def test_a_nurse_of_two_teams_has_one_calendar(booked: Book, store: SqliteStore, cast: Cast) -> None:
    store.write_now(accounts.join_unit, cast.bo.actor, cast.lyngby_team)
    booked(nurse=cast.bo.actor, municipality="0173")
    with pytest.raises(Conflict):
        booked(nurse=cast.bo.actor, municipality="0540")


def test_every_free_time_shown_can_be_booked(booked: Book, store: SqliteStore, cast: Cast) -> None:
    booked()
    booked(TEN + 1800)
    shown = store.read_now(free_slots, "0540", date(2026, 12, 1), 1, 30, by=cast.astrid, now=NOW)
    for slot in shown:
        for nurse in slot.nurses:
            assert booked(slot.start, nurse=nurse.id).nurse == nurse.id
    assert store.read_now(free_slots, "0540", date(2026, 12, 1), 1, 30, by=cast.astrid, now=NOW) == []


def test_a_norwegian_ward_books_by_norwegian_rules(booked: Book, store: SqliteStore, cast: Cast) -> None:
    by = replace(
        cast.astrid, organisation=cast.haukeland, units=frozenset({cast.haukeland_ward}), zone="Europe/Oslo"
    )
    assert booked(by=by, municipality="4627").zone == "Europe/Oslo"
    with pytest.raises(Invalid) as caught:
        booked(at("2027-01-01 10:00"), by=by, municipality="4627")
    assert fields(caught.value) == [("start", "out-of-hours")]
