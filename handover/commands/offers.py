"""`handover offers`: the catalogue, from a file and to a file."""

from __future__ import annotations

from pathlib import Path

import click

from handover import cataloguing, setting_up
from handover.commands.common import CommandError, existing_store, opened, wall_clock
from handover.domain.access import OPERATOR
from handover.domain.catalogue_files import FileKind, format_document, parse
from handover.settings import Settings

KINDS: dict[str, FileKind] = {".csv": "csv", ".json": "json"}


@click.group("offers", epilog="Example: handover offers export offers.csv")
def command() -> None:
    """Fetch the catalogue of offers from a file, or write it to one."""


@command.command("import", epilog="Example: handover offers import offers.csv")
@click.argument("file", type=click.Path(path_type=Path))
def import_(file: Path) -> None:
    """Put the offers of a CSV or JSON file into the catalogue.

    A second time it changes nothing. Offers that the file does not name stay as they are.
    """
    kind = _kind(file)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise CommandError(f"The file {file} cannot be read: {error.strerror}.") from error
    document = parse(content, kind)
    with opened(Settings.load()) as store:
        now = wall_clock()
        store.write_now(setting_up.furnish, now=now)
        done = store.write_now(cataloguing.import_offers, document, by=OPERATOR, now=now)
    print(f"New: {done.added}. Changed: {done.changed}. As before: {done.unchanged}.")


@command.command("export", epilog="Example: handover offers export offers.json")
@click.argument("file", type=click.Path(path_type=Path))
def export(file: Path) -> None:
    """Write the whole catalogue to a CSV or JSON file, as `import` reads it."""
    kind = _kind(file)
    with existing_store(Settings.load()) as store:
        document = store.read_now(cataloguing.export_offers)
    try:
        file.write_bytes(format_document(document, kind))
    except OSError as error:
        raise CommandError(f"The file {file} cannot be written: {error.strerror}.") from error
    print(f"Written: {len(document['offers'])} offers.")


def _kind(file: Path) -> FileKind:
    kind = KINDS.get(file.suffix.lower())
    if kind is None:
        raise CommandError(f"The file must end in .csv or .json, not {file.name}.")
    return kind
