"""A smoke call is there for its two participants alone and leaves nothing behind, not even when it was killed."""

from __future__ import annotations

from handover import smoke_calling
from handover.domain import join_links
from handover.domain.access import Scope
from handover.joining import open_link
from handover.store import (
    accounts,
    audit,
    counters,
    figures,
    places,
    sessions,
    smoke_calls,
    talk_lists,
    talks,
    today,
)
from handover.store.engine import Row, Tx
from handover.store.sqlite import SqliteStore
from tests import booked
from tests.cast import NOW, Cast

KEY = bytes(range(32))
SESSION = "s" * 43


def everything(tx: Tx) -> dict[str, list[Row]]:
    """Every row of the database."""
    tables = tx.tuples("select name from sqlite_master where type = 'table' order by name")
    return {name: tx.all(f"select * from {name}") for (name,) in tables}


def seen_by(tx: Tx, scope: Scope) -> list[object]:
    """Whatever a page could show somebody of the talks around now."""
    around = (NOW - 86_400, NOW + 86_400)
    return [
        talks.between(tx, scope, *around),
        talk_lists.page(tx, scope, now=NOW, past=False, state=None, after=None, limit=50),
        today.needs(tx, scope, now=NOW, since=around[0], until=around[1]),
        today.asked_now(tx, scope, now=NOW),
        today.states(tx, scope, *around),
        figures.talks(tx, scope, *around),
        figures.cases(tx, scope, *around, 50),
    ]


def counted(tx: Tx) -> list[object]:
    """Whatever lists or counts the whole installation."""
    return [
        counters.talks_by_state(tx),
        counters.sessions(tx, now=NOW),
        counters.letters_by_state(tx),
        accounts.count(tx),
        accounts.all_in_use(tx),
        places.organisations(tx),
        places.organisations_with_units(tx),
        places.bookable_teams(tx, "", "2026-11-30"),
        audit.newest(tx),
    ]


def prepare(store: SqliteStore, now: int = NOW) -> smoke_calling.SmokeCall:
    call = store.write_now(smoke_calling.prepare, SESSION, now=now)
    assert call is not None
    return call


def test_nobody_sees_it_and_nothing_counts_it(store: SqliteStore, cast: Cast) -> None:
    talk = store.write_now(booked.book, cast, starts_at=NOW + 600)
    people = [cast.astrid, cast.bo, cast.ida, cast.admin, cast.kommune_admin, cast.oda]
    before = [store.read_now(seen_by, scope) for scope in people], store.read_now(counted)
    assert before[0][0][0] == [store.read_now(talks.load, talk.talk)]
    prepare(store)
    assert ([store.read_now(seen_by, scope) for scope in people], store.read_now(counted)) == before


def test_its_link_and_its_session_are_genuine(store: SqliteStore, cast: Cast) -> None:
    store.write_now(booked.book, cast)
    call = prepare(store)
    parsed = join_links.parse(join_links.token(KEY, "join", call.link, call.generation))
    assert parsed is not None
    opened = store.read_now(open_link, parsed, key=KEY, now=NOW)
    assert opened is not None and (opened.standing, opened.guest.id) == ("open", call.guest)
    behind = store.read_now(sessions.staff_behind, SESSION, now=NOW, idle=3600)
    assert behind is not None
    nurse, _ = behind
    assert nurse.organisation_kind == "municipality" and nurse.may("room")
    assert [one.id for one in store.read_now(talks.between, nurse, 0, 2**40)] == [call.id]


def test_removed_it_leaves_every_table_as_it_was(store: SqliteStore, cast: Cast) -> None:
    store.write_now(booked.book, cast)
    before = store.read_now(everything)
    call = prepare(store)
    assert store.read_now(everything) != before
    for _ in range(2):
        store.write_now(smoke_calling.remove, call)
        assert store.read_now(everything) == before


def test_call_that_was_left_behind_is_cleared_away_by_the_next_but_not_one_that_runs(
    store: SqliteStore, cast: Cast
) -> None:
    store.write_now(booked.book, cast)
    before = store.read_now(everything)
    killed = prepare(store)
    running = store.write_now(smoke_calling.prepare, "r" * 43, now=NOW + 50)
    assert running is not None
    later = store.write_now(smoke_calling.prepare, "l" * 43, now=NOW + 61)
    assert later is not None
    found = store.read_now(smoke_calls.left_behind, made_before=NOW + 100)
    assert sorted(found) == sorted([running.id, later.id]) and killed.id not in found
    for call in (running, later):
        store.write_now(smoke_calling.remove, call)
    assert store.read_now(everything) == before


def test_what_happens_in_it_is_not_noted_and_the_trail_stays_whole(store: SqliteStore, cast: Cast) -> None:
    talk = store.write_now(booked.book, cast)
    call = prepare(store)
    before = len(store.read_now(everything)["audit"])
    for about in (call.id, talk.talk):
        store.write_now(audit.note, cast.bo, "seat:join", "participant", "x", at=NOW, talk=about)
    assert len(store.read_now(everything)["audit"]) == before + 1
    assert store.read_now(audit.broken_at) is None


def test_there_is_none_in_a_database_that_was_never_served(store: SqliteStore) -> None:
    assert store.write_now(smoke_calling.prepare, SESSION, now=NOW) is None
