"""The least WebSocket server: aiohttp sends back what it gets. `python -m tests.bench.bare_echo`"""

from __future__ import annotations

import socket

from aiohttp import web

from tests.bench.processes import announce, many_files


async def echo(request: web.Request) -> web.StreamResponse:
    ws = web.WebSocketResponse(compress=False)
    await ws.prepare(request)
    async for message in ws:
        await ws.send_str(message.data)
    return ws


def main() -> None:
    many_files()
    app = web.Application()
    app.add_routes([web.get("/", echo)])
    announce(app, socket.create_server(("127.0.0.1", 0), backlog=1024))


if __name__ == "__main__":
    main()
