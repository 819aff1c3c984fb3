"""The talk that `handover smoke-call` makes for two synthetic participants: it belongs to nobody, and soon is gone."""

from __future__ import annotations

# Ids that the database makes are 26 letters and digits, so nothing else ever begins like this.
PREFIX = "smoke-call-"


def is_smoke_call(talk: str) -> bool:
    """Whether the talk with this id is one: what happens in it is about nobody, so it is not counted or noted."""
    return talk.startswith(PREFIX)
