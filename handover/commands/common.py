"""What the commands share: the settings, an open database, and today's date."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from handover.app import open_store, wall_clock
from handover.domain.days import local_date
from handover.errors import HandoverError
from handover.settings import Settings
from handover.store.sqlite import SqliteStore

__all__ = ["CommandError", "existing_store", "opened", "today", "wall_clock"]


class CommandError(HandoverError):
    """What was asked for cannot be done; the sentence says what to do instead."""

    def __init__(self, message: str) -> None:
        super().__init__("command-refused", message)


@contextmanager
def opened(settings: Settings) -> Iterator[SqliteStore]:
    """The database the settings name; made when it is not there yet, closed afterwards."""
    path = settings.database_path
    try:
        store = open_store(settings)
    except (sqlite3.Error, OSError) as error:
        raise CommandError(f"The database {path} cannot be opened: {error}.") from error
    try:
        yield store
    finally:
        store.close_now()


@contextmanager
def existing_store(settings: Settings) -> Iterator[SqliteStore]:
    """The same for commands that have nothing to do in an empty database."""
    path = settings.database_path
    if not path.exists():
        raise CommandError(
            f"There is no database at {path.absolute()} yet; make it with: handover serve "
            "(or say where it is in HANDOVER_DATABASE)."
        )
    with opened(settings) as store:
        yield store


def today(settings: Settings, now: int) -> str:
    """The date it is for the people of this installation, YYYY-MM-DD."""
    return local_date(now, settings.timezone).isoformat()


def folder(path: Path) -> Path:
    """A folder of our own, made readable to nobody else when it is not there yet."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"The folder {path} cannot be made: {error.strerror}.") from error
    return path
