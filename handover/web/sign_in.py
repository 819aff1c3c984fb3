"""Sign in and out: e-mail and password, slowed down for those who guess."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from handover.domain.passwords import DEMO as DEMO_PASSWORD
from handover.errors import N_
from handover.store import accounts
from handover.web import sessions
from handover.web.doors import anyone, signed_in
from handover.web.forms import Reader
from handover.web.keys import DEMO, PASSWORDS, SCOPE, STORE
from handover.web.pages import page
from handover.web.passwords import typed
from handover.web.throttling import THROTTLE, network_of, wait_sentence

WRONG = N_("The e-mail or the password is not right. Try again.")


@anyone
async def form(request: web.Request) -> web.Response:
    """GET /sign-in"""
    if request[SCOPE] is not None:
        raise web.HTTPSeeOther(_next(request.query.get("next", "")))
    chosen = request.query.get("as", "") if request.app[DEMO] else ""
    return await _page(request, request.query.get("next", ""), email=chosen)


@anyone
async def submit(request: web.Request) -> web.StreamResponse:
    """POST /sign-in"""
    fields = await request.post()
    email, password = Reader(fields).line("email").lower(), typed(fields)
    next_page = str(fields.get("next", ""))
    throttle, network = request.app[THROTTLE], network_of(request)
    seconds = throttle.try_now(email, network)
    if seconds:
        answer = await _page(
            request, next_page, email=email, trouble=wait_sentence(seconds), seconds=seconds, status=429
        )
        answer.headers["Retry-After"] = str(seconds)
        return answer
    account = await request.app[STORE].read(accounts.by_email, email)
    kept = account["password_hash"] if account is not None and account["disabled_at"] is None else None
    # Without such an account it takes as long, and the answer is the same.
    if not await request.app[PASSWORDS].fits(password, kept) or account is None:
        return await _page(request, next_page, email=email, trouble=WRONG, status=422)
    throttle.succeeded(email, network)
    response = web.HTTPSeeOther(_next(next_page))
    await sessions.begin(request, response, account["id"])
    raise response


@signed_in
async def sign_out(request: web.Request) -> web.StreamResponse:
    """POST /sign-out"""
    response = web.HTTPSeeOther("/sign-in")
    await sessions.end(request, response)
    raise response


async def _page(
    request: web.Request,
    next_page: str,
    *,
    email: str,
    trouble: str = "",
    seconds: int = 0,
    status: int = 200,
) -> web.Response:
    demo = request.app[DEMO]
    context: dict[str, Any] = {
        "email": email,
        "password": DEMO_PASSWORD if demo and email and not trouble else "",
        "trouble": trouble,
        "seconds": seconds,
        "next_page": _next(next_page),
        "demo_accounts": await request.app[STORE].read(accounts.all_in_use) if demo else [],
    }
    return page(request, "accounts/sign_in.html", context, status=status)


def _next(path: str) -> str:
    """A path of ours to go on to; never another host."""
    ours = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if ours and path.isascii() and path.isprintable() else "/"


def routes() -> list[web.RouteDef]:
    return [
        web.get("/sign-in", form),
        web.post("/sign-in", submit),
        web.post("/sign-out", sign_out),
    ]
