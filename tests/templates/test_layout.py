"""Layouts and macros: fields say what they are and what is wrong, names stay text, nothing is inline."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

SOURCES = Path(__file__).parents[2] / "templates"
TEMPLATES = Environment(loader=PackageLoader("templates", ""), autoescape=True, undefined=StrictUndefined)


def say(sentence: str) -> str:
    return sentence


def macros(name: str) -> Any:
    return TEMPLATES.get_template(f"layout/{name}.html").make_module({"_": say})


forms, parts = macros("forms"), macros("parts")


def attribute(name: str, markup: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', markup)
    assert found, f"no {name} in {markup}"
    return found[1]


def tag(name: str, markup: str) -> str:
    found = re.search(rf"<{name}\b[^>]*>", markup)
    assert found, f"no <{name}> in {markup}"
    return found[0]


def test_field_is_described_by_its_hint_and_its_error() -> None:
    markup = forms.field("phone", "Phone", hint="With country code", error="Write a phone number.")
    field = tag("input", markup)
    sentences = dict(re.findall(r'<p class="\w+" id="([\w-]+)">(?:<svg.*?</svg><span>)?([^<]+)', markup))
    assert [sentences[each] for each in attribute("aria-describedby", field).split()] == [
        "With country code",
        "Write a phone number.",
    ]
    assert attribute("aria-invalid", field) == "true"
    assert attribute("for", tag("label", markup)) == attribute("id", field)


def test_field_without_error_is_not_called_invalid() -> None:
    assert "aria-invalid" not in forms.field("phone", "Phone", hint="With country code")


@pytest.mark.parametrize(
    "markup",
    [
        forms.field("when", "When"),
        forms.textarea("when", "When"),
        forms.select("when", "When", [("a", "A")]),
        forms.radios("when", "When", [("a", "A"), ("b", "B", "small print")]),
        forms.checkboxes("when", "When", [("a", "A"), ("b", "B")]),
        forms.checkbox("when", "When"),
        forms.slot_picker(
            "when", "When", [{"label": "Tuesday", "slots": [{"value": "1", "label": "10:00"}]}]
        ),
    ],
)
def test_error_summary_links_to_the_field_it_speaks_of(markup: Markup) -> None:
    target = attribute("href", forms.errors([("when", "Choose a time.")]))
    assert re.findall(r'\bid="(field-when)"', markup) == [target.removeprefix("#")]


def test_day_without_slots_says_so() -> None:
    assert "No free times" in forms.slot_picker("start", "Free times", [{"label": "Tuesday", "slots": []}])


def test_one_decision_of_five_is_pressed() -> None:
    markup = forms.decisions("livskraft", "declined")
    pressed = dict(re.findall(r'value="livskraft:([\w-]+)" aria-pressed="(\w+)"', markup))
    assert pressed == {
        "accepted": "false",
        "undecided": "false",
        "declined": "true",
        "has-already": "false",
        "not-relevant": "false",
    }


def test_figure_gives_its_numbers_as_text_beside_the_bar() -> None:
    markup = parts.figure_bar("Talk held", 41, 48, 41 / 48, 0.73, 0.93)
    words = " ".join(re.sub(r"<svg.*?</svg>|<[^>]+>", " ", markup, flags=re.S).split())
    assert words == "Talk held 41 of 48 · 85 % (73–93)"
    assert attribute("width", markup[markup.index('class="part"') :]) == "85.4"


def test_share_of_nothing_draws_no_bar() -> None:
    markup = parts.figure_bar("Talk held", 0, 0)
    assert "0 of 0" in markup
    assert 'class="part"' not in markup
    assert "%" not in markup


@pytest.mark.parametrize(
    "markup",
    [
        parts.tile("1", "<img src=x>", "<img src=x>"),
        parts.chip("yes", "<img src=x>"),
        parts.notice("info", "<img src=x>"),
        parts.offer_card("1", "<img src=x>", "<img src=x>", "<img src=x>", facts=[("Where", "<img src=x>")]),
        forms.field("name", "Name", "<img src=x>", error="<img src=x>", options=["<img src=x>"]),
        forms.textarea("words", "Words", "<img src=x></textarea>"),
        forms.errors([("name", "<img src=x>")]),
    ],
)
def test_what_people_write_stays_text(markup: Markup) -> None:
    assert "<img" not in markup
    assert "&lt;img src=x&gt;" in markup


def pages() -> list[str]:
    return [name for name in TEMPLATES.list_templates(["html"]) if not name.startswith("mail/")]


@pytest.mark.parametrize("name", pages())
def test_page_has_nothing_inline_that_the_content_policy_refuses(name: str) -> None:
    source = (SOURCES / name).read_text(encoding="utf-8")
    assert re.findall(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|javascript:", source) == []


@pytest.mark.parametrize("name", pages())
def test_page_asks_no_other_host_for_anything(name: str) -> None:
    source = (SOURCES / name).read_text(encoding="utf-8")
    assert re.findall(r'(?:src|<link[^>]*href)="(?:https?:)?//', source) == []
