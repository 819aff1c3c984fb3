"""What a form says about what was typed: the summary on top and the sentence at each field."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from aiohttp import web

from handover import words
from handover.errors import HandoverError, Invalid
from handover.web.keys import LANGUAGE


def complaints(request: web.Request, error: HandoverError | None = None) -> dict[str, Any]:
    """`errors` for `forms.errors`, and `wrong` (field → sentence, "" for the others) for the fields of a template."""
    wrong: defaultdict[str, str] = defaultdict(str)
    if error is None:
        return {"errors": [], "wrong": wrong}
    say = words.translations(request[LANGUAGE]).gettext
    if not isinstance(error, Invalid) or not error.fields:
        return {"errors": [("", say(error.message).format(**error.values))], "wrong": wrong}
    for one in error.fields:
        wrong[one.field] = wrong[one.field] or say(one.message).format(**dict(one.values))
    return {"errors": list(wrong.items()), "wrong": wrong}
