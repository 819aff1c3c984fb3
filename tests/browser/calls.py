"""What browser tests of a call share: who is seen, and whether the pictures move."""

from __future__ import annotations

from playwright.async_api import Page

from tests.browser.conftest import until

# Frames decoded so far on every receiving video, by participant, as the player itself counts them.
FRAMES = """() => Object.fromEntries([...document.querySelectorAll("video[data-participant]")]
    .map((video) => [video.dataset.participant, video.getVideoPlaybackQuality().totalVideoFrames]))"""


async def sees_moving_pictures(page: Page, of: int) -> None:
    """Wait until `of` others are on the page, and the frames of each keep rising."""
    await until(page, "of => document.querySelectorAll('video[data-participant]').length === of", of)
    before = await page.evaluate(FRAMES)
    for _ in range(2):
        await until(
            page,
            f"old => {{ const now = ({FRAMES})(); return Object.keys(old).every((one) => now[one] > old[one] + 5) }}",
            before,
        )
        before = await page.evaluate(FRAMES)


async def in_the_call(page: Page) -> None:
    """Wait until the page shows the talk."""
    await until(page, "() => document.documentElement.dataset.phase === 'call'")
