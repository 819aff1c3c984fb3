"""Connections that break, never come up, or lead to somebody else: each step is tried, told, undone if it helped."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from playwright.async_api import Page, WebSocketRoute

from signaling import socket
from signaling.errors import Close
from signaling.ice import Ice, IceServer
from signaling.passes import Pass
from signaling.rooms import Rooms
from tests.signaling.cast import FOREVER, ROOM, Diary
from tests.signaling.pages import Open, join, see_each_other, state, states, until
from tests.signaling.site import ROOMS

UFRAG = "room.connection('bo').localDescription.sdp.match(/ice-ufrag:(.*)/)[1]"
# The browser's own word for a connection, for as long as the test says so.
PRETEND = """(state) => {
    const connection = room.connection("bo");
    if (state) Object.defineProperty(connection, "connectionState", { configurable: true, get: () => state });
    else delete connection.connectionState;
    connection.dispatchEvent(new Event("connectionstatechange"));
}"""


async def between(page: Page, change: Callable[[dict[str, Any]], None]) -> None:
    """Sits between this page and the server, and changes what the server says."""

    def listen(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def pass_on(text: str | bytes) -> None:
            message = json.loads(text)
            change(message)
            route.send(json.dumps(message))

        server.on_message(pass_on)

    await page.route_web_socket(lambda url: "/ws" in url, listen)


async def test_broken_path_is_replaced_within_the_same_connection(open_page: Open) -> None:
    pages = await join(open_page, "astrid", "bo")
    await see_each_other(pages)
    astrid, bo = pages.values()
    before = await astrid.evaluate(f"[window.before = room.connection('bo'), {UFRAG}][1]")
    await bo.evaluate("window.before = room.connection('astrid')")
    await astrid.evaluate(PRETEND, "disconnected")
    await astrid.wait_for_function("log.some(([type, state]) => type === 'peer' && state === 'restarting')")
    await astrid.evaluate(PRETEND, None)
    await astrid.wait_for_function(f"before => {UFRAG} !== before", arg=before)
    await see_each_other(pages)
    assert await states(astrid, "bo") == ["connecting", "connected", "restarting", "connected"]
    assert await states(bo, "astrid") == ["connecting", "connected"]
    assert await astrid.evaluate("room.connection('bo') === before")
    assert await bo.evaluate("room.connection('astrid') === before")


async def test_connection_that_never_comes_up_goes_down_the_whole_ladder(open_page: Open) -> None:
    deaf = "RTCPeerConnection.prototype.addIceCandidate = async () => {};"
    hidden = """RTCPeerConnection.prototype.setRemoteDescription = ((real) => function (description) {
        const sdp = description.sdp.replaceAll(/a=candidate.*\\r\\n/g, "");
        return real.call(this, { type: description.type, sdp });
    })(RTCPeerConnection.prototype.setRemoteDescription);"""
    astrid = await open_page("staff=astrid", script=deaf + hidden)
    bo = await open_page("staff=bo", script=deaf + hidden)
    for page in (astrid, bo):
        await page.clock.install()
        await page.evaluate("join()")
    await astrid.wait_for_function("room.connection('bo')")
    for made in range(1, 6):
        await astrid.evaluate("window.before = room.connection('bo')")
        policy = await astrid.evaluate("before.getConfiguration().iceTransportPolicy")
        assert policy == ("relay" if made in (4, 5) else "all")
        await until(astrid, "before.signalingState === 'stable'")
        while await astrid.evaluate("room.connection('bo') === before"):
            await astrid.clock.fast_forward(1000)
    assert await states(astrid, "bo") == ["connecting", "recreating", "relaying", "sound-only", "lost"]
    quality = (
        "log.findLast(([type, , { participant }]) => type === 'quality' && participant === 'bo')[2].level"
    )
    assert await astrid.evaluate(quality) == "lost"
    assert await astrid.evaluate("log.filter(([type]) => type === 'err' || type === 'trouble')") == []


async def test_restarted_server_finds_the_calls_as_they_were(
    open_page: Open, bare_site: TestServer, diary: Diary
) -> None:
    pages = await join(open_page, "astrid", "bo", "karen")
    await see_each_other(pages)
    keep = """() => {
        window.before = room.roster.map(({ participant }) => room.connection(participant));
        window.fewest = room.roster.length;
        room.addEventListener("roster", () => { fewest = Math.min(fewest, room.roster.length); });
    }"""
    for page in pages.values():
        await page.evaluate(keep)
    bare_site.app[ROOMS][0] = Rooms(diary, reserved=("ward", "nurse"))
    for line in [*bare_site.app[socket.LINES]]:
        await line.hang_up(Close.RESTART)
    for page in pages.values():
        await page.wait_for_function(
            "log.some(([, state]) => state === 'reconnecting') && room.state === 'admitted'"
        )
    await see_each_other(pages)
    for page in pages.values():
        await page.wait_for_function("log.findLast(([type]) => type === 'roster')[2].length === 3")
        assert await page.evaluate(
            "room.roster.every(({ participant }) => before.includes(room.connection(participant)))"
        )
        assert await page.evaluate("fewest") == 3  # nobody's tile went
    assert len(bare_site.app[ROOMS][0].present(ROOM)) == 3


async def test_one_who_does_not_come_back_after_a_restart_is_let_go(
    open_page: Open, bare_site: TestServer, diary: Diary
) -> None:
    pages = await join(open_page, "astrid", "bo")
    await see_each_other(pages)
    await pages["bo"].route_web_socket(lambda url: "/ws" in url, lambda route: None)  # hears nobody again
    await pages["astrid"].clock.install()
    bare_site.app[ROOMS][0] = Rooms(diary, reserved=("ward", "nurse"))
    for line in [*bare_site.app[socket.LINES]]:
        await line.hang_up(Close.RESTART)
    await pages["astrid"].wait_for_function(
        "log.some(([, state]) => state === 'reconnecting') && room.state === 'admitted'"
    )
    await pages["astrid"].clock.fast_forward(25_000)
    assert await pages["astrid"].evaluate("room.roster.length") == 2
    await pages["astrid"].clock.fast_forward(15_000)
    assert await pages["astrid"].evaluate("room.roster.length") == 1


async def test_everybody_reads_the_same_code(open_page: Open) -> None:
    pages = await join(open_page, "astrid", "bo")
    for page in pages.values():
        await page.wait_for_function("room.code !== null")
    two = {await page.evaluate("room.code") for page in pages.values()}
    pages["karen"] = await open_page("staff=karen")
    await pages["karen"].evaluate("join()")
    for page in pages.values():
        await page.wait_for_function("(two) => room.code !== null && room.code !== two", arg=next(iter(two)))
    codes = {await page.evaluate("room.code") for page in pages.values()}
    assert len(two) == 1 and len(codes) == 1
    told = await pages["karen"].evaluate("log.findLast(([type]) => type === 'code')[2]")
    assert told == {"code": codes.pop(), "trusted": True}


async def test_somebody_else_at_the_other_end_is_hung_up_on(open_page: Open) -> None:
    def swap(message: dict[str, Any]) -> None:
        if message["type"] == "description":
            sdp = message["description"]["sdp"]
            real = sdp.split("a=fingerprint:sha-256 ")[1].split("\r\n")[0]
            message["description"]["sdp"] = sdp.replace(real, ":".join(["AB"] * 32))

    astrid, bo = await open_page("staff=astrid"), await open_page("staff=bo")
    await between(astrid, swap)
    for page in (astrid, bo):
        await page.evaluate("join()")
    await astrid.wait_for_function("log.some(([type, , detail]) => type === 'code' && !detail.trusted)")
    assert await astrid.evaluate("[room.connection('bo').connectionState, room.code]") == ["closed", None]
    assert (await states(astrid, "bo"))[:2] == ["connecting", "lost"]


@pytest.fixture
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize("forged", [False, True])
async def test_forged_roster_is_found_by_its_signature(
    open_page: Open, bare_site: TestServer, key: ec.EllipticCurvePrivateKey, diary: Diary, forged: bool
) -> None:
    def sign(lines: bytes) -> str:
        r, s = decode_dss_signature(key.sign(lines, ec.ECDSA(hashes.SHA256())))
        return base64.b64encode(r.to_bytes(32) + s.to_bytes(32)).decode()

    def rename(message: dict[str, Any]) -> None:
        for entry in message.get("roster", []) if forged else []:
            entry["name"] = entry["name"].replace("Bo", "Bodil")

    bare_site.app[ROOMS][0] = Rooms(diary, sign=sign)
    spki = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    astrid, bo = await open_page("staff=astrid"), await open_page("staff=bo")
    await between(astrid, rename)
    for page in (astrid, bo):
        await page.evaluate("(rosterKey) => join({ rosterKey })", base64.b64encode(spki).decode())
    for page in (astrid, bo):
        await page.wait_for_function("room.code !== null")
    trusted = "log.findLast(([type]) => type === 'code')[2].trusted"
    assert await bo.evaluate(trusted) is True
    assert await astrid.evaluate(trusted) is not forged


async def test_relay_that_refuses_is_asked_with_new_credentials_once(
    open_page: Open, bare_site: TestServer, diary: Diary
) -> None:
    given: list[str] = []

    def ice(pass_: Pass) -> Ice:
        given.append(pass_.participant)
        name = f"{pass_.participant} {given.count(pass_.participant)}"
        return Ice([IceServer(["turn:127.0.0.1:9?transport=tcp"], name, "secret")], expires_at=FOREVER)

    bare_site.app[ROOMS][0] = Rooms(diary, ice=ice)
    pages = await join(open_page, "astrid", "bo")
    await see_each_other(pages)
    user = "room.connection('bo').getConfiguration().iceServers[0].username"
    assert await pages["astrid"].evaluate(user) == "astrid 1"
    await pages["astrid"].evaluate(
        """() => {
            const refused = { errorCode: 401, url: "turn:127.0.0.1:9" };
            for (let address = 0; address < 3; address++) {
                room.connection("bo").dispatchEvent(new RTCPeerConnectionIceErrorEvent("icecandidateerror", refused));
            }
        }"""
    )
    await pages["astrid"].wait_for_function(f"{user} === 'astrid 2'")
    await see_each_other(pages)
    assert given.count("astrid") == 2
    assert await states(pages["astrid"], "bo") == ["connecting", "connected"]


async def test_whoever_is_kept_to_the_relay_tells_no_address_of_their_own(
    open_page: Open, bare_site: TestServer, diary: Diary
) -> None:
    bare_site.app[ROOMS][0] = Rooms(diary, ice=lambda _: Ice([], relay_only=True))
    asked = """RTCPeerConnection.prototype.setLocalDescription = ((real) => async function (...all) {
        await real.apply(this, all);
        (window.said ??= []).push(this.localDescription.sdp);
        this.addEventListener("icecandidate", ({ candidate }) => said.push(candidate?.candidate ?? ""));
    })(RTCPeerConnection.prototype.setLocalDescription);"""
    astrid, bo = await open_page("staff=astrid", script=asked), await open_page("staff=bo", script=asked)
    for page in (astrid, bo):
        await page.evaluate("join()")
    for page in (astrid, bo):
        await page.wait_for_function("window.said?.includes('')")  # gathering is over
        assert await page.evaluate("said.filter((line) => /typ (host|srflx)/.test(line))") == []
    await state(astrid, "admitted")
