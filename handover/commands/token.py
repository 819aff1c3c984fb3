"""`handover token`: programs' ways in to the API."""

from __future__ import annotations

import secrets

import click

from handover import organising
from handover.commands.common import CommandError, existing_store, wall_clock
from handover.domain.access import API_SCOPES, OPERATOR
from handover.settings import Settings
from handover.store import places
from handover.store.engine import Tx


@click.group("token", epilog='Example: handover token create --organisation "Sygehus X" --scope talks:read')
def command() -> None:
    """Give a program of an organisation its way in."""


@command.command(
    "create",
    epilog="""\b
Example:
  handover token create --organisation "Sygehus Sønderjylland" --scope talks:read --scope talks:write""",
)
@click.option("--organisation", required=True, help="Id or exact name.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(API_SCOPES),
    help="May be given again.",
)
def create(organisation: str, scopes: tuple[str, ...]) -> None:
    """Print a new token, and nothing else, on stdout. It is not kept and cannot be shown again."""
    token = secrets.token_urlsafe(32)
    with existing_store(Settings.load()) as store:

        def story(tx: Tx, now: int) -> str:
            owner = places.organisation(tx, organisation)
            if owner is None:
                raise CommandError(
                    f"There is no organisation {organisation}; see: handover organisation list"
                )
            organising.make_token(tx, owner["id"], scopes, token, by=OPERATOR, now=now)
            return str(owner["name"])

        name = store.write_now(story, now=wall_clock())
    click.echo(f"Token of {name} for {', '.join(scopes)}; keep it safe:", err=True)
    print(token)
