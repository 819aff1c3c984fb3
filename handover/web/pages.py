"""Pages: jinja2 with autoescape, and what every template finds in its context."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.runtime import Macro

from handover import words
from handover.domain.access import Scope
from handover.errors import N_, HandoverError
from handover.web import forms
from handover.web.assets import ASSETS
from handover.web.keys import DEMO, LANGUAGE, ROSTER_KEY, SCOPE, SETTINGS
from handover.web.sentences import speaking
from handover.web.vocabulary import vocabulary

LANGUAGE_NAMES = (("da", "Dansk"), ("nb", "Norsk"), ("en", "English"))

# Address, words, and the right that somebody needs for the link to be of use.
NAVIGATION = (
    ("/", N_("Today"), ""),
    ("/talks", N_("Talks"), "talks:read"),
    ("/offers", N_("Offers"), "offers:read"),
    ("/evaluation", N_("Figures"), "figures"),
    ("/admin", N_("Set-up"), "accounts"),
)


# How many different pieces (icons, chips) are kept drawn; there are some hundred in each language.
PIECES = 2048


def _once(macro: Macro, *arguments: str) -> str:
    """`once(chip, state, label)` in a template: what a macro makes of these arguments, kept. Half of what a list of
    talks cost was drawing the same chip. Only for macros imported without context, which know nothing else."""
    drawn: str = macro(*arguments)
    return drawn


class Pages:
    """The templates, compiled for each language at its first page."""

    def __init__(self) -> None:
        self._in: dict[Callable[[str], str], Environment] = {}

    def text(self, request: web.Request, template: str, context: dict[str, Any]) -> str:
        """The page as HTML, in the language that `_` of its context speaks."""
        whole = {**surroundings(request), **context}
        say = whole["_"]
        if say not in self._in:
            self._in[say] = _environment(say)
        return self._in[say].get_template(template).render(whole)

    def error(self, request: web.Request, error: HandoverError) -> web.Response:
        """The page that says what went wrong and what to do next."""
        say = words.translations(request[LANGUAGE]).gettext
        context = {
            "title": _title(say, error),
            "message": say(error.message).format(**error.values),
            "next_step": None,
        }
        return page(request, "layout/error.html", context, status=error.status)


PAGES = web.AppKey("pages", Pages)


def _environment(say: Callable[[str], str]) -> Environment:
    environment = Environment(
        loader=PackageLoader("templates", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    environment.globals["once"] = lru_cache(PIECES)(_once)
    return speaking(environment, say)


def _title(say: Any, error: HandoverError) -> str:
    titles = {
        404: N_("Not found"),
        401: N_("Sign in"),
        403: N_("Not allowed"),
        409: N_("Somebody was there first"),
        410: N_("No longer valid"),
        422: N_("Look again"),
        429: N_("Wait a little"),
        503: N_("Not just now"),
    }
    return str(say(titles.get(error.status, N_("It did not work"))))


def surroundings(request: web.Request) -> dict[str, Any]:
    """What the layouts need whatever the page is about."""
    language = request[LANGUAGE]
    say = words.translations(language).gettext
    staff: Scope | None = request[SCOPE]
    signed_in = staff if staff is not None and staff.kind == "staff" else None
    path = request.path
    return {
        "_": say,
        "lang": language,
        "languages": LANGUAGE_NAMES,
        "static": request.app[ASSETS].address,
        "viewer": signed_in,
        "nav": [
            {
                "href": href,
                "label": say(label),
                "current": path == href or (href != "/" and path.startswith(href)),
            }
            for href, label, right in NAVIGATION
            if signed_in is not None and (not right or signed_in.may(right))
        ],
        "form_token": forms.token(request),
        "notice": None,
        "next_step": None,
        "action": None,
        "help_phone": None,
        "demo": request.app[DEMO],
        # As it was sent, and ours: `//evil.example` in a link would be another host.
        "path": "/" + request.rel_url.raw_path.lstrip("/"),
        "base_url": request.app[SETTINGS].base_url,
        "roster_key": request.app[ROSTER_KEY],
        "word": vocabulary(language),
        "say": words.Speaker(language, signed_in.zone if signed_in else "Europe/Copenhagen"),
    }


def page(
    request: web.Request, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> web.Response:
    """Answer with a page."""
    text = request.app[PAGES].text(request, template, context or {})
    return web.Response(text=text, content_type="text/html", charset="utf-8", status=status)
