"""Scripts are sent short and whole, files without what only pages need."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from aiohttp import web

from handover.web.assets import Assets
from tests.conftest import Serve

COMMENTS = re.compile(
    r"^[ \t]*//.*\n|/\*(?:(?!\*/)[\s\S])*\*/|(?<=[;,{)]) // .*|(?<=\s)// [^\"\n]*$", re.MULTILINE
)
POLICIES = ("Content-Security-Policy", "Permissions-Policy", "Referrer-Policy", "Server", "Set-Cookie")


def scripts() -> list[tuple[str, str]]:
    """Address and source of each."""
    return [
        (f"{package}/{script.relative_to(root)}", script.read_text(encoding="utf-8"))
        for package, root in (
            ("handover", files("handover") / "static"),
            ("signaling", files("signaling") / "browser"),
        )
        for script in root.rglob("*.js")  # type: ignore[attr-defined]
    ]


@pytest.mark.parametrize(("address", "source"), scripts(), ids=[address for address, _ in scripts()])
def test_script_loses_its_comments_and_keeps_every_text(address: str, source: str) -> None:
    code = COMMENTS.sub("", source)
    # The shortener takes the inside of a text within a text for code, and drops its spaces.
    assert re.findall(r"`[^`]*\$\{[^}`]*`", code) == []
    found = Assets().get(address)
    assert found is not None and len(found.content) < len(source.encode())
    sent = found.content.decode()
    assert "@param" not in sent
    texts = re.findall(r'`[^`]*`|"(?:[^"\\\n]|\\.)*"', code)
    assert [text for text in texts if text not in sent] == []


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
