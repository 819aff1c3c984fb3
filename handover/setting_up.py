"""The first start: what every installation needs in its tables, and the link that makes the first administrator."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from handover import cataloguing, organising, staffing
from handover.domain.access import OPERATOR
from handover.errors import N_, Expired
from handover.organising import WantedOrganisation
from handover.staffing import WantedAccount
from handover.store import accounts, one_time_links, places, programmes
from handover.store.engine import Tx

LINK_LASTS = 24 * 3600
MAP_VALID_FROM = "2020-01-01"  # Norway's map of 2020 with its changes of 2024; Denmark's of 2007


@dataclass(frozen=True)
class FirstPeople:
    """The first organisation and who sets it up."""

    organisation: WantedOrganisation
    name: str
    email: str


def starting_catalogue() -> dict[str, Any]:
    """The programmes, themes and offers that come with the product."""
    document: dict[str, Any] = json.loads((files("handover") / "data" / "offers.json").read_text("utf-8"))
    return document


def put_municipalities_in(tx: Tx) -> None:
    """Put in the municipalities of Denmark and Norway; doing it again adds only what is new."""
    text = (files("handover") / "data" / "municipalities.csv").read_text("utf-8")
    rows = [{**row, "valid_from": MAP_VALID_FROM} for row in csv.DictReader(text.splitlines())]
    places.add_municipalities(tx, rows)


def furnish(tx: Tx, *, now: int) -> None:
    """Put in the and programmes and themes where there are none; doing it again changes nothing."""
    put_municipalities_in(tx)
    if programmes.programmes(tx, "en"):
        return
    document = starting_catalogue()
    known = {part: document[part] for part in ("programmes", "themes")}
    cataloguing.import_offers(tx, known, by=OPERATOR, now=now)


def first_link(tx: Tx, token: str, *, now: int) -> bool:
    """Make `token` the set-up link of an installation without accounts; False when there are some."""
    if accounts.count(tx):
        return False
    one_time_links.issue(tx, token, "set-up", None, now=now, expires_at=now + LINK_LASTS)
    return True


def may_set_up(tx: Tx, token: str, *, now: int) -> None:
    """Raise `Expired` unless this link can still set up the service; wrong, used and old ones look alike."""
    if accounts.count(tx) or one_time_links.find(tx, token, "set-up", now=now) is None:
        raise Expired(
            "link-expired",
            N_(
                "This link no longer works. If nobody can sign in yet, restart the service: it prints a new one."
            ),
        )


def set_up(tx: Tx, token: str, wanted: FirstPeople, password_hash: str, *, now: int, today: str) -> str:
    """Add the first organisation and its administrator, and use up the link; returns the account's id."""
    may_set_up(tx, token, now=now)
    one_time_links.use(tx, token, now=now)
    organisation = organising.add_organisation(tx, wanted.organisation, by=OPERATOR, now=now, today=today)
    first = WantedAccount(
        organisation,
        "administrator",
        wanted.name,
        wanted.email,
        password_hash,
        phone=wanted.organisation.phone,
    )
    return staffing.add_account(tx, first, by=OPERATOR, now=now)
