"""From an outbox row to a mail: in the reader's language, neutral, and for a talk with its calendar entry.

A mail lies open in inboxes, on lock screens and in shared family calendars. So no letter can say who the patient is,
what they have, what they were offered, which ward they are on or where they live: none of it reaches the templates.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from calendars import imip, invites
from calendars.events import PARTSTAT, Attendee, Meeting, Person
from handover import words
from handover.domain import join_links
from handover.domain.passwords import LINK_LASTS
from handover.domain.talks import Talk
from handover.store import links, one_time_links, outbox, posting, talks
from handover.store.engine import Row, Tx

# Promised to the other side's calendars, so it stays the same whatever becomes of the catalogues.
SUMMARIES = {"da": "Samtale", "nb": "Samtale", "en": "Conversation"}
PARTSTATS = {
    "none": PARTSTAT.NEEDS_ACTION,
    "accepted": PARTSTAT.ACCEPTED,
    "tentative": PARTSTAT.TENTATIVE,
    "declined": PARTSTAT.DECLINED,
}
SERVICE = "Handover"  # signs letters that belong to no hospital


@dataclass(frozen=True)
class Post:
    """Everything one letter is made from. `link` is its address; `row` the outbox row with its addressee."""

    row: Row
    facts: Mapping[str, Any]
    talk: Talk | None
    link: str
    until: int | None = None

    @property
    def staff(self) -> bool:
        """Whether the reader has an account of their own."""
        return self.row["account"] is not None

    @property
    def language(self) -> str:
        """The reader's language, or their country's where we do not write theirs."""
        at_home = "nb" if self.row["zone"] == "Europe/Oslo" else "da"
        return words.best_language(self.row["language"], otherwise=at_home)


class Letters:
    """Writes the mails of one installation."""

    def __init__(self, *, base_url: str, mailbox: str, key: bytes) -> None:
        self._base_url = base_url
        self._mailbox = mailbox
        self._key = key

    def gather(self, tx: Tx, letter_id: str, attempt: int, *, now: int) -> Post | None:
        """What this letter is made from; None when it must not go out any more or has nowhere to go.

        A letter about a password gets its one-time link here: the same at every try, and kept as a hash.
        """
        row = posting.being_sent(tx, letter_id, attempt)
        if row is None or not row["email"]:
            return None
        talk = talks.load(tx, row["talk"]) if row["talk"] else None
        if row["letter"] == "password":
            token = join_links.token(self._key, "password", letter_id, 1)
            until = now + LINK_LASTS
            one_time_links.issue(tx, token, "password", row["account"], now=now, expires_at=until)
            return Post(row, {}, None, f"{self._base_url}/password/{token}", until)
        return Post(row, json.loads(row["facts"]), talk, self._link(tx, row))

    def compose(self, post: Post) -> EmailMessage:
        """The mail. The same letter gives the same Message-ID, so that one sent twice is seen as one."""
        language = post.language
        context = self._context(post, language)
        subject = _text(f"mail/{post.row['letter']}/subject.txt", context)
        context["subject"] = subject
        sender, meeting = Person(context["signed"], self._mailbox), None
        if post.talk is not None and post.row["letter"] in ("invitation", "cancellation"):
            meeting = self._meeting(post, post.talk, context)
            sender = meeting.organizer
        letter = imip.Letter(
            sender=sender,
            recipient=Person(post.row["staff_name"], post.row["email"]),
            subject=subject,
            text=_text(f"mail/{post.row['letter']}/body.txt", context),
            html=_text(f"mail/{post.row['letter']}/body.html", context),
            message_id=f"<{post.row['id']}@{self._mailbox.rpartition('@')[2]}>",
            date=_instant(post.row["created_at"]),
            language=language,
        )
        if meeting is None:
            return imip.message(letter)
        make = invites.request if post.row["letter"] == "invitation" else invites.cancel
        return imip.message(letter, make(meeting))

    def _link(self, tx: Tx, row: Row) -> str:
        purpose = outbox.LINK_IN.get(row["letter"])
        if row["account"] is not None or purpose is None:
            room = "/room" if row["letter"] == "invitation" else ""
            return f"{self._base_url}/talks/{row['talk']}{room}"
        link = links.of_participant(tx, purpose, row["participant"])
        assert link is not None, "claiming a letter makes its link"
        path = "j" if purpose == "join" else "summary"
        token = join_links.token(self._key, purpose, link["id"], link["generation"])
        return f"{self._base_url}/{path}/{token}"

    def _context(self, post: Post, language: str) -> dict[str, Any]:
        elsewhere = words.may_be_elsewhere(language, post.row["phone"])
        say = words.Speaker(language, post.row["zone"], name_zone=elsewhere)
        talk = post.talk
        context: dict[str, Any] = {
            "_": words.translations(language).gettext,
            "lang": language,
            "staff": post.staff,
            "link": post.link,
            "signed": SERVICE,
            "until": say.day_and_time(post.until) if post.until is not None else "",
        }
        if talk is not None:
            starts = post.facts.get("starts_at", talk.starts_at)
            ends = post.facts.get("ends_at", talk.ends_at)
            opens = starts - (talk.starts_at - join_links.opens_at(talk))
            context |= {
                "signed": talk.hospital_name,
                "phone": talk.ward_phone,
                "why": post.facts.get("why", "new"),
                "takes_place": join_links.takes_place(talk),
                "when": say.day_and_time(starts),
                "period": say.period(starts, ends),
                "opens": say.time(opens),
            }
        return context

    def _meeting(self, post: Post, talk: Talk, context: Mapping[str, Any]) -> Meeting:
        cancelled = post.row["letter"] == "cancellation"
        description = _text("mail/calendar.txt", {**context, "cancelled": cancelled})
        token = join_links.reply_token(self._key, post.row["participant"])
        return meeting_from_talk(
            talk,
            post,
            organizer=Person(talk.hospital_name, imip.organizer_address(self._mailbox, token)),
            description=description,
            label=context["_"]("Join"),
        )


def meeting_from_talk(talk: Talk, post: Post, *, organizer: Person, description: str, label: str) -> Meeting:
    """The talk as one participant's calendar sees it, at the time and sequence that the letter has frozen.

    A guest has no name in it: a relative's may have been written as "Ellen's son". It rings no alarm, because
    whoever stops a talk silently after a death cannot take an alarm out of a widow's calendar.
    """
    facts, row = post.facts, post.row
    unmoved = facts.get("why") == "changed"
    return Meeting(
        uid=talk.uid,
        sequence=facts["sequence"],
        stamp=_instant(facts["stamp"]),
        start=_instant(facts["starts_at"]),
        end=_instant(facts["ends_at"]),
        zone=talk.zone,
        summary=SUMMARIES[post.language],
        organizer=organizer,
        attendee=Attendee(
            row["staff_name"],
            row["email"],
            partstat=PARTSTATS[row["response"]] if unmoved else PARTSTAT.NEEDS_ACTION,
        ),
        description=description,
        url="" if row["letter"] == "cancellation" else post.link,
        conference_label=label,
        language=post.language,
    )


def _instant(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


def _text(template: str, context: Mapping[str, Any]) -> str:
    return _templates().get_template(template).render(context).strip()


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("templates", ""),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
