"""A browser without a screen: keeps cookies, sends its origin and the form token as a page's own form would."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from handover.web.keys import SECRET, SETTINGS

PASSWORD = "correct horse battery"


@dataclass
class Clock:
    """A clock that moves when it is told to."""

    now: int

    def __call__(self) -> int:
        return self.now

    def forward(self, seconds: int) -> None:
        self.now += seconds


@dataclass
class Answer:
    """A response, read to its end."""

    status: int
    text: str
    headers: Any
    response: ClientResponse

    @property
    def location(self) -> str:
        """Where a redirect goes on to."""
        return str(self.headers.get("Location", ""))


class Visitor:
    """One browser at one service; reads English so that tests can."""

    def __init__(
        self, app: web.Application, server: TestServer, headers: dict[str, str] | None = None
    ) -> None:
        self.app = app
        self.origin = app[SETTINGS].origin
        self._headers = headers or {}
        self.http = TestClient(server, cookies={"lang": "en"})

    async def get(self, path: str, **how: Any) -> Answer:
        """GET; redirects are answers, not followed."""
        return await self._ask("GET", path, **how)

    async def post(self, path: str, fields: Any = None, **how: Any) -> Answer:
        """POST a form (`fields`: a dict, or a list of pairs for repeated names) with token and origin."""
        pairs = list(fields.items() if isinstance(fields, dict) else fields or [])
        return await self._ask("POST", path, data=[*pairs, ("form_token", await self.form_token())], **how)

    async def post_json(self, path: str, value: Any, **how: Any) -> Answer:
        """POST JSON as a script of ours does."""
        headers = {
            "Accept": "application/json",
            "X-Form-Token": await self.form_token(),
            **how.pop("headers", {}),
        }
        return await self._ask("POST", path, json=value, headers=headers, **how)

    async def form_token(self) -> str:
        """The token that stands in this browser's forms."""
        if "visitor" not in self.cookies():
            await self.get("/sign-in")
        visitor = self.cookies()["visitor"]
        return hmac.new(self.app[SECRET], b"form:" + visitor.encode(), hashlib.sha256).hexdigest()[:32]

    def cookies(self) -> dict[str, str]:
        """Cookies by name."""
        return {cookie.key: cookie.value for cookie in self.http.session.cookie_jar}

    async def close(self) -> None:
        """Close the browser, not the service."""
        await self.http.session.close()

    async def _ask(self, method: str, path: str, **how: Any) -> Answer:
        origin = {"Origin": self.origin} if method != "GET" else {}
        return await self.ask(
            method, path, headers={**self._headers, **origin, **how.pop("headers", {})}, **how
        )

    async def ask(self, method: str, path: str, *, headers: dict[str, str], **how: Any) -> Answer:
        """Any request, with these headers and no others."""
        how.setdefault("allow_redirects", False)
        async with self.http.request(method, path, headers=headers, **how) as response:
            body = await response.read()
            return Answer(response.status, body.decode("utf-8", "replace"), response.headers, response)


async def signed_in(client: Visitor, email: str, password: str = PASSWORD) -> Visitor:
    """Sign this browser in."""
    answer = await client.post("/sign-in", {"email": email, "password": password})
    assert answer.status == 303, answer.text
    return client
