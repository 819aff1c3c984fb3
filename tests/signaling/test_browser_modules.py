"""The parts of the browser's side that only calculate: sizes, words for a line, what is tried next, when to dial."""

from typing import Any

import pytest
from playwright.async_api import Page

from tests.signaling.pages import Open

# One measurement each two seconds, as the mesh takes them; notes when the picture changes and how.
STEPS = """async ([losses, signing, strain]) => {
    const { Steps } = await import("/browser/sizes.js");
    const steps = new Steps();
    const changes = [];
    losses.forEach((loss, at) => {
        const now = { loss, available: null, rate: 20, source: 20, bits: 800_000, ...strain };
        if (steps.take(now, at * 2000, signing)) changes.push([at * 2, steps.on ? steps.step : "off"]);
    });
    return changes;
}"""


@pytest.fixture
async def page(open_page: Open) -> Page:
    return await open_page("staff=astrid")


async def steps(page: Page, losses: list[float], *, signing: bool = False, **strain: Any) -> Any:
    return await page.evaluate(STEPS, [losses, signing, strain])


async def test_picture_has_the_size_for_the_number_of_devices(page: Page) -> None:
    sizes = await page.evaluate(
        """async () => {
            const { sizeFor } = await import("/browser/sizes.js");
            const line = ({ width, height, rate, bits }) => `${width}x${height}@${rate} ${bits / 1000}`;
            return [1, 2, 3, 4, 5, 6, 7].map((devices) => line(sizeFor(devices))).concat(line(sizeFor(6, true)));
        }"""
    )
    assert sizes == [
        *["640x480@24 800"] * 3,
        "480x360@20 350",
        "320x240@20 200",
        *["320x240@20 150"] * 2,
        "640x480@24 800",
    ]


async def test_encoding_shrinks_a_camera_and_slows_a_screen(page: Page) -> None:
    cases: list[tuple[dict[str, Any], list[Any]]] = [
        ({"track": {"width": 640, "height": 480}}, [True, 200_000, 20, 2]),
        ({"track": {"width": 480, "height": 640}}, [True, 200_000, 20, 2]),  # a phone held upright
        ({"track": {"width": 320, "height": 240}, "step": 2}, [True, 70_000, 20, 2]),
        ({"track": {"width": 160, "height": 120}}, [True, 200_000, 20, 1]),
        ({"track": {}, "active": False}, [False, 200_000, 20, 1]),
        ({"track": {"width": 1920, "height": 1080}, "screen": True, "step": 2}, [True, 420_000, 5, 1]),
        ({"track": {"width": 3840, "height": 2160}, "screen": True}, [True, 1_200_000, 10, 2]),
    ]
    made = await page.evaluate(
        """async (cases) => {
            const { encodingFor, sizeFor } = await import("/browser/sizes.js");
            return cases.map((of) => encodingFor({ size: sizeFor(5), step: 0, active: true, screen: false, ...of }))
                .map((made) => [made.active, made.maxBitrate, made.maxFramerate, made.scaleResolutionDownBy]);
        }""",
        [of for of, _ in cases],
    )
    assert made == [encoding for _, encoding in cases]


async def test_picture_shrinks_before_it_goes_and_comes_back_small(page: Page) -> None:
    lossy, good = [0.1] * 5, [0.0] * 25
    assert await steps(page, lossy + good) == [[4, 1], [8, "off"], [30, 2], [40, 1], [50, 0]]


async def test_a_little_loss_only_shrinks_and_none_grows_again(page: Page) -> None:
    assert await steps(page, [0.05] * 10 + [0.0] * 12) == [[4, 1], [8, 2], [30, 1], [40, 0]]
    assert await steps(page, [0.0, 0.05, 0.0, 0.05] * 20) == []


async def test_picture_of_one_who_signs_shrinks_last_and_stays(page: Page) -> None:
    assert await steps(page, [0.1] * 40, signing=True) == [[8, 1], [16, 2]]


async def test_picture_goes_when_the_line_carries_too_little_and_does_not_flap(page: Page) -> None:
    assert await steps(page, [0.0] * 10, available=140_000) == [[8, "off"]]
    assert await steps(page, [0.0] * 10, available=140_000, bits=150_000) == []  # as much as six devices need
    changes = await steps(page, ([0.1] * 6 + [0.0] * 11) * 12)
    turns = [
        at
        for (at, to), (_, before) in zip(changes[1:], changes, strict=False)
        if "off" in (to, before)  # it goes, or is back
    ]
    assert len(turns) >= 6
    assert all(later - first >= 60 for first, later in zip(turns, turns[2:], strict=False))


async def test_slow_machine_sends_smaller_pictures_rather_than_fewer(page: Page) -> None:
    assert await steps(page, [0.0] * 8, rate=17, source=20) == [[4, 1], [8, 2]]
    assert await steps(page, [0.0] * 8, rate=18, source=24) == []
    assert await steps(page, [0.0] * 8, rate=14, source=15) == []  # all that a camera in the dark gives
    assert await steps(page, [0.0] * 8, rate=11, source=15) == [[4, 1], [8, 2]]


async def test_words_for_a_line_do_not_flicker(page: Page) -> None:
    told = await page.evaluate(
        """async (measured) => {
            const { Quality } = await import("/browser/quality.js");
            const quality = new Quality();
            const told = [];
            measured.forEach(([rtt, loss], at) => {
                if (quality.take(rtt, loss, at * 2000)) told.push([at * 2, quality.level]);
            });
            if (quality.lost() && !quality.lost()) told.push(["at once", quality.level]);
            if (quality.take(20, 0, 0)) told.push(["back", quality.level]);
            return told;
        }""",
        [[40, 0.0]] * 3 + [[400, 0.0], [40, 0.0]] * 3 + [[900, 0.1]] * 4 + [[40, 0.0]] * 8,
    )
    assert told == [[0, "good"], [22, "poor"], [36, "good"], ["at once", "lost"], ["back", "good"]]


async def test_own_line_is_as_good_as_the_best_of_them(page: Page) -> None:
    own = await page.evaluate(
        """async (lines) => {
            const { ownLevel } = await import("/browser/quality.js");
            return lines.map(ownLevel);
        }""",
        [[], ["poor"], ["poor", "good"], ["lost", "fair"], ["lost", "lost"]],
    )
    assert own == ["", "poor", "good", "fair", "lost"]


async def test_more_is_tried_the_longer_nothing_helps(page: Page) -> None:
    without, relayed = await page.evaluate(
        """async () => {
            const { planFor } = await import("/browser/healing.js");
            return [false, true].map((canRelay) => [0, 1, 2, 3, 4, 5, 6].map((made) => planFor(made, canRelay))
                .map(({ state, relay, pictures, patience }) => [state, relay, pictures, patience]));
        }"""
    )
    first = [["connecting", False, True, 6000], *[["recreating", False, True, 6000]] * 2]
    then = [["relaying", True, True, 6000], ["sound-only", True, False, 6000]]
    assert relayed == [*first, *then, ["lost", False, False, 15000], ["lost", True, False, 15000]]
    assert without == [*first, ["sound-only", False, False, 6000], *[["lost", False, False, 15000]] * 3]


async def test_ladder_waits_asks_and_starts_over_when_it_is_up(page: Page) -> None:
    await page.clock.install()
    await page.evaluate(
        """async () => {
            const { Healing } = await import("/browser/healing.js");
            window.line = true;
            window.said = [];
            window.healing = new Healing((type) => line && Boolean(said.push(type)), (state) => said.push(state));
            healing.make(false);
            healing.changed("connecting");
            healing.changed("connected");
        }"""
    )

    async def said_after(*, seconds: float = 0, then: str = "0") -> list[str]:
        await page.clock.run_for(int(seconds * 1000))
        said: list[str] = await page.evaluate(f"() => {{ {then}; return said.splice(0); }}")
        return said

    assert await said_after() == ["connecting", "connected"]
    await said_after(then="healing.changed('disconnected')")
    assert await said_after(seconds=2.9, then="healing.changed('connected')") == []  # it healed by itself
    await said_after(then="healing.changed('disconnected')")
    assert await said_after(seconds=3.1) == ["restart", "restarting"]
    assert await said_after(seconds=2, then="healing.changed('connected')") == ["connected"]
    await said_after(then="healing.changed('failed'); healing.changed('disconnected')")
    assert await said_after(seconds=6.1) == ["recreate"]
    assert await said_after(seconds=6, then="healing.make(false)") == ["recreate", "recreating"]
    assert await said_after(seconds=6.1, then="healing.make(false)") == ["recreate"]
    await said_after(
        then="line = false"
    )  # without a line to the server nothing can be tried, and nothing is given up
    assert await said_after(seconds=30, then="line = true; healing.up()") == []
    assert await said_after(seconds=1.1, then="healing.make(false)") == ["recreate"]
    assert await said_after(seconds=6.1, then="healing.make(false)") == ["recreate"]
    assert await said_after(seconds=6.1, then="healing.make(false)") == ["recreate", "sound-only"]
    assert await said_after(seconds=6.1, then="healing.make(false)") == ["recreate", "lost"]
    assert await said_after(seconds=14) == []
    assert await said_after(seconds=1.1) == ["recreate"]


async def test_busy_machine_that_makes_progress_is_given_time(page: Page) -> None:
    await page.clock.install()
    await page.evaluate(
        """async () => {
            const { Healing } = await import("/browser/healing.js");
            window.asked = [];
            window.healing = new Healing((type) => Boolean(asked.push(type)), () => {});
            healing.make(false);
            window.moving = setInterval(() => healing.moved(), 1000);
        }"""
    )
    await page.clock.run_for(15_000)
    assert await page.evaluate("asked") == []
    await page.evaluate("clearInterval(moving)")
    await page.clock.run_for(5_000)
    assert await page.evaluate("asked[0]") == "recreate"


async def test_attempts_spread_and_grow_rarer(page: Page) -> None:
    delays = await page.evaluate(
        """async () => {
            const { delayBefore } = await import("/browser/channel.js");
            const attempts = [0, 1, 2, 3, 4, 5, 6, 7];
            return [0, 0.5, 1].map((random) => attempts.map((attempt) => delayBefore(attempt, () => random)));
        }"""
    )
    assert delays[0] == [0, 225, 525, 750, 1500, 3000, 5250, 5250]
    assert delays[1] == [250, 550, 950, 1250, 2250, 4250, 7250, 7250]
    assert delays[2] == [500, 875, 1375, 1750, 3000, 5500, 9250, 9250]


async def test_text_is_said_at_once_then_three_times_a_second_and_its_end_always(page: Page) -> None:
    await page.clock.install()
    await page.evaluate(
        """async () => {
            const { Texting } = await import("/browser/texting.js");
            window.line = true;
            window.said = [];
            const send = (message) => line && Boolean(said.push([message.line, message.text, message.done]));
            window.texting = new Texting(send);
            for (const text of ["H", "He", "Hel", "Helo", "Hel"]) texting.type(text);
        }"""
    )
    await page.clock.run_for(301)
    await page.evaluate(
        "() => { texting.type('Hell'); texting.type('Hello', { done: true }); texting.type('W'); }"
    )
    await page.clock.run_for(1000)
    await page.evaluate("() => { line = false; texting.type('Wo', { done: true }); texting.type('Next'); }")
    await page.clock.run_for(1000)
    await page.evaluate("() => { line = true; texting.flush(); texting.type('x'.repeat(1200)); }")
    await page.clock.run_for(1000)
    said = await page.evaluate("said")
    first = said[0][0]
    assert [[line - first, text, done] for line, text, done in said] == [
        [0, "H", False],
        [0, "Hel", False],
        [0, "Hello", True],
        [1, "W", False],
        [1, "Wo", True],
        [2, "Next", False],
        [2, "x" * 1000, False],
    ]


async def test_relay_credentials_are_renewed_before_they_end_and_once_however_often_refused(
    page: Page,
) -> None:
    await page.clock.install()
    await page.evaluate(
        """async () => {
            const { Ice } = await import("/browser/ice.js");
            window.asked = 0;
            window.ice = new Ice(() => asked++);
            ice.use({ ice: [{ urls: ["turn:relay.example"] }], lasts: 600 });
        }"""
    )
    await page.clock.run_for(455_000)
    assert await page.evaluate("[asked, ice.canRelay]") == [0, True]
    await page.clock.run_for(26_000)  # two minutes before the end, or up to a twentieth earlier
    assert await page.evaluate("asked") == 1
    await page.evaluate("() => { ice.use({ ice: [], lasts: 0 }); for (let i = 0; i < 5; i++) ice.renew(); }")
    await page.clock.run_for(11_000)  # the server answers one in ten seconds
    assert await page.evaluate("[asked, ice.canRelay]") == [2, False]
