"""Requests in, models out: every fault named by field, code and sentence."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from aiohttp import web
from pydantic import BaseModel, ValidationError

from handover.errors import LOOK_AGAIN, N_, FieldError, Invalid, Malformed, look_again

M = TypeVar("M", bound=BaseModel)

YEARS = range(2000, 2101)
LONGEST_KEY = 200  # characters of an Idempotency-Key

# pydantic's kinds of fault, as our stable codes and sentences; {placeholders} come from pydantic's context.
_FAULTS = {
    "missing": ("missing", N_("Fill this in.")),
    "extra_forbidden": ("unknown-field", N_("There is no such field.")),
    "literal_error": ("unknown", N_("Choose one of the choices.")),
    "string_too_long": ("too-long", N_("Use at most {max_length} characters.")),
    "too_long": ("too-long", N_("Use at most {max_length}.")),
    "string_too_short": ("missing", N_("Fill this in.")),
    "too_short": ("missing", N_("Fill this in.")),
    "timezone_aware": ("no-offset", N_("Write the time with its offset, like 2027-03-01T10:00:00+01:00.")),
    "greater_than_equal": ("out-of-range", N_("Use a number from {ge}.")),
    "less_than_equal": ("out-of-range", N_("Use a number up to {le}.")),
}
_OWN = {
    "unreadable": N_("Use ordinary letters."),
    "not-an-address": N_("Write a mail address like name@example.org."),
    "not-a-number": N_("Write a phone number with digits."),
    "not-a-date": N_("Write the date as year-month-day."),
    "year-unusable": N_("Use a year from 2000 to 2100."),
}
_ANY = ("unusable", N_("This value cannot be used here."))


async def body_of(request: web.Request, model: type[M]) -> M:
    """The request's JSON as a model. Raises `Malformed` for what is not JSON, `Invalid` with every fault else."""
    raw = await request.read()
    try:
        return model.model_validate_json(raw, strict=True)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
    if faults[0]["type"] == "json_invalid" or faults[0]["loc"] == ():
        raise Malformed("malformed", N_("The request must be one JSON object."))
    fields = [_field(fault) for fault in faults]
    missing = any(one.field == "consent" and one.code == "missing" for one in fields)
    raise Invalid(
        "consent-missing" if missing else "invalid",
        LOOK_AGAIN,
        fields,
    )


def _field(fault: Mapping[str, Any]) -> FieldError:
    name = ".".join(str(part) for part in fault["loc"])
    context = fault.get("ctx", {})
    if fault["type"] == "value_error":
        code = str(context["error"])
        if code in _OWN:
            return FieldError(name, code, _OWN[code])
    code, message = _FAULTS.get(fault["type"], _ANY)
    return FieldError(name, code, message, tuple((key, str(value)) for key, value in context.items()))


def idempotency_of(request: web.Request, raw: bytes) -> tuple[str, str] | None:
    """The request's Idempotency-Key with a digest of what was asked, or None when there is none."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not key or len(key) > LONGEST_KEY or not key.isprintable():
        raise Malformed(
            "idempotency-key",
            N_("An Idempotency-Key is up to {longest} printable characters."),
            longest=LONGEST_KEY,
        )
    digest = hashlib.sha256(f"{request.method} {request.path}\n".encode() + raw).hexdigest()
    return key, digest


def instant_of(text: str, zone: str, field: str) -> int:
    """A query's time: RFC 3339 with offset, or a date, which means its local midnight."""
    try:
        if len(text) == 10:
            return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())
        found = datetime.fromisoformat(text.replace(" ", "+"))
        if found.tzinfo is None:
            raise ValueError
        return int(found.astimezone(UTC).timestamp())
    except (ValueError, OverflowError):
        fault = FieldError(field, "not-a-time", N_("Write a date, or a time with its offset."))
        raise look_again(fault) from None


def number_of(text: str, field: str, low: int, high: int) -> int:
    """A query's whole number between two bounds."""
    if text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high:
        return int(text)
    values = (("low", str(low)), ("high", str(high)))
    fault = FieldError(field, "out-of-range", N_("Use a number from {low} to {high}."), values)
    raise look_again(fault)
