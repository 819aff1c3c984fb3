"""Reading forms: the token that shows a form is ours, and texts cleaned once at the edge."""

from __future__ import annotations

import hashlib
import hmac
import json
import unicodedata
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from handover.errors import N_, FieldError, Malformed, NotAllowed, refuse
from handover.web.keys import SECRET, VISITOR
from handover.web.texts import is_clean, is_email, is_phone

LONGEST_LINE = 200
LONGEST_TEXT = 4000
FOREIGN = N_("This did not come from our own page. Open the page again and try once more.")
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
# What aiohttp raises for forms cut in two, with unknown letters or compressed in ways that it cannot undo.
_UNREADABLE = (
    ValueError, LookupError, RuntimeError, AssertionError, HttpProcessingError, web.RequestPayloadError,
)  # fmt: skip


def token(request: web.Request) -> str:
    """The form token of this visitor: proof that the form was on a page we gave them."""
    whose = b"form:" + request[VISITOR].encode()
    return hmac.new(request.app[SECRET], whose, hashlib.sha256).hexdigest()[:32]


async def check_token(request: web.Request) -> None:
    """Raise `NotAllowed` unless the form token (field `form_token` or header `X-Form-Token`) is this visitor's."""
    given = request.headers.get("X-Form-Token")
    if request.content_type in _FORMS:
        value = (await _read(request)).get("form_token")
        given = value if given is None and isinstance(value, str) else given
    if given is None or not given.isascii() or not hmac.compare_digest(given, token(request)):
        raise NotAllowed(
            "form-token",
            N_("The page was open too long. Open it again; what you wrote is still in your browser."),
        )


async def _read(request: web.Request) -> Mapping[str, Any]:
    """The form, which aiohttp keeps for the handler; one that no browser sends does not get as far as there."""
    try:
        return await request.post()
    except _UNREADABLE:
        raise Malformed("malformed", FOREIGN) from None


class Reader:
    """Reads one form or JSON object, gathering what is wrong field by field; `done()` raises it all at once."""

    def __init__(self, fields: Mapping[str, Any], prefix: str = "") -> None:
        self._fields = fields
        self._prefix = prefix
        self.errors: list[FieldError] = []

    def wrong(self, field: str, code: str, message: str, **values: str) -> None:
        """Note that a field cannot be used."""
        self.errors.append(FieldError(self._prefix + field, code, message, tuple(values.items())))

    def line(self, field: str, *, required: bool = False, longest: int = LONGEST_LINE) -> str:
        """One line of text, trimmed; "" when it is missing and not required."""
        value = self._fields.get(field)
        if value is None:
            value = ""
        if not isinstance(value, str):
            self.wrong(field, "not-text", N_("Write text here."))
            return ""
        value = unicodedata.normalize("NFC", value.strip())
        if not is_clean(value):
            self.wrong(field, "unreadable", N_("Use ordinary letters on one line."))
            return ""
        if len(value) > longest:
            self.wrong(field, "too-long", N_("Use at most {longest} characters."), longest=str(longest))
            return ""
        if required and not value:
            self.wrong(field, "missing", N_("Fill this in."))
        return value

    def text(self, field: str, *, required: bool = False, longest: int = LONGEST_TEXT) -> str:
        """Several lines of text."""
        value = self._fields.get(field) or ""
        if not isinstance(value, str):
            self.wrong(field, "not-text", N_("Write text here."))
            return ""
        value = unicodedata.normalize("NFC", value.replace("\r\n", "\n").strip())
        if not is_clean(value, lines=True):
            self.wrong(field, "unreadable", N_("Use ordinary letters."))
            return ""
        if len(value) > longest:
            self.wrong(field, "too-long", N_("Use at most {longest} characters."), longest=str(longest))
            return ""
        if required and not value:
            self.wrong(field, "missing", N_("Fill this in."))
        return value

    def choice(
        self, field: str, choices: tuple[str, ...], *, required: bool = False, default: str = ""
    ) -> str:
        """One of a few words."""
        value = self.line(field) or default
        if not value:
            if required:
                self.wrong(field, "missing", N_("Choose one."))
            return ""
        if value not in choices:
            self.wrong(field, "unknown", N_("Choose one of the choices."))
            return ""
        return value

    def email(self, field: str, *, required: bool = False) -> str:
        """A mail address, lower-cased domain; ""."""
        value = self.line(field, required=required, longest=254)
        if value and not is_email(value):
            self.wrong(field, "not-an-address", N_("Write a mail address like name@example.org."))
            return ""
        return value

    def phone(self, field: str, *, required: bool = False) -> str:
        """A phone number: digits, spaces, brackets, a leading plus."""
        value = self.line(field, required=required, longest=30)
        if value and not is_phone(value):
            self.wrong(field, "not-a-number", N_("Write a phone number with digits."))
            return ""
        return value

    def done(self) -> None:
        """Raise `Invalid` with every field that was wrong."""
        refuse(self.errors)


async def json_object(request: web.Request) -> dict[str, Any]:
    """The request's JSON object. Raises `Malformed` for anything else."""
    try:
        value = json.loads(await request.text())
    except (ValueError, RecursionError, UnicodeDecodeError, LookupError):
        value = None
    if not isinstance(value, dict):
        raise Malformed("malformed", N_("The request must be one JSON object."))
    return value


def version_in(fields: Mapping[str, Any]) -> int:
    """The version of what was on the page; -1, which nothing has, when it is missing."""
    value = str(fields.get("version", ""))
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else -1
