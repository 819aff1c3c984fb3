"""The working view: months where the organisation is, and what a coordinator's period takes in."""

from __future__ import annotations

import pytest

from handover.booking import book
from handover.domain.months import Period
from handover.errors import NotAllowed
from handover.evaluating import working_view
from handover.stopping import cancel, stop
from handover.store.sqlite import SqliteStore
from tests.bookings import TEN, at, wanted, words
from tests.cast import NOW, Cast


def test_a_talk_counts_when_its_time_has_come_and_a_cancelled_one_never(
    store: SqliteStore, cast: Cast
) -> None:
    store.write_now(words)
    period = Period("2026-11", "2026-12")
    store.write_now(book, wanted(), by=cast.astrid, now=NOW)
    other = store.write_now(
        book, wanted(at("2026-12-01 11:00"), nurse=cast.bo.actor), by=cast.astrid, now=NOW
    )
    before, _ = store.write_now(working_view, period, None, by=cast.ida, now=NOW)
    after, cases = store.write_now(working_view, period, None, by=cast.bo, now=TEN + 7200)
    assert (before.total.patients, after.total.patients, len(cases)) == (0, 1, 2)  # Ellen has both talks
    store.write_now(cancel, other.id, "", by=cast.astrid, now=NOW)
    _, cases = store.write_now(working_view, period, None, by=cast.bo, now=TEN + 7200)
    assert len(cases) == 1


def test_a_stopped_talk_is_told_apart(store: SqliteStore, cast: Cast) -> None:
    store.write_now(words)
    talk = store.write_now(book, wanted(), by=cast.astrid, now=NOW)
    store.write_now(stop, talk.id, "died", by=cast.astrid, now=NOW)
    figures, _ = store.write_now(working_view, Period("2026-12", "2026-12"), None, by=cast.ida, now=TEN + 60)
    assert (figures.total.stopped, figures.total.patients) == (1, 0)


def test_an_association_has_no_patients_to_count(store: SqliteStore, cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        store.write_now(working_view, Period("2026-11", "2026-11"), None, by=cast.oda, now=NOW)
