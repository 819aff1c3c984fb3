"""The echo's real worker over real ICE: what comes back, what it survives, and that it never outlives its parent."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from signaling.echo import Echo, Limits, Unusable, offer_for_echo
from tests.signaling.echo_peer import PATIENCE, echo_peer, until
from tests.signaling.test_echo import lives

ROOT = Path(__file__).parents[2]
PARENT = """
import asyncio
from signaling.echo import Echo
async def main():
    echo = Echo()
    await echo.warm()
    print(echo.pid, flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    made = Echo(Limits(answers_within=PATIENCE))
    yield made
    await made.close()


async def test_sound_and_messages_come_back_though_no_candidate_is_usable(echo: Echo) -> None:
    async with echo_peer() as peer:
        offer = await peer.offer()
        # Nothing but the browser's own packets shows where it is, as with Firefox's `.local` names.
        assert "a=candidate" in offer and "a=candidate" not in offer_for_echo(offer, relay=False)
        answer = await echo.answer(offer)
        assert "stun.l.google.com" not in answer and "typ srflx" not in answer
        await peer.accept(answer)
        await peer.hears_itself()
        assert echo.running == 1
    await until(lambda: echo.running == 0)


async def test_time_is_up_while_the_browser_still_talks(echo: Echo) -> None:
    echo.limits = Limits(lasts=1, answers_within=PATIENCE)
    await echo.warm()
    async with echo_peer() as peer:
        await peer.accept(await echo.answer(await peer.offer()))
        await until(lambda: echo.running == 0)
        await until(lambda: peer.connection.connectionState in ("closed", "failed"))


# Each looks like an offer from afar and trips the library somewhere else.
STRANGE = (
    (r"m=audio \d+", "m=audio nine"),
    (r"m=audio.*", "m=audio "),
    (r"m=application.*", "m=application "),
    (r"a=fingerprint:sha-\d+", "a=fingerprint:rubbish"),
    (r"a=fingerprint:.*", "a=x"),
    (r"a=ice-ufrag:.*", "a=x"),
    (r"a=setup:.*", "a=setup:"),
    (r"a=mid:.*", "a=mid:"),
    (r"a=mid:1", "a=mid:0"),
    (r"a=rtpmap:96 .*", "a=rtpmap:x opus/48000/2"),
    (r"a=rtpmap:.*", "a=rtpmap:96 nothing/1"),
    (r"a=ssrc:\d+", "a=ssrc:-1"),
    (r"a=extmap:1 ", "a=extmap:999999999 "),
    (r"a=sctp-port:5000", "a=sctp-port:" + "9" * 4000),
    (r"a=group:BUNDLE 0 1", "a=group:BUNDLE x y z"),
    (r"o=-", "o=\ud800"),
    (r"c=IN IP4 .*", "c=IN IP9 ?"),
)


async def test_rubbish_is_refused_or_ignored_and_the_next_offer_is_answered(echo: Echo) -> None:
    echo.limits = Limits(most=len(STRANGE) + 1, lasts=5, answers_within=PATIENCE)
    await echo.warm()
    pid, refused = echo.pid, 0
    async with echo_peer() as peer:
        offer = await peer.offer()
        for old, new in STRANGE:
            strange = re.sub(old, new, offer)
            assert strange != offer, old
            try:
                await echo.answer(strange)
            except Unusable:
                refused += 1
        assert refused >= 5
        await peer.accept(await echo.answer(offer))
        await peer.hears_itself()
    assert echo.pid == pid


async def test_answer_to_an_offer_full_of_long_names_leaves_the_others_alone(echo: Echo) -> None:
    async with echo_peer() as peer, echo_peer() as other:
        await peer.accept(await echo.answer(await peer.offer()))
        pid, name = echo.pid, "\N{GRINNING FACE}" * 6000
        offer = (
            (await other.offer()).replace("a=mid:0", f"a=mid:{name}").replace("BUNDLE 0", f"BUNDLE {name}")
        )
        assert len(await echo.answer(offer)) > len(name)
        await peer.hears_itself()
    assert echo.pid == pid


async def test_relay_that_gives_no_relay_is_refused(echo: Echo) -> None:
    async with echo_peer() as peer:
        with pytest.raises(Unusable):
            await echo.answer(await peer.offer(), relay=True)


async def test_worker_ends_with_a_service_that_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        assert lives(worker)
        parent.kill()
        parent.wait()
        await until(lambda: not lives(worker))
    finally:
        parent.kill()
        parent.wait()
        assert parent.stdout is not None
        parent.stdout.close()
