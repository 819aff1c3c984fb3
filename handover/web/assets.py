"""Styles, scripts and icons, read once at start, compressed once, and addressed by a version made of their content.

The address changes when any file does, so browsers may keep them for ever. Scripts are sent without comments
and indents, a third of what a phone would fetch; the sources are there to be read.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from aiohttp import web
from rjsmin import jsmin  # type: ignore[import-untyped]

from handover.errors import NotFound
from handover.web.doors import anyone

FOR_EVER = "public, max-age=31536000, immutable"
SCRIPT_TYPES = {".js": "text/javascript", ".svg": "image/svg+xml", ".css": "text/css"}


@dataclass(frozen=True)
class Asset:
    """One file: its media type, its bytes, and the bytes under gzip when that is shorter."""

    media_type: str
    content: bytes
    packed: bytes | None


class Assets:
    """All files under handover/static and signaling/browser, as `handover/css/x.css` and `signaling/mesh.js`."""

    def __init__(self) -> None:
        self._files, self.version = _all()

    def address(self, name: str) -> str:
        """Where a page finds a file: `css/handover.css` is ours, `signaling:mesh.js` the signaling library's."""
        package, _, rest = name.rpartition(":")
        full = f"{package or 'handover'}/{rest}"
        if full not in self._files:
            raise LookupError(f"no such asset: {name}")
        return f"/static/{self.version}/{full}"

    def get(self, name: str) -> Asset | None:
        """The file, or None."""
        return self._files.get(name)


@cache
def _all() -> tuple[dict[str, Asset], str]:
    """Every file by its address, and the version that all of them make."""
    contents = {
        f"{package}/{name}": jsmin(content.decode()).encode() if name.endswith(".js") else content
        for package, folder in (("handover", "static"), ("signaling", "browser"))
        for name, content in sorted(_walk(files(package) / folder))
    }
    digest = hashlib.sha256()
    for name, content in contents.items():
        digest.update(name.encode() + b"\0" + content)
    return {name: _asset(name, content) for name, content in contents.items()}, digest.hexdigest()[:12]


def _walk(folder: Traversable, before: str = "") -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _walk(entry, f"{before}{entry.name}/")
        else:
            found.append((before + entry.name, entry.read_bytes()))
    return found


def _asset(name: str, content: bytes) -> Asset:
    suffix = "." + name.rpartition(".")[2]
    media_type = SCRIPT_TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    packed = gzip.compress(content, 9, mtime=0)
    return Asset(media_type, content, packed if len(packed) < len(content) else None)


ASSETS = web.AppKey("assets", Assets)


@anyone
async def asset(request: web.Request) -> web.Response:
    """GET /static/{version}/{name}: an old version's address still answers with the file of today."""
    found = request.app[ASSETS].get(request.match_info["name"])
    if found is None:
        raise NotFound()
    current = request.match_info["version"] == request.app[ASSETS].version
    headers = {"Cache-Control": FOR_EVER if current else "no-cache", "Vary": "Accept-Encoding"}
    if found.packed and "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return web.Response(body=found.packed, content_type=found.media_type, headers=headers)
    return web.Response(body=found.content, content_type=found.media_type, headers=headers)


def routes() -> list[web.RouteDef]:
    return [web.get("/static/{version}/{name:.+}", asset)]
