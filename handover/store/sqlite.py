"""The SQLite engine: one writer thread, two reader threads, each with its own connection through sqlite-utils.

A write begins with BEGIN IMMEDIATE: a deferred transaction that reads before it writes fails at once with
SQLITE_BUSY_SNAPSHOT when another process wrote in between, whatever the busy timeout.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlite_utils import Database, Migrations

from handover.errors import N_, Unavailable
from handover.store import schema
from handover.store.engine import OverlapError, Row

P = ParamSpec("P")
R = TypeVar("R")
log = logging.getLogger(__name__)

BUSY_TIMEOUT = 5.0  # seconds another process may hold the write lock before we say "not saved"
READERS = 2  # more reader threads gave nothing measurable on two cores


# SQLite's words for the columns of handover.store.schema.
COLUMNS = {"instant": "integer", "count": "integer", "json": "text", "bytes": "blob", "strict": "strict"}

# A talk that somebody double-booked on purpose carries a reason and is let through; everything else is refused here
# even if a story forgot to look. The lower bound on starts_at keeps this at 26 µs with 20,000 talks (2.6 ms without).
_OVERLAP = """
create trigger talks_overlap_{moment} before {event} on talks
when new.nurse is not null and new.override_reason is null and new.state not in ('cancelled', 'not-held')
begin
    select raise(abort, 'overlap') where exists (
        select 1 from talks
        where nurse = new.nurse and id <> new.id and state not in ('cancelled', 'not-held')
            and override_reason is null
            and starts_at > new.starts_at - 14400 and starts_at < new.ends_at and ends_at > new.starts_at);
end
"""
GUARDS = {
    "@overlap-guard": (
        _OVERLAP.format(moment="insert", event="insert"),
        _OVERLAP.format(moment="update", event="update of nurse, starts_at, ends_at, state, override_reason"),
    ),
    "@audit-guard": (
        "create trigger audit_no_update before update on audit begin select raise(abort, 'audit is insert-only'); end",
        "create trigger audit_no_delete before delete on audit begin select raise(abort, 'audit is insert-only'); end",
    ),
}


_BASE32 = b"abcdefghijklmnopqrstuvwxyz234567"
_FIVE_BITS = bytes(_BASE32[byte & 31] for byte in range(256))
_LAST_THREE_BITS = bytes(_BASE32[byte & 7 << 2] for byte in range(256))


def random_id() -> str:
    """128 random bits as 26 lower-case base32 characters. A booking makes fifteen, and the library's base32 is slow."""
    random = os.urandom(26)
    return (random[:25].translate(_FIVE_BITS) + random[25:].translate(_LAST_THREE_BITS)).decode("ascii")


class SqliteTx:
    """One transaction on one connection; see `handover.store.engine.Tx`."""

    def __init__(self, database: Database, new_id: Callable[[], str]) -> None:
        self._database = database
        self._connection: sqlite3.Connection = database.conn
        self.new_id = new_id
        self._after: list[Callable[[], None]] = []

    def all(self, sql: str, **params: Any) -> list[Row]:
        cursor = self._connection.execute(sql, params)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def one(self, sql: str, **params: Any) -> Row | None:
        cursor = self._connection.execute(sql, params)
        row = cursor.fetchone()
        if row is None:
            return None
        return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}

    def value(self, sql: str, **params: Any) -> Any:
        row = self._connection.execute(sql, params).fetchone()
        return None if row is None else row[0]

    def tuples(self, sql: str, **params: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, params).fetchall()

    def run(self, sql: str, **params: Any) -> int:
        try:
            return self._connection.execute(sql, params).rowcount
        except sqlite3.IntegrityError as error:
            raise _translated(error) from error

    def run_many(self, sql: str, rows: list[Row]) -> None:
        self._connection.executemany(sql, rows)

    def after_commit(self, call: Callable[[], None]) -> None:
        self._after.append(call)

    def committed(self) -> None:
        """Run what waited for the commit."""
        for call in self._after:
            call()


class SqliteStore:
    """`Store` over one SQLite file; `path` may not be `:memory:`, readers need to see what the writer wrote."""

    def __init__(self, path: str | Path, new_id: Callable[[], str] = random_id) -> None:
        self.path = Path(path)
        self._new_id = new_id
        self._local = threading.local()
        self._open: list[Database] = []
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        # The first connection makes the file WAL and brings the schema up to date before any reader opens it.
        self._writer.submit(self._prepare).result()

    async def write(self, story: Callable[Concatenate[Any, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        call = partial(self._write, story, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._writer, call)

    async def read(self, story: Callable[Concatenate[Any, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        call = partial(self._read, story, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._readers, call)

    def write_now(self, story: Callable[Concatenate[Any, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`write` for commands and tests that have no event loop."""
        return self._writer.submit(partial(self._write, story, *args, **kwargs)).result()

    def read_now(self, story: Callable[Concatenate[Any, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`read` for commands and tests that have no event loop."""
        return self._readers.submit(partial(self._read, story, *args, **kwargs)).result()

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(None, self.close_now)

    def close_now(self) -> None:
        """Finish what is running, then close every connection."""
        self._writer.shutdown()
        self._readers.shutdown()
        for database in self._open:
            database.conn.close()
        self._open.clear()

    def _connect(self) -> Database:
        connection = sqlite3.connect(
            self.path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False
        )
        connection.execute("pragma foreign_keys = on")
        connection.execute("pragma synchronous = full")
        database = Database(connection, execute_plugins=False)
        self._open.append(database)
        return database

    def _database(self) -> Database:
        database: Database | None = getattr(self._local, "database", None)
        if database is None:
            database = self._local.database = self._connect()
        return database

    def _prepare(self) -> None:
        database = self._database()
        database.enable_wal()
        _migrations().apply(database)

    def _write(self, story: Callable[..., R], *args: Any, **kwargs: Any) -> R:
        database = self._database()
        connection = database.conn
        tx = SqliteTx(database, self._new_id)
        try:
            connection.execute("begin immediate")
            result = story(tx, *args, **kwargs)
            connection.execute("commit")
        except BaseException as error:
            with contextlib.suppress(sqlite3.Error):
                if connection.in_transaction:
                    connection.execute("rollback")
            raise _translated(error) from error
        tx.committed()
        return result

    def _read(self, story: Callable[..., R], *args: Any, **kwargs: Any) -> R:
        database = self._database()
        connection = database.conn
        connection.execute("begin")
        try:
            return story(SqliteTx(database, self._new_id), *args, **kwargs)
        except sqlite3.Error as error:
            raise _translated(error) from error
        finally:
            if connection.in_transaction:
                connection.execute("rollback")


def _migrations() -> Migrations:
    """The numbered list of handover.store.schema in sqlite-utils' bookkeeping."""
    migrations = Migrations("handover")
    for step in schema.MIGRATIONS:

        def apply(database: Database, step: schema.Migration = step) -> None:
            for statement in step.statements:
                for sql in GUARDS.get(statement, (statement,)):
                    database.execute(sql.format(**COLUMNS) if sql is statement else sql)

        migrations(name=step.name)(apply)
    return migrations


def _translated(error: BaseException) -> BaseException:
    """SQLite's words for "busy", "full" and our own trigger, as the errors the stories know."""
    if not isinstance(error, sqlite3.Error):
        return error
    if isinstance(error, sqlite3.IntegrityError) and "overlap" in str(error):
        return OverlapError()
    if isinstance(error, sqlite3.OperationalError):
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return Unavailable(
                "busy", N_("It was not saved: the service is busy. Try again in a moment, or ring instead.")
            )
        if name.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN")):
            log.error("the database cannot be written: %s", name)
            return Unavailable(
                "not-saved", N_("It was not saved: the service cannot write just now. Ring instead.")
            )
    return error
