"""Real Chromium with fake devices: pictures move both ways, and go on moving through what happens to a call."""

import asyncio

from aiohttp.test_utils import TestServer

from signaling import socket
from signaling.errors import Close
from signaling.rooms import Rooms
from tests.signaling.cast import ROOM
from tests.signaling.pages import Open, join, see_each_other, state, states


async def test_two_see_and_hear_each_other(open_page: Open) -> None:
    pages = await join(open_page, "astrid", "bo")
    await see_each_other(pages)
    await see_each_other(pages, "samples")
    roster = await pages["astrid"].evaluate(
        "room.roster.map(({name, microphone, camera}) => [name, microphone, camera])"
    )
    assert roster == [["Astrid", True, True], ["Bo", True, True]]


async def test_sound_goes_first_from_both_ends(open_page: Open) -> None:
    pages = await join(open_page, "astrid", "bo")
    await see_each_other(pages, "samples")
    for name, other in (("astrid", "bo"), ("bo", "astrid")):
        said = await pages[name].evaluate(
            """(other) => room.connection(other).getSenders().map((sender) => {
                const { priority, networkPriority, maxBitrate } = sender.getParameters().encodings[0];
                return [sender.track.kind, priority, networkPriority, sender.track.kind === "audio" && maxBitrate];
            })""",
            other,
        )
        assert said == [["audio", "high", "high", 32_000], ["video", "low", "low", False]]


async def test_guest_knocks_is_let_in_and_everybody_sees_everybody(open_page: Open) -> None:
    astrid, bo = (await join(open_page, "astrid", "bo")).values()
    dag = await open_page("token=dag&name=Dag%20Jensen&relation=son")
    await dag.evaluate("join()")
    await state(dag, "waiting")
    await bo.wait_for_function("room.knocking[0]?.name === 'Dag Jensen'")
    assert await dag.evaluate("[room.roster.length, document.querySelectorAll('video').length]") == [0, 0]
    await bo.evaluate("room.admit('dag')")
    await state(dag, "admitted")
    await see_each_other({"astrid": astrid, "bo": bo, "dag": dag})


async def test_twenty_joins_in_a_row_all_connect(open_page: Open) -> None:
    astrid, bo = await open_page("staff=astrid"), await open_page("staff=bo")
    await astrid.evaluate("join()")
    for _ in range(20):
        await bo.evaluate("join()")
        await asyncio.gather(
            bo.evaluate("until(() => rising('frames', ['astrid']))"),
            astrid.evaluate("until(() => rising('frames', ['bo']))"),
        )
        await bo.evaluate("room.leave()")
        await astrid.wait_for_function("room.roster.length === 1")
    assert await bo.evaluate("log.filter(([type]) => type === 'trouble' || type === 'err')") == []


async def test_second_tab_takes_over_and_the_first_stops_its_camera(open_page: Open, rooms: Rooms) -> None:
    astrid, first = await open_page("staff=astrid"), await open_page("staff=bo")
    for page in (astrid, first):
        await page.evaluate("join()")
    await see_each_other({"astrid": astrid, "bo": first})
    await first.evaluate("window.track = media.video")
    second = await open_page("staff=bo", beside=first)
    await second.evaluate("join()")
    await state(first, "replaced")
    assert await first.evaluate("[track.readyState, media.video, media.audio]") == ["ended", None, None]
    await second.bring_to_front()
    await see_each_other({"astrid": astrid, "bo": second})
    assert await first.evaluate("room.state") == "replaced"
    assert [entry.participant for entry in rooms.present(ROOM)] == ["astrid", "bo"]


async def test_lost_socket_leaves_the_pictures_alone(
    open_page: Open, bare_site: TestServer, rooms: Rooms
) -> None:
    pages = await join(open_page, "astrid", "bo")
    await see_each_other(pages)
    for name, page in pages.items():
        other = "bo" if name == "astrid" else "astrid"
        await page.evaluate("(other) => window.before = room.connection(other)", other)
    for line in [*bare_site.app[socket.LINES]]:
        await line.hang_up(Close.RESTART)
    for page in pages.values():
        await page.wait_for_function(
            "log.some(([, state]) => state === 'reconnecting') && room.state === 'admitted'"
        )
    await see_each_other(pages)
    assert await pages["astrid"].evaluate("room.connection('bo') === before")
    assert await pages["bo"].evaluate("room.connection('astrid') === before")
    assert [entry.away for entry in rooms.present(ROOM)] == [False, False]


async def test_connection_that_hangs_is_made_anew_by_the_watchdog(open_page: Open) -> None:
    hang = """
        const real = RTCPeerConnection.prototype.setRemoteDescription;
        RTCPeerConnection.prototype.setRemoteDescription = function () {
            RTCPeerConnection.prototype.setRemoteDescription = real;
            return new Promise(() => {});
        };
    """
    pages = {"astrid": await open_page("staff=astrid"), "bo": await open_page("staff=bo", script=hang)}
    for page in pages.values():
        await page.evaluate("join()")
    await see_each_other(pages)
    assert await states(pages["astrid"], "bo") == ["connecting", "recreating", "connected"]
    assert await states(pages["bo"], "astrid") == ["connecting", "recreating", "connected"]


async def test_camera_goes_off_and_on_without_a_new_connection(open_page: Open) -> None:
    pages = await join(open_page, "astrid", "bo")
    await see_each_other(pages)
    astrid, bo = pages.values()
    await astrid.evaluate("window.before = room.connection('bo')")
    await bo.evaluate("media.setCamera(false)")
    await astrid.wait_for_function("room.roster[1].camera === false")
    await bo.evaluate("media.setCamera(true)")
    await astrid.wait_for_function("room.roster[1].camera === true")
    await see_each_other(pages)
    assert await astrid.evaluate("room.connection('bo') === before")


async def test_sound_only_sends_no_picture_and_gets_none(open_page: Open) -> None:
    astrid, bo = await open_page("staff=astrid"), await open_page("staff=bo")
    await astrid.evaluate("join()")
    await bo.evaluate("join({camera: false, pictures: false})")
    await see_each_other({"astrid": astrid, "bo": bo}, "samples")
    await astrid.evaluate(
        """until(async () => {
            const reports = [...(await room.connection('bo').getStats()).values()];
            return reports.find(({type, kind}) => type === 'outbound-rtp' && kind === 'video')?.active === false;
        })"""
    )
    await bo.evaluate("room.setPictures(true)")
    await see_each_other({"astrid": astrid, "bo": bo})


async def test_guest_whose_devices_are_denied_sees_and_hears_the_others(open_page: Open) -> None:
    deny = (
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));"
    )
    astrid, bo = await open_page("staff=astrid"), await open_page("staff=bo", script=deny)
    for page in (astrid, bo):
        await page.evaluate("join()")
    assert await bo.evaluate("media.problems") == {"microphone": "denied", "camera": "denied"}
    for what in ("frames", "samples"):
        await bo.evaluate("(what) => until(() => rising(what, ['astrid']))", what)
    await astrid.wait_for_function(
        "room.roster.length === 2 && !room.roster[1].camera && !room.roster[1].microphone"
    )


async def test_watching_page_sees_the_knock_and_lets_in(open_page: Open) -> None:
    page, dag = await open_page("staff=astrid"), await open_page("token=dag&name=Dag")
    await page.evaluate(
        """window.watch = new Watch(socket("/watch"));
        watch.addEventListener("knocking", ({detail}) => window.knocking = detail);
        watch.open()"""
    )
    await dag.evaluate("join({camera: false})")
    await page.wait_for_function("window.knocking?.knocking[0]?.name === 'Dag'")
    await page.evaluate("watch.admit(knocking.room, 'dag')")
    await state(dag, "admitted")
    await page.wait_for_function("window.knocking.knocking.length === 0")
