"""One booking by the API, whole: HTTP in, checks, story, answer; beside raw sqlite3 writing the same rows."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiohttp import ClientSession

from handover.store import api_tokens
from handover.store.engine import Tx
from handover.store.sqlite import SqliteStore
from tests import bookings
from tests import cast as people
from tests.bench import booking
from tests.bench.processes import Service, served

TOKEN = "the-token-of-the-hospitals-own-program"


def run() -> list[tuple[str, float, str]]:
    """CPU of raw sqlite3 over the server's, the best of interleaved rounds."""
    with TemporaryDirectory() as text:
        folder = Path(text)
        store = SqliteStore(folder / "handover.db")
        store.write_now(_prepare)
        bare = booking._copy(folder / "handover.db", folder / "raw.db")
        ours, raws = [], []
        with served("tests.bench.service", text) as service:
            for number in range(booking.ROUNDS):
                bodies = [_body(number * booking.BATCH + one) for one in range(booking.BATCH)]
                before = booking._marks(store)
                ours.append(asyncio.run(_book(service, bodies)))
                raws.append(booking._raw(bare, booking._rows_since(store, before)))
        store.close_now()
        bare.close()
    return [("Booking: raw sqlite3's rows / the API call whole", min(raws) / min(ours), "≥ 0.15")]


def _prepare(tx: Tx) -> None:
    cast = people.gather(tx)
    bookings.words(tx)
    tx.run("update units set horizon_days = 120")
    api_tokens.add(tx, cast.hospital, TOKEN, ("talks:write",), now=people.NOW)


def _body(number: int) -> dict[str, Any]:
    """The same talk that the story is measured with."""
    wanted = booking._wanted(number)
    patient, dag, yes = wanted.patient, bookings.DAG, bookings.YES
    return {
        "municipality": wanted.municipality,
        "ward": "Onkologisk afsnit",
        "start": datetime.fromtimestamp(wanted.start, UTC).isoformat(),
        "minutes": wanted.length,
        "programme": wanted.programme,
        "language": wanted.language,
        "themes": list(wanted.themes),
        "patient": {
            "initials": patient.initials,
            "reference": patient.reference,
            "name": patient.name,
            "phone": patient.phone,
            "email": patient.email,
        },
        "consent": [{"to": yes.to, "given": yes.given, "how": yes.how, "asked_by": yes.asked_by}],
        "participants": [
            {
                "role": dag.role,
                "name": dag.name,
                "email": dag.email,
                "phone": dag.phone,
                "relation": dag.relation,
                "language": dag.language,
            }
        ],
    }


async def _book(service: Service, bodies: list[dict[str, Any]]) -> float:
    """CPU seconds of the server for these bookings, one after the other."""
    async with ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as program:
        before = service.cpu()
        for body in bodies:
            async with program.post(f"{service.url}/api/v1/talks", json=body) as answer:
                if answer.status != 201:
                    raise ValueError(f"not booked: {answer.status} {await answer.text()}")
                await answer.read()
        return service.cpu() - before
