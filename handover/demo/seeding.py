"""Fill the demo's database, once."""

from __future__ import annotations

from random import Random

from handover.demo.coming import seed_coming
from handover.demo.people import settle
from handover.demo.talks import DAY, seed_past
from handover.domain.access import OPERATOR
from handover.store import audit, meta
from handover.store.engine import Tx

SEED = 2026  # the same people and answers in every demo; only the times are counted from today
LIVED_IN_FOR = 300 * DAY


def seed(tx: Tx, *, now: int) -> None:
    """Fill an empty database; a second time it changes nothing."""
    if meta.is_demo(tx):
        return
    meta.put(tx, "demo", str(now))
    settle(tx, now - LIVED_IN_FOR)
    rng = Random(SEED)  # noqa: S311 - invents people
    seed_past(tx, rng, now)
    seed_coming(tx, rng, now)
    audit.note(tx, OPERATOR, "demo:seed", "installation", "demo", at=now)
