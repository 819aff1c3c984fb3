"""`handover smoke-call` beside a running service: two lines when a talk would work, one sentence when it would not."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from click.testing import CliRunner

from handover import smoke_calling
from handover.__main__ import main
from handover.app import wall_clock
from handover.commands import synthetic_meeting
from handover.commands.common import CommandError
from handover.domain import join_links
from handover.settings import load_or_make_secret
from handover.store.sqlite import SqliteStore
from handover.web.keys import SECRET, SETTINGS
from signaling.peers import media
from tests import booked
from tests import cast as people
from tests.bookings import words
from tests.calendars.mail_server import authority
from tests.conftest import Serve
from tests.handover.test_smoke_calling import everything
from tests.processes import ROOT, Service
from tests.visitor import Clock

HANGS = 60  # seconds; the command itself gives up after half of them
LINES = re.compile(
    r"guest -> nurse: first frame after \d+ ms, sound after \d+ ms\n"
    r"nurse -> guest: first frame after \d+ ms, sound after \d+ ms\n"
)
SESSION = "s" * 43


@pytest.fixture(autouse=True)
def no_settings_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("HANDOVER_")]:
        monkeypatch.delenv(name)


def smoke_call(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command as an operator or a monitor runs it, beside the service's database."""
    return subprocess.run(
        [sys.executable, "-m", "handover", "smoke-call", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
        timeout=HANGS,
    )


def told(answer: subprocess.CompletedProcess[str]) -> str:
    """The one sentence of a call that failed."""
    assert (answer.returncode, answer.stdout) == (1, ""), answer.stderr
    assert answer.stderr.startswith("Error: ") and answer.stderr.count("\n") == 1
    return answer.stderr


def whole(folder: Path) -> dict[str, list[dict[str, object]]]:
    """Every row of the folder's database."""
    store = SqliteStore(folder / "handover.db")
    try:
        return store.read_now(everything)
    finally:
        store.close_now()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def tls_before(port: int, folder: Path) -> AsyncIterator[tuple[str, Path]]:
    """An address by https for what listens at this port, and the file that makes it trusted."""
    trusted = authority(folder, "localhost")

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        service_reader, service_writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            await asyncio.gather(pipe(reader, service_writer), pipe(service_reader, writer))
        finally:
            writer.close()
            service_writer.close()

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while some := await reader.read(65_536):
                writer.write(some)
            writer.close()

    server = await asyncio.start_server(pass_on, "127.0.0.1", 0, ssl=trusted.context)
    async with server:
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}", trusted.ca_file


async def test_beside_a_running_service_it_says_how_soon_each_saw_the_other_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    store = SqliteStore(tmp_path / "handover.db")
    cast = store.write_now(people.gather, None, wall_clock(), "2026-11-30")
    store.write_now(words)
    store.write_now(booked.book, cast, starts_at=wall_clock())
    store.close_now()

    async def call(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(smoke_call, tmp_path, *arguments, HANDOVER_BASE_URL=address, **more)

    port = free_port()
    async with tls_before(port, tmp_path / "tls") as (address, authority_file):
        service = Service(tmp_path, "serve", "--port", str(port), HANDOVER_BASE_URL=address)
        try:
            service.until("Ready: ")
            before = whole(tmp_path)
            asked = await call(SSL_CERT_FILE=str(authority_file))
            assert (asked.returncode, asked.stderr) == (0, "")
            assert LINES.fullmatch(asked.stdout), asked.stdout
            assert whole(tmp_path) == before
            assert not [*tmp_path.glob("mail/*")]
            assert "does not trust its certificate" in told(await call())
            other = tmp_path / "other.key"
            load_or_make_secret(other)
            inside = f"http://127.0.0.1:{port}"
            assert "secret file" in told(await call("--url", inside, HANDOVER_SECRET_FILE=str(other)))
            assert service.stop() == 0
        finally:
            service.end()
        assert told(await call("--url", inside)) == f"Error: {inside} does not answer: Connection refused.\n"
    assert whole(tmp_path) == before
    complaints = (tmp_path / "stderr").read_text()
    assert "Traceback" not in complaints and " ERROR " not in complaints and "smoke-call" not in complaints


def test_beside_a_demo_it_finds_the_demo(tmp_path: Path) -> None:
    demo = Service(tmp_path, "demo", "--port", "0")
    try:
        demo.until("Ready: ")
        answer = smoke_call(tmp_path)
        assert LINES.fullmatch(answer.stdout), answer.stderr
    finally:
        demo.end()


def test_what_it_cannot_begin_without_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusal(*arguments: str) -> str:
        answer = CliRunner().invoke(main, ("smoke-call", *arguments))
        assert (answer.exit_code, answer.stdout, answer.stderr.count("\n")) == (1, "", 1)
        return answer.stderr

    monkeypatch.chdir(tmp_path)
    assert "no demo in nowhere" in refusal("--data", "nowhere")
    assert "handover serve" in refusal()
    SqliteStore(tmp_path / "handover.db").close_now()
    assert "--url must be" in refusal("--url", "talks.example")
    assert "secret.key is missing" in refusal()
    load_or_make_secret(tmp_path / "secret.key")
    assert "never been served" in refusal()


async def meeting(
    app: web.Application, store: SqliteStore, clock: Clock, *origins: str, cookie: str = SESSION
) -> str:
    """The lines of a call at a service in this process, or the sentence with what failed."""
    call = store.write_now(smoke_calling.prepare, SESSION, now=clock.now)
    assert call is not None
    token = join_links.token(app[SECRET], "join", call.link, call.generation)
    url = app[SETTINGS].base_url
    try:
        return "\n".join(
            await synthetic_meeting.meet(url, origins or (url,), call, token, f"session={cookie}")
        )
    except CommandError as error:
        return error.message
    finally:
        store.write_now(smoke_calling.remove, call)


async def test_it_says_which_step_failed(
    app: web.Application, store: SqliteStore, cast: people.Cast, clock: Clock, serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    store.write_now(booked.book, cast)
    visitor = await serve(app)
    assert await meeting(app, store, clock, cookie="x") == (
        "The nurse was not admitted: the socket was closed with 4401."
    )
    elsewhere = "http://elsewhere.example"
    assert await meeting(app, store, clock, elsewhere) == (
        f"The service takes no call from {elsewhere}; does it run with another HANDOVER_BASE_URL?"
    )
    silent = replace(
        media.encode(), sounds=(b"\xf8\xff\xfe",)
    )  # an Opus packet without sound (RFC 6716, 3.1)
    monkeypatch.setattr(media, "encode", lambda: silent)
    monkeypatch.setattr(synthetic_meeting, "WITHIN", 2.0)
    counted = (await visitor.get("/metrics")).text
    failed = await meeting(app, store, clock, elsewhere, app[SETTINGS].origin)
    assert failed.startswith("The guest was let in, but this did not come: ")
    assert failed.endswith(" within 2 seconds.")
    assert "sound guest -> nurse" in failed and "sound nurse -> guest" in failed
    assert (await visitor.get("/metrics")).text == counted
    assert "handover_joins_total 0" in counted
    monkeypatch.setattr(synthetic_meeting, "WITHIN", 0.2)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        call = smoke_calling.SmokeCall("smoke-call-x", "guest", "a" * 26, 1)
        with pytest.raises(CommandError) as silence:
            await synthetic_meeting.meet(url, (url,), call, "token", "")
    assert silence.value.message == f"{url} does not answer within 0.2 seconds."
