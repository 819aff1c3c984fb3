"""The stylesheets stay small, and what they put on what can be read in light and dark."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

CSS = files("handover") / "static" / "css"
TEMPLATES = Path(__file__).parents[3] / "templates"
MOST = 30_000  # bytes of styles that a page may load; a phone's line has a picture to bring too
LIGHT, DARK = 0, 1


def tokens(scheme: int) -> dict[str, str]:
    """The colours of one scheme: the dark block follows the light one."""
    blocks = re.findall(r":root \{(.*?)\}", (CSS / "handover.css").read_text(encoding="utf-8"), re.S)
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", blocks[scheme]))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def sheets(template: str) -> set[str]:
    """The stylesheets a page may load: its own and those of what it extends. A block that it replaces counts too."""
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    own = set(re.findall(r"static\('css/([\w-]+\.css)'\)", text))
    for parent in re.findall(r'{%-?\s*extends "([^"]+)"', text):
        own |= sheets(parent)
    return own


def test_no_page_loads_more_than_thirty_kilobytes_of_styles() -> None:
    pages = [str(page.relative_to(TEMPLATES)) for page in TEMPLATES.rglob("*.html")]
    sizes = {page: sum(len((CSS / sheet).read_bytes()) for sheet in sheets(page)) for page in pages}
    assert {page: size for page, size in sizes.items() if size > MOST} == {}
    assert {sheet for page in pages for sheet in sheets(page)} == {sheet.name for sheet in CSS.iterdir()}


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("ink", "paper"),
        ("ink", "card"),
        ("ink", "soft"),
        ("quiet", "paper"),
        ("quiet", "card"),
        ("quiet", "soft"),
        ("primary", "paper"),
        ("primary", "card"),
        ("primary", "soft"),
        ("on", "primary"),
        ("yes", "yes-ground"),
        ("wait", "wait-ground"),
        ("no", "no-ground"),
        ("no", "card"),
        ("ink", "yes-ground"),
        ("ink", "wait-ground"),
        ("ink", "no-ground"),
    ],
)
def test_words_stand_out_from_their_ground(scheme: int, text: str, ground: str) -> None:
    colours = tokens(scheme)
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
@pytest.mark.parametrize("edge", ["line", "focus", "primary"])
@pytest.mark.parametrize("ground", ["paper", "card"])
def test_borders_and_focus_stand_out_from_the_page(scheme: int, edge: str, ground: str) -> None:
    colours = tokens(scheme)
    assert contrast(colours[edge], colours[ground]) >= 3
