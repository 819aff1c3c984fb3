"""What the service does by itself: noting who is there, ending what a killed service left open, forgetting."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from handover import joining
from handover.errors import Unavailable
from handover.store import stays
from handover.store.sqlite import SqliteStore
from handover.web.housekeeping import Housekeeping
from handover.web.keys import STORE
from handover.web.room_figures import FIGURES
from tests.booked import ENDS_AT, STARTS_AT, Booked, book
from tests.cast import Cast
from tests.conftest import Serve
from tests.visitor import Clock

DAY = 24 * 60 * 60


@pytest.fixture
def talk(store: SqliteStore, cast: Cast, clock: Clock) -> Booked:
    clock.now = STARTS_AT
    made = store.write_now(book, cast)
    store.write_now(joining.sit_down, made.talk, made.bo, by=cast.bo, now=STARTS_AT)
    return made


def bo_was_there(store: SqliteStore, talk: Booked) -> tuple[int, int | None]:
    (stay,) = store.read_now(stays.of_talk, talk.talk)
    return stay.seen_at - STARTS_AT, None if stay.left_at is None else stay.left_at - STARTS_AT


async def test_who_sits_in_a_room_is_seen_and_who_does_not_is_gone_after_two_minutes(
    app: web.Application, store: SqliteStore, clock: Clock, talk: Booked
) -> None:
    keeper = Housekeeping(app)
    app[FIGURES].join(talk.talk, talk.bo)
    clock.forward(30)
    await keeper.round()
    assert bo_was_there(store, talk) == (30, None)
    app[FIGURES].leave(talk.talk, talk.bo)  # as if the story that notes it had failed
    clock.forward(120)
    await keeper.round()
    assert bo_was_there(store, talk) == (30, None)
    clock.forward(1)
    await keeper.round()
    assert bo_was_there(store, talk) == (30, 30)


async def test_a_service_that_starts_ends_what_a_killed_one_left_open(
    serve: Serve, app: web.Application, store: SqliteStore, clock: Clock, talk: Booked
) -> None:
    clock.forward(3600)
    await serve(app)
    async with asyncio.timeout(30):
        while bo_was_there(store, talk) != (0, 0):
            await asyncio.sleep(0.02)


async def test_a_service_that_starts_soon_leaves_time_to_come_back(
    app: web.Application, store: SqliteStore, clock: Clock, talk: Booked
) -> None:
    clock.forward(100)
    await Housekeeping(app).round()
    assert bo_was_there(store, talk) == (0, None)


async def test_the_old_is_forgotten_at_the_start_and_once_a_day(
    app: web.Application, store: SqliteStore, clock: Clock, talk: Booked
) -> None:
    clock.now = ENDS_AT + 90 * DAY
    keeper = Housekeeping(app)
    await keeper.round()
    assert store.read_now(stays.of_talk, talk.talk) != []
    clock.forward(DAY - 1)
    await keeper.round()
    assert store.read_now(stays.of_talk, talk.talk) != [], "once a day is enough"
    clock.forward(1)
    await keeper.round()
    assert store.read_now(stays.of_talk, talk.talk) == []


async def test_a_database_that_is_busy_is_tried_again(
    app: web.Application, store: SqliteStore, clock: Clock, talk: Booked, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = asyncio.Event()
    write = app[STORE].write

    async def busy_once(*args: object, **kwargs: object) -> object:
        if not failed.is_set():
            failed.set()
            raise Unavailable("busy", "busy")
        return await write(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(app[STORE], "write", busy_once)
    clock.forward(3600)
    keeper = Housekeeping(app)
    task = asyncio.create_task(keeper.run())
    await failed.wait()
    keeper.stop()
    async with asyncio.timeout(30):
        await task
    assert bo_was_there(store, talk) == (0, 0)
