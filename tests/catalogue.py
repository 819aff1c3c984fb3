"""The starting catalogue, in the database of a test."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from handover.cataloguing import import_offers
from handover.domain.access import OPERATOR
from handover.store.engine import Tx
from tests.cast import NOW


def document() -> dict[str, Any]:
    """handover/data/offers.json, read."""
    read: dict[str, Any] = json.loads((files("handover") / "data" / "offers.json").read_text("utf-8"))
    return read


def fill(tx: Tx) -> None:
    """Import it."""
    import_offers(tx, document(), by=OPERATOR, now=NOW)
