"""Booking as the ward does, for tests of what is booked and of when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from handover.booking import book
from handover.domain.access import Scope
from handover.domain.talks import Talk
from handover.errors import HandoverError, Invalid
from handover.store.sqlite import SqliteStore
from tests.bookings import TEN, wanted, words
from tests.cast import NOW, Cast

Book = Callable[..., Talk]


@pytest.fixture
def booked(store: SqliteStore, cast: Cast) -> Book:
    """Book as Astrid, unless said otherwise."""
    store.write_now(words)

    def call(start: int = TEN, by: Scope = cast.astrid, now: int = NOW, **facts: Any) -> Talk:
        return store.write_now(book, wanted(start, **facts), by=by, now=now)

    return call


def fields(error: HandoverError) -> list[tuple[str, str]]:
    """Which fields are refused, and why."""
    assert isinstance(error, Invalid)
    return [(fault.field, fault.code) for fault in error.fields]
