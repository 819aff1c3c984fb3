"""Counters for a monitor, and for nobody else."""

from __future__ import annotations

import ipaddress
from dataclasses import replace

from handover.domain.access import OPERATOR
from handover.organising import make_token
from handover.settings import Settings
from handover.store.sqlite import SqliteStore
from tests.booked import PATIENT_NAME, book
from tests.cast import NOW, Cast
from tests.conftest import Serve, service
from tests.visitor import Clock, Visitor


async def test_counters_name_nobody(client: Visitor, cast: Cast, store: SqliteStore) -> None:
    store.write_now(book, cast)
    answer = await client.get("/metrics")
    assert answer.status == 200
    assert 'handover_talks{state="booked"} 1' in answer.text
    for secret in (PATIENT_NAME, "Astrid", "Sønderborg", cast.ward):
        assert secret not in answer.text


async def test_somebody_behind_a_proxy_needs_a_token(
    serve: Serve, settings: Settings, store: SqliteStore, clock: Clock, cast: Cast
) -> None:
    behind = replace(settings, trusted_proxies=(ipaddress.ip_network("127.0.0.1/32"),))
    client = await serve(service(behind, store, clock))
    assert (await client.get("/metrics")).status == 404
    for scope, status in (("talks:read", 404), ("metrics:read", 200)):
        token = "t" * 40 + scope[:3]
        store.write_now(make_token, cast.hospital, (scope,), token, by=OPERATOR, now=NOW)
        answer = await client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
        assert answer.status == status, scope


async def test_a_proxy_that_nobody_told_us_of_opens_nothing(client: Visitor) -> None:
    assert (await client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})).status == 404
