"""What happened to a talk, from the audit trail, in words for the people who work with it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from handover import words
from handover.errors import N_
from handover.store.engine import Row

_DID = {
    "talk:book": N_("booked the talk"),
    "talk:ask-now": N_("asked the team who can join now"),
    "talk:join-now": N_("said yes to joining now"),
    "talk:move": N_("moved the talk"),
    "talk:change": N_("changed the talk"),
    "talk:hand-over": N_("handed the talk to a colleague"),
    "talk:cancel": N_("cancelled the talk"),
    "talk:stop": N_("stopped everything silently"),
    "talk:undo-stop": N_("took the stop back"),
    "talk:not-held": N_("noted that the talk was not held"),
    "consent:record": N_("wrote down a consent"),
    "consent:withdraw": N_("took a consent back for the patient"),
    "letter:refuse": N_("a mail could not be delivered"),
    "offer:show": N_("showed an offer"),
    "offer:take-away": N_("took an offer off the screens"),
    "outcome:record": N_("saved the outcome"),
    "patient:look-up": N_("looked at the CPR number"),
    "room:end": N_("closed the room"),
    "seat:knock": N_("knocked"),
    "seat:let-in": N_("let somebody in"),
    "seat:decline": N_("asked somebody to wait"),
    "seat:remove": N_("sent somebody out of the room"),
    "seat:join": N_("came into the room"),
    "seat:leave": N_("left the room"),
    "phone:on": N_("noted that somebody takes part by phone"),
    "phone:off": N_("noted that somebody is no longer on the phone"),
    "tablet:lend": N_("made a code for the ward's tablet"),
    "tablet:renew": N_("made a new code for the ward's tablet"),
    "summary:send": N_("sent the summary"),
    "summary:new-code": N_("made a new code for the summary"),
    "summary:let-see": N_("let somebody see the summary"),
    "summary:read": N_("the summary was opened"),
}
_ANSWERED = {
    "accepted": N_("said: I can come"),
    "tentative": N_("said: perhaps"),
    "declined": N_("said: I cannot come"),
}


@dataclass(frozen=True)
class Line:
    """One event: when, who, and what they did."""

    at: int
    who: str
    did: str


def history(events: Sequence[Row], language: str) -> list[Line]:
    """The events that tell people something, newest first."""
    say = words.translations(language).gettext
    lines = []
    for event in events:
        did = _DID.get(event["action"])
        if event["action"] == "talk:answer":
            did = _ANSWERED.get(json.loads(event["detail"]).get("response", ""))
        if did is not None:
            lines.append(Line(event["at"], event["actor_name"], say(did)))
    return lines[::-1]


def since(events: Sequence[Row], seen: str, language: str) -> list[Line]:
    """What happened after the first `seen` events: a page that was open says so when its version is old."""
    first = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else len(events)
    return history(events[first:], language)
