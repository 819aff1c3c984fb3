"""The least page that lists talks: aiohttp, jinja2 and the same query. `python -m tests.bench.bare_page FOLDER`"""

from __future__ import annotations

import socket
import sys
from datetime import datetime
from pathlib import Path

from aiohttp import web
from jinja2 import Environment

from handover.store import talk_lists
from handover.store.engine import Tx
from handover.store.sqlite import SqliteStore
from tests.bench.processes import announce
from tests.bench.talk_page import ROWS, astrid
from tests.cast import NOW

# The list's own markup is that of templates/talks/list.html; no layout, no languages, nobody signed in.
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Talks</title></head>
<body><h1>Talks</h1>
<ol class="talks">
{% for talk, from, to in talks %}
<li class="talk{% if talk.state == "asked" or (not talk.nurse_name and talk.state == "booked") %} wait{% endif %}">
<div class="when"><time>{{ from }}</time><span>–{{ to }}</span></div>
<div><h3><a href="/talks/{{ talk.id }}">{{ talk.reference }}</a>
<span class="quiet"> · {{ talk.initials }}{% if talk.place %} · {{ talk.place }}{% endif %}</span></h3>
<p>{{ talk.nurse_name or "No nurse yet" }}, {{ talk.municipality_name }}</p>
<ul class="chips"><li><span class="chip {{ talk.state }}"><svg class="icon" viewBox="0 0 24 24" aria-hidden="true"
focusable="false"><path d="M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 4v5l3 3"/></svg>{{ talk.state }}</span></li>
{% if talk.interpreter %}<li>Interpreter {{ talk.interpreter_state }}</li>{% endif %}
{% if talk.undelivered %}<li>Mail not delivered</li>{% endif %}</ul>
{% if talk.minor_children == "yes" %}<p class="flag">Children as relatives</p>{% endif %}</div>
</li>
{% endfor %}
</ol>
</body></html>
"""


def clock(instant: int) -> str:
    return datetime.fromtimestamp(instant).strftime("%d.%m. %H:%M")


def main(folder: Path) -> None:
    store = SqliteStore(folder / "handover.db")
    by = store.read_now(astrid)
    template = Environment(autoescape=True).from_string(PAGE)

    def lines(tx: Tx) -> list[talk_lists.TalkLine]:
        return talk_lists.page(tx, by, now=NOW, past=False, state=None, after=None, limit=ROWS + 1)

    async def page(request: web.Request) -> web.Response:
        found = await store.read(lines)
        text = template.render(
            talks=[(talk, clock(talk.starts_at), clock(talk.ends_at)) for talk in found[:ROWS]]
        )
        return web.Response(text=text, content_type="text/html")

    app = web.Application()
    app.add_routes([web.get("/talks", page)])
    announce(app, socket.create_server(("127.0.0.1", 0)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
