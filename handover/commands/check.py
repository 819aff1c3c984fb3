"""`handover check`: is everything the service leans on in order? Changes nothing and sends nothing."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

import click

from calendars.errors import CalendarError
from handover.app import open_mailer
from handover.commands import relay_check
from handover.commands.common import CommandError, existing_store, wall_clock
from handover.errors import HandoverError
from handover.settings import Settings, load_or_make_secret
from handover.store import audit
from handover.store.engine import Tx

FREE_ENOUGH = 500 * 1024 * 1024  # bytes: some weeks of talks, and room for the write-ahead log
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC).timestamp()


@click.command(
    "check", epilog="Example: handover check || mail -s 'Handover needs you' operator@hospital.example"
)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Say whether database, mail, TURN, clock, secrets and disk are in order, a line each; 1 when one is not."""
    settings = Settings.load()
    for name, look in CHECKS.items():
        try:
            good, words = True, look(settings)
        except (HandoverError, CalendarError) as error:
            good, words = False, error.message
        click.echo(
            f"{click.style('ok ', fg='green') if good else click.style('RED', fg='red')}  {name:<9} {words}"
        )
        if not good:
            ctx.exit(1)


def _database(settings: Settings) -> str:
    with existing_store(settings) as store:
        try:
            broken = store.read_now(audit.broken_at)
            store.write_now(_nothing)
        except sqlite3.Error as error:
            raise CommandError(f"The database {settings.database_path} cannot be used: {error}.") from error
    if broken is not None:
        raise CommandError(
            f"Somebody changed the audit trail: event {broken} does not follow from the one before it."
        )
    return f"{settings.database_path} answers and takes writes; the audit trail is whole"


def _mail(settings: Settings) -> str:
    asyncio.run(open_mailer(settings).check())
    if settings.mail_folder is not None:
        return f"written to {settings.mail_folder}, not sent"
    return f"{urlsplit(settings.mail).hostname} takes mail"


def _turn(settings: Settings) -> str:
    if not settings.turn:
        return (
            "none is set (HANDOVER_TURN): people behind strict firewalls will not see each other, "
            "and a protected address is not kept from the others in a talk"
        )
    for server in settings.turn:
        relay_check.look(server, settings.turn_secret, now=wall_clock())
    return f"{len(settings.turn)} of {len(settings.turn)} relay, and into no network of yours"


def _clock(settings: Settings) -> str:
    now = wall_clock()
    with existing_store(settings) as store:
        newest = store.read_now(audit.newest)
    if now < EARLIEST or (newest is not None and now < newest - 60):
        raise CommandError(
            "The clock is behind what was last written; talks would open too late. Set it right."
        )
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds")


def _secrets(settings: Settings) -> str:
    if not settings.secret_path.exists():
        raise CommandError(
            f"The secret file {settings.secret_path} is missing: links in mails that were sent do not work. "
            "Put it back from your safe, or start the service to make a new one."
        )
    load_or_make_secret(settings.secret_path)
    return f"{settings.secret_path} is readable by its owner alone"


def _disk(settings: Settings) -> str:
    folder = settings.database_path.absolute().parent
    free = shutil.disk_usage(folder).free
    if free < FREE_ENOUGH:
        raise CommandError(f"Only {free // 2**20} MiB are free in {folder}; bookings will soon not be saved.")
    return f"{free // 2**30} GiB free in {folder}"


def _nothing(tx: Tx) -> None:
    """A write that writes nothing: it still takes the write lock."""


CHECKS: dict[str, Callable[[Settings], str]] = {
    "database": _database,
    "mail": _mail,
    "TURN": _turn,
    "clock": _clock,
    "secrets": _secrets,
    "disk": _disk,
}
