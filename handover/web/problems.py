"""Errors as RFC 9457 problem documents, for programs and for our own scripts."""

from __future__ import annotations

from aiohttp import web

from handover import words
from handover.errors import Conflict, HandoverError, Invalid
from handover.web.keys import LANGUAGE

MEDIA_TYPE = "application/problem+json"


def wanted_by(request: web.Request) -> bool:
    """Whether the asker is a script of ours, which reads JSON."""
    return "application/json" in request.headers.get("Accept", "")


def answer(request: web.Request, error: HandoverError) -> web.Response:
    """`{"type","title","status","code","detail"}` and, where they exist, `fields` and the conflict's details."""
    say = words.translations(request[LANGUAGE]).gettext
    detail = say(error.message).format(**error.values)
    body: dict[str, object] = {
        "type": "about:blank",
        "title": error.code.replace("-", " "),
        "status": error.status,
        "code": error.code,
        "detail": detail,
    }
    if isinstance(error, Invalid) and error.fields:
        body["fields"] = [
            {"field": one.field, "code": one.code, "message": say(one.message).format(**dict(one.values))}
            for one in error.fields
        ]
    if isinstance(error, Conflict):
        body.update(error.details)
    return web.json_response(body, status=error.status, content_type=MEDIA_TYPE)
