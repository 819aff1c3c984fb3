"""Personal links at the web's edge: whose token it is, and an end to guessing.

Only tokens that we did not make are counted. So a hospital behind one address keeps coming in by its links while
somebody in the same building tries ten thousand.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Concatenate, TypeVar

from aiohttp import web

from handover import joining
from handover.domain import join_links
from handover.domain.join_links import ParsedToken
from handover.errors import N_, TooMany
from handover.joining import Opened
from handover.store.engine import Tx
from handover.web.keys import CLOCK, SECRET, STORE
from handover.web.throttling import network_of

Found = TypeVar("Found")

MOST_REMEMBERED = 10_000  # networks; the one heard from longest ago is forgotten first


class Allowance:
    """So many goes at once for each network and for all together, and so many seconds until one comes back."""

    def __init__(
        self,
        of_a_network: int,
        of_all: int,
        seconds_each: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._of_a_network = of_a_network
        self._of_all = of_all
        self._seconds_each = seconds_each
        self._clock = clock
        # How much is used up, and when that was.
        self._used: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, network: str) -> bool:
        """Use one up; False, and nothing used, when there is none left."""
        now = self._clock()
        # What is allowed to all together comes back faster in the same measure as it is more.
        all_each = self._seconds_each * self._of_a_network / self._of_all
        own, everybody = self._left(network, now, self._seconds_each), self._left("", now, all_each)
        if own + 1 > self._of_a_network or everybody + 1 > self._of_all:
            return False
        for key, used in ((network, own), ("", everybody)):
            self._used[key] = (used + 1, now)
            self._used.move_to_end(key)
        while len(self._used) > MOST_REMEMBERED:
            self._used.popitem(last=False)
        return True

    def _left(self, key: str, now: float, seconds_each: float) -> float:
        used, at = self._used.get(key, (0.0, now))
        return max(0.0, used - (now - at) / seconds_each)


# A link cut in two by a mail program is tried a few times by each of a ward's patients; a guesser needs 2^128.
WRONG_LINKS = web.AppKey("wrong_links", Allowance)
# A waiting room full of people who have lost their mail, not a list of addresses to try.
NEW_LINKS = web.AppKey("new_links", Allowance)


def allowances() -> tuple[Allowance, Allowance]:
    """For WRONG_LINKS and NEW_LINKS."""
    return Allowance(60, 600, 10.0), Allowance(20, 200, 60.0)


Behind = Callable[Concatenate[Tx, ParsedToken, ...], Found | None]


async def genuine_link(request: web.Request, token: str) -> Opened | None:
    """Where the join link leads, or None for a wrong one. Raises `TooMany` for a network that has tried many wrong."""
    return await behind(request, token, joining.open_link)


async def behind(request: web.Request, token: str, story: Behind[Found]) -> Found | None:
    """What `story` finds behind a token, or None for a wrong one; `TooMany` as above."""
    parsed = join_links.parse(token)
    if parsed is not None:
        found = await request.app[STORE].read(
            story, parsed, key=request.app[SECRET], now=request.app[CLOCK]()
        )
        if found is not None:
            return found
    if not request.app[WRONG_LINKS].take(network_of(request)):
        raise TooMany("too-many-links", N_("Too many wrong links were tried from here. Wait a few minutes."))
    return None
