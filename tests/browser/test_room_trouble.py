"""What goes wrong in the middle of a talk, one failure at a time, and the press that mends it."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.calls import in_the_call, sees_moving_pictures
from tests.browser.conftest import Site, axe, until
from tests.browser.rooms import (
    axe_at_the_end,
    book_ellens_talk,
    guest_inside,
    guest_waiting,
    said_to,
    staff_inside,
)
from tests.cast import Cast

SILENT_UNTIL_PRESSED = """
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  if (this.muted || window.pressed) return play.call(this);
  return Promise.reject(new DOMException("play() failed", "NotAllowedError"));
};
addEventListener("click", ({ target }) => { window.pressed ||= Boolean(target.closest("[data-sound-on]")); }, true);
"""
WAKE_LOCKS = """
window.locks = [];
Object.defineProperty(navigator, "wakeLock", { value: {
  request: async () => {
    const lock = { released: false, release: async () => { lock.released = true; } };
    window.locks.push(lock);
    return lock;
  },
} });
Object.defineProperty(document, "hidden", { get: () => Boolean(window.away) });
window.look = (away) => {
  window.away = away;
  for (const lock of window.locks) lock.released ||= away;
  document.dispatchEvent(new Event("visibilitychange"));
};
"""
HELD = "() => window.locks.filter((lock) => !lock.released).length"
# Every track that the page was given; a phone call ends them without a word of ours.
KEEP_TRACKS = """
window.given = [];
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  const stream = await ask(wanted);
  window.given.push(...stream.getTracks());
  return stream;
};
"""
PHONE_CALL = """(kinds) => {
    for (const track of window.given.filter((one) => one.readyState === 'live' && kinds.includes(one.kind))) {
        track.stop();
        track.dispatchEvent(new Event('ended'));
    }
}"""


async def test_each_step_to_mend_the_line_is_one_plain_sentence(site: Site, cast: Cast) -> None:
    talk = book_ellens_talk(site, cast)
    bo = await staff_inside(site, talk, "bo@kommune.example")
    dag = await guest_inside(bo, site, talk, "Dag")
    await sees_moving_pictures(dag, 1)
    line, tile = dag.locator("[data-line]"), dag.get_by_role("group", name="Bo Madsen")
    await expect(line).to_be_hidden()
    steps = {
        "restarting": ("Forbindelsen blev afbrudt. Vi opretter den igen.", "opretter forbindelse igen"),
        "recreating": ("Det hjalp ikke. Vi opretter en ny forbindelse.", "opretter en ny forbindelse"),
        "relaying": ("Vi prøver en anden vej.", "prøver en anden vej"),
        "sound-only": (
            "Kun lyd, fordi nettet er svagt. Billedet kommer igen af sig selv.",
            "kun lyd, fordi nettet er svagt",
        ),
        # The number is known to whoever owns it; a link that was passed on does not tell it.
        "lost": ("Vi har mistet forbindelsen. Vi ringer til dig på •• •• 44 55.", "ingen forbindelse"),
    }
    told = {"of": "nurse", "sending": False, "receiving": False}
    for state, (sentence, on_the_tile) in steps.items():
        await said_to(dag, "peer", {**told, "state": state})
        await expect(line).to_have_text(sentence)
        await expect(tile.locator("[data-note]")).to_have_text(on_the_tile)
    assert await axe_at_the_end(dag) == []
    await said_to(bo, "peer", {**told, "of": "relative", "state": "lost"})
    await expect(bo.locator("[data-line]")).to_contain_text("We have lost the connection to Dag Hansen.")
    assert await axe(bo) == []
    # Only one's own picture is paused: the other's still moves, and is shown.
    await said_to(dag, "peer", {"of": "nurse", "state": "sound-only", "sending": False, "receiving": True})
    await expect(line).to_have_text("Nettet er svagt: De andre kan høre dig, men ikke se dig lige nu.")
    await expect(tile.locator("video")).to_be_visible()
    await said_to(dag, "peer", {"of": "nurse", "state": "connected", "sending": True, "receiving": True})
    await expect(line).to_be_hidden()

    # How good the lines are stands in words: one's own, and for staff the others'.
    own = dag.locator("[data-own-line]")
    for level, sentence in (("good", "Din forbindelse er god."), ("fair", "Din forbindelse er nogenlunde.")):
        await said_to(dag, "quality", {"of": "relative", "level": level})
        await expect(own).to_have_text(sentence)
    await bo.evaluate("() => { room.roster.find((one) => one.role === 'relative').quality = 'poor' }")
    await said_to(bo, "peer", {"of": "relative", "state": "connected", "sending": True, "receiving": True})
    await said_to(bo, "roster", {})
    await expect(bo.locator("[data-people] li", has_text="Dag Hansen")).to_contain_text("weak connection")
    await expect(bo.get_by_role("group", name="Dag Hansen")).to_contain_text("weak connection")

    # Without the server the talk goes on; only when it lasts is there a small note.
    await dag.evaluate(
        """() => { window.room.state = 'reconnecting';
            window.room.dispatchEvent(new CustomEvent('state', {detail: {state: 'reconnecting'}})) }"""
    )
    assert await line.is_hidden()
    await expect(line).to_contain_text("Forbindelsen røg et øjeblik.", timeout=20_000)
    await sees_moving_pictures(dag, 1)
    await dag.evaluate(
        """() => { window.room.state = 'admitted';
            window.room.dispatchEvent(new CustomEvent('state', {detail: {state: 'admitted'}})) }"""
    )
    await expect(line).to_be_hidden()


async def test_what_a_press_led_to_can_be_read_where_nothing_else_shows_it(site: Site, cast: Cast) -> None:
    talk = book_ellens_talk(site, cast)
    bo = await staff_inside(site, talk, "bo@kommune.example")
    told = bo.locator("[data-told]")
    await expect(told).to_be_hidden()
    for code, sentence in (
        ("full", "The room is full. Somebody has to leave before another can be let in."),
        ("not-waiting", "Somebody else has already answered."),
        ("unavailable", "It did not get through. Try again in a moment."),
        ("refused", "That is not possible just now. Load the page again if it goes on."),
    ):
        await said_to(bo, "err", {"code": code, "about": "admit"})
        await expect(told).to_have_text(sentence)
        await expect(told).to_be_in_viewport()
    await bo.evaluate(
        """() => window.media.dispatchEvent(
            new CustomEvent('fallback', {detail: {kind: 'microphone', label: 'Built-in microphone'}}))"""
    )
    await expect(told).to_have_text("The microphone was unplugged. Built-in microphone is used now.")
    await bo.get_by_role("button", name="Turn camera off").click()
    await bo.evaluate(
        """() => { navigator.mediaDevices.getUserMedia =
            () => Promise.reject(new DOMException("", "NotAllowedError")) }"""
    )
    await bo.get_by_role("button", name="Turn camera on").click()
    await expect(told).to_contain_text("The browser may not use your camera yet.")
    assert await axe(bo) == []
    await expect(told).to_be_hidden()  # and it goes by itself


async def test_time_left_is_told_once_and_hurries_nobody(site: Site, cast: Cast) -> None:
    talk = book_ellens_talk(site, cast)
    page = await site.staff("bo@kommune.example", language="en")
    left, aloud = page.locator("[data-time-left]"), page.locator("[data-announce]")
    for before, sentence, said in (
        (1190, "20 minutes left", ""),
        (250, "5 minutes left", "5 minutes left"),
        (-60, "The planned time is over. Finish calmly.", "The planned time is over. Finish calmly."),
    ):
        site.clock.now = talk.ends_at - before
        await page.goto(f"{site.base}/talks/{talk.id}/room")
        await expect(left).to_have_text(sentence)
        await expect(aloud).to_have_text(said)


async def test_sound_that_may_not_play_needs_one_press_and_pictures_none(site: Site, cast: Cast) -> None:
    talk = book_ellens_talk(site, cast)
    bo = await staff_inside(site, talk, "bo@kommune.example")
    dag = await guest_inside(bo, site, talk, "Dag", SILENT_UNTIL_PRESSED)
    await sees_moving_pictures(dag, 1)
    button = dag.get_by_role("button", name="Slå lyden til")
    await expect(button).to_be_in_viewport(ratio=1)
    box = await button.bounding_box()
    assert box is not None and box["width"] >= 300 and box["height"] >= 56
    assert await axe_at_the_end(dag) == []
    await button.click()
    await expect(button).to_be_hidden()
    heard = "() => [...document.querySelectorAll('video[data-participant]')].every((one) => !one.muted && !one.paused)"
    await until(dag, heard)


async def test_after_a_phone_call_one_press_brings_sound_and_picture_back_to_the_same_seat(
    site: Site, cast: Cast
) -> None:
    talk = book_ellens_talk(site, cast)
    bo = await staff_inside(site, talk, "bo@kommune.example")
    dag = await guest_inside(bo, site, talk, "Dag", KEEP_TRACKS)
    await sees_moving_pictures(bo, 1)
    tile = bo.get_by_role("group", name="Dag Hansen")
    await dag.evaluate(PHONE_CALL, ["audio", "video"])
    trouble = dag.get_by_role("alert").filter(has_text="måske på grund af et opkald")
    await expect(trouble).to_be_visible()
    await expect(tile.locator("[data-muted]")).to_be_visible()
    assert await axe_at_the_end(dag) == []
    await trouble.get_by_role("button", name="Opret forbindelse igen").click()
    await expect(trouble).to_be_hidden()
    await expect(tile.locator("[data-muted]")).to_be_hidden()
    assert await dag.evaluate("document.documentElement.dataset.phase") == "call"
    assert await bo.locator("[data-knock]").count() == 0
    await sees_moving_pictures(bo, 1)

    # Another program takes the camera and keeps it: said in words, and one may go on without.
    await dag.evaluate(
        """() => { const ask = navigator.mediaDevices.getUserMedia;
            navigator.mediaDevices.getUserMedia = async (wanted) => {
                if (wanted.video) throw new DOMException('busy', 'NotReadableError');
                return ask(wanted);
            } }"""
    )
    await dag.evaluate(PHONE_CALL, ["video"])
    trouble = dag.locator("[data-trouble]")
    await expect(trouble).to_contain_text("De andre kan stadig høre dig.")
    await trouble.get_by_role("button", name="Opret forbindelse igen").click()
    await expect(trouble).to_contain_text("Det gik ikke i gang.")
    await trouble.get_by_role("button", name="Fortsæt uden").click()
    await expect(trouble).to_be_hidden()
    await expect(tile.locator("[data-muted]")).to_be_hidden()


async def test_the_screen_stays_on_while_waiting_and_talking_also_after_a_look_elsewhere(
    site: Site, cast: Cast
) -> None:
    talk = book_ellens_talk(site, cast)
    bo = await staff_inside(site, talk, "bo@kommune.example")
    dag = await guest_waiting(site, talk, "Dag", WAKE_LOCKS)
    await until(dag, f"() => ({HELD})() === 1")
    await dag.evaluate("() => window.look(true)")
    assert await dag.evaluate(HELD) == 0
    await dag.evaluate("() => window.look(false)")
    await until(dag, f"() => ({HELD})() === 1")
    await bo.get_by_role("button", name="Let in").click()
    await in_the_call(dag)
    await dag.evaluate("() => { window.look(true); window.look(false) }")
    await until(dag, f"() => ({HELD})() === 1")
    # A phone pauses what nobody looks at.
    await dag.evaluate(
        "() => { document.querySelector('video[data-participant]').pause(); window.look(true) }"
    )
    await dag.evaluate("() => window.look(false)")
    await sees_moving_pictures(dag, 1)
    await dag.get_by_role("button", name="Forlad").click()
    await until(dag, f"() => ({HELD})() === 0")
