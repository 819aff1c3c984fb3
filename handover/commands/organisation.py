"""`handover organisation`: hospitals, municipalities and associations."""

from __future__ import annotations

import click

from handover import organising, setting_up
from handover.commands.common import existing_store, opened, today, wall_clock
from handover.domain.access import OPERATOR
from handover.organising import WantedOrganisation
from handover.settings import Settings
from handover.store import places


@click.group("organisation", epilog="Example: handover organisation list")
def command() -> None:
    """Add and list organisations."""


@command.command(
    "add",
    epilog="""\b
Examples:
  handover organisation add hospital "Sygehus Sønderjylland" --country DK --phone "+45 74 18 00 00" --unit "Afsnit A"
  handover organisation add municipality "Sønderborg Kommune" --country DK --municipality 0540 --unit "Kræftteamet" \\
      --phone "+45 88 72 64 00" """,
)
@click.argument("kind", type=click.Choice(organising.KINDS))
@click.argument("name")
@click.option("--country", type=click.Choice(tuple(organising.ZONES)), required=True)
@click.option("--phone", required=True, help="Where it is rung.")
@click.option("--municipality", metavar="CODE", help="The municipality's four-digit code.")
@click.option("--unit", "units", multiple=True, help="A ward or team to begin with; may be given again.")
def add(
    kind: str, name: str, country: str, phone: str, municipality: str | None, units: tuple[str, ...]
) -> None:
    """Add an organisation; its id is printed."""
    settings = Settings.load()
    now = wall_clock()
    wanted = WantedOrganisation(kind, name, country, phone, municipality)
    with opened(settings) as store:
        store.write_now(setting_up.furnish, now=now)
        made = store.write_now(
            organising.add_organisation, wanted, by=OPERATOR, now=now, today=today(settings, now)
        )
        for unit in units:
            store.write_now(organising.add_unit, made, unit, phone, by=OPERATOR, now=now)
    print(made)


@command.command("list", epilog="Example: handover organisation list")
def list_() -> None:
    """Print every organisation: id, kind, name, and its wards or teams."""
    with existing_store(Settings.load()) as store:
        for row in store.read_now(places.organisations_with_units):
            print("\t".join((row["id"], row["kind"], row["name"], row["units"])))
