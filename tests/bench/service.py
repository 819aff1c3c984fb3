"""The service over a prepared database, in a process of its own: `python -m tests.bench.service FOLDER`.

Its clock stands at tests.cast.NOW, and it posts no mail: a mail is made after the answer, by the post room.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path

from calendars.mail import FolderMailer
from handover import app as composition
from handover.settings import Settings
from handover.store.sqlite import SqliteStore
from tests.bench.processes import announce
from tests.cast import NOW


def main(folder: Path) -> None:
    settings = Settings(
        port=0,
        base_url="http://127.0.0.1:0",
        database=f"sqlite:///{folder / 'handover.db'}",
        mail=f"folder:{folder / 'mail'}",
    )
    bound = socket.create_server(("127.0.0.1", 0))
    store = SqliteStore(settings.database_path)
    app = composition.make_app(
        settings.listening_on(bound.getsockname()[1]),
        store,
        FolderMailer(folder / "mail"),
        clock=lambda: NOW,
    )
    app.cleanup_ctx.remove(composition._post_room)
    announce(app, bound)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
