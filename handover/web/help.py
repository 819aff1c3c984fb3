"""`/help`, `/privacy`, `/terms`: what everybody may read without signing in."""

from __future__ import annotations

from aiohttp import web

from handover.web.doors import anyone
from handover.web.keys import SETTINGS
from handover.web.pages import page


@anyone
async def show(request: web.Request) -> web.Response:
    """GET /help"""
    return page(request, "help/help.html")


@anyone
async def accessibility(request: web.Request) -> web.Response:
    """GET /help/accessibility"""
    return page(request, "help/accessibility.html")


@anyone
async def privacy(request: web.Request) -> web.Response:
    """GET /privacy"""
    return page(request, "help/privacy.html", {"guests_relayed": request.app[SETTINGS].guests_relay_only})


@anyone
async def terms(request: web.Request) -> web.Response:
    """GET /terms"""
    return page(request, "help/terms.html")


def routes() -> list[web.RouteDef]:
    return [
        web.get("/help", show),
        web.get("/help/accessibility", accessibility),
        web.get("/privacy", privacy),
        web.get("/terms", terms),
    ]
