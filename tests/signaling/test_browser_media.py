"""The browser modules one by one: each way a camera can fail, and when a closed socket is dialled again."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from signaling.rooms import Rooms
from tests.chromium import new_context
from tests.signaling.cast import Diary
from tests.signaling.site import site


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    complaints: list[str] = []
    async with site(Rooms(Diary())) as server, new_context(browser, complaints) as context:
        page = await context.new_page()
        await page.goto(f"{server.make_url('/')}?staff=astrid")
        await page.wait_for_function("window.ready")
        yield page
    assert complaints == []


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        ("NotAllowedError", "denied"),
        ("SecurityError", "denied"),
        ("NotFoundError", "missing"),
        ("NotReadableError", "busy"),
        ("AbortError", "busy"),
        ("OverconstrainedError", "overconstrained"),
        ("TypeError", "failed"),
    ],
)
async def test_camera_that_fails_leaves_the_microphone_and_a_reason(
    page: Page, error: str, problem: str
) -> None:
    result = await page.evaluate(
        """async (name) => {
            const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
            navigator.mediaDevices.getUserMedia = (wanted) =>
                wanted.video ? Promise.reject(new DOMException("", name)) : real(wanted);
            await media.start();
            return [media.microphoneOn, media.cameraOn, media.problems];
        }""",
        error,
    )
    assert result == [True, False, {"camera": problem}]


@pytest.mark.parametrize(
    ("agent", "secure", "problem"),
    [
        ("Mozilla/5.0 (iPhone) FBAN/FBIOS", True, "web-view"),
        ("Mozilla/5.0 (Linux; Android 14; wv) Chrome", True, "web-view"),
        ("Mozilla/5.0 old", True, "unsupported"),
        ("Mozilla/5.0", False, "insecure"),
    ],
)
async def test_browser_that_cannot_ask_says_why(page: Page, agent: str, secure: bool, problem: str) -> None:
    result = await page.evaluate(
        """async ([agent, secure]) => {
            const define = (object, name, value) => Object.defineProperty(object, name, {value, configurable: true});
            define(navigator, "userAgent", agent);
            define(navigator, "mediaDevices", undefined);
            define(window, "isSecureContext", secure);
            const fresh = new Media();
            await fresh.start();
            return [obstacle(), fresh.problems];
        }""",
        [agent, secure],
    )
    assert result == [problem, {"microphone": problem, "camera": problem}]


async def test_retry_after_a_failure_needs_no_reload(page: Page) -> None:
    result = await page.evaluate(
        """async () => {
            const real = navigator.mediaDevices.getUserMedia;
            navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotReadableError"));
            await media.start();
            navigator.mediaDevices.getUserMedia = real;
            await media.start();
            return [media.microphoneOn, media.cameraOn, media.problems];
        }"""
    )
    assert result == [True, True, {}]


async def test_camera_that_comes_after_stop_is_let_go(page: Page) -> None:
    result = await page.evaluate(
        """async () => {
            const starting = media.start();
            media.stop();
            await starting;
            return [media.audio, media.video];
        }"""
    )
    assert result == [None, None]


async def test_level_meter_moves_with_the_microphone_and_rests_when_muted(page: Page) -> None:
    await page.evaluate("media.start({camera: false})")
    await page.wait_for_function("media.level() > 0")
    await page.evaluate("media.setMicrophone(false)")
    assert await page.evaluate("media.level()") == 0


async def test_choosing_another_camera_replaces_the_track(page: Page) -> None:
    result = await page.evaluate(
        """async () => {
            await media.start();
            const old = media.video;
            const {cameras, microphones} = await media.devices();
            await media.choose("camera", cameras[0].deviceId);
            return [old.readyState, media.video.readyState, media.video !== old, microphones.length > 0];
        }"""
    )
    assert result == ["ended", "live", True, True]


async def test_unplugged_camera_is_a_problem_of_its_own(page: Page) -> None:
    result = await page.evaluate(
        """async () => {
            await media.start();
            let changes = 0;
            media.addEventListener("change", () => changes++);
            media.video.dispatchEvent(new Event("ended"));
            return [media.cameraOn, media.problems.camera, changes];
        }"""
    )
    assert result == [False, "lost", 1]


async def test_speaker_test_plays_to_its_end(page: Page) -> None:
    await page.evaluate("media.playTone()")


@pytest.mark.parametrize(
    ("code", "dials"),
    [(1006, True), (1012, True), (1013, True), (1000, False), (4001, False), (4401, False), (4403, False)],
)
async def test_closed_socket_is_dialled_again_only_when_that_may_help(
    page: Page, code: int, dials: bool
) -> None:
    timers = await page.evaluate(
        """async (code) => {
            window.dialled = 0;
            window.WebSocket = class {
                static OPEN = 1;
                constructor() { if (++dialled === 1) queueMicrotask(() => this.onclose({code})); }
                close() {}
            };
            const timers = [];
            const real = window.setTimeout;
            window.setTimeout = (callback, delay) => timers.push(delay) && real(callback, delay);
            const channel = new Channel("ws://nowhere", () => []);
            const over = new Promise((done) => {
                for (const type of ["down", "closed"]) channel.addEventListener(type, () => done());
            });
            channel.open();
            await over;
            return timers;
        }""",
        code,
    )
    if dials:
        assert len(timers) == 1 and 0 <= timers[0] <= 500
        await page.wait_for_function("dialled === 2")
    else:
        assert timers == []


async def test_unplugged_headset_gives_way_to_the_usual_microphone_and_says_so(page: Page) -> None:
    result = await page.evaluate(
        """async () => {
            await media.start({ camera: false });
            const unplugged = media.audio;
            const gone = unplugged.getSettings().deviceId;
            media.chosen.microphone = gone;
            const real = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
            const others = (all) => all.filter((one) => one.deviceId !== gone);
            navigator.mediaDevices.enumerateDevices = async () => others(await real());
            let said = null;
            media.addEventListener("fallback", ({ detail }) => (said = detail));
            unplugged.dispatchEvent(new Event("ended"));
            await until(() => said);
            const { kind, label } = said;
            const names = label === media.audio.label && label !== "";
            return [kind, names, media.audio !== unplugged, media.problems, media.chosen];
        }"""
    )
    assert result == ["microphone", True, True, {}, {}]


async def test_devices_that_a_phone_call_took_come_back_with_the_page(page: Page) -> None:
    result = await page.evaluate(
        """async () => {
            await media.start();
            const took = [media.audio, media.video];
            const cameras = [media.video.getSettings().deviceId];
            const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
            navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotReadableError"));
            for (const track of took) track.dispatchEvent(new Event("ended"));
            const during = [media.microphoneOn, media.cameraOn, { ...media.problems }];
            navigator.mediaDevices.getUserMedia = real;
            document.dispatchEvent(new Event("visibilitychange"));
            await until(() => media.audio && media.video);
            cameras.push(media.video.getSettings().deviceId);
            return [during, media.problems, cameras[0] === cameras[1], media.microphoneOn, media.cameraOn];
        }"""
    )
    lost = {"microphone": "lost", "camera": "lost"}
    assert result == [[False, False, lost], {}, True, True, True]


async def test_track_that_is_silenced_for_long_is_lost_until_it_sounds_again(page: Page) -> None:
    await page.clock.install()
    await page.evaluate("media.start()")
    await page.evaluate("media.audio.dispatchEvent(new Event('mute'))")
    assert await page.evaluate("media.problems") == {}
    await page.clock.run_for(1100)
    assert await page.evaluate("[media.problems, media.microphoneOn, media.cameraOn]") == [
        {"microphone": "lost"},
        False,
        True,
    ]
    await page.evaluate("media.audio.dispatchEvent(new Event('unmute'))")
    assert await page.evaluate("[media.problems, media.microphoneOn]") == [{}, True]


async def test_camera_that_is_declined_while_both_are_asked_for_leaves_the_microphone(page: Page) -> None:
    result = await page.evaluate(
        """async () => {
            const starting = media.start();
            media.setCamera(false);
            await starting;
            return [media.microphoneOn, media.cameraOn];
        }"""
    )
    assert result == [True, False]


async def test_picture_is_taken_at_the_size_that_is_sent(page: Page) -> None:
    result = await page.evaluate(
        """async () => {
            const size = () => [media.video.getSettings().width, media.video.getSettings().height];
            const small = { width: 320, height: 240, rate: 20, bits: 0 };
            await media.start();
            const sizes = [size()];
            await media.fit(small);
            sizes.push(size());
            await media.setCamera(false);
            const starting = media.start();
            media.fit({ ...small, width: 480, height: 360 });
            await starting;
            sizes.push(size());
            media.stop(); // another room begins large again
            await media.start();
            return [...sizes, size()];
        }"""
    )
    assert result == [[640, 480], [320, 240], [480, 360], [640, 480]]


async def test_attempt_that_hangs_is_given_up_before_another_begins(page: Page) -> None:
    await page.clock.install()
    await page.evaluate(
        """() => {
            window.made = [];
            window.WebSocket = class {
                static CONNECTING = 0;
                static OPEN = 1;
                readyState = 0;
                constructor() { made.push(this); }
                close() { this.readyState = 3; }
            };
            window.channel = new Channel("ws://nowhere", () => []);
            channel.open();
            window.dispatchEvent(new Event("online"));
        }"""
    )
    assert await page.evaluate("made.length") == 1  # it is being dialled already
    await page.clock.run_for(16_000)
    await page.wait_for_function("made.length === 2")
    assert await page.evaluate("made.map(({ readyState, onopen }) => [readyState, Boolean(onopen)])") == [
        [3, False],
        [0, True],
    ]
