"""Debian's Firefox with fake camera and microphone, driven by WebDriver BiDi over one WebSocket and nothing else."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

EXECUTABLE = "/usr/bin/firefox-esr"
PATIENCE = 30.0  # seconds; Firefox takes seven to start on two free cores
LISTENS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
# Host candidates stay hidden behind `.local` names, as in everybody's Firefox: that is what the tests are about.
PREFERENCES: dict[str, bool | int | str] = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    "app.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "extensions.update.enabled": False,
    "services.settings.server": "http://127.0.0.1:9/",
    "toolkit.telemetry.enabled": False,
}


class Firefox:
    """A running Firefox; each tab may have cookies of its own."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self.complaints: list[str] = []  # errors on any page's console, CSP reports among them

    async def send(self, method: str, **parameters: Any) -> Any:
        """One BiDi command's result. Raises AssertionError with the browser's words when it fails."""
        number = next(self._ids)
        self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        async with asyncio.timeout(PATIENCE):
            return await self._answers[number]

    async def visitor(self) -> Tab:
        """Somebody's own window, with cookies of their own."""
        whose = (await self.send("browser.createUserContext"))["userContext"]
        tab = await self.send("browsingContext.create", type="window", userContext=whose)
        return Tab(self, tab["context"], whose)

    async def listen(self) -> None:
        """Hand out answers until the browser goes."""
        async for message in self._socket:
            said = json.loads(message.data)
            if said["type"] == "event":
                if said["method"] == "log.entryAdded" and said["params"]["level"] == "error":
                    text = str(said["params"]["text"])
                    # Firefox's advice when one attempt at a connection fails; the page makes the next.
                    if not text.startswith("WebRTC: ICE failed"):
                        self.complaints.append(text)
            elif answer := self._answers.pop(said["id"], None):
                if said["type"] == "success":
                    answer.set_result(said["result"])
                elif not answer.done():
                    answer.set_exception(AssertionError(f"{said['error']}: {said['message']}"))


class Tab:
    """One window."""

    def __init__(self, firefox: Firefox, context: str, whose: str) -> None:
        self._firefox = firefox
        self._context = context
        self._whose = whose

    async def before(self, function: str) -> None:
        """Run an arrow function in every page of this window before its own scripts."""
        await self._firefox.send(
            "script.addPreloadScript", functionDeclaration=function, contexts=[self._context]
        )

    async def goto(self, url: str) -> None:
        """Open a page and wait until it is loaded."""
        await self._firefox.send("browsingContext.navigate", context=self._context, url=url, wait="complete")

    async def evaluate(self, function: str, argument: Any = None) -> Any:
        """What a (possibly asynchronous) arrow function of the page gives, as JSON, as if somebody had just clicked."""
        done = await self._firefox.send(
            "script.callFunction",
            functionDeclaration=f"async (given) => JSON.stringify(await ({function})(JSON.parse(given)))",
            arguments=[{"type": "string", "value": json.dumps(argument)}],
            target={"context": self._context},
            awaitPromise=True,
            userActivation=True,
        )
        assert done["type"] == "success", done.get("exceptionDetails", {}).get("text")
        value = done["result"].get("value")
        return None if value is None else json.loads(value)

    async def until(self, function: str, argument: Any = None, *, within: float = PATIENCE) -> None:
        """Wait until the function gives true."""
        deadline = asyncio.get_running_loop().time() + within
        while not await self.evaluate(function, argument):
            assert asyncio.get_running_loop().time() < deadline, f"it did not become true: {function}"
            await asyncio.sleep(0.1)

    async def click(self, name: str) -> None:
        """Press the visible button with these words, as soon as there is one."""
        press = """name => {
            const named = [...document.querySelectorAll("button")].filter((one) => one.textContent.trim() === name);
            const button = named.find((one) => one.checkVisibility() && !one.disabled);
            button?.click();
            return button !== undefined;
        }"""
        await self.until(press, name)

    async def text(self, selector: str = "body") -> str:
        """The words that can be seen."""
        return str(await self.evaluate("selector => document.querySelector(selector).innerText", selector))

    async def close(self) -> None:
        """Close the window and forget its cookies."""
        await self._firefox.send("browser.removeUserContext", userContext=self._whose)


@asynccontextmanager
async def firefox(**preferences: bool | int | str) -> AsyncIterator[Firefox]:
    """A Firefox of one's own; dots of a preference are written as double underscores."""
    given = PREFERENCES | {name.replace("__", "."): value for name, value in preferences.items()}
    with TemporaryDirectory() as folder:
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in given.items()]
        (Path(folder) / "user.js").write_text("".join(lines))
        arguments = ("--headless", "--no-remote", "--profile", folder, "--remote-debugging-port", "0")
        log = Path(folder) / "log"
        with log.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                EXECUTABLE, *arguments, "about:blank", stdout=out, stderr=out
            )
        try:
            async with ClientSession() as session:
                address = await _address(process, log)
                async with session.ws_connect(f"{address}/session", max_msg_size=0) as socket:
                    browser = Firefox(socket)
                    listening = asyncio.create_task(browser.listen())
                    await browser.send("session.new", capabilities={})
                    await browser.send("session.subscribe", events=["log.entryAdded"])
                    yield browser
                    await browser.send("session.end")
                    listening.cancel()
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def _address(process: asyncio.subprocess.Process, log: Path) -> str:
    """Where it listens, which it prints once it is up."""
    async with asyncio.timeout(2 * PATIENCE):
        while not (found := LISTENS.search(log.read_text(errors="replace"))):
            assert process.returncode is None, f"Firefox ended without listening: {log.read_text()[-2000:]}"
            await asyncio.sleep(0.1)
    return found[1]
