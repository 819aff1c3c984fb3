"""Rooms with a diary for hooks, and one Chromium for all browser tests here."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from signaling.ice import Ice, IceServer
from signaling.passes import Pass
from signaling.rooms import Rooms
from tests.chromium import chromium
from tests.signaling.cast import FOREVER, Diary
from tests.signaling.dialing import dial, server
from tests.signaling.pages import bare_site, open_page

__all__ = ["bare_site", "dial", "open_page", "server"]  # fixtures


def planted_ice(pass_: Pass) -> Ice:
    server = IceServer(["turn:turn.example"], f"user-for-{pass_.room}", "planted-turn-secret")
    return Ice([server], expires_at=FOREVER)


@pytest.fixture
def diary() -> Diary:
    return Diary()


@pytest.fixture
def rooms(diary: Diary) -> Rooms:
    return Rooms(diary, ice=planted_ice, sign=lambda _: "planted-signature", reserved=("ward", "nurse"))


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser
