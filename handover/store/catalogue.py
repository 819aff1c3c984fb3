"""The catalogue of offers: providers, offers with their immutable versions and texts, and whom each reaches."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from handover.domain.offers import Facts, Offer, Text
from handover.store.engine import Row, Tx
from handover.store.scoping import in_list

_OFFERS = """
    select o.id, v.id as version, o.kind, o.provider, p.name as provider_name, p.kind as provider_kind,
        p.municipality as provider_municipality, v.facts, o.checked_on
    from offers o
    join offer_versions v on v.id = {version}
    join providers p on p.id = o.provider
"""
_CURRENT = _OFFERS.format(version="o.current_version")


def get(tx: Tx, offer: str) -> Offer | None:
    """One offer in its current version, unless it is no longer given."""
    found = _read(tx, f"{_CURRENT} where o.id = :offer and o.retired_at is null", offer=offer)
    return found[0] if found else None


def current(
    tx: Tx, *, reach: Sequence[str] | None = None, programme: str | None = None, theme: str | None = None
) -> list[Offer]:
    """Every offer that is given now, or those that reach one of these places, are for a programme, touch a theme."""
    conditions = ["o.retired_at is null"]
    params: dict[str, Any] = {}
    if reach is not None:
        names, params = in_list("reach", list(reach))
        conditions.append(f"exists (select 1 from offer_reach r where r.offer = o.id and r.reach in {names})")
    if programme:
        conditions.append(
            "exists (select 1 from offer_programmes g where g.offer = o.id and g.programme = :programme)"
        )
        params["programme"] = programme
    if theme:
        conditions.append("exists (select 1 from offer_themes h where h.offer = o.id and h.theme = :theme)")
        params["theme"] = theme
    return _read(tx, f"{_CURRENT} where {' and '.join(conditions)} order by o.id", **params)


def in_versions(tx: Tx, versions: Sequence[str]) -> dict[str, Offer]:
    """Offers as they were in these versions, by the version's id; given no more or not."""
    if not versions:
        return {}
    names, params = in_list("version", list(versions))
    query = _OFFERS.replace("v.id = {version}", "v.offer = o.id")
    return {offer.version: offer for offer in _read(tx, f"{query} where v.id in {names}", **params)}


def current_versions(tx: Tx, offers: Sequence[str]) -> dict[str, str]:
    """Offer → the id of its current version, for those of `offers` that exist."""
    names, params = in_list("offer", list(offers))
    rows = tx.tuples(f"select id, current_version from offers where id in {names}", **params)
    return {row[0]: row[1] for row in rows}


def reaching(tx: Tx, municipality: str) -> list[str]:
    """The words of reach that include a municipality: its code, its collaborations, its country."""
    rows = tx.tuples(
        """
        select code from municipalities where code = :code
        union select collaboration from collaboration_members where municipality = :code and valid_to is null
        union select country from municipalities where code = :code
        """,
        code=municipality,
    )
    return [row[0] for row in rows]


def collaborations(tx: Tx) -> list[Row]:
    """Collaborations in force: id, name, country, municipality; a row for each municipality."""
    return tx.all(
        """
        select collaboration as id, name, country, municipality from collaboration_members
        where valid_to is null order by collaboration, municipality
        """
    )


def providers(tx: Tx) -> list[Row]:
    """Every provider: id, kind, name, municipality."""
    return tx.all("select id, kind, name, municipality from providers where valid_to is null order by id")


def put_providers(tx: Tx, rows: list[Row]) -> None:
    """Add or rename providers (id, kind, name, municipality, valid_from)."""
    tx.run_many(
        """
        insert into providers (id, kind, name, municipality, valid_from)
        values (:id, :kind, :name, :municipality, :valid_from)
        on conflict (id) do update set kind = excluded.kind, name = excluded.name,
            municipality = excluded.municipality
        """,
        rows,
    )


def put_offers(tx: Tx, rows: list[Row]) -> None:
    """Add offers or point them at their new version (id, provider, kind, current_version, checked_on)."""
    tx.run_many(
        """
        insert into offers (id, provider, kind, current_version, checked_on)
        values (:id, :provider, :kind, :current_version, :checked_on)
        on conflict (id) do update set provider = excluded.provider, kind = excluded.kind,
            current_version = excluded.current_version, checked_on = excluded.checked_on,
            retired_at = null, version = offers.version + 1
        """,
        rows,
    )


def add_versions(tx: Tx, versions: list[Row], texts: list[Row]) -> None:
    """New versions (id, offer, facts, created_at), numbered on from the last, and their texts."""
    tx.run_many(
        """
        insert into offer_versions (id, offer, number, facts, created_at)
        select :id, :offer, coalesce(max(number), 0) + 1, :facts, :created_at from offer_versions
        where offer = :offer
        """,
        versions,
    )
    tx.run_many(
        """
        insert into offer_texts (version, language, name, summary) values (:version, :language, :name, :summary)
        """,
        texts,
    )


def replace_links(tx: Tx, offers: list[Offer]) -> None:
    """Say anew whom these offers reach, for which programmes and themes, and what may come after them."""
    ids: list[Row] = [{"offer": offer.id} for offer in offers]
    for table, column in _LINKS.items():
        tx.run_many(f"delete from {table} where offer = :offer", ids)
        tx.run_many(
            f"insert into {table} (offer, {column}) values (:offer, :value)",
            [{"offer": offer.id, "value": value} for offer in offers for value in _linked(offer, table)],
        )


_LINKS = {
    "offer_reach": "reach",
    "offer_programmes": "programme",
    "offer_themes": "theme",
    "offer_next_steps": "next_offer",
}


def _linked(offer: Offer, table: str) -> tuple[str, ...]:
    return {
        "offer_reach": offer.reach,
        "offer_programmes": offer.programmes,
        "offer_themes": offer.themes,
        "offer_next_steps": offer.next_steps,
    }[table]


def _read(tx: Tx, sql: str, **params: Any) -> list[Offer]:
    rows = tx.all(sql, **params)
    if not rows:
        return []
    versions, version_params = in_list("version", [row["version"] for row in rows])
    texts: dict[str, list[Text]] = {}
    for version, *text in tx.tuples(
        f"""
        select version, language, name, summary from offer_texts where version in {versions}
        order by version, language
        """,
        **version_params,
    ):
        texts.setdefault(version, []).append(Text(*text))
    offers, offer_params = in_list("offer", [row["id"] for row in rows])
    linked: dict[tuple[str, str], list[str]] = {}
    for table, column in _LINKS.items():
        for offer, value in tx.tuples(
            f"select offer, {column} from {table} where offer in {offers} order by offer, {column}",
            **offer_params,
        ):
            linked.setdefault((table, offer), []).append(value)

    def links(table: str, offer: str) -> tuple[str, ...]:
        return tuple(linked.get((table, offer), ()))

    return [
        Offer(
            row["id"],
            row["version"],
            row["kind"],
            row["provider"],
            row["provider_name"],
            row["provider_kind"],
            row["provider_municipality"],
            tuple(texts.get(row["version"], ())),
            Facts.from_json(json.loads(row["facts"])),
            links("offer_reach", row["id"]),
            links("offer_programmes", row["id"]),
            links("offer_themes", row["id"]),
            links("offer_next_steps", row["id"]),
            row["checked_on"],
        )
        for row in rows
    ]
