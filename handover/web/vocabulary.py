"""The field's words for codes, for every page: `word.states["held"]`. One code, one word, in each language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from handover import words
from handover.errors import N_

_STATES = {
    "asked": N_("Looking for a nurse"),
    "booked": N_("Booked"),
    "confirmed": N_("Confirmed"),
    "held": N_("Held"),
    "not-held": N_("Not held"),
    "cancelled": N_("Cancelled"),
}
_RESPONSES = {
    "none": N_("No answer yet"),
    "accepted": N_("Has said yes to the time"),
    "tentative": N_("Perhaps"),
    "declined": N_("Cannot come"),
}
_ROLES = {
    "ward": N_("Ward nurse"),
    "nurse": N_("Municipal nurse"),
    "patient": N_("Patient"),
    "relative": N_("Relative"),
    "interpreter": N_("Interpreter"),
    "gp": N_("GP"),
    "peer": N_("Peer supporter"),
    "other": N_("Other participant"),
    "room": N_("The ward's tablet"),  # in rooms alone; nobody is booked as one
}
_RELATIONS = {
    "partner": N_("Husband, wife or partner"),
    "son": N_("Son"),
    "daughter": N_("Daughter"),
    "parent": N_("Mother or father"),
    "sibling": N_("Sister or brother"),
    "family": N_("Other family"),
    "friend": N_("Friend"),
    "neighbour": N_("Neighbour"),
}
_ACCOUNT_ROLES = {
    "ward": N_("Ward nurse"),
    "nurse": N_("Municipal nurse"),
    "coordinator": N_("Coordinator"),
    "association": N_("Association"),
    "administrator": N_("Administrator"),
}
_DECISIONS = {
    "accepted": N_("Accepted"),
    "undecided": N_("Wants to think"),
    "declined": N_("Declined"),
    "has-already": N_("Has it already"),
    "not-relevant": N_("Not relevant"),
}
_REASONS = {
    "too-far": N_("Too far away or hard to get there"),
    "too-ill": N_("Too tired or too ill right now"),
    "time": N_("The time does not suit"),
    "group": N_("Would rather not be in a group"),
    "alone": N_("Will manage alone or with family and friends"),
    "cost": N_("Costs too much"),
    "language": N_("Not in the patient's language"),
    "other": N_("Another reason"),
}
_FOR = {"patient": N_("For the patient"), "relative": N_("For a relative"), "child": N_("For a child")}
_FORMS = {"video": N_("Video"), "phone": N_("Phone"), "in-person": N_("In person")}
_KINDS = {
    "rehabilitation": N_("Rehabilitation"),
    "psychologist": N_("Psychologist"),
    "health-adviser": N_("Health adviser"),
    "dietitian": N_("Dietitian"),
    "coordinator": N_("Coordinator"),
    "gp": N_("GP"),
    "smoking-cessation": N_("Quit smoking"),
    "patient-course": N_("Coping course"),
    "group": N_("Group"),
    "conversation-group": N_("Conversation group"),
    "self-help-group": N_("Self-help group"),
    "peer-support": N_("Peer support"),
    "children-as-relatives": N_("Children as relatives"),
    "back-to-work": N_("Back to work"),
    "palliative-care": N_("Relief of symptoms"),
    "counselling": N_("Counselling"),
    "sports-club": N_("Sports club"),
    "nature-group": N_("Nature group"),
    "volunteer-visit": N_("Visit by a volunteer"),
}
_MINOR_CHILDREN = {"yes": N_("Yes"), "no": N_("No"), "not-asked": N_("Not asked")}
_LANGUAGES = {
    "da": N_("Danish"),
    "nb": N_("Norwegian"),
    "en": N_("English"),
    "ar": N_("Arabic"),
    "de": N_("German"),
    "es": N_("Spanish"),
    "fa": N_("Persian"),
    "fr": N_("French"),
    "lt": N_("Lithuanian"),
    "pl": N_("Polish"),
    "ro": N_("Romanian"),
    "ru": N_("Russian"),
    "se": N_("Northern Sámi"),
    "sgn-da": N_("Danish sign language"),
    "sgn-nb": N_("Norwegian sign language"),
    "so": N_("Somali"),
    "ti": N_("Tigrinya"),
    "tr": N_("Turkish"),
    "uk": N_("Ukrainian"),
    "ur": N_("Urdu"),
    "vi": N_("Vietnamese"),
}
_RECIPIENTS = {
    "municipality": N_("Municipality"),
    "relative": N_("Relative"),
    "association": N_("Association"),
    "gp": N_("GP"),
}
_DELIVERY = {
    "none": "",
    "queued": N_("Mail is on its way"),
    "sent": N_("Mail sent"),
    "refused": N_("Mail not delivered"),
}


@dataclass(frozen=True)
class Vocabulary:
    """Code → word, in one language."""

    states: dict[str, str]
    responses: dict[str, str]
    roles: dict[str, str]
    relations: dict[str, str]
    account_roles: dict[str, str]
    decisions: dict[str, str]
    reasons: dict[str, str]
    for_whom: dict[str, str]
    forms: dict[str, str]
    kinds: dict[str, str]
    minor_children: dict[str, str]
    languages: dict[str, str]
    recipients: dict[str, str]
    delivery: dict[str, str]


@cache
def vocabulary(language: str) -> Vocabulary:
    """All words in one language."""
    say = words.translations(language).gettext

    def said(table: dict[str, str]) -> dict[str, str]:
        return {code: say(text) for code, text in table.items()}

    return Vocabulary(
        said(_STATES),
        said(_RESPONSES),
        said(_ROLES),
        said(_RELATIONS),
        said(_ACCOUNT_ROLES),
        said(_DECISIONS),
        said(_REASONS),
        said(_FOR),
        said(_FORMS),
        said(_KINDS),
        said(_MINOR_CHILDREN),
        said(_LANGUAGES),
        said(_RECIPIENTS),
        said(_DELIVERY),
    )


# The languages that a talk can be interpreted into.
INTERPRETED = tuple(sorted(_LANGUAGES))
