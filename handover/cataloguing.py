"""Fill the catalogue of offers, give it out again, and find in it what is open to somebody."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from handover.domain import catalogue_document
from handover.domain import offers as terms
from handover.domain.access import Scope
from handover.domain.catalogue_document import CatalogueDocument, Known
from handover.domain.offers import Offer
from handover.errors import N_, Invalid
from handover.store import audit, catalogue, places, programmes
from handover.store.engine import Row, Tx


@dataclass(frozen=True)
class Imported:
    """What an import did, in offers."""

    added: int
    changed: int
    unchanged: int


def import_offers(tx: Tx, document: Mapping[str, Any], *, by: Scope, now: int) -> Imported:
    """Put a catalogue file in; a second time it changes nothing. Offers it does not name stay as they are.

    An offer whose texts or facts differ from its current version gets a new one; what was shown to patients keeps the
    old. Raises `Invalid` with one sentence for each bad row, and then nothing is imported.
    """
    by.require("offers:write")
    read = catalogue_document.read(document, _known(tx))
    if read.errors:
        raise Invalid("bad-rows", N_("Nothing was imported. See what is wrong below."), read.errors)
    _put_what_offers_refer_to(tx, read, today=datetime.fromtimestamp(now, UTC).date().isoformat())
    before = {offer.id: offer for offer in catalogue.current(tx)}
    added = [offer for offer in read.offers if offer.id not in before]
    edited = [offer for offer in read.offers if offer.id in before and _differs(offer, before[offer.id])]
    renewed = [
        replace(offer, version=tx.new_id())
        for offer in (*added, *edited)
        if offer.id not in before or _frozen(offer) != _frozen(before[offer.id])
    ]
    versions = {offer.id: offer.version for offer in (*before.values(), *renewed)}
    catalogue.put_offers(tx, [_offer_row(offer, versions[offer.id]) for offer in (*added, *edited)])
    catalogue.add_versions(tx, [_version_row(offer, now) for offer in renewed], _text_rows(renewed))
    catalogue.replace_links(tx, [*added, *edited])
    if added or edited:
        audit.note(
            tx, by, "offers:import", "catalogue", "offers", at=now, added=len(added), changed=len(edited)
        )
    return Imported(len(added), len(edited), len(read.offers) - len(added) - len(edited))


def export_offers(tx: Tx) -> dict[str, Any]:
    """The whole catalogue in the form that `import_offers` reads."""
    shared: dict[str, dict[str, Any]] = {}
    for row in catalogue.collaborations(tx):
        one = shared.setdefault(
            row["id"], {"id": row["id"], "name": row["name"], "country": row["country"], "municipalities": []}
        )
        one["municipalities"].append(row["municipality"])
    return {
        "programmes": programmes.all_programmes(tx),
        "themes": programmes.all_themes(tx),
        "collaborations": list(shared.values()),
        "providers": catalogue.providers(tx),
        "offers": [_as_row(offer) for offer in catalogue.current(tx)],
    }


def find(
    tx: Tx,
    *,
    municipality: str | None = None,
    programme: str | None = None,
    theme: str | None = None,
    q: str = "",
    sex: str | None = None,
    age: int | None = None,
    diagnosis: str | None = None,
    needs: Collection[str] = (),
    language: str = "en",
) -> list[Offer]:
    """Offers open to somebody like this, those that answer most of `needs` first.

    `municipality` is a code: what it gives itself, shares with its neighbours, and what the whole country is offered.
    `language` only orders by name; `Offer.text(language)` gives the text and says its language.
    """
    reach = catalogue.reaching(tx, municipality) if municipality else None
    found = [
        offer
        for offer in catalogue.current(tx, reach=reach, programme=programme, theme=theme)
        if terms.suits(offer.facts, sex=sex, age=age, diagnosis=diagnosis) and offer.mentions(q)
    ]
    return terms.ranked(found, themes=needs, municipality=municipality, language=language)


def _known(tx: Tx) -> Known:
    return Known(
        municipalities={row["code"] for row in places.municipalities(tx)},
        collaborations={row["id"] for row in catalogue.collaborations(tx)},
        providers={row["id"] for row in catalogue.providers(tx)},
        programmes=programmes.programmes(tx, "en"),
        themes=programmes.themes(tx, "en"),
        offers={offer.id for offer in catalogue.current(tx)},
    )


def _put_what_offers_refer_to(tx: Tx, read: CatalogueDocument, *, today: str) -> None:
    for one in read.programmes:
        programmes.put_programme(tx, one["id"], one["name"], one["talk_points_months"])
    for position, one in enumerate(read.themes):
        programmes.put_theme(tx, one["id"], one["name"], position)
    for one in read.collaborations:
        places.add_collaboration(
            tx, one["id"], one["name"], one["country"], list(one["municipalities"]), today
        )
    catalogue.put_providers(tx, [{**one, "valid_from": today} for one in read.providers])


def _frozen(offer: Offer) -> tuple[object, ...]:
    """What a version keeps for ever."""
    return offer.facts, tuple(sorted(offer.texts, key=lambda text: text.language))


def _differs(offer: Offer, before: Offer) -> bool:
    def rest(one: Offer) -> tuple[object, ...]:
        linked = [sorted(values) for values in (one.reach, one.programmes, one.themes, one.next_steps)]
        return one.kind, one.provider, one.checked_on, linked

    return rest(offer) != rest(before) or _frozen(offer) != _frozen(before)


def _offer_row(offer: Offer, version: str) -> Row:
    return {
        "id": offer.id,
        "provider": offer.provider,
        "kind": offer.kind,
        "current_version": version,
        "checked_on": offer.checked_on,
    }


def _version_row(offer: Offer, now: int) -> Row:
    facts = json.dumps(offer.facts.as_json(), ensure_ascii=False, sort_keys=True)
    return {"id": offer.version, "offer": offer.id, "facts": facts, "created_at": now}


def _text_rows(offers: list[Offer]) -> list[Row]:
    return [
        {"version": offer.version, "language": text.language, "name": text.name, "summary": text.summary}
        for offer in offers
        for text in offer.texts
    ]


def _as_row(offer: Offer) -> dict[str, Any]:
    return {
        "id": offer.id,
        "provider": offer.provider,
        "kind": offer.kind,
        "reach": list(offer.reach),
        "name": {text.language: text.name for text in offer.texts},
        "summary": {text.language: text.summary for text in offer.texts},
        "programmes": list(offer.programmes),
        "themes": list(offer.themes),
        "next_steps": list(offer.next_steps),
        "checked_on": offer.checked_on,
        **offer.facts.as_json(),
    }
