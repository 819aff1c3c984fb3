"""What happens around every handler: who asks, may they, is the request ours, and how errors are told."""

from __future__ import annotations

import logging
import time
from urllib.parse import quote

from aiohttp import web

from handover import words
from handover.errors import N_, HandoverError, Malformed, NotAllowed, NotFound, NotSignedIn, Unavailable
from handover.web import forms, problems, sessions
from handover.web.doors import Handler, door_of, pass_through
from handover.web.keys import LANGUAGE, SCOPE, SETTINGS, VISITOR
from handover.web.pages import PAGES

log = logging.getLogger("handover.web")
access_log = logging.getLogger("handover.access")

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
API = "/api/"
RETRY_AFTER = "10"  # seconds; a database that another program holds is not held for long
FILES = "/static/"
CALL_PAGES = ("/j/", "/talks/", "/tablet/", "/help/check")


async def security_headers(request: web.Request, response: web.StreamResponse) -> None:
    """On every answer, whoever made it: pages, files, redirects, and sockets that open. A page's policies mean nothing
    on our own styles and scripts, and on fifty of them weigh a fifth of what a guest's phone has to fetch."""
    settings = request.app[SETTINGS]
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    if request.path.startswith(FILES) and response.status == 200:
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers.pop("Server", None)
        return
    headers["Server"] = "handover"
    socket_origin = settings.origin.replace("http", "ws", 1)
    headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        f"media-src 'self' blob:; connect-src 'self' {socket_origin}; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    camera = "self" if request.path.startswith(CALL_PAGES) else ""
    headers["Permissions-Policy"] = f"camera=({camera}), microphone=({camera}), geolocation=()"
    if settings.secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    headers.setdefault("Cache-Control", "no-store")


@web.middleware
async def surroundings(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Outermost: one access line with the route's template and never the path itself."""
    started = time.monotonic()
    status = 500
    try:
        response = await handler(request)
        status = response.status
        return response
    except web.HTTPException as answer:  # a redirect
        status = answer.status
        raise
    finally:
        resource = request.match_info.route.resource
        access_log.info(
            "%s %s %s %.0f ms",
            request.method,
            resource.canonical if resource else "(no route)",
            status,
            (time.monotonic() - started) * 1000,
        )


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The only place where an error becomes an answer: a page for people, problem+json for programs."""
    try:
        return await handler(request)
    except HandoverError as error:
        return _told(request, error)
    except web.HTTPRequestEntityTooLarge:
        return _told(
            request, _TooLarge("too-large", N_("That is too much to send at once. Make it shorter."))
        )
    except web.RequestPayloadError:
        said = N_("The request must be one JSON object.") if _for_programs(request) else forms.FOREIGN
        return _told(request, Malformed("malformed", said))
    except web.HTTPNotFound:
        return _told(request, NotFound())
    except web.HTTPMethodNotAllowed as error:
        answer = _told(request, _NotThisWay("method-not-allowed", N_("This address does not do that.")))
        answer.headers["Allow"] = error.headers.get("Allow", "")
        return answer
    except web.HTTPException:
        raise
    except Exception:
        log.exception("unexpected error in %s", request.match_info.route.name or request.match_info.route)
        return _told(
            request,
            HandoverError(
                "unexpected", N_("Something went wrong on our side. Try again; if it stays, ring instead.")
            ),
        )


class _TooLarge(HandoverError):
    status = 413


class _NotThisWay(HandoverError):
    status = 405


def _told(request: web.Request, error: HandoverError) -> web.StreamResponse:
    if isinstance(error, NotSignedIn) and request.method in SAFE and not _for_programs(request):
        raise web.HTTPSeeOther(f"/sign-in?next={quote(request.path)}")
    tell = problems.answer if _for_programs(request) else request.app[PAGES].error
    answer = tell(request, error)
    if isinstance(error, Unavailable):
        answer.headers["Retry-After"] = RETRY_AFTER
    return answer


def _for_programs(request: web.Request) -> bool:
    return request.path.startswith(API) or problems.wanted_by(request)


@web.middleware
async def who_asks(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find the session or token, choose the language, check that a changing request came from our own page."""
    matched = request.match_info.handler
    door = door_of(matched)
    request[SCOPE] = None
    request[LANGUAGE] = words.best_language(
        request.headers.get("Accept-Language", ""), request.app[SETTINGS].language
    )
    request[VISITOR] = sessions.visitor(request)
    request[SCOPE] = await sessions.scope(request, door)
    request[LANGUAGE] = sessions.language(request)
    if request.match_info.http_exception is not None:
        return await handler(request)
    if request.method not in SAFE and not (door and door.own_check):
        _same_site(request)
        await forms.check_token(request)
    pass_through(door, request[SCOPE])
    response: web.StreamResponse = await handler(request)
    if not response.prepared:
        sessions.remember_visitor(request, response)
        sessions.remember_language(request, response)
    return response


def _same_site(request: web.Request) -> None:
    """A changing request needs Origin = ours, or no Origin and the browser's word that it is the same origin."""
    origin = request.headers.get("Origin")
    if origin in (None, "null"):
        if request.headers.get("Sec-Fetch-Site") == "same-origin":
            return
    elif origin == request.app[SETTINGS].origin:
        return
    raise NotAllowed("foreign-origin", forms.FOREIGN)
