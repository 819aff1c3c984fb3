"""`/outbox`: the mails that a demo has written into its folder. Routed in a demo alone."""

from __future__ import annotations

import asyncio
import email
import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from pathlib import Path

from aiohttp import web

from handover.errors import NotFound
from handover.web.doors import anyone
from handover.web.keys import SETTINGS
from handover.web.pages import page

NEWEST = 50
_LINK = re.compile(r"(https?://[^\s<>\"]+)")
_NAME = re.compile(r"[0-9]{20}-[0-9a-f]{8}")


@dataclass(frozen=True)
class Mail:
    """One mail, as the page shows it. `lines` are its text, each a list of (words, whether they are an address)."""

    name: str
    to: str
    subject: str
    language: str
    sent_at: datetime | None
    lines: list[list[tuple[str, bool]]]
    has_invite: bool


@anyone
async def show(request: web.Request) -> web.Response:
    """GET /outbox: newest first."""
    folder = request.app[SETTINGS].mail_folder
    mails = await asyncio.to_thread(_newest, folder) if folder else []
    return page(request, "outbox/show.html", {"mails": mails})


@anyone
async def invite(request: web.Request) -> web.Response:
    """GET /outbox/{mail}/invite.ics"""
    folder, name = request.app[SETTINGS].mail_folder, request.match_info["mail"]
    content = await asyncio.to_thread(_invite, folder, name) if folder and _NAME.fullmatch(name) else None
    if content is None:
        raise NotFound()
    headers = {"Content-Disposition": 'attachment; filename="invite.ics"'}
    return web.Response(body=content, content_type="text/calendar", charset="utf-8", headers=headers)


def _newest(folder: Path) -> list[Mail]:
    paths = sorted((path for path in folder.glob("*.eml") if _NAME.fullmatch(path.stem)), reverse=True)
    return [_shown(path.stem, _read(path)) for path in paths[:NEWEST]]


def _invite(folder: Path, name: str) -> bytes | None:
    path = folder / f"{name}.eml"
    if not path.is_file():
        return None
    for part in _read(path).iter_attachments():
        content = part.get_payload(decode=True)
        if part.get_filename() == "invite.ics" and isinstance(content, bytes):
            return content
    return None


def _read(path: Path) -> EmailMessage:
    with path.open("rb") as file:
        message: EmailMessage = email.message_from_binary_file(file, policy=policy.default)
    return message


def _shown(name: str, mail: EmailMessage) -> Mail:
    body = mail.get_body(("plain",))
    text = str(body.get_content()) if body is not None else ""
    date = mail["Date"]
    return Mail(
        name=name,
        to=str(mail["To"]),
        subject=str(mail["Subject"]),
        language=str(mail["Content-Language"] or ""),
        sent_at=date.datetime if date is not None else None,
        lines=[
            [(part, bool(_LINK.fullmatch(part))) for part in _LINK.split(line) if part]
            for line in text.rstrip().splitlines()
        ],
        has_invite=any(part.get_filename() == "invite.ics" for part in mail.iter_attachments()),
    )


def routes() -> list[web.RouteDef]:
    return [web.get("/outbox", show), web.get("/outbox/{mail}/invite.ics", invite)]
