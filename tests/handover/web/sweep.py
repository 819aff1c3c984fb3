"""Every route, asked by everybody: what the tests that sweep over the whole service have in common."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from aiohttp import web

from handover.store.sqlite import SqliteStore
from handover.web.doors import door_of
from tests.booked import Booked
from tests.cast import Cast
from tests.visitor import Answer, Visitor

PROGRAM = "p" * 43
VISITOR = "visitor-of-the-sweep"
WHO = (
    "none",
    "ward",
    "other-ward",
    "nurse",
    "other-nurse",
    "coordinator",
    "association",
    "administrator",
    "program",
)


class _Undo(Exception):
    def __init__(self, result: Any) -> None:
        self.result = result


class UndoingStore(SqliteStore):
    """Runs every story and takes it back, so that each request of the sweep meets the same database."""

    def _write(self, story: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        def undone(tx: Any) -> None:
            raise _Undo(story(tx, *args, **kwargs))

        try:
            super()._write(undone)
        except _Undo as undo:
            return undo.result
        raise AssertionError("the story did not end")


def people(cast: Cast) -> dict[str, Any]:
    return {
        "ward": cast.astrid,
        "other-ward": cast.anton,
        "nurse": cast.bo,
        "other-nurse": cast.lis,
        "coordinator": cast.ida,
        "association": cast.oda,
        "administrator": cast.admin,
    }


def routes(app: web.Application) -> list[tuple[str, str, Any]]:
    """Method, template and handler of every route; HEAD goes with its GET."""
    found = [
        (route.method, route.resource.canonical if route.resource else "", route.handler)
        for route in app.router.routes()
        if route.method != "HEAD"
    ]
    return sorted(found, key=lambda one: (one[1], one[0]))


def address(template: str, cast: Cast, talk: Booked) -> str:
    """The template with the ids of Astrid's talk and ward; tokens are wrong ones."""
    values = {
        "talk": talk.talk,
        "participant": talk.dag,
        "unit": cast.ward,
        "account": cast.astrid.actor,
        "version": "0",
        "name": "handover/css/handover.css",
        "token": "a" * 60,
    }
    return re.sub(r"{(\w+)}", lambda found: values.get(found[1], "a" * 26), template)


class Sweep:
    """One request after the other, each as somebody."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor
        self.app = visitor.app
        self.origin = visitor.origin

    async def bare(self, method: str, path: str, headers: dict[str, str]) -> Answer:
        """What a browser without cookies of ours is answered, with these headers and no others."""
        self._visitor.http.session.cookie_jar.clear()
        return await self._visitor.ask(method, path, headers=headers)

    async def ask(self, method: str, path: str, who: str, body: Any = None, **headers: str) -> Answer:
        """What `who` is answered; without a body the form is empty but for its token."""
        cookies = {"visitor": VISITOR, "lang": "en"} | (
            {} if who in ("none", "program") else {"session": who}
        )
        self._visitor.http.session.cookie_jar.clear()
        self._visitor.http.session.cookie_jar.update_cookies(cookies, self._visitor.http.make_url("/"))
        given = {"Origin": self._visitor.origin, **headers}
        if who == "program":
            given["Authorization"] = f"Bearer {PROGRAM}"
        if method in ("GET", "HEAD"):
            return await self._visitor.ask(method, path, headers=given)
        given.setdefault("X-Form-Token", await self._visitor.form_token())
        return await self._visitor.ask(method, path, headers=given, data={} if body is None else body)


def own_check(handler: Any) -> bool:
    """Whether the handler's requests bring their own proof instead of a form token."""
    door = door_of(handler)
    assert door is not None, f"{handler} has no door"
    return door.own_check
