"""How much one socket may say, and how often one participant may knock."""

import time
from collections.abc import Callable

# A join in a full room is about 40 messages at once; a hand on the keyboard is far below 40 a second.
BURST = 120
PER_SECOND = 40.0
ERROR_COSTS = 10  # a correct client makes none, so a dozen at once end the socket


class Bucket:
    """A token bucket: `take` says whether the next message is still within bounds; what is refused costs nothing."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        *,
        burst: int = BURST,
        per_second: float = PER_SECOND,
    ) -> None:
        self._clock = clock
        self._burst = float(burst)
        self._per_second = per_second
        self._level = self._burst
        self._at = clock()

    def take(self, cost: int = 1) -> bool:
        now = self._clock()
        self._level = min(self._burst, self._level + (now - self._at) * self._per_second)
        self._at = now
        if self._level < cost:
            return False
        self._level -= cost
        return True
