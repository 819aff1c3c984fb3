"""The test of the connection over HTTP: what it gives to whom, how often, what it refuses, and what it leaves alone."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, CookieJar, web

from handover.app import wall_clock
from handover.settings import Settings
from handover.store import sessions
from handover.store.engine import Tx
from handover.store.sqlite import SqliteStore
from handover.web.keys import SECRET
from handover.web.network_check import CHECKS, ECHO
from signaling.echo import Echo, Limits
from tests.booked import book, join_token
from tests.bookings import words
from tests.cast import NOW, Cast, gather
from tests.conftest import Serve, service
from tests.processes import serving
from tests.signaling.echo_peer import EchoPeer, echo_peer
from tests.signaling.test_echo import WORKER, sdp
from tests.visitor import Answer, Clock, Visitor, signed_in

TURN = ("turn:turn.example:3478?transport=udp", "turns:turn.example:443?transport=tcp")
TURN_SECRET = "planted-turn-secret"


@pytest.fixture
def with_relay(settings: Settings, store: SqliteStore, clock: Clock) -> web.Application:
    """A service that has a relay and a worker that only pretends."""
    return pretending(service(replace(settings, turn=TURN, turn_secret=TURN_SECRET), store, clock))


def pretending(app: web.Application, **limits: int) -> web.Application:
    app[ECHO] = Echo(Limits(**limits), (sys.executable, "-c", WORKER))
    return app


async def begin(visitor: Visitor) -> dict[str, Any]:
    answer = await visitor.post_json("/help/check", {})
    assert answer.status == 200, answer.text
    begun: dict[str, Any] = json.loads(answer.text)
    return begun


async def offer(visitor: Visitor, check: str, text: Any, **more: Any) -> Answer:
    return await visitor.post_json(f"/help/check/{check}", {"sdp": text, **more})


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, json.loads(answer.text)["code"]


def usernames(servers: list[dict[str, Any]]) -> set[str]:
    return {one["username"] for one in servers if one.get("username")}


async def test_page_is_open_to_everybody_and_may_use_the_camera(client: Visitor) -> None:
    answer = await client.get("/help/check")
    assert answer.status == 200
    assert "camera=(self)" in answer.headers["Permissions-Policy"]
    assert 'href="/help/check"' in (await client.get("/help")).text


async def test_without_a_relay_there_is_only_the_direct_way(client: Visitor) -> None:
    begun = await begin(client)
    assert (begun["ice"], begun["relay_only"]) == ([], False)


async def test_credentials_are_short_and_one_networks_own_and_the_echo_has_others(
    serve: Serve, with_relay: web.Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = await serve(with_relay)
    one, again = await begin(visitor), await begin(visitor)
    # coturn's quota counts by name: pressing twenty times must not take twenty people's part of the relay.
    assert usernames(one["ice"]) == usernames(again["ice"])
    stun, turn = one["ice"]
    assert stun == {"urls": ["stun:turn.example:3478"]}
    assert turn["urls"] == [*TURN]
    assert turn["username"].startswith(f"{NOW + 120}:") and one["check"] not in turn["username"]
    direct = json.loads(json.loads((await offer(visitor, one["check"], sdp())).text)["sdp"])[0]
    relay = json.loads(json.loads((await offer(visitor, one["check"], sdp(), relay=True)).text)["sdp"])[0]
    assert (direct["relay"], direct["servers"]) == (False, [{**stun, "username": None, "credential": None}])
    assert (relay["relay"], [server["urls"] for server in relay["servers"]]) == (True, [[*TURN]])
    monkeypatch.setattr("handover.web.network_check.network_of", lambda _: "198.51.100.0/24")
    elsewhere = await begin(visitor)
    three = [usernames(servers) for servers in (one["ice"], elsewhere["ice"], relay["servers"])]
    assert len(set.union(*three)) == 3


async def test_where_guests_talk_by_the_relay_alone_only_that_way_is_tested(
    serve: Serve, settings: Settings, store: SqliteStore, clock: Clock, cast: Cast
) -> None:
    closed = replace(settings, turn=TURN, turn_secret=TURN_SECRET, guests_relay_only=True)
    app = pretending(service(closed, store, clock))
    assert (await begin(await serve(app)))["relay_only"] is True
    assert (await begin(await signed_in(await serve(app), "bo@kommune.example")))["relay_only"] is False


async def test_a_network_tests_so_often_and_then_waits(client: Visitor, app: web.Application) -> None:
    while app[CHECKS].take("127.0.0.0/24"):
        pass
    answer = await client.post_json("/help/check", {}, cookies={"lang": "da"})
    assert refused(answer) == (429, "too-many-checks")
    assert "Vent et minut" in answer.text


async def test_a_check_has_two_offers_and_two_minutes(
    serve: Serve, with_relay: web.Application, clock: Clock
) -> None:
    visitor = await serve(with_relay)
    check = (await begin(visitor))["check"]
    for _ in range(2):
        assert (await offer(visitor, check, sdp("short"))).status == 200
    assert refused(await offer(visitor, check, sdp("short"))) == (410, "check-over")
    assert refused(await offer(visitor, "invented", sdp("short"))) == (410, "check-over")
    check = (await begin(visitor))["check"]
    clock.forward(120)
    assert refused(await offer(visitor, check, sdp("short"))) == (410, "check-over")


@pytest.mark.parametrize("rubbish", ["", "rubbish", "\0", "v=0\r\n" * 3000, None, 7, [], "\ud800"])
async def test_rubbish_is_told_so(client: Visitor, rubbish: object) -> None:
    check = (await begin(client))["check"]
    assert refused(await offer(client, check, rubbish)) == (422, "offer-unusable")


async def test_body_that_no_browser_sends_is_refused_before_it_is_read(client: Visitor) -> None:
    check = (await begin(client))["check"]
    assert refused(await offer(client, check, "x" * 33_000)) == (413, "too-large")
    for path in ("/help/check", f"/help/check/{check}"):
        answer = await client.post(path, {"sdp": sdp()}, headers={"Accept": "application/json"})
        assert refused(answer) == (400, "malformed")


async def test_full_and_broken_are_said_apart_and_a_new_worker_comes(
    serve: Serve, app: web.Application, caplog: pytest.LogCaptureFixture
) -> None:
    visitor = await serve(pretending(app, most=1))
    checks = [(await begin(visitor))["check"] for _ in range(4)]
    assert refused(await offer(visitor, checks[0], sdp("die"))) == (503, "check-failed")
    assert (await offer(visitor, checks[1], sdp())).status == 200
    answer = await offer(visitor, checks[2], sdp())
    assert refused(answer) == (503, "check-busy") and answer.headers["Retry-After"]
    assert refused(await offer(visitor, checks[3], sdp("refuse"))) == (503, "check-busy")
    assert "m=audio" not in caplog.text and checks[0] not in caplog.text


async def test_early_guest_is_shown_the_way_to_the_test(
    client: Visitor, app: web.Application, store: SqliteStore, cast: Cast
) -> None:
    talk = store.write_now(book, cast)
    token = store.write_now(join_token, app[SECRET], talk.talk, talk.dag)
    answer = await client.get(f"/j/{token}")
    assert (
        "opens at" in answer.text
        and 'href="/help/check"' in answer.text.split("<main")[1].split("<footer")[0]
    )


def datagram_sockets(pid: int) -> set[str]:
    """The inodes of a process's UDP sockets."""
    known = {
        line.split()[9]
        for table in ("udp", "udp6")
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
    }
    held = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with_target = re.fullmatch(r"socket:\[(\d+)\]", str(descriptor.readlink()))
        if with_target:
            held.add(with_target[1])
    return held & known


def children(pid: int) -> list[int]:
    found = [Path(f"/proc/{pid}/task/{task.name}/children") for task in Path(f"/proc/{pid}/task").iterdir()]
    return [int(child) for path in found for child in path.read_text().split()]


def talk_of_now(folder: Path) -> str:
    """A talk of Astrid and Bo, in the database of a service to be; their sessions have their names."""
    now = wall_clock()

    def fill(tx: Tx) -> str:
        cast = gather(tx, None, now, time.strftime("%Y-%m-%d", time.gmtime(now)))
        words(tx)
        for name, scope in (("astrid", cast.astrid), ("bo", cast.bo)):
            sessions.open_session(tx, name, scope.actor, now=now, expires_at=now + 3600)
        return book(tx, cast, starts_at=now).talk

    store = SqliteStore(folder / "handover.db")
    talk = store.write_now(fill)
    store.close_now()
    return talk


async def heard(socket: ClientWebSocketResponse, **wanted: Any) -> None:
    """Read on until a message has all of these members."""
    async with asyncio.timeout(30):
        while not wanted.items() <= (await socket.receive_json()).items():
            pass


async def test_ten_checks_at_once_leave_the_service_alone(tmp_path: Path) -> None:
    """Real media over real ICE for ten; meanwhile the service opens no socket for it, and a talk's messages arrive."""
    talk = talk_of_now(tmp_path)
    with serving(tmp_path) as (process, host, port):
        server, origin = process.process.pid, f"http://{host}:{port}"
        jar = CookieJar(unsafe=True)  # of an address without a name
        async with ClientSession(origin, cookie_jar=jar) as browser, AsyncExitStack() as stack:
            headers = await allowed(browser, origin)

            async def tell(path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
                async with browser.post(path, json=body, headers=headers) as answer:
                    return answer.status, await answer.json()

            async def check(peer: EchoPeer) -> None:
                _, begun = await tell("/help/check", {})
                status, answer = await tell(f"/help/check/{begun['check']}", {"sdp": await peer.offer()})
                assert status == 200, answer
                await peer.accept(answer["sdp"])
                await peer.hears_itself()

            async def sits_down(name: str) -> ClientWebSocketResponse:
                cookie = {"Cookie": f"session={name}", "Origin": origin}
                socket = await stack.enter_async_context(
                    browser.ws_connect(f"/rooms/{talk}/ws", headers=cookie)
                )
                await socket.send_json({"type": "hello", "version": 1, "device": f"the device of {name}"})
                await heard(socket, type="admitted")
                return socket

            astrid, bo = await sits_down("astrid"), await sits_down("bo")
            peers = [await stack.enter_async_context(echo_peer()) for _ in range(11)]
            checking = [asyncio.create_task(check(peer)) for peer in peers[:10]]
            arrived = 0
            while not all(task.done() for task in checking):
                await astrid.send_json({"type": "text", "line": arrived, "text": "heard?", "done": True})
                await heard(bo, type="text", line=arrived)
                arrived += 1
                await asyncio.sleep(0.05)
            await asyncio.gather(*checking)
            assert arrived >= 3
            (worker,) = children(server)
            assert len(datagram_sockets(worker)) >= 10
            assert datagram_sockets(server) == set()
            _, begun = await tell("/help/check", {})
            status, problem = await tell(f"/help/check/{begun['check']}", {"sdp": await peers[10].offer()})
            assert (status, problem["code"]) == (503, "check-busy")


async def allowed(browser: ClientSession, origin: str) -> dict[str, str]:
    """The headers with which the page's own script asks."""
    async with browser.get("/help/check") as answer:
        token = re.search(r'data-form-token="(\w+)"', await answer.text())
    assert token is not None
    return {"Origin": origin, "Accept": "application/json", "X-Form-Token": token[1]}
