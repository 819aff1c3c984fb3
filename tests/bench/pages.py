"""Pages a CPU second of the server: `/talks` with 20 rows, beside a bare page over the same query."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from aiohttp import ClientSession, CookieJar
from yarl import URL

from tests.bench.processes import Service, served
from tests.bench.talk_page import ROWS, SESSION, prepare

ROUNDS, PAGES = 9, 150


async def seconds_a_page(service: Service) -> float:
    """CPU of the server for one page, over PAGES of them one after the other."""
    jar = CookieJar(unsafe=True)
    jar.update_cookies({"session": SESSION, "lang": "en"}, URL(service.url))
    async with ClientSession(cookie_jar=jar) as browser:
        before = service.cpu()
        for _ in range(PAGES):
            async with browser.get(service.url + "/talks", allow_redirects=False) as answer:
                text = await answer.text()
                if answer.status != 200 or text.count('<li class="talk') != ROWS:
                    raise ValueError(f"not a page with {ROWS} talks: status {answer.status}")
        return (service.cpu() - before) / PAGES


def run() -> list[tuple[str, float, str]]:
    """By turns, so that a busy minute hits both; each warmed up first."""
    with TemporaryDirectory() as text:
        prepare(Path(text))
        with served("tests.bench.service", text) as ours, served("tests.bench.bare_page", text) as bare:
            asyncio.run(seconds_a_page(ours))
            asyncio.run(seconds_a_page(bare))
            rounds = [
                (asyncio.run(seconds_a_page(bare)), asyncio.run(seconds_a_page(ours))) for _ in range(ROUNDS)
            ]
    # A busy machine only ever adds to what a page costs, so the least of the rounds is the page's own.
    least_bare, least_ours = (min(column) for column in zip(*rounds, strict=True))
    return [("Pages a CPU second, /talks / a bare page, same query", least_bare / least_ours, "≥ 0.6")]
