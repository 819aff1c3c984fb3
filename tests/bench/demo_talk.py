"""A talk now in a demo, and somebody signed in to it, for figures that are taken on the real pages."""

from __future__ import annotations

import subprocess
import sys

from playwright.async_api import Page

from handover.domain.passwords import DEMO


def talk_now(folder: str) -> list[str]:
    """The addresses that `handover demo-talk` prints: the staff's room first, the relative's link last."""
    told = subprocess.run(
        [sys.executable, "-m", "handover", "demo-talk", "--data", folder],
        check=True,
        capture_output=True,
        text=True,
    )
    return [line.split("\t")[2] for line in told.stdout.splitlines()]


async def sign_in(page: Page, base_url: str, email: str) -> None:
    """Sign a window in, in English."""
    await page.goto(f"{base_url}/sign-in?lang=en")
    await page.fill("input[name=email]", email)
    await page.fill("input[name=password]", DEMO)
    await page.click("form[action='/sign-in'] button.primary")
    await page.wait_for_url(f"{base_url}/")
