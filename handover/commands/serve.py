"""`handover serve`: the service itself."""

from __future__ import annotations

import secrets
import sys

import click

from handover import setting_up
from handover.commands.common import CommandError, opened, wall_clock
from handover.commands.serving import log_to_stderr, run
from handover.settings import Settings
from handover.store import meta


@click.command(
    "serve",
    epilog="""\b
Examples:
  handover serve
  handover serve --port 8090
  HANDOVER_BASE_URL=https://talks.hospital.example handover serve""",
)
@click.option("--host", help="Address to listen on. [default: 127.0.0.1]")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one. [default: 8080]"
)
def command(host: str | None, port: int | None) -> None:
    """Serve the pages until stopped.

    The first start on an empty database prints a link, good once and for a day, that makes the first administrator.
    """
    settings = Settings.load({"host": host, "port": port})
    log_to_stderr(access=True)
    with opened(settings) as store:
        if store.read_now(meta.is_demo):
            raise CommandError(
                f"{settings.database_path} is a demo's database, whose passwords everybody knows. "
                "Use another HANDOVER_DATABASE, or: handover demo"
            )
        now = wall_clock()
        store.write_now(setting_up.furnish, now=now)
        token = secrets.token_urlsafe(32)
        empty = store.write_now(setting_up.first_link, token, now=now)

        def ready(served: Settings) -> None:
            print(f"Ready: {served.base_url}/")
            if empty:
                print(f"Set up here, once, within a day: {served.base_url}/set-up/{token}")
            sys.stdout.flush()

        run(settings, store, ready)
