"""What stories rely on: one commit or none, one booking of a time, guards that speak, and waiting for the lock."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sqlite3
from dataclasses import replace
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import pytest

from handover.booking import book
from handover.domain.access import Scope
from handover.domain.talks import Talk
from handover.errors import Conflict, Invalid, Unavailable
from handover.store import audit, idempotency, sqlite
from handover.store.engine import OverlapError, Tx
from handover.store.sqlite import SqliteStore
from tests.bookings import ELLEN, TEN, at, wanted
from tests.cast import NOW, Cast

SPAWN = multiprocessing.get_context("spawn")
HASH = "the same request"


def counts(tx: Tx) -> dict[str, int]:
    tables = ("talks", "patients", "participants", "consents", "links", "outbox", "idempotency_keys")
    return {table: tx.value(f"select count(*) from {table}") for table in tables}


async def test_fifty_at_once_book_one_nurse_once(engine: SqliteStore, peopled: Cast) -> None:
    async def press(number: int) -> Talk:
        start = TEN if number % 2 else TEN + 1800  # 10:00–10:45 and 10:30–11:15
        facts = wanted(
            start, minutes=45, nurse=peopled.bo.actor, patient=replace(ELLEN, reference=f"HO-{number}")
        )
        return await engine.write(book, facts, by=peopled.astrid, now=NOW)

    results = await asyncio.gather(*(press(number) for number in range(50)), return_exceptions=True)
    booked = [one for one in results if isinstance(one, Talk)]
    refused = [one for one in results if isinstance(one, Conflict)]
    assert (len(booked), len(refused)) == (1, 49)
    assert {one.code for one in refused} == {"slot-taken"}
    assert all(one.details["alternatives"] for one in refused)
    assert engine.read_now(counts) == {
        "talks": 1, "patients": 1, "participants": 4, "consents": 1, "links": 2, "outbox": 4, "idempotency_keys": 0,
    }  # fmt: skip
    assert engine.read_now(audit.broken_at) is None


def test_a_story_that_fails_leaves_nothing_and_calls_nobody(engine: SqliteStore, peopled: Cast) -> None:
    called: list[str] = []

    def story(tx: Tx) -> None:
        tx.after_commit(lambda: called.append("after"))
        book(tx, wanted(), by=peopled.astrid, now=NOW)
        raise Invalid("no", "No.")

    with pytest.raises(Invalid):
        engine.write_now(story)
    assert engine.read_now(counts)["talks"] == 0
    assert called == []


def test_a_reader_sees_what_was_committed_and_no_half_story(engine: SqliteStore, peopled: Cast) -> None:
    def story(tx: Tx) -> int:
        book(tx, wanted(), by=peopled.astrid, now=NOW)
        return engine.read_now(counts)["talks"]

    assert engine.write_now(story) == 0
    assert engine.read_now(counts)["talks"] == 1


@pytest.fixture
def two(engine: SqliteStore, peopled: Cast) -> tuple[Talk, Talk]:
    """Bo at ten, Birgit at ten."""
    return (
        engine.write_now(book, wanted(nurse=peopled.bo.actor), by=peopled.astrid, now=NOW),
        engine.write_now(book, wanted(nurse=peopled.birgit.actor), by=peopled.astrid, now=NOW),
    )


def set_talk(tx: Tx, talk: Talk, **facts: Any) -> None:
    sets = ", ".join(f"{name} = :{name}" for name in facts)
    tx.run(f"update talks set {sets} where id = :talk", talk=talk.id, **facts)


def copy_talk(tx: Tx, talk: Talk, **facts: Any) -> None:
    row = tx.one("select * from talks where id = :talk", talk=talk.id)
    assert row is not None
    row |= {"id": tx.new_id(), "uid": tx.new_id(), **facts}
    columns = ", ".join(row)
    tx.run(f"insert into talks ({columns}) values ({', '.join(':' + name for name in row)})", **row)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (TEN, TEN + 1800),
        (TEN - 900, TEN + 60),
        (TEN + 1740, TEN + 3600),
        (TEN + 60, TEN + 120),
        (TEN - 13000, TEN + 1000),
    ],
)
def test_the_guard_stops_an_insert_that_overlaps(
    engine: SqliteStore, two: tuple[Talk, Talk], start: int, end: int
) -> None:
    with pytest.raises(OverlapError):
        engine.write_now(copy_talk, two[0], starts_at=start, ends_at=end)


@pytest.mark.parametrize(
    "facts",
    [
        {"starts_at": TEN + 1800, "ends_at": TEN + 3600},
        {"starts_at": TEN - 1800, "ends_at": TEN},
        {"state": "cancelled"},
        {"state": "not-held"},
        {"override_reason": "On purpose"},
        {"nurse": None},
    ],
)
def test_the_guard_lets_through_what_does_not(
    engine: SqliteStore, two: tuple[Talk, Talk], facts: Any
) -> None:
    engine.write_now(copy_talk, two[0], **facts)
    assert engine.read_now(counts)["talks"] == 3


def test_the_guard_stops_an_update_of_nurse_time_or_state(
    engine: SqliteStore, peopled: Cast, two: tuple[Talk, Talk]
) -> None:
    bo, birgit = two
    with pytest.raises(OverlapError):
        engine.write_now(set_talk, birgit, nurse=peopled.bo.actor)
    engine.write_now(set_talk, birgit, nurse=peopled.bo.actor, starts_at=TEN + 1800, ends_at=TEN + 3600)
    with pytest.raises(OverlapError):
        engine.write_now(set_talk, birgit, starts_at=TEN + 900)
    with pytest.raises(OverlapError):
        engine.write_now(set_talk, bo, ends_at=TEN + 1860)
    engine.write_now(set_talk, bo, state="cancelled")
    engine.write_now(set_talk, birgit, starts_at=TEN)
    with pytest.raises(OverlapError):
        engine.write_now(set_talk, bo, state="booked")


def test_a_story_hears_the_guard_and_can_go_on(engine: SqliteStore, two: tuple[Talk, Talk]) -> None:
    def story(tx: Tx) -> int:
        with pytest.raises(OverlapError):
            copy_talk(tx, two[0])
        return int(tx.value("select count(*) from talks"))

    assert engine.write_now(story) == 2


def test_audit_events_are_neither_changed_nor_removed(engine: SqliteStore, two: tuple[Talk, Talk]) -> None:
    for sql in ("update audit set actor = 'x'", "delete from audit"):
        with pytest.raises(sqlite3.IntegrityError):
            engine.write_now(lambda tx, sql=sql: tx.run(sql))


def book_once(tx: Tx, key: str, by: Scope, request_hash: str = HASH) -> tuple[int, str]:
    """What the API does with a key."""
    assert by.organisation is not None
    known = idempotency.answered(tx, by.organisation, key, request_hash)
    if known is not None:
        return known
    talk = book(tx, wanted(), by=by, now=NOW)
    idempotency.keep(tx, by.organisation, key, request_hash, 201, talk.id, now=NOW)
    return 201, talk.id


def test_a_repeated_key_gets_the_first_answer_and_books_nothing(engine: SqliteStore, peopled: Cast) -> None:
    first = engine.write_now(book_once, "k", peopled.astrid)
    assert engine.write_now(book_once, "k", peopled.astrid) == first
    assert engine.read_now(counts)["talks"] == 1


def test_a_key_for_another_request_is_refused_and_other_organisations_have_their_own(
    engine: SqliteStore, peopled: Cast
) -> None:
    engine.write_now(book_once, "k", peopled.astrid)
    with pytest.raises(Invalid) as caught:
        engine.write_now(book_once, "k", peopled.astrid, "another request")
    assert caught.value.code == "idempotency-key-reused"
    engine.write_now(book_once, "k", peopled.bo)
    assert engine.read_now(counts)["idempotency_keys"] == 2


def _book_and_die(path: Path, by: Scope, moment: int) -> None:
    """Another process that books under a key and is killed after `moment` statements."""
    store = SqliteStore(path)
    seen = 0

    def count(_: str) -> None:
        nonlocal seen
        seen += 1
        if seen > moment:
            os.kill(os.getpid(), signal.SIGKILL)

    def story(tx: Any) -> tuple[int, str]:
        tx._connection.set_trace_callback(count)
        return book_once(tx, "k", by)

    store.write_now(story)
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("moment", [0, 8, 16, 24, 10_000])
def test_killed_at_any_moment_and_tried_again_there_is_one_talk(
    engine: SqliteStore, peopled: Cast, moment: int
) -> None:
    process = SPAWN.Process(target=_book_and_die, args=(engine.path, peopled.astrid, moment))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    status, talk = engine.write_now(book_once, "k", peopled.astrid)
    assert (status, engine.write_now(book_once, "k", peopled.astrid)) == (201, (201, talk))
    assert engine.read_now(counts) == {
        "talks": 1, "patients": 1, "participants": 4, "consents": 1, "links": 2, "outbox": 4, "idempotency_keys": 1,
    }  # fmt: skip
    assert engine.read_now(lambda tx: tx.value("pragma integrity_check")) == "ok"


def _hold_the_lock(path: Path, held: Event, let_go: Event) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("begin immediate")
    connection.execute("update units set name = name || '.'")
    held.set()
    let_go.wait()
    connection.execute("commit")
    connection.close()


async def test_another_process_that_writes_is_waited_for(engine: SqliteStore, peopled: Cast) -> None:
    held, let_go = SPAWN.Event(), SPAWN.Event()
    process = SPAWN.Process(target=_hold_the_lock, args=(engine.path, held, let_go))
    process.start()
    held.wait()
    waiting = asyncio.ensure_future(engine.write(book, wanted(), by=peopled.astrid, now=NOW))
    assert (await engine.read(counts))["talks"] == 0  # readers go on meanwhile
    assert not waiting.done()
    let_go.set()
    # Reading before it wrote, a deferred transaction would now fail with SQLITE_BUSY_SNAPSHOT.
    assert (await waiting).ward_name == "Onkologisk afsnit."
    process.join()


def test_a_lock_that_is_never_let_go_says_that_nothing_was_saved(
    tmp_path: Path, peopled: Cast, engine: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT", 0.05)
    impatient = SqliteStore(engine.path)
    held, let_go = SPAWN.Event(), SPAWN.Event()
    process = SPAWN.Process(target=_hold_the_lock, args=(engine.path, held, let_go))
    process.start()
    held.wait()
    try:
        with pytest.raises(Unavailable) as caught:
            impatient.write_now(book, wanted(), by=peopled.astrid, now=NOW)
    finally:
        let_go.set()
        process.join()
        impatient.close_now()
    assert caught.value.code == "busy"
    assert engine.read_now(counts)["talks"] == 0


def test_a_talk_is_at_most_four_hours_whoever_writes_it(engine: SqliteStore, two: tuple[Talk, Talk]) -> None:
    start = at("2026-12-02 08:00")
    with pytest.raises(sqlite3.IntegrityError):
        engine.write_now(copy_talk, two[0], starts_at=start, ends_at=start + 4 * 3600 + 1)
