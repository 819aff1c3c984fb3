"""What went wrong, as one line for whoever typed the command."""

from __future__ import annotations

from handover.errors import HandoverError, Invalid


def sentence(error: HandoverError) -> str:
    """The error in English; the command line has no other language."""
    if isinstance(error, Invalid) and error.fields:
        return " ".join(f"{one.field}: {one.message.format(**dict(one.values))}" for one in error.fields)
    return error.message.format(**error.values) if error.values else error.message
