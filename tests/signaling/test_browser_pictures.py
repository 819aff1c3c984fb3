"""Pictures fit the number of devices from their first frame on, and the line for as long as it lasts."""

from aiohttp.test_utils import TestServer

from signaling.rooms import Rooms
from tests.signaling.cast import Diary
from tests.signaling.pages import Open, join, see_each_other, states, until
from tests.signaling.site import ROOMS

SIZES = {4: (480, 360, 350_000), 5: (320, 240, 200_000), 6: (320, 240, 150_000)}
# What each other device is sent at most; a machine that cannot keep up sends less.
MOST = """room.roster.flatMap(({ participant }) => room.connection(participant)?.getSenders() ?? [])
    .filter(({ track }) => track?.kind === "video").map((sender) => sender.getParameters().encodings[0].maxBitrate)"""


async def test_four_five_and_six_devices_all_see_each_other_and_start_at_their_size(
    open_page: Open, bare_site: TestServer, diary: Diary
) -> None:
    bare_site.app[ROOMS][0] = Rooms(diary)
    pages = await join(open_page, "astrid", "bo", "karen")
    for name, devices in (("lise", 4), ("mads", 5), ("niels", 6)):
        pages[name] = await open_page(f"staff={name}")
        await pages[name].evaluate("join()")
        await see_each_other(pages)
        width, height, bits = SIZES[devices]
        # Not one picture too large at the start; a browser that does not know the line yet may begin smaller.
        firsts = await pages[name].evaluate("firstWidths")
        assert set(firsts) == set(pages) - {name} and max(firsts.values()) <= width
        for page in pages.values():
            await page.wait_for_function(
                "([width, height]) => Object.entries({ width, height })"
                ".every(([side, length]) => media.video.getSettings()[side] === length)",
                arg=[width, height],
            )
            await page.wait_for_function(f"bits => {MOST}.every((most) => most <= bits)", arg=bits)
    for name, page in pages.items():
        assert await page.evaluate("log.filter(([type]) => type === 'trouble' || type === 'err')") == []
        for other in pages:
            if other != name:
                # A machine that is too small for all these pictures may pause one, but it connects once.
                told = await states(page, other)
                assert told[:2] == ["connecting", "connected"]
                assert set(told) <= {"connecting", "connected", "sound-only"}


async def test_loss_shrinks_the_picture_then_pauses_it_and_says_so(open_page: Open) -> None:
    # What Astrid's browser would report if a tenth of what she sends were lost.
    lossy = """RTCPeerConnection.prototype.getStats = ((real) => async function (...all) {
        const loss = (report) => (report.type === "remote-inbound-rtp" ? { fractionLost: window.losing ?? 0 } : {});
        const reports = [...(await real.apply(this, all)).entries()];
        window.measured = (window.measured ?? 0) + 1;
        return new Map(reports.map(([id, report]) => [id, { ...report, ...loss(report) }]));
    })(RTCPeerConnection.prototype.getStats);"""
    astrid, bo = await open_page("staff=astrid", script=lossy), await open_page("staff=bo")
    await astrid.clock.install()
    for page in (astrid, bo):
        await page.evaluate("join()")
    await see_each_other({"astrid": astrid, "bo": bo})
    video = """room.connection('bo').getSenders().map((sender) => sender.getParameters().encodings[0])
        .map(({ active, scaleResolutionDownBy }) => [active, scaleResolutionDownBy])[1]"""

    async def measure(times: int) -> None:
        for _ in range(times):
            await astrid.evaluate("received().then((now) => until(() => rising('frames', ['bo'], now)))")
            before = await astrid.evaluate("window.measured ?? 0")
            await astrid.clock.fast_forward(2000)
            await astrid.wait_for_function("(before) => measured > before", arg=before)

    await measure(2)
    assert await astrid.evaluate(video) == [True, 1]
    await astrid.evaluate("window.losing = 0.2")
    await measure(4)
    await until(astrid, f"{video}[1] > 1")
    await measure(6)
    await until(astrid, f"!{video}[0]")
    shown = "log.findLast(([type]) => type === 'peer')[2]"
    assert await astrid.evaluate(shown) == {
        "participant": "bo",
        "state": "sound-only",
        "sending": False,
        "receiving": True,
    }
    assert await astrid.evaluate("log.findLast(([type]) => type === 'quality')[1]") is not None
    await bo.wait_for_function(
        "log.some(([type, state, { receiving }]) => state === 'sound-only' && receiving === false)"
    )
    await astrid.evaluate("window.losing = 0")
    await measure(16)
    await until(astrid, f"{video}[0]")
    await bo.wait_for_function("log.findLast(([type]) => type === 'peer')[1] === 'connected'")
    await see_each_other({"astrid": astrid, "bo": bo})
