"""What the service does by itself: every half minute it notes who is still there, once a day it forgets what is old."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable

from aiohttp import web

from handover import attending
from handover.domain.presence import SEEN_EVERY
from handover.errors import HandoverError
from handover.web.keys import CLOCK, STORE
from handover.web.room_figures import FIGURES

log = logging.getLogger(__name__)

FORGET_EVERY = 24 * 60 * 60  # seconds, and at every start
FINISH_WITHIN = 1.0  # seconds; what is not noted then, the next service takes from the last look


class Housekeeping:
    """One for each service. A round that fails is logged and tried again with the next."""

    def __init__(self, app: web.Application) -> None:
        self._store = app[STORE]
        self._clock = app[CLOCK]
        self._figures = app[FIGURES]
        self._forgot_at: int | None = None
        self._looked_at_somebody = True  # a service that was killed has left stays open
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Begin anew, then a round every half minute until `stop`; the last one when it stops."""
        await self._surely(self._store.write(attending.begin))
        while not self._stopping.is_set():
            await self._surely(self.round())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), SEEN_EVERY)
        # Seats are not emptied by a service that stops: people come back to the next one.
        await self._surely(self.round())

    def stop(self) -> None:
        self._stopping.set()

    async def round(self) -> None:
        """Looks round, and forgets what has become old since the last time."""
        now = self._clock()
        rooms = {room: frozenset(seats) for room, seats in self._figures.inside.items()}
        if rooms or self._looked_at_somebody:
            await self._store.write(attending.look_round, rooms, now=now)
        self._looked_at_somebody = bool(rooms) or await self._store.read(attending.anybody_left)
        if self._forgot_at is None or now - self._forgot_at >= FORGET_EVERY:
            forgotten = await self._store.write(attending.forget, now=now)
            self._forgot_at = now
            if forgotten:
                log.info("forgot %d stays in talks of more than 90 days ago", forgotten)

    async def _surely(self, doing: Awaitable[None]) -> None:
        try:
            await doing
        except HandoverError as error:
            log.warning("housekeeping cannot reach the database: %s", error.code)
        except Exception:
            log.exception("housekeeping failed and goes on")


async def housekeeping(app: web.Application) -> AsyncIterator[None]:
    """For `app.cleanup_ctx`."""
    keeper = Housekeeping(app)
    task = asyncio.create_task(keeper.run())
    yield
    keeper.stop()
    await asyncio.wait([task], timeout=FINISH_WITHIN)
    task.cancel()
