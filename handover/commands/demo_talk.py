"""`handover demo-talk`: a talk right now in a demo, with the addresses of everybody who takes part."""

from __future__ import annotations

from pathlib import Path

import click

from handover import demo
from handover.commands.common import CommandError, existing_store, wall_clock
from handover.domain import join_links
from handover.domain.talks import Participant, Talk
from handover.settings import Settings, load_or_make_secret
from handover.store import links, meta
from handover.store.engine import Tx

ORDER = ("ward", "nurse", "patient", "relative")


@click.command(
    "demo-talk",
    epilog="""\b
Examples:
  handover demo-talk
  handover demo-talk --data /tmp/handover-demo""",
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo"),
    show_default=True,
    help="Folder of the demo.",
)
def command(data: Path) -> None:
    """Book Astrid and Bo a talk right now, over whatever they have, and print where to go.

    One line for each who takes part: role, name and address, with tabs between. The demo may be running or not.
    """
    settings = Settings.of_demo(data)
    if not settings.database_path.exists():
        raise CommandError(f"There is no demo in {data}. Make one with: handover demo --data {data}")
    with existing_store(settings) as store:
        base_url = store.read_now(_address_of_demo)
        key = load_or_make_secret(settings.secret_path)
        for line in store.write_now(_talk_now, base_url, key, now=wall_clock()):
            print(line)


def _address_of_demo(tx: Tx) -> str:
    if not meta.is_demo(tx):
        raise CommandError("This folder holds a real database; talks are booked in its pages.")
    base_url = meta.get(tx, "base_url")
    if base_url is None:
        raise CommandError("This demo has not been served yet. Start it with: handover demo")
    return base_url


def _talk_now(tx: Tx, base_url: str, key: bytes, *, now: int) -> list[str]:
    talk = demo.talk_now(tx, now=now)
    people = sorted(talk.participants, key=lambda person: ORDER.index(person.role))
    return [
        f"{person.role}\t{person.name}\t{base_url}{_way_in(tx, talk, person, key, now)}" for person in people
    ]


def _way_in(tx: Tx, talk: Talk, person: Participant, key: bytes, now: int) -> str:
    if not person.guest:
        return f"/talks/{talk.id}/room"
    link = links.ensure(tx, "join", talk.id, person.id, now=now)
    return f"/j/{join_links.token(key, 'join', link['id'], link['generation'])}"
