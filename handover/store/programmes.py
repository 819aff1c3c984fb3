"""Programmes and themes: data an administrator can change, named in several languages."""

from __future__ import annotations

import json

from handover.store.engine import Row, Tx

_ORDER = {"da": ("da", "nb", "en"), "nb": ("nb", "da", "en"), "en": ("en", "da", "nb")}


def programmes(tx: Tx, language: str) -> dict[str, str]:
    """Id → name of each programme in use, by name."""
    rows = tx.tuples("select id, names from programmes where retired_at is null")
    return dict(sorted(((id_, _name(names, language)) for id_, names in rows), key=lambda pair: pair[1]))


def themes(tx: Tx, language: str) -> dict[str, str]:
    """Id → name of each theme, in the order people are asked."""
    rows = tx.tuples("select id, names from themes order by position, id")
    return {id_: _name(names, language) for id_, names in rows}


def all_programmes(tx: Tx) -> list[Row]:
    """Programmes in use in every language: id, name, talk_points_months, as the catalogue file has them."""
    rows = tx.tuples("select id, names, talk_points from programmes where retired_at is null order by id")
    return [
        {"id": id_, "name": json.loads(names), "talk_points_months": json.loads(points)}
        for id_, names, points in rows
    ]


def all_themes(tx: Tx) -> list[Row]:
    """Themes in every language: id, name, in the order people are asked."""
    rows = tx.tuples("select id, names from themes order by position, id")
    return [{"id": id_, "name": json.loads(names)} for id_, names in rows]


def put_programme(tx: Tx, programme: str, names: dict[str, str], talk_points: list[int]) -> None:
    """Add or rename a programme. `talk_points` are months after discharge at which a talk is due."""
    tx.run(
        """
        insert into programmes (id, names, talk_points) values (:id, :names, :talk_points)
        on conflict (id) do update set names = excluded.names, talk_points = excluded.talk_points
        """,
        id=programme,
        names=json.dumps(names, ensure_ascii=False, sort_keys=True),
        talk_points=json.dumps(talk_points),
    )


def put_theme(tx: Tx, theme: str, names: dict[str, str], position: int) -> None:
    """Add or rename a theme."""
    tx.run(
        """
        insert into themes (id, names, position) values (:id, :names, :position)
        on conflict (id) do update set names = excluded.names, position = excluded.position
        """,
        id=theme,
        names=json.dumps(names, ensure_ascii=False, sort_keys=True),
        position=position,
    )


def _name(names: str, language: str) -> str:
    known: dict[str, str] = json.loads(names)
    return next((known[code] for code in _ORDER[language] if code in known), next(iter(known.values())))
