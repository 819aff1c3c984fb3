"""One relay and one browser for all tests here, and a bad line between them for each."""

from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser

from tests.chromium import chromium
from tests.coturn import Relay, coturn
from tests.shaper import Shaper, shaper


@pytest.fixture(scope="session")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    with coturn(tmp_path_factory.mktemp("coturn")) as relay:
        yield relay


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest.fixture
async def line(relay: Relay) -> AsyncIterator[Shaper]:
    async with shaper(relay.address, relay.port) as line:
        yield line
