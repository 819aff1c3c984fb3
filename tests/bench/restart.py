"""`handover serve` killed with a hundred people in its rooms, and started again: until they are all back inside.

They dial again as the browser does (signaling/browser/channel.js), and hold their calls meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from handover.app import wall_clock
from handover.domain.access import OPERATOR
from handover.settings import load_or_make_secret
from handover.staffing import WantedAccount, add_account
from handover.store import sessions
from handover.store.engine import Tx
from handover.store.sqlite import SqliteStore
from tests import booked, bookings
from tests import cast as people
from tests.bench.seat_client import SeatClient
from tests.processes import Service

TALKS = 25
DELAYS = (0.0, 0.3, 0.7, 1.0, 2.0, 4.0, 7.0)  # seconds, as DELAYS, JITTER and STEADY of the browser's channel
JITTER = 0.5
STEADY = 3.0
SETTLING = 1.0  # seconds after the joins
BACK_WITHIN = 40.0  # seconds
DAY = 24 * 3600


@dataclass
class Tally:
    """When each attempt was made and who took a seat when, in seconds of this machine's clock."""

    attempts: list[float] = field(default_factory=list)
    back: dict[str, float] = field(default_factory=dict)
    made_anew: int = 0
    knocked: int = 0


class Caller(SeatClient):
    """Stays in the call when the socket goes, and dials again until it is back."""

    tally: Tally | None = None  # from the moment on that the server is gone

    def holding(self) -> list[dict[str, Any]]:
        return [
            {
                "peer": peer,
                "generation": generation,
                "offerer": self.participant if self.offers[peer] else peer,
            }
            for peer, generation in self.generations.items()
        ]

    def hear(self, text: bytes) -> None:
        if self.tally:
            match json.loads(text)["type"]:
                case "admitted":
                    self.tally.back.setdefault(self.participant, time.monotonic())
                case "make":
                    self.tally.made_anew += 1
                case "waiting":
                    self.tally.knocked += 1
        super().hear(text)

    async def stay(self, url: str, tally: Tally, random: Random) -> None:
        """As the browser's channel: a delay before each attempt, shorter again after a line that lived."""
        self.tally = tally
        attempt, opened = 0, time.monotonic() - STEADY
        while True:
            await asyncio.shield(self.socket.closed)
            if time.monotonic() - opened >= STEADY:
                attempt = 0
            while True:
                delay = DELAYS[min(attempt, len(DELAYS) - 1)]
                attempt += 1
                await asyncio.sleep(delay * (0.75 + random.random() / 2) + random.random() * JITTER)
                tally.attempts.append(time.monotonic())
                with contextlib.suppress(OSError, TimeoutError):
                    await self.dial(url)
                    opened = time.monotonic()
                    break


@dataclass(frozen=True)
class Chair:
    """One who takes part in a talk, and how they come in."""

    room: str
    participant: str
    way_in: dict[str, str]


def prepare(folder: Path) -> list[list[Chair]]:
    """Talks that begin now, each with its own nurse, since nobody is in two at once."""
    now, key = wall_clock(), load_or_make_secret(folder / "secret.key")
    store = SqliteStore(folder / "handover.db")

    def talk(tx: Tx, cast: people.Cast, number: int) -> list[Chair]:
        name, email = f"Bo {number}", f"bo{number}@kommune.example"
        wanted = WantedAccount(cast.soenderborg, "nurse", name, email, None, (cast.team,))
        nurse = sessions.staff_scope(tx, add_account(tx, wanted, by=OPERATOR, now=now))
        assert nurse is not None
        sessions.open_session(tx, f"session-of-bo-{number}", nurse.actor, now=now, expires_at=now + DAY)
        made = booked.book(tx, cast, starts_at=now, reference=f"HO-{number}", nurse=nurse)
        return [
            Chair(made.talk, made.astrid, {"session": "session-of-astrid"}),
            Chair(made.talk, made.bo, {"session": f"session-of-bo-{number}"}),
            *(
                Chair(made.talk, guest, {"token": booked.join_token(tx, key, made.talk, guest)})
                for guest in (made.ellen, made.dag)
            ),
        ]

    def fill(tx: Tx) -> list[list[Chair]]:
        cast = people.gather(tx, None, now, time.strftime("%Y-%m-%d", time.gmtime(now)))
        bookings.words(tx)
        sessions.open_session(tx, "session-of-astrid", cast.astrid.actor, now=now, expires_at=now + DAY)
        return [talk(tx, cast, number) for number in range(TALKS)]

    rooms = store.write_now(fill)
    store.close_now()
    return rooms


async def measure(folder: Path) -> tuple[float, Tally]:
    """When the second service was ready, and what the callers did."""
    rooms = [[Caller(one.room, one.participant, **one.way_in) for one in room] for room in prepare(folder)]
    callers = [caller for room in rooms for caller in room]
    tally, random = Tally(), Random(17)
    first = Service(folder, "serve", "--port", "0")
    try:
        url = (await asyncio.to_thread(first.until, "Ready: ")).split()[1].rstrip("/")
        async with asyncio.timeout(BACK_WITHIN):
            for room in rooms:
                for caller in room:
                    await caller.dial(url)
                for caller in room:
                    await caller.complete.wait()
        await asyncio.sleep(SETTLING)
        staying = [asyncio.create_task(caller.stay(url, tally, random)) for caller in callers]
        await asyncio.sleep(SETTLING)
    finally:
        first.end()
    second = Service(folder, "serve", "--port", url.rpartition(":")[2])
    try:
        await asyncio.to_thread(second.until, "Ready: ")
        ready = time.monotonic()
        while len(tally.back) < len(callers) and time.monotonic() < ready + BACK_WITHIN:
            await asyncio.sleep(0.05)
        for task in staying:
            task.cancel()
        return ready, tally
    finally:
        second.end()


def herd(tally: Tally) -> float:
    """The most attempts within a second, over their mean until nine of ten are back: the last few are no herd. Those
    that met no server count as well."""
    nine_of_ten = sorted(tally.back.values())[len(tally.back) * 9 // 10 - 1]
    attempts = [at for at in tally.attempts if at <= nine_of_ten]
    peak = max(sum(at <= other < at + 1 for other in attempts) for at in attempts)
    return peak / (len(attempts) / max(1.0, max(attempts) - min(attempts)))


def run() -> list[tuple[str, float, str]]:
    with TemporaryDirectory() as text:
        ready, tally = asyncio.run(measure(Path(text)))
    waits = [max(0.0, back - ready) for back in tally.back.values()]
    return [
        ("Server killed and back: seats inside again, of 100", len(tally.back), "≥ 100"),
        ("From its ready until a seat is inside again, median s", median(waits), "≤ 1.5"),
        ("The same for the last of them, s", max(waits), "≤ 10"),
        ("Most attempts to dial in a second / their mean", herd(tally), "≤ 3"),
        ("Calls that had to be made anew", tally.made_anew, "≤ 0"),
        ("Guests who had to knock again", tally.knocked, "≤ 0"),
    ]
