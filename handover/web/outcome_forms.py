"""The outcome form: read from what a browser sent, and its buttons that change the form without saving it.

A row of the form is one offer for one person; its fields end in `OFFER.PERSON`, as in `decision-sdb-psykolog.patient`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from aiohttp.web import Request

from handover.domain.outcomes import (
    CHOICES,
    FOR_WHOM,
    REASONS,
    Choice,
    Contact,
    Decision,
    ForWhom,
    Outcome,
    Suggestion,
    Unmet,
)
from handover.domain.talks import FORMS, Form
from handover.errors import FieldError, Invalid
from handover.web.forms import Reader

LONGEST_NEED = 500

# The story names fields as the API does; the form names them by row.
_FIELD_OF = {
    "offer": "decision",
    "for": "decision",
    "decision": "decision",
    "reason": "reason",
    "ask_again": "ask",
}


@dataclass(frozen=True)
class Fields:
    """A form's fields: single ones by name, repeated ones as lists."""

    one: Mapping[str, str]
    many: Mapping[str, list[str]]


async def fields_of(request: Request) -> Fields:
    """What a browser sent; files are no part of this form."""
    sent = [(name, value) for name, value in (await request.post()).items() if isinstance(value, str)]
    many: dict[str, list[str]] = {}
    for name, value in sent:
        many.setdefault(name, []).append(value)
    return Fields(dict(reversed(sent)), many)


def read_outcome(fields: Fields) -> tuple[Outcome, int]:
    """The outcome in a form and the version it was opened on. Raises `Invalid` for texts nobody could read."""
    reader = Reader(fields.one)
    keys = [key for key in dict.fromkeys(fields.many.get("row", ())) if _is_key(key)]
    account = reader.line("contact_account")
    typed = Contact(reader.line("contact_name"), reader.line("contact_phone"), reader.line("contact_hours"))
    outcome = Outcome(
        form=cast(Form, reader.choice("form", FORMS, default="video") or "video"),
        present=tuple(fields.many.get("present", ())),
        decisions=tuple(_decision(reader, key) for key in keys),
        unmet=_unmet(fields, reader),
        contact=Contact(account=account) if account else typed,
        follow_up_on=reader.line("follow_up_on") or None,
        words=reader.text("words"),
    )
    version = reader.line("version")
    reader.done()
    return outcome, int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0


def suggested_in(fields: Fields) -> Suggestion | None:
    """What the form was drawn with before anybody touched it; None where it suggested nothing."""
    form = fields.one.get("suggested_form")
    if form not in FORMS:
        return None
    return Suggestion(form, tuple(fields.many.get("suggested", ())))


def pressed(outcome: Outcome, fields: Fields) -> tuple[Outcome, str] | None:
    """What a button other than *Save outcome* makes of the form, and where that was on the page; None for that one."""
    decide, also, more = (fields.one.get(name, "") for name in ("decide", "also", "more"))
    if decide:
        key, _, choice = decide.rpartition(":")
        return replace(outcome, decisions=tuple(_decided(one, key, choice) for one in outcome.decisions)), key
    if also and _is_key(also):
        return _with_row(outcome, also), also
    if more == "offer" and fields.one.get("other_offer"):
        key = f"{fields.one['other_offer']}.patient"
        return (_with_row(outcome, key), key) if _is_key(key) else (outcome, "")
    if more:
        return outcome, more
    return None


def key_of(one: Decision) -> str:
    """The row's name."""
    return f"{one.offer}.{one.for_whom}"


def in_form(error: Invalid, outcome: Outcome) -> list[FieldError]:
    """The story's field errors, named as the form names its fields."""
    return [replace(one, field=_form_field(one.field, outcome)) for one in error.fields]


def _form_field(field: str, outcome: Outcome) -> str:
    part, _, rest = field.partition(".")
    place, _, name = rest.partition(".")
    if part == "decisions" and place.isdigit():
        return f"{_FIELD_OF[name]}-{key_of(outcome.decisions[int(place)])}"
    return "contact_account" if part == "contact" else part


def _is_key(key: str) -> bool:
    offer, _, for_whom = key.rpartition(".")
    return bool(offer) and for_whom in FOR_WHOM


def _decision(reader: Reader, key: str) -> Decision:
    """One row; a reason or date left over from another choice is not kept."""
    offer, _, for_whom = key.rpartition(".")
    choice = reader.choice(f"decision-{key}", CHOICES) or None
    return Decision(
        offer,
        cast(ForWhom, for_whom),
        cast(Choice | None, choice),
        (reader.choice(f"reason-{key}", REASONS) or None) if choice == "declined" else None,
        (reader.line(f"ask-{key}") or None) if choice == "undecided" else None,
        reader.line(f"words-{key}", longest=LONGEST_NEED),
    )


def _unmet(fields: Fields, reader: Reader) -> tuple[Unmet, ...]:
    needs = []
    for place, theme in enumerate(fields.many.get("unmet_theme", ())):
        words = reader.line(f"unmet_words-{place}", longest=LONGEST_NEED)
        if theme:
            needs.append(Unmet(theme, words))
    return tuple(needs)


def _decided(one: Decision, key: str, choice: str) -> Decision:
    if key_of(one) != key or choice not in CHOICES:
        return one
    chosen = None if one.decision == choice else choice  # a second press takes it back
    return replace(
        one,
        decision=chosen,
        reason=one.reason if chosen == "declined" else None,
        ask_again=one.ask_again if chosen == "undecided" else None,
    )


def _with_row(outcome: Outcome, key: str) -> Outcome:
    offer, _, for_whom = key.rpartition(".")
    if outcome.of(offer, for_whom) is not None:
        return outcome
    rows = list(outcome.decisions)
    last = max((place for place, one in enumerate(rows) if one.offer == offer), default=len(rows) - 1)
    rows.insert(last + 1, Decision(offer, cast(ForWhom, for_whom)))
    return replace(outcome, decisions=tuple(rows))
