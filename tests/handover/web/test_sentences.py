"""Sentences are put into templates when they are compiled, and come out as they would be looked up at every look."""

from __future__ import annotations

import pytest
from jinja2 import DictLoader, Environment

from handover.web.sentences import speaking

DANISH = {"Book": "Bestil", "Ring {phone}": "Ring til {phone}", "Sick & tired": "Syg & træt"}


def drawn(template: str, **context: object) -> str:
    """The template as a Danish page, where `_` itself would say something else."""
    environment = Environment(loader=DictLoader({"page": template}), autoescape=True)
    speaking(environment, lambda sentence: DANISH.get(sentence, sentence))
    return environment.get_template("page").render({"_": lambda sentence: f"late {sentence}", **context})


@pytest.mark.parametrize(
    ("template", "page"),
    [
        ('{{ _("Book") }}', "Bestil"),
        ("<a title=\"{{ _('Book') }}\">", '<a title="Bestil">'),
        ('{{ _("Sick & tired") }}', "Syg &amp; træt"),
        ('{{ _("Ring {phone}").format(phone=phone) }}', "Ring til &lt;74&gt;"),
        ('{% set one = _("Book") %}{{ one }}', "Bestil"),
        ('{{ "a" if yes else _("Book") }}', "Bestil"),
        ("{{ _(sentence) }}", "late Book"),
    ],
)
def test_sentence_is_the_languages_own_and_escaped(template: str, page: str) -> None:
    assert drawn(template, phone="<74>", yes=False, sentence="Book") == page


def test_template_that_gives_the_words_another_meaning_keeps_it() -> None:
    template = '{% for say in both %}{% set _ = say %}{{ _("Book") }} {% endfor %}'
    assert drawn(template, both=[str.upper, str.lower]) == "BOOK book "
