"""What people do in a room besides talking: write, raise a hand, sign, show a screen, tell those who wait."""

from tests.signaling.pages import Open, join, see_each_other, state, until

SCREEN = """navigator.mediaDevices.getDisplayMedia = async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 1280, height: 720 });
    const context = canvas.getContext("2d");
    window.drawing = setInterval(() => {
        context.fillStyle = `hsl(${Math.random() * 360}, 80%, 50%)`;
        context.fillRect(0, 0, 1280, 720);
    }, 100);
    window.shown = canvas.captureStream(10);
    return shown;
};"""


async def test_text_arrives_letter_by_letter_with_what_was_deleted(open_page: Open) -> None:
    astrid, bo = (await join(open_page, "astrid", "bo")).values()
    await astrid.wait_for_function("room.roster.length === 2")
    await state(bo, "admitted")
    said = """log.filter(([type]) => type === "text")
        .map(([, , { participant, text, done }]) => [participant, text, done])"""
    for text in ("Helo", "Hel", "Hello"):
        await bo.evaluate("(text) => room.sendText(text)", text)
        await astrid.wait_for_function(f"(text) => {said}.at(-1)?.[1] === text", arg=text)
    await bo.evaluate("room.sendText('Hello?', { done: true })")
    await bo.evaluate("room.sendText('')")
    await astrid.wait_for_function(f"{said}.length === 5")
    assert await astrid.evaluate(said) == [
        ["bo", "Helo", False],
        ["bo", "Hel", False],
        ["bo", "Hello", False],
        ["bo", "Hello?", True],
        ["bo", "", False],
    ]
    first, *_, last = await astrid.evaluate(
        "log.filter(([type]) => type === 'text').map(([, , { line }]) => line)"
    )
    assert last == first + 1
    assert await bo.evaluate(f"{said}.length") == 0


async def test_hand_signing_and_own_line_are_in_everybodys_roster(open_page: Open) -> None:
    astrid, bo = (await join(open_page, "astrid", "bo")).values()
    await bo.evaluate("room.setHand(true); room.setSigning(true)")
    await astrid.wait_for_function(
        "room.roster[1]?.hand && room.roster[1].signing && room.roster[1].quality === 'good'"
    )
    await bo.evaluate("room.setHand(false)")
    await astrid.wait_for_function("room.roster[1].hand === false")
    assert await bo.evaluate("[room.hand, room.signing]") == [False, True]
    own = "log.findLast(([type, , { participant }]) => type === 'quality' && participant === 'bo')[2]"
    assert (await bo.evaluate(own))["level"] == "good"
    await astrid.wait_for_function("room.level('bo') > 0")
    await bo.wait_for_function("room.level('bo') > 0")


async def test_shared_screen_takes_the_place_of_the_picture_and_gives_it_back(open_page: Open) -> None:
    astrid = await open_page("staff=astrid")
    bo = await open_page("staff=bo", script=SCREEN)
    for page in (astrid, bo):
        await page.evaluate("join()")
    await see_each_other({"astrid": astrid, "bo": bo})
    await astrid.evaluate("window.before = room.connection('bo')")
    await bo.evaluate("room.share()")
    await until(astrid, "(await received()).bo.width === 1280")
    await astrid.wait_for_function("room.roster[1].sharing")
    encoding = """room.connection('astrid').getSenders().map((sender) => sender.getParameters().encodings[0])
        .map(({ maxBitrate, maxFramerate }) => [maxBitrate, maxFramerate])"""
    assert await bo.evaluate(encoding) == [[32_000, None], [1_200_000, 10]]
    assert await bo.evaluate("shown.getVideoTracks()[0].contentHint") == "detail"
    # The browser has a button of its own for stopping, and the page hears of it only by this.
    await bo.evaluate("shown.getVideoTracks()[0].dispatchEvent(new Event('ended'))")
    await until(astrid, "(await received()).bo.width === 640")
    await astrid.wait_for_function("!room.roster[1].sharing")
    assert await bo.evaluate(
        "[room.sharing, log.filter(([type]) => type === 'sharing').map(([, , { on }]) => on)]"
    ) == [
        False,
        [True, False],
    ]
    assert await astrid.evaluate("room.connection('bo') === before")


async def test_who_waits_is_told_also_who_comes_later(open_page: Open) -> None:
    bo, dag, ellen = await open_page("staff=bo"), await open_page("token=dag"), await open_page("token=ellen")
    await bo.evaluate("join({ camera: false })")
    await dag.evaluate("join({ camera: false })")
    await state(dag, "waiting")
    await bo.wait_for_function("room.knocking.length === 1")
    await bo.evaluate("room.notify('a-few-minutes-late')")
    await ellen.evaluate("join({ camera: false })")
    for guest in (dag, ellen):
        await guest.wait_for_function(
            "log.some(([type, , { message }]) => type === 'notice' && message === 'a-few-minutes-late')"
        )
