"""Accounts, weeks and absences: who may change what, and what is warned about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handover.booking import book
from handover.domain.access import OPERATOR
from handover.errors import Conflict, Invalid, NotAllowed, NotFound
from handover.staffing import (
    Particulars,
    WantedAccount,
    add_absence,
    add_account,
    edit_account,
    end_absence,
    invite,
    reset_password,
    set_photo,
    set_working_week,
)
from handover.store import accounts, photos, sessions
from handover.store.sqlite import SqliteStore
from tests.bookings import TEN, wanted, words
from tests.cast import NOW, Cast

BO = Particulars("Bo Madsen", "Kræftsygeplejerske", "+45 20 00 00 01", "8–12", "nb")
ZONE = "Europe/Copenhagen"


def actions(store: SqliteStore) -> list[str]:
    return store.read_now(lambda tx: [row[0] for row in tx.tuples("select action from audit order by seq")])


def test_nurse_changes_what_patients_see_but_not_the_address(store: SqliteStore, cast: Cast) -> None:
    mine = replace(BO, email="other@kommune.example", units=())
    store.write_now(edit_account, cast.bo.actor, 1, mine, by=cast.bo, now=NOW)
    row = store.read_now(accounts.by_id, cast.bo.actor)
    assert row is not None
    assert (row["title"], row["language"], row["email"]) == ("Kræftsygeplejerske", "nb", "bo@kommune.example")
    assert [unit["id"] for unit in store.read_now(accounts.units_of, cast.bo.actor)] == [cast.team]
    assert actions(store)[-1] == "account:edit"


def test_colleagues_cannot_change_each_other(store: SqliteStore, cast: Cast) -> None:
    for story, what in (
        (edit_account, (1, BO)),
        (add_absence, (NOW, NOW + 60)),
        (set_photo, ("image/png", b"x")),
    ):
        with pytest.raises(NotFound):
            store.write_now(story, cast.bo.actor, *what, by=cast.birgit, now=NOW)
    for story, what in ((set_working_week, ({}, ZONE)), (reset_password, ())):
        with pytest.raises(NotAllowed):
            store.write_now(story, cast.bo.actor, *what, by=cast.birgit, now=NOW)
        with pytest.raises(NotFound):
            store.write_now(story, cast.bo.actor, *what, by=cast.admin, now=NOW)


def test_new_colleague_gets_no_unit_of_another_organisation(store: SqliteStore, cast: Cast) -> None:
    nina = WantedAccount(cast.hospital, "ward", "Nina", "nina@ward.example", None, (cast.team,))
    with pytest.raises(Invalid):
        store.write_now(add_account, nina, by=cast.admin, now=NOW)
    assert store.read_now(accounts.by_email, "nina@ward.example") is None


def test_address_that_is_taken_is_never_taken_over(store: SqliteStore, cast: Cast) -> None:
    again = WantedAccount(cast.hospital, "administrator", "X", "BO@kommune.example", "hash")
    with pytest.raises(Conflict):
        store.write_now(invite, again, by=cast.admin, now=NOW)
    bo = store.read_now(accounts.by_id, cast.bo.actor)
    assert bo is not None and (bo["name"], bo["organisation"]) == ("Bo Madsen", cast.soenderborg)


def test_absence_over_booked_talks_is_warned_about_and_they_stay(store: SqliteStore, cast: Cast) -> None:
    store.write_now(words)
    talk = store.write_now(book, wanted(nurse=cast.bo.actor), by=cast.astrid, now=NOW)
    with pytest.raises(Conflict) as warned:
        store.write_now(add_absence, cast.bo.actor, TEN - 60, TEN + 60, by=cast.bo, now=NOW)
    assert warned.value.code == "talks-booked"
    assert [(one["id"], one["ward_name"]) for one in warned.value.details["talks"]] == [
        (talk.id, "Onkologisk afsnit")
    ]
    store.write_now(add_absence, cast.bo.actor, TEN - 60, TEN + 60, anyway=True, by=cast.bo, now=NOW)
    assert len(store.read_now(accounts.absences_of, cast.bo.actor, NOW)) == 1


def test_absence_that_only_touches_a_talk_warns_of_nothing(store: SqliteStore, cast: Cast) -> None:
    store.write_now(words)
    talk = store.write_now(book, wanted(nurse=cast.bo.actor), by=cast.astrid, now=NOW)
    store.write_now(add_absence, cast.bo.actor, talk.ends_at, talk.ends_at + 3600, by=cast.bo, now=NOW)


@pytest.mark.parametrize(("start", "end"), [(NOW + 60, NOW + 60), (NOW + 60, NOW), (NOW - 7200, NOW - 3600)])
def test_absence_in_the_past_or_backwards_is_refused(
    store: SqliteStore, cast: Cast, start: int, end: int
) -> None:
    with pytest.raises(Invalid):
        store.write_now(add_absence, cast.bo.actor, start, end, by=cast.bo, now=NOW)


def test_removing_an_absence_twice_changes_nothing(store: SqliteStore, cast: Cast) -> None:
    absence = store.write_now(add_absence, cast.bo.actor, NOW, NOW + 60, by=cast.kommune_admin, now=NOW - 1)
    with pytest.raises(NotFound):
        store.write_now(end_absence, absence, by=cast.birgit, now=NOW)
    store.write_now(end_absence, absence, by=cast.bo, now=NOW)
    store.write_now(end_absence, absence, by=cast.bo, now=NOW)
    assert store.read_now(accounts.absences_of, cast.bo.actor, NOW) == []
    assert actions(store).count("absence:remove") == 1


def test_overlapping_hours_are_refused_and_the_old_ones_stay(store: SqliteStore, cast: Cast) -> None:
    before = store.read_now(accounts.working_hours_of, cast.bo.actor)
    for periods in ([(480, 720), (700, 900)], [(720, 480)]):
        with pytest.raises(Invalid):
            store.write_now(
                set_working_week, cast.bo.actor, {0: periods}, ZONE, by=cast.kommune_admin, now=NOW
            )
    assert store.read_now(accounts.working_hours_of, cast.bo.actor) == before


def test_reset_signs_out_and_writes_a_letter(store: SqliteStore, cast: Cast) -> None:
    store.write_now(sessions.open_session, "session", cast.bo.actor, now=NOW, expires_at=NOW + 3600)
    store.write_now(reset_password, cast.bo.actor, by=cast.kommune_admin, now=NOW)
    assert store.read_now(sessions.staff_behind, "session", now=NOW, idle=3600) is None
    assert (
        store.read_now(lambda tx: tx.value("select account from outbox where letter = 'password'"))
        == cast.bo.actor
    )


def test_new_photo_takes_the_place_of_the_old(store: SqliteStore, cast: Cast) -> None:
    first = store.write_now(set_photo, cast.bo.actor, "image/png", b"first", by=cast.bo, now=NOW)
    second = store.write_now(
        set_photo, cast.bo.actor, "image/jpeg", b"second", by=cast.kommune_admin, now=NOW
    )
    assert store.read_now(photos.get, first) is None
    assert store.read_now(photos.get, second) == {"media_type": "image/jpeg", "content": b"second"}
    row = store.read_now(accounts.by_id, cast.bo.actor)
    assert row is not None and row["photo"] == second


def test_operator_may_do_what_an_administrator_may(store: SqliteStore, cast: Cast) -> None:
    store.write_now(edit_account, cast.bo.actor, 1, BO, by=OPERATOR, now=NOW)


def test_pressing_twice_adds_one_absence_and_one_colleague(store: SqliteStore, cast: Cast) -> None:
    first = store.write_now(add_absence, cast.bo.actor, TEN, TEN + 3600, by=cast.bo, now=NOW)
    assert store.write_now(add_absence, cast.bo.actor, TEN, TEN + 3600, by=cast.bo, now=NOW + 1) == first
    assert len(store.read_now(accounts.absences_of, cast.bo.actor, NOW)) == 1
    nina = WantedAccount(cast.hospital, "ward", "Nina", "nina@ward.example", None, (cast.ward,))
    added = store.write_now(invite, nina, by=cast.admin, now=NOW)
    assert store.write_now(invite, nina, by=cast.admin, now=NOW + 1) == added
    assert store.read_now(lambda tx: tx.value("select count(*) from outbox where letter = 'password'")) == 1
    for other, now in ((replace(nina, name="Nina Holm"), NOW + 1), (nina, NOW + 3600)):
        with pytest.raises(Conflict):
            store.write_now(invite, other, by=cast.admin, now=now)
