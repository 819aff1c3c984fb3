"""One booking: the story in its transaction, beside raw sqlite3 writing the same rows in one transaction each."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import thread_time
from typing import Any

from handover.booking import book
from handover.domain.access import Scope
from handover.domain.bookings import Wanted
from handover.store.sqlite import SqliteStore
from tests import cast as people
from tests.bookings import ELLEN, at, wanted, words

ROUNDS, BATCH = 12, 60
MONDAY, DAYS = at("2027-01-04 08:00"), 50  # ten weeks without a public holiday or a change of clocks
# In the order in which a booking writes them.
TABLES = (
    "patients", "pathways", "talks", "talk_themes", "participants", "consents", "links", "outbox", "audit",
)  # fmt: skip


Rows = list[tuple[str, list[tuple[Any, ...]]]]  # the inserts of one booking


def run() -> list[tuple[str, float, str]]:
    """CPU of raw sqlite3 over ours, the best of interleaved rounds: 1.0 would be a story that costs nothing."""
    with TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "ours.db")
        cast = store.write_now(people.gather)
        store.write_now(words)
        store.write_now(lambda tx: tx.run("update units set horizon_days = 120"))
        bare = _copy(Path(folder) / "ours.db", Path(folder) / "raw.db")
        ours, raws = [], []
        for number in range(ROUNDS):
            asked = [_wanted(number * BATCH + one) for one in range(BATCH)]
            before = _marks(store)
            ours.append(_story(store, asked, cast.astrid))
            raws.append(_raw(bare, _rows_since(store, before)))
        store.close_now()
        bare.close()
    return [("Booking: raw sqlite3's rows / the story in its transaction", min(raws) / min(ours), ">= 0.5")]


def _wanted(number: int) -> Wanted:
    """Spread as a calendar fills: a talk on each working day before the second comes."""
    week, day = divmod(number % DAYS, 5)
    start = MONDAY + (week * 7 + day) * 24 * 3600 + number // DAYS * 1800
    return wanted(start, themes=("fatigue",), patient=replace(ELLEN, reference=f"HO-{number}"))


def _story(store: SqliteStore, asked: list[Wanted], by: Scope) -> float:
    began = store.write_now(_clock)
    for one in asked:
        store.write_now(book, one, by=by, now=people.NOW)
    return store.write_now(_clock) - began


def _clock(tx: Any) -> float:
    """CPU time of the writer's thread: the hop to it belongs to the measurement of whole calls."""
    return thread_time()


def _copy(source: Path, target: Path) -> sqlite3.Connection:
    """A second database with the same tables, triggers and people, opened as raw sqlite3 would be."""
    connection = sqlite3.connect(target, isolation_level=None, check_same_thread=False)
    with sqlite3.connect(source) as original:
        original.backup(connection)
    original.close()
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    connection.execute("pragma foreign_keys = on")
    return connection


def _marks(store: SqliteStore) -> dict[str, int]:
    return store.read_now(lambda tx: {table: tx.value(f"select count(*) from {table}") for table in TABLES})


def _rows_since(store: SqliteStore, before: dict[str, int]) -> list[Rows]:
    """What the story wrote, booking by booking: for each table its insert and the rows."""

    def read(tx: Any) -> list[Rows]:
        whole: list[Rows] = [[] for _ in range(BATCH)]
        for table in TABLES:
            rows = tx.tuples(f"select * from {table} limit -1 offset :n", n=before[table])
            each = len(rows) // BATCH
            assert each * BATCH == len(rows) and each > 0, table
            statement = f"insert into {table} values ({', '.join('?' * len(rows[0]))})"
            for number in range(BATCH):
                whole[number].append((statement, rows[number * each : (number + 1) * each]))
        return whole

    return store.read_now(read)


def _raw(connection: sqlite3.Connection, bookings: list[Rows]) -> float:
    """Behind a thread of its own, as the story is: both pay for the caches that a change of threads leaves cold."""
    with ThreadPoolExecutor(1) as thread:
        began = thread.submit(thread_time).result()
        for statements in bookings:
            thread.submit(_raw_booking, connection, statements).result()
        return thread.submit(thread_time).result() - began


def _raw_booking(connection: sqlite3.Connection, statements: Rows) -> None:
    connection.execute("begin immediate")
    for statement, rows in statements:
        connection.executemany(statement, rows)
    connection.execute("commit")
