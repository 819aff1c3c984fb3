"""`/password/{token}`: choose a password by the link that was sent."""

from __future__ import annotations

from aiohttp import web

from handover import choosing_password
from handover.errors import HandoverError, Invalid
from handover.store.engine import Row
from handover.web import sessions
from handover.web.complaints import complaints
from handover.web.doors import anyone
from handover.web.keys import CLOCK, PASSWORDS, STORE
from handover.web.pages import page
from handover.web.passwords import typed


@anyone
async def form(request: web.Request) -> web.Response:
    """GET /password/{token}: shows the form and uses nothing up; a mail scanner may come first."""
    return _page(request, await _owner(request))


@anyone
async def submit(request: web.Request) -> web.StreamResponse:
    """POST /password/{token}: keep the password and sign in."""
    owner = await _owner(request)
    password = typed(await request.post())
    try:
        choosing_password.refuse_weak(password, owner["email"])
    except Invalid as error:
        return _page(request, owner, error)
    kept = await request.app[PASSWORDS].hash(password)
    account = await request.app[STORE].write(
        choosing_password.choose_password, request.match_info["token"], kept, now=request.app[CLOCK]()
    )
    response = web.HTTPSeeOther("/")
    await sessions.begin(request, response, account)
    raise response


async def _owner(request: web.Request) -> Row:
    token, now = request.match_info["token"], request.app[CLOCK]()
    return await request.app[STORE].read(choosing_password.whose_link, token, now=now)


def _page(request: web.Request, owner: Row, error: HandoverError | None = None) -> web.Response:
    context = {"name": owner["name"], "email": owner["email"], **complaints(request, error)}
    return page(request, "accounts/password.html", context, status=error.status if error else 200)


def routes() -> list[web.RouteDef]:
    return [web.get("/password/{token}", form), web.post("/password/{token}", submit)]
