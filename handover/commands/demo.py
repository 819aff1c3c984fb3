"""`handover demo`: the whole service with invented people, in a folder of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from handover import demo
from handover.commands.common import CommandError, folder, opened, wall_clock
from handover.commands.serving import log_to_stderr, run
from handover.commands.telling import sentence
from handover.domain.passwords import DEMO
from handover.errors import HandoverError
from handover.settings import Settings
from handover.store import accounts, meta
from handover.store.engine import Tx


@click.command(
    "demo",
    epilog="""\b
Examples:
  handover demo
  handover demo --port 0 --data /tmp/handover-demo""",
)
@click.option("--host", help="Address to listen on. [default: 127.0.0.1]")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one. [default: 8080]"
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo"),
    show_default=True,
    help="Folder for database and mails; made at the first start. Delete it to begin anew.",
)
def command(host: str | None, port: int | None, data: Path) -> None:
    """Try everything with invented people, on this machine.

    No mail leaves the machine: it lands in DATA/mail and can be read at /outbox.
    """
    folder(data)
    settings = Settings.of_demo(data, {"host": host, "port": port})
    log_to_stderr(access=False)
    with opened(settings) as store:
        store.write_now(_seed, now=wall_clock())
        try:
            store.write_now(demo.ensure_soon, now=wall_clock())
        except (
            HandoverError
        ) as error:  # somebody has changed the demo's people or places; it starts all the same
            print(f"No talk was added in ten minutes from now: {sentence(error)}", file=sys.stderr)

        def ready(served: Settings) -> None:
            store.write_now(
                meta.put, "base_url", served.base_url
            )  # `handover demo-talk` prints addresses with it
            _ready(served)

        run(settings, store, ready)


def _seed(tx: Tx, *, now: int) -> None:
    if accounts.count(tx) and not meta.is_demo(tx):
        raise CommandError("This folder holds a real database. Name another one with --data.")
    demo.seed(tx, now=now)


def _ready(served: Settings) -> None:
    print(f"Ready: {served.base_url}/")
    print(f"Sign in as astrid@ward.example (ward) or bo@kommune.example (municipality), password {DEMO}")
    print(f"All who can sign in: {served.base_url}/sign-in   Mails that were sent: {served.base_url}/outbox")
    print("Everybody in it is invented, patients too. Stop with Ctrl-C.")
    sys.stdout.flush()
