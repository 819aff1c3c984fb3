"""`handover smoke-call`: would a talk work now? Two synthetic participants meet in the running service."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from handover import smoke_calling
from handover.commands.common import CommandError, existing_store, wall_clock
from handover.domain import join_links
from handover.settings import Settings, load_or_make_secret
from handover.settings_values import SettingsError, base_url
from handover.store import meta
from handover.store.sqlite import SqliteStore
from handover.web.sessions import SESSION

DEMO = Path("demo")  # where `handover demo` puts it
LONGEST = 28.0  # seconds; a monitor that asks every half minute never has two of us running


@click.command(
    "smoke-call",
    epilog="""\b
Examples:
  handover smoke-call
  handover smoke-call --url http://127.0.0.1:8080
  handover smoke-call || mail -s 'Calls fail' operator@hospital.example""",
)
@click.option("--url", help="Where the service answers. [default: HANDOVER_BASE_URL]")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of a demo, when that is what runs. [default: demo, where there is no other database]",
)
def command(url: str | None, data: Path | None) -> None:
    """Let a guest knock, a nurse let them in, and both see and hear each other, in the service that runs now.

    One line each way: how soon the first picture and sound were there. Exit code 1 and one sentence when they were not.
    The talk they meet in is nobody's, is counted nowhere, sends no mail, and is removed afterwards. Takes 30 seconds at
    most.
    """
    logging.getLogger().addHandler(logging.NullHandler())  # one sentence is said here, and nothing beside it
    with _at_most(LONGEST):
        settings = _settings(data)
        where, origins = _address(url, settings)
        try:
            with existing_store(settings) as store:
                lines = _call(store, settings, where, origins)
        except sqlite3.Error as error:
            raise CommandError(f"The database {settings.database_path} cannot be used: {error}.") from error
    print("\n".join(lines))


def _call(store: SqliteStore, settings: Settings, where: str, origins: tuple[str, ...]) -> list[str]:
    """A line each way. Whatever happens, nothing is left in the database."""
    if not settings.secret_path.exists():
        raise CommandError(f"The secret file {settings.secret_path} is missing; start the service first.")
    key = load_or_make_secret(settings.secret_path)
    session = secrets.token_urlsafe(32)
    call = store.write_now(smoke_calling.prepare, session, now=wall_clock())
    if call is None:
        raise CommandError("This database has never been served. Start it with: handover serve")
    try:
        # 35 MB and 0.4 s that `--help` and a refusal should not pay.
        from handover.commands.synthetic_meeting import meet

        token = join_links.token(key, "join", call.link, call.generation)
        cookie = f"{settings.cookie_prefix}{SESSION}={session}"
        return asyncio.run(meet(where, origins, call, token, cookie))
    finally:
        store.write_now(smoke_calling.remove, call)


def _settings(data: Path | None) -> Settings:
    """Of the service, or of the demo when one is named or nothing else is there."""
    if data is None:
        settings = Settings.load()
        unnamed = settings.database == Settings.database
        if not unnamed or settings.database_path.exists() or not _database_of(DEMO).exists():
            return settings
    elif not _database_of(data).exists():
        raise CommandError(f"There is no demo in {data}. Make one with: handover demo --data {data}")
    settings = Settings.of_demo(data or DEMO)
    with existing_store(settings) as store:
        served = store.read_now(meta.get, "base_url")
    return Settings.of_demo(data or DEMO, {"base_url": served})


def _database_of(data: Path) -> Path:
    return Settings.of_demo(data).database_path


def _address(url: str | None, settings: Settings) -> tuple[str, tuple[str, ...]]:
    """Where to knock, and as coming from which origin.

    The service takes pages from its own base URL alone. Where it was started with another one than we know (`serve
    --port`), that is the address we were given.
    """
    if url is None:
        return settings.base_url, (settings.origin,)
    try:
        where = base_url(url)
    except SettingsError as error:
        raise CommandError("--url must be an address like https://talks.example.org.") from error
    return where, tuple(dict.fromkeys((settings.origin, where)))


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """A silent name server cannot be interrupted from within. What is left behind, the next call clears away."""

    def give_up() -> None:
        print(f"Error: The call did not end within {seconds:.0f} seconds.", file=sys.stderr, flush=True)
        os._exit(1)

    timer = threading.Timer(seconds, give_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
