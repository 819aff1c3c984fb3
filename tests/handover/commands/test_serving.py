"""The running service as a process: killed, stopped, locked out of its database, and spoken to in no language."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from handover.commands.common import wall_clock
from handover.domain.access import API_SCOPES, OPERATOR
from handover.organising import make_token
from handover.store.sqlite import SqliteStore
from tests import cast as people
from tests.bookings import words
from tests.cast import Cast
from tests.handover.web.api.conftest import a_booking
from tests.processes import serving

PROGRAM = "p" * 43
ENDS_AFTER = 300  # tries; a reader that never sees what was written is told so


@pytest.fixture
def cast(tmp_path: Path) -> Cast:
    """The cast in the folder's database, which nobody has opened, and a program of the hospital."""
    store = SqliteStore(tmp_path / "handover.db")
    today = date.today()
    cast = store.write_now(people.gather, None, wall_clock(), today.isoformat())
    store.write_now(words)
    store.write_now(make_token, cast.hospital, API_SCOPES, PROGRAM, by=OPERATOR, now=wall_clock())
    store.close_now()
    return cast


@contextmanager
def looking(folder: Path) -> Iterator[sqlite3.Connection]:
    """The database as another program sees it."""
    with closing(sqlite3.connect(folder / "handover.db", isolation_level=None, timeout=30)) as connection:
        yield connection


def talks(folder: Path) -> int:
    with looking(folder) as connection:
        found: int = connection.execute("select count(*) from talks").fetchone()[0]
        return found


def program(host: str, port: int) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        f"http://{host}:{port}", headers={"Authorization": f"Bearer {PROGRAM}", "Accept-Language": "en"}
    )


async def free_times(api: aiohttp.ClientSession) -> list[str]:
    first = date.today() + timedelta(days=4)
    async with api.get(f"/api/v1/slots?municipality=0540&from={first}&days=10&minutes=30") as answer:
        return [slot["start"] for slot in (await answer.json())["slots"]]


async def booked(api: aiohttp.ClientSession, start: str, key: str) -> tuple[int, dict[str, Any]]:
    headers = {"Idempotency-Key": key}
    async with api.post("/api/v1/talks", json=a_booking(start=start), headers=headers) as answer:
        return answer.status, await answer.json()


def join_tokens(talk: dict[str, Any]) -> list[str]:
    """The links' tokens; the rest of a link has the port, which is another at each start."""
    return [one["join_url"].rpartition("/")[2] for one in talk["participants"] if "join_url" in one]


async def test_killed_while_it_books_and_asked_again_there_is_one_talk(tmp_path: Path, cast: Cast) -> None:
    """Killed as soon as the request is sent, as soon as the talk is in the database, and after the answer."""
    with serving(tmp_path) as (service, host, port):
        async with program(host, port) as api:
            start, second, third = (await free_times(api))[:3]
            sending = asyncio.ensure_future(booked(api, start, "first"))
            await asyncio.sleep(0)
            service.process.kill()
            await asyncio.gather(sending, return_exceptions=True)
    with serving(tmp_path) as (service, host, port):
        async with program(host, port) as api:
            assert (await booked(api, start, "first"))[0] == 201
            sending = asyncio.ensure_future(booked(api, second, "second"))
            for _ in range(ENDS_AFTER):
                if talks(tmp_path) == 2:
                    break
                await asyncio.sleep(0.01)
            service.process.kill()
            await asyncio.gather(sending, return_exceptions=True)
    with serving(tmp_path) as (service, host, port):
        async with program(host, port) as api:
            status, again = await booked(api, second, "second")
            assert (status, again["state"]) == (201, "booked")
            told = (await booked(api, third, "third"))[1]
            service.process.kill()
    with serving(tmp_path) as (_, host, port):
        async with program(host, port) as api:
            status, again = await booked(api, third, "third")
            assert (status, again["id"], join_tokens(again)) == (201, told["id"], join_tokens(told))
    assert talks(tmp_path) == 3
    with looking(tmp_path) as connection:
        assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
        invited = connection.execute(
            "select count(*), count(distinct talk || participant) from outbox where letter = 'invitation'"
        )
        assert invited.fetchone() == (9, 9)  # nurse, patient and relative of three talks


async def test_another_program_that_holds_the_database_is_waited_for_while_pages_go_on(
    tmp_path: Path, cast: Cast
) -> None:
    with serving(tmp_path) as (_, host, port), looking(tmp_path) as other:
        async with program(host, port) as api:
            start = (await free_times(api))[0]
            other.execute("begin immediate")
            booking = asyncio.ensure_future(booked(api, start, "key"))
            for page in ("/health/live", "/offers", "/api/v1/talks") * 3:
                async with api.get(page) as answer:
                    assert answer.status == 200, page
            assert not booking.done()
            other.execute("commit")
            assert (await booking)[0] == 201


async def test_open_sockets_and_half_a_form_do_not_keep_it_from_stopping(tmp_path: Path, cast: Cast) -> None:
    with serving(tmp_path) as (service, host, port):
        async with program(host, port) as api:
            origin = f"http://{host}:{port}"
            sockets = [await api.ws_connect("/rooms/x/ws", headers={"Origin": origin}) for _ in range(3)]
            _, half = await asyncio.open_connection(host, port)
            half.write(b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nemail=")
            await half.drain()
            closed = [asyncio.ensure_future(socket.receive()) for socket in sockets]
            code = await asyncio.to_thread(service.stop, signal.SIGTERM)
            assert code == 0
            assert {(await one).data for one in closed} == {1012}
            half.close()


async def test_what_is_no_http_is_neither_kept_in_the_log_nor_told_our_version(
    tmp_path: Path, cast: Cast
) -> None:
    secret = "s3cr3tlink" * 5
    with serving(tmp_path) as (service, host, port):
        for sent in (
            f"GET /j/{secret}\udcff HTTP/1.1\r\nHost: x\r\n\r\n",
            f"GET /j/{secret} HTTP/1.1\r\nHost: x\r\nCookie : session={secret}\r\n\r\n",
            f"GET /j/{secret} HTTP/1.1\r\nHost: x\r\nHost: {secret}\r\n\r\n",
            f"GET /j/{secret}{'x' * 10_000} HTTP/1.1\r\nHost: x\r\n\r\n",
            f"GET /j/{secret} HTTP/1.1\r\nHost: x\r\nContent-Length: {secret}\r\n\r\n",
            f"{secret}\r\n\r\n",
        ):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(sent.encode("utf-8", "surrogateescape"))
            answer = await reader.read()
            assert answer.split()[1] == b"400", sent
            assert b"Server: handover" in answer and b"aiohttp" not in answer, sent
            writer.close()
        async with program(host, port) as api, api.get(f"/j/{secret}") as page:
            assert page.status == 404
        service.stop()
    log = (tmp_path / "stderr").read_text()
    assert "GET /j/{token} 404" in log
    assert (secret[:10] in log, "Traceback" in log) == (False, False), log
