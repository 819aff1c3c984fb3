"""Scripts are sent short and whole, files without what only pages need."""

from __future__ import annotations

from importlib.resources import files

import pytest
from aiohttp import web

from handover.web.assets import Assets
from tests.conftest import Serve

POLICIES = ("Content-Security-Policy", "Permissions-Policy", "Referrer-Policy", "Server", "Set-Cookie")


def test_scripts_lose_their_comments_and_keep_their_texts() -> None:
    assets = Assets()
    for package, folder in (("handover", "static"), ("signaling", "browser")):
        root = files(package) / folder
        for script in root.rglob("*.js"):  # type: ignore[attr-defined]
            found = assets.get(f"{package}/{script.relative_to(root)}")
            source = script.read_text(encoding="utf-8")
            assert found is not None and len(found.content) < len(source.encode())
            sent = found.content.decode()
            assert "@param" not in sent
            assert sent.count("`") == source.count("`") - commented(source), script


def commented(source: str) -> int:
    """How many backticks of a script stand in its comments."""
    inside = [line for line in source.splitlines() if line.lstrip().startswith(("//", "*", "/*"))]
    after = [line.partition(" // ")[2] for line in source.splitlines() if line not in inside]
    return sum(line.count("`") for line in (*inside, *after))


@pytest.mark.parametrize("name", ["ui/call.js", "css/room.css", "icons/favicon.svg"])
async def test_a_file_carries_no_policies_of_a_page(serve: Serve, app: web.Application, name: str) -> None:
    visitor = await serve(app)
    address = Assets().address(name)
    answer = await visitor.http.get(address)
    assert answer.status == 200
    assert [header for header in POLICIES if header in answer.headers] == []
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    missing = await visitor.http.get(address.replace(name, "ui/nothing.js"))
    assert missing.status == 404 and "Content-Security-Policy" in missing.headers
