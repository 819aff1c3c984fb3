"""Listen, serve until told to stop, and stop within three seconds, whoever is still connected."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable

from aiohttp import web, web_response
from aiohttp.http_exceptions import HttpProcessingError

from handover.app import make_app, open_mailer
from handover.commands.common import CommandError
from handover.settings import Settings
from handover.settings_values import bracketed
from handover.store.sqlite import SqliteStore

# After the sockets of calls have been hung up (at most two seconds), this is left for pages still being written.
FINISH_WITHIN = 0.5
KEEP_ALIVE = 75.0  # seconds; a proxy in front closes its idle connections after 60


def run(settings: Settings, store: SqliteStore, ready: Callable[[Settings], None]) -> None:
    """Serve until SIGTERM or Ctrl-C. `ready` is called once pages can be fetched, with the port that was chosen."""
    with _listening(settings) as bound:
        settings = settings.listening_on(bound.getsockname()[1])
        app = make_app(settings, store, open_mailer(settings))
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_serve(app, bound, lambda: ready(settings)))


class _WithoutWhatCame(logging.Filter):
    """Takes the traceback from aiohttp's line about a request that is no HTTP: it quotes what came, and that may be
    a link that a mail program has broken, or a cookie."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
            record.exc_info = None
        return True


def log_to_stderr(*, access: bool) -> None:
    """Say what happens on stderr, one line each; `access` adds a line a request, with the route's template only."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("handover.access").setLevel(logging.INFO if access else logging.WARNING)
    logging.getLogger("aiohttp.server").addFilter(_WithoutWhatCame())


async def _serve(app: web.Application, bound: socket.socket, ready: Callable[[], None]) -> None:
    # Answers to what is no HTTP come from aiohttp itself, which would name its version and has no setting for that.
    web_response.SERVER_SOFTWARE = "handover"  # type: ignore[attr-defined]
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    runner = web.AppRunner(app, access_log=None, keepalive_timeout=KEEP_ALIVE, shutdown_timeout=FINISH_WITHIN)
    await runner.setup()
    try:
        await web.SockSite(runner, bound).start()
        ready()
        await stop.wait()
    finally:
        await runner.cleanup()


def _listening(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=128)
    except OSError as error:
        where = f"{bracketed(settings.host)}:{settings.port}"
        raise CommandError(
            f"Cannot listen on {where}: {error.strerror}. Stop what listens there, or choose another with --port."
        ) from error
