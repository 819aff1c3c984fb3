"""When a button was pressed twice: the same thing asked for again before anybody can have meant it."""

from __future__ import annotations

from datetime import timedelta

ONE_PRESS = timedelta(minutes=5)  # pressing again so soon is a finger; later it is meant


def since(now: int) -> int:
    """What was done at this instant or later is still the same press."""
    return now - int(ONE_PRESS.total_seconds())
