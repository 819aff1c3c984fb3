"""Counters for a monitor, and for nobody else."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import replace

from aiohttp import web

from handover.domain.access import OPERATOR
from handover.organising import make_token
from handover.settings import Settings
from handover.store.sqlite import SqliteStore
from handover.web.room_figures import FIGURES
from signaling.messages import Report
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


def figure(text: str, name: str) -> float:
    (line,) = [line for line in text.splitlines() if line.startswith(f"{name} ")]
    return float(line.rpartition(" ")[2])


async def test_rooms_are_counted_and_how_calls_began(client: Visitor, app: web.Application) -> None:
    figures = app[FIGURES]
    figures.report("a talk", "bo", Report(100, True))  # not seated: says nothing
    for room, seat in (("a talk", "bo"), ("a talk", "dag"), ("another", "lis")):
        figures.join(room, seat)
    for seat, report in (
        ("bo", Report(700, False)),
        ("bo", Report(900, True)),  # a second time counts for nothing
        ("dag", Report(None, True)),
        ("dag", Report(60_000, None)),
    ):
        figures.report("a talk", seat, report)
    text = (await client.get("/metrics")).text
    told = {name: figure(text, f"handover_{name}") for name in (
        "rooms", "seats", "joins_total", "returns_total", 'calls_total{relayed="yes"}',
        'calls_total{relayed="no"}', 'first_frame_seconds_bucket{le="0.5"}',
        'first_frame_seconds_bucket{le="1.0"}', 'first_frame_seconds_bucket{le="30.0"}',
        'first_frame_seconds_bucket{le="+Inf"}', "first_frame_seconds_sum", "first_frame_seconds_count",
    )}  # fmt: skip
    assert list(told.values()) == [2, 3, 3, 0, 1, 1, 0, 1, 1, 2, 60.7, 2]
    assert "bo" not in re.findall(r"\w+", text) and "talk" not in re.findall(r"\w+", text)
    figures.leave("another", "lis")
    figures.leave("another", "lis")
    text = (await client.get("/metrics")).text
    assert (figure(text, "handover_rooms"), figure(text, "handover_seats")) == (1, 2)
