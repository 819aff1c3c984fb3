"""How much one socket may say."""

import time
from collections.abc import Callable

# A join in a full room is about 40 messages at once; a hand on the keyboard is far below 40 a second.
BURST = 120
PER_SECOND = 40.0
ERROR_COSTS = 10  # a correct client makes none, so a dozen at once end the socket


class Bucket:
    """A token bucket: `take` says whether the next message is still within bounds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._level = float(BURST)
        self._at = clock()

    def take(self, cost: int = 1) -> bool:
        now = self._clock()
        self._level = min(float(BURST), self._level + (now - self._at) * PER_SECOND) - cost
        self._at = now
        return self._level >= 0
