"""Somebody leaves: the account closes, and nothing that was theirs is left without an owner."""

from __future__ import annotations

import pytest

from handover.booking import book
from handover.domain.access import OPERATOR
from handover.domain.talks import Talk
from handover.errors import Conflict, Invalid, NotAllowed, NotFound
from handover.leaving import Left, leave
from handover.staffing import WantedAccount, add_absence, add_account
from handover.store import accounts, audit, sessions, talks
from handover.store.sqlite import SqliteStore
from tests.bookings import TEN, letters, wanted, words
from tests.cast import NOW, Cast

LATER = NOW + 60


@pytest.fixture
def talk(store: SqliteStore, cast: Cast) -> Talk:
    store.write_now(words)
    return store.write_now(book, wanted(nurse=cast.bo.actor), by=cast.astrid, now=NOW)


def the(store: SqliteStore, talk: Talk) -> Talk:
    found = store.read_now(talks.load, talk.id)
    assert found is not None
    return found


def test_work_in_hand_asks_for_a_successor(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    with pytest.raises(Conflict) as asked:
        store.write_now(leave, cast.bo.actor, None, by=cast.kommune_admin, now=LATER)
    assert (asked.value.code, asked.value.values["talks"]) == ("needs-successor", 1)
    assert store.read_now(sessions.staff_scope, cast.bo.actor) is not None


def test_successor_takes_the_talks_and_everybody_is_told(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    left = store.write_now(leave, cast.bo.actor, cast.birgit.actor, by=cast.kommune_admin, now=LATER)
    assert left == Left(handed_over=1, without_nurse=0, contacts=0)
    after = the(store, talk)
    assert (after.nurse, after.starts_at) == (cast.birgit.actor, TEN)
    assert [name for name, *_ in store.read_now(letters, talk.id)[4:]] == [
        "cancellation",
        "invitation",
        "invitation",
    ]
    assert store.read_now(sessions.staff_scope, cast.bo.actor) is None
    assert "talk:hand-over" in [row["action"] for row in store.read_now(audit.of_talk, talk.id)]


def test_successor_who_is_away_leaves_the_talk_to_the_ward(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    store.write_now(add_absence, cast.birgit.actor, TEN - 3600, TEN + 3600, by=cast.birgit, now=NOW)
    left = store.write_now(leave, cast.bo.actor, cast.birgit.actor, by=cast.kommune_admin, now=LATER)
    assert left == Left(handed_over=0, without_nurse=1, contacts=0)
    assert the(store, talk).nurse is None
    assert "no-nurse" in [name for name, *_ in store.read_now(letters, talk.id)]


def test_without_a_successor_a_free_colleague_takes_the_talk(
    store: SqliteStore, cast: Cast, talk: Talk
) -> None:
    left = store.write_now(leave, cast.bo.actor, None, anyway=True, by=cast.kommune_admin, now=LATER)
    assert left.handed_over == 1
    assert the(store, talk).nurse == cast.birgit.actor


def test_ward_nurse_hands_on_her_place_in_the_talk(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    wanted_account = WantedAccount(
        cast.hospital, "ward", "Nina Juul", "nina@ward.example", None, (cast.ward,)
    )
    nina = store.write_now(add_account, wanted_account, by=OPERATOR, now=NOW)
    store.write_now(leave, cast.astrid.actor, nina, by=cast.admin, now=LATER)
    after = the(store, talk)
    assert [one.account for one in after.participants if one.role == "ward"] == [nina]
    assert after.nurse == cast.bo.actor


def test_summaries_name_the_successor_at_once(store: SqliteStore, cast: Cast, talk: Talk) -> None:
    store.write_now(
        lambda tx: tx.run(
            """
            insert into outcomes (talk, version, form, contact_account, contact_name, saved_at, saved_by)
            values (:talk, 1, 'video', :bo, 'Bo Madsen', 1, 'x')
            """,
            talk=talk.id,
            bo=cast.bo.actor,
        )
    )
    left = store.write_now(leave, cast.bo.actor, cast.birgit.actor, by=cast.kommune_admin, now=LATER)
    assert left.contacts == 1
    row = store.read_now(lambda tx: tx.one("select contact_account, contact_name, version from outcomes"))
    assert row == {"contact_account": cast.birgit.actor, "contact_name": "Birgit Holm", "version": 2}


def test_successor_is_a_colleague_with_the_same_role(store: SqliteStore, cast: Cast) -> None:
    for stranger in (cast.lis.actor, cast.ida.actor, cast.bo.actor, "nobody"):
        with pytest.raises(Invalid):
            store.write_now(leave, cast.bo.actor, stranger, by=cast.kommune_admin, now=LATER)


def test_nobody_locks_the_organisation_out(store: SqliteStore, cast: Cast) -> None:
    with pytest.raises(NotAllowed) as yourself:
        store.write_now(leave, cast.admin.actor, None, by=cast.admin, now=LATER)
    assert yourself.value.code == "yourself"
    with pytest.raises(NotAllowed) as last:
        store.write_now(leave, cast.admin.actor, None, by=OPERATOR, now=LATER)
    assert last.value.code == "last-administrator"


def test_other_organisations_people_do_not_exist(store: SqliteStore, cast: Cast) -> None:
    with pytest.raises(NotFound):
        store.write_now(leave, cast.bo.actor, None, by=cast.admin, now=LATER)


def test_leaving_twice_is_said(store: SqliteStore, cast: Cast) -> None:
    store.write_now(leave, cast.anton.actor, None, by=cast.admin, now=LATER)
    with pytest.raises(Conflict) as again:
        store.write_now(leave, cast.anton.actor, None, by=cast.admin, now=LATER)
    assert again.value.code == "already-left"
    row = store.read_now(accounts.by_id, cast.anton.actor)
    assert row is not None and (row["password_hash"], row["disabled_at"]) == (None, LATER)
