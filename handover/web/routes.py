"""Every address the service answers: one noun file after the other."""

from __future__ import annotations

from aiohttp import web

from handover.web import (
    account,
    admin,
    admin_people,
    admin_units,
    api,
    assets,
    booking,
    evaluation,
    health,
    help,
    join,
    metrics,
    network_check,
    offers,
    outcomes,
    password_links,
    phones,
    photos,
    presenting,
    room_door,
    rooms,
    set_up,
    sign_in,
    summaries,
    tablets,
    talk_changes,
    talk_edits,
    talk_moves,
    talks,
    today,
)

NOUNS = (
    account,
    admin,
    admin_people,
    admin_units,
    api,
    assets,
    booking,
    evaluation,
    health,
    help,
    join,
    metrics,
    network_check,
    offers,
    outcomes,
    password_links,
    phones,
    photos,
    presenting,
    room_door,
    rooms,
    set_up,
    sign_in,
    summaries,
    tablets,
    talk_changes,
    talk_edits,
    talk_moves,
    talks,
    today,
)


def all_routes() -> list[web.RouteDef]:
    """The routes of every noun, in the order in which they are tried."""
    return [route for noun in NOUNS for route in noun.routes()]
