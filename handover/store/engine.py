"""What every database engine behind the stories must offer: a transaction to speak SQL in, and a store to run it.

A story is an ordinary function `story(tx, ...)`; the store runs the whole of it in one transaction and one hop
(`await store.write(story, ...)`), so that one story is one commit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
Row = dict[str, Any]


class Tx(Protocol):
    """One open transaction. SQL uses `:name` parameters in the subset SQLite and PostgreSQL share."""

    def all(self, sql: str, **params: Any) -> list[Row]:
        """Every row, as dictionaries."""

    def one(self, sql: str, **params: Any) -> Row | None:
        """The first row, or None."""

    def value(self, sql: str, **params: Any) -> Any:
        """The first column of the first row, or None."""

    def tuples(self, sql: str, **params: Any) -> list[tuple[Any, ...]]:
        """Every row as a tuple: a third of the price of dictionaries for thousands of rows."""

    def run(self, sql: str, **params: Any) -> int:
        """Run a statement; the number of rows it touched."""

    def run_many(self, sql: str, rows: list[Row]) -> None:
        """Run one statement for each row."""

    def new_id(self) -> str:
        """A new identifier: 128 random bits as 26 lower-case base32 characters."""

    def after_commit(self, call: Callable[[], None]) -> None:
        """Have `call` run once the transaction has committed, and not at all when it has not."""


class Store(Protocol):
    """A database that runs stories."""

    async def write(self, story: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a story in one write transaction; it commits when the story returns and rolls back when it raises."""

    async def read(self, story: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a question over one consistent snapshot."""

    async def close(self) -> None:
        """Finish what is running and let go of the database."""


class OverlapError(Exception):
    """The database's own guard against double booking spoke: two talks of one nurse would overlap."""
