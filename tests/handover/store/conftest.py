"""Every engine keeps the same contract: these tests run over each of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from handover.store.sqlite import SqliteStore
from tests import cast as people
from tests.bookings import words


@pytest.fixture(params=["sqlite"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqliteStore]:
    """A store of each engine, empty."""
    opened = {"sqlite": SqliteStore}[request.param](tmp_path / "contract.db")
    yield opened
    opened.close_now()


@pytest.fixture
def peopled(engine: SqliteStore) -> people.Cast:
    """The cast and the words to book with, put into `engine`."""
    engine.write_now(words)
    return engine.write_now(people.gather)
