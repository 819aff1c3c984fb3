"""Programs of the hospital and of two municipalities, each with its token, and what they send."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from handover.cataloguing import import_offers
from handover.domain.access import OPERATOR
from handover.store import api_tokens
from handover.store.engine import Tx
from handover.store.sqlite import SqliteStore
from tests.cast import NOW, Cast
from tests.visitor import Answer, Visitor

SCOPES = ("talks:read", "talks:write", "outcomes:read", "outcomes:write", "offers:read")


class Program:
    """One organisation's program, asking over HTTP."""

    def __init__(self, visitor: Visitor, token: str) -> None:
        self.visitor = visitor
        self.token = token

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One request under /api/v1; `body` is sent as JSON."""
        sent = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        more = {} if body is None else {"json": body}
        async with self.visitor.http.request(method, f"/api/v1{path}", headers=sent, **more) as response:
            return Answer(response.status, await response.text(), response.headers, response)


def token_of(tx: Tx, organisation: str, scopes: tuple[str, ...] = SCOPES) -> str:
    """A token of an organisation."""
    made = f"token-of-{organisation}-{len(scopes)}-long-enough"
    api_tokens.add(tx, organisation, made, scopes, now=NOW)
    return made


@pytest.fixture
def catalogue(store: SqliteStore, cast: Cast) -> None:
    """The starting catalogue, with its programmes and themes."""
    document = json.loads((files("handover") / "data" / "offers.json").read_text("utf-8"))
    store.write_now(import_offers, document, by=OPERATOR, now=NOW)


@pytest.fixture
async def hospital(client: Visitor, store: SqliteStore, cast: Cast, catalogue: None) -> Program:
    """The hospital's booking system."""
    return Program(client, store.write_now(token_of, cast.hospital))


@pytest.fixture
async def municipality(client: Visitor, store: SqliteStore, cast: Cast, catalogue: None) -> Program:
    """Sønderborg's own system."""
    return Program(client, store.write_now(token_of, cast.soenderborg))


@pytest.fixture
async def other_municipality(client: Visitor, store: SqliteStore, cast: Cast, catalogue: None) -> Program:
    """Lyngby-Taarbæk's."""
    return Program(client, store.write_now(token_of, cast.lyngby))


def a_booking(**changes: Any) -> dict[str, Any]:
    """What the hospital's program sends to book Ellen's talk on Tuesday at ten."""
    body = {
        "municipality": "0540",
        "start": "2026-12-01T10:00:00+01:00",
        "minutes": 30,
        "programme": "cancer",
        "language": "da",
        "ward": "Onkologisk afsnit",
        "patient": {
            "initials": "EH",
            "reference": "SJ-1001",
            "name": "Ellen Hansen",
            "email": "ellen@example.org",
        },
        "consent": [{"to": "municipality", "given": True, "how": "spoken", "asked_by": "Astrid Lund"}],
        "participants": [
            {
                "role": "relative",
                "name": "Dag Hansen",
                "email": "dag@example.org",
                "relation": "son",
                "language": "en",
            }
        ],
    }
    return {**body, **changes}
