"""The echo's manager: which offers it takes, how many at once, what becomes of a worker that rests, dies or hangs."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from signaling.echo import LONGEST_OFFER, Busy, Echo, Failed, Limits, Unusable, offer_for_echo
from signaling.ice import IceServer
from tests.signaling.echo_peer import until

# A worker that answers at once and ends a check when it is told to; what it does else stands in the offer.
WORKER = """
import json, os, sys, time
def say(**message):
    print(json.dumps(message), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    offer = asked.get("offer", "")
    if "s=die" in offer: os._exit(3)
    if "s=hang" in offer: time.sleep(600)
    if "s=babble" in offer: print("?", flush=True)
    elif "s=wait" in offer: pass
    elif "s=refuse" in offer: say(id=asked["id"], refused=True); say(id=asked["id"], over=True)
    elif "close" in asked: say(id=asked["id"], over=True)
    elif offer:
        say(id=asked["id"], answer=json.dumps([asked, sorted(os.environ)]))
        if "s=short" in offer: say(id=asked["id"], over=True)
"""
SDP = (
    "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns={}\r\nt=0 0\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n{}m=application 9 UDP/DTLS/SCTP x\r\n"
)
NINE = SDP.format("-", "")

MakeEcho = Callable[..., Echo]


def sdp(name: str = "-", *attributes: str) -> str:
    return SDP.format(name, "".join(f"a={one}\r\n" for one in attributes))


@pytest.fixture
async def echo() -> AsyncIterator[MakeEcho]:
    """Makes an echo with other limits, and ends it."""
    async with AsyncExitStack() as stack:

        def make(command: tuple[str, ...] = (sys.executable, "-c", WORKER), **limits: float) -> Echo:
            made = Echo(Limits(**limits), command)  # type: ignore[arg-type]
            stack.push_async_callback(made.close)
            return made

        yield make


def lives(pid: int | None) -> bool:
    """Whether the process exists and has not ended."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


# Offers


LOCAL = "candidate:1 1 UDP 2122252543 6a2b.local 50001 typ host"
AT_HOME = "candidate:2 1 udp 2122252543 192.168.1.20 50002 typ host"
LOOPBACK = "candidate:3 1 udp 2122252543 ::1 50003 typ host"
PUBLIC = "candidate:4 1 UDP 1686052607 93.184.216.34 50004 typ srflx raddr 0.0.0.0 rport 0"
PUBLIC6 = "candidate:5 1 udp 2122252543 2606:2800:220:1::7 50005 typ host"
SERVICE = "candidate:6 1 udp 1686052607 93.184.216.34 53 typ srflx"
TCP = "candidate:7 1 tcp 1518280447 93.184.216.34 50007 typ host tcptype active"
MANY = "candidate:8 1 udp 1 224.0.1.1 50008 typ host"
RELAY = "candidate:9 1 udp 41885439 10.0.0.7 50009 typ relay raddr 0.0.0.0 rport 0"
# A tab is white space to the media library too, and an inner IPv4 address may be dressed as IPv6.
HIDDEN = (
    "candidate:13 1 udp 1\t127.0.0.1\t50013\ttyp\thost 93.184.216.34 50013 typ host",
    "candidate:14 1 udp 1\x1f10.0.0.5\x1f50014 typ host 93.184.216.34 50014 typ host",
    *(
        f"candidate:15 1 udp 1 {inner} 50015 typ host"
        for inner in ("64:ff9b::a00:5", "64:ff9b:1::a00:5", "2002:a00:5::1", "::ffff:10.0.0.5", "::10.0.0.5")
    ),
)
BROKEN = (
    "candidate:10",
    "candidate:11 1 udp 1 ::: 5 typ host",
    "candidate:12 1 udp 1 93.184.216.34 x typ host",
)
CANDIDATES = (LOCAL, AT_HOME, LOOPBACK, PUBLIC, PUBLIC6, SERVICE, TCP, MANY, RELAY, *HIDDEN, *BROKEN)


def test_direct_way_keeps_only_public_addresses() -> None:
    offer = sdp("-", "mid:0", *CANDIDATES, "end-of-candidates", "ice-ufrag:x")
    assert offer_for_echo(offer, relay=False) == sdp("-", "mid:0", PUBLIC, PUBLIC6, "ice-ufrag:x")


def test_way_by_the_relay_keeps_only_the_relays_addresses() -> None:
    assert offer_for_echo(sdp("-", *CANDIDATES, "end-of-candidates"), relay=True) == sdp("-", RELAY)


def test_a_flood_of_candidates_is_cut() -> None:
    flood = [f"candidate:{one} 1 udp 1 93.184.216.34 {5000 + one} typ host" for one in range(100)]
    assert offer_for_echo(sdp("-", *flood), relay=False) == sdp("-", *flood[:10])


@pytest.mark.parametrize(
    "offer",
    [
        "",
        "\0",
        "rubbish",
        "v=0",
        NINE.replace("v=0", "v=1"),
        NINE.replace("m=audio", "m=video"),
        NINE + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n",
        NINE + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n",
        NINE + "a=x\r\n" * LONGEST_OFFER,
    ],
)
async def test_what_is_no_offer_of_sound_and_messages_never_starts_a_worker(
    echo: MakeEcho, offer: str
) -> None:
    made = echo()
    with pytest.raises(Unusable):
        await made.answer(offer)
    assert made.pid is None


# The worker


async def test_offers_share_one_worker_which_is_told_the_servers_and_no_secrets(
    echo: MakeEcho, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANDOVER_TURN_SECRET", "planted")
    made = echo()
    servers = [IceServer(["turn:turn.example"], "user", "credential")]
    first, second = await asyncio.gather(made.answer(sdp()), made.answer(sdp(), servers, relay=True))
    assert '"servers": [], "relay": false' in first
    assert '"urls": ["turn:turn.example"]' in second and '"relay": true' in second
    assert "PATH" in first and "HANDOVER_TURN_SECRET" not in first
    pid = made.pid
    assert lives(pid)
    await made.close()
    assert not lives(pid)
    with pytest.raises(Failed):
        await made.answer(sdp())


async def test_only_so_many_at_once_and_an_ended_one_makes_room(echo: MakeEcho) -> None:
    made = echo(most=2)
    await made.answer(sdp())
    await made.answer(sdp())
    with pytest.raises(Busy):
        await made.answer(sdp())
    await made.close()
    made = echo(most=2)
    for _ in range(5):
        await made.answer(sdp("short"))
        await until(lambda: made.running == 0)


async def test_worker_that_has_nothing_to_do_goes_and_the_next_check_starts_another(echo: MakeEcho) -> None:
    made = echo(idle=0)
    await made.answer(sdp())
    pid = made.pid
    await asyncio.sleep(0)
    assert made.pid == pid and lives(pid), "a check runs: there is something to do"
    await made.answer(sdp("short"))
    assert made.pid == pid
    made = echo(idle=0)
    await made.answer(sdp("short"))
    await until(lambda: made.pid is None)
    assert await made.answer(sdp())
    assert made.pid not in (None, pid)


async def test_warmed_worker_rests_when_no_offer_comes(echo: MakeEcho) -> None:
    made = echo(idle=0)
    await made.warm()
    pid = made.pid
    assert pid is not None
    await until(lambda: made.pid is None and not lives(pid))


@pytest.mark.parametrize("how", ["die", "babble", "hang"])
async def test_worker_that_fails_takes_its_checks_along_and_is_replaced(
    echo: MakeEcho, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    made = echo(answers_within=0.5 if how == "hang" else 30)
    if how != "hang":
        await made.answer(sdp())
    with pytest.raises(Failed):
        await made.answer(sdp(how))
    assert "worker" in caplog.text and "m=audio" not in caplog.text
    await until(lambda: made.running == 0)
    fresh = await echo_again(made)
    assert fresh


async def echo_again(made: Echo) -> str:
    """An answer of the next worker, however long that one takes to start."""
    made.limits = Limits(answers_within=30)
    return await made.answer(sdp())


async def test_refused_offer_is_unusable_and_leaves_the_others_alone(echo: MakeEcho) -> None:
    made = echo()
    await made.answer(sdp())
    with pytest.raises(Unusable):
        await made.answer(sdp("refuse"))
    await until(lambda: made.running == 1)


async def test_caller_who_goes_before_the_answer_leaves_no_check_behind(echo: MakeEcho) -> None:
    made = echo()
    asking: Awaitable[str] = made.answer(sdp("wait"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asking, 0.1)
    await until(lambda: made.running == 0)


async def test_worker_that_cannot_be_started_is_a_failure(
    echo: MakeEcho, caplog: pytest.LogCaptureFixture
) -> None:
    made = echo(("/nowhere/python",))
    with pytest.raises(Failed):
        await made.answer(sdp())
    assert (made.running, made.pid) == (0, None)
    assert "cannot be started" in caplog.text
