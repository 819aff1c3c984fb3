"""Every sentence exists in every language, and dates and times are said as people there say them."""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from handover import words
from handover.settings import LANGUAGES as LANGUAGES_TO_SET

ROOT = Path(__file__).parents[2]
LOCALE = ROOT / "handover" / "locale"
TRANSLATED = ("da", "nb")

# Tuesday 24 November 2026, 09:00 UTC: 10 o'clock in Denmark and Norway.
TUESDAY = int(datetime(2026, 11, 24, 9, 0, tzinfo=UTC).timestamp())


def sentences() -> dict[str, list[str]]:
    """Every msgid in code and templates, with the places it stands in."""
    with (LOCALE / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found: dict[str, list[str]] = {}
    for folder in ("handover", "templates"):
        for name, line, message, _, _ in extract_from_dir(
            ROOT / folder, methods, options, strip_comment_tags=True
        ):
            assert isinstance(message, str), f"{folder}/{name}:{line}: plurals are two sentences here"
            found.setdefault(message, []).append(f"{folder}/{name}:{line}")
    return found


def catalogue(language: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / "handover.po").open("rb") as file:
        return read_po(file, locale=language)


def translated(language: str) -> dict[str, str]:
    return {str(one.id): str(one.string) for one in catalogue(language) if one.id and one.string}


def named_braces(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_languages_that_can_be_set_are_the_ones_with_words() -> None:
    assert words.LANGUAGES == LANGUAGES_TO_SET
    assert {path.parts[-3] for path in LOCALE.glob("*/LC_MESSAGES/handover.po")} == set(TRANSLATED)


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_translated_and_none_is_left_over(language: str) -> None:
    used = sentences()
    has = translated(language)
    missing = {text: places[0] for text, places in used.items() if not has.get(text)}
    assert missing == {}
    assert set(has) - set(used) == set()


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_a_guess(language: str) -> None:
    book = catalogue(language)
    assert [one.id for one in book if one.fuzzy and one.id] == []
    assert list(book.obsolete) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_fill_in_what_the_sentence_fills_in(language: str) -> None:
    assert {
        text: other
        for text, other in translated(language).items()
        if named_braces(text) != named_braces(other)
    } == {}


@pytest.mark.parametrize("language", TRANSLATED)
def test_compiled_catalogue_says_what_the_written_one_says(language: str) -> None:
    with (LOCALE / language / "LC_MESSAGES" / "handover.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    written = translated(language)
    assert {text: compiled.gettext(text) for text in written} == written
    assert compiled.info()["content-type"] == "text/plain; charset=utf-8"


def test_sentences_are_english_to_be_read_not_keys() -> None:
    assert [text for text in sentences() if re.fullmatch(r"[a-z]+([._-][a-z]+)+", text)] == []


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_nobody_is_shouted_at(language: str) -> None:
    said = sentences() if language == "en" else translated(language).values()
    assert [text for text in said if "!" in text] == []


def bare_words(template: str) -> Iterator[str]:
    """What a template says without asking for its translation."""
    text = re.sub(r"\{%-? block scale -?%\}.*?\{%-? endblock -?%\}", " ", template)
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->", " ", text, flags=re.DOTALL)
    yield from re.findall(r"(?:aria-label|placeholder|title|alt)=\"([^\"]*[^\W\d_][^\"]*)\"", text)
    text = re.sub(r"<(\w+)[^>]*\btranslate=\"no\"[^>]*>.*?</\1>", " ", text, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>|&#?\w+;|[\w-]+=\"[^\"]*\"|\bHandover\b", " ", text)
    yield from re.findall(r"[^\W\d_][\w’'-]+(?: [\w’'-]+)*", text)


def test_bare_words_are_noticed() -> None:
    template = (
        '{# note #}<p title="Ring us">{{ _("Hello") }} dear <b translate="no">Ellen</b>'
        "{% if late %}you{% endif %}</p>"
    )
    assert list(bare_words(template)) == ["Ring us", "dear", "you"]


def test_templates_say_nothing_untranslated() -> None:
    templates = sorted((ROOT / "templates").rglob("*.html")) + sorted((ROOT / "templates").rglob("*.txt"))
    said = {
        str(path.relative_to(ROOT)): list(bare_words(path.read_text(encoding="utf-8"))) for path in templates
    }
    assert {name: found for name, found in said.items() if found} == {}


def test_english_is_what_the_code_says() -> None:
    assert words.translations("en").gettext("Book a talk") == "Book a talk"
    assert words.translations("sv").gettext("Book a talk") == "Book a talk"


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_nothing_to_say_stays_nothing(language: str) -> None:
    assert words.translations(language).gettext("") == ""


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("da-DK,da;q=0.9,en;q=0.8", "da"),
        ("en-GB,en;q=0.9,da;q=0.8", "en"),
        ("no-NO,no", "nb"),
        ("nn-NO,nn;q=0.9", "nb"),
        ("kl,da;q=0.9", "da"),
        ("sv-SE,sv;q=0.9,en;q=0.5,nb;q=0.7", "nb"),
        ("da;q=0, en;q=0.1", "en"),
        ("de-DE", "nb"),
        ("", "nb"),
        ("*", "nb"),
        (";;;,q=1,en;q=much", "nb"),
    ],
)
def test_browser_is_answered_in_the_language_it_likes_best(header: str, language: str) -> None:
    assert words.best_language(header, "nb") == language


def test_day_and_time_are_said_as_people_say_them() -> None:
    zone = "Europe/Copenhagen"
    said = {language: words.say_day_and_time(TUESDAY, zone, language) for language in words.LANGUAGES}
    assert said == {
        "da": "tirsdag den 24. november kl. 10.00",
        "nb": "tirsdag 24. november kl. 10.00",
        "en": "Tuesday 24 November at 10:00",
    }


def test_period_month_and_year_are_said_when_asked() -> None:
    speaker = words.Speaker("da", "Europe/Copenhagen")
    assert speaker.period(TUESDAY, TUESDAY + 1800) == "tirsdag den 24. november kl. 10.00–10.30"
    assert speaker.date("2026-11-24", year=True) == "tirsdag den 24. november 2026"
    assert speaker.month(date(2026, 11, 1)) == "november 2026"
    assert speaker.machine_time(TUESDAY) == "2026-11-24T10:00:00+01:00"
    assert words.Speaker("nb", "Europe/Oslo").short_date("2026-12-08") == "8. desember"
    assert words.Speaker("en", "Europe/Oslo").short_date("2026-12-08", year=True) == "8 December 2026"


def test_day_is_the_one_where_the_talk_is() -> None:
    late = int(datetime(2026, 11, 24, 23, 30, tzinfo=UTC).timestamp())
    assert words.Speaker("en", "Europe/Copenhagen").today(late) == date(2026, 11, 25)
    assert words.say_day_and_time(late, "Europe/Copenhagen", "en") == "Wednesday 25 November at 00:30"


def test_mail_to_somebody_who_may_be_elsewhere_names_the_zone() -> None:
    assert words.may_be_elsewhere("en")
    assert words.may_be_elsewhere("da", "+44 20 7946 0000")
    assert words.may_be_elsewhere("da", "0044 20 7946 0000")
    assert not words.may_be_elsewhere("da", "+45 74 00 00 00")
    assert not words.may_be_elsewhere("nb", "0047 22 00 00 00")
    assert not words.may_be_elsewhere("nb", "74 00 00 00")
    dag = words.Speaker("da", "Europe/Copenhagen", name_zone=True)
    assert dag.day_and_time(TUESDAY) == "tirsdag den 24. november kl. 10.00 (dansk tid)"
    assert (
        words.say_day_and_time(TUESDAY, "Europe/Oslo", "en", name_zone=True)
        == "Tuesday 24 November at 10:00 (Norwegian time)"
    )


def test_hour_that_comes_twice_always_says_which() -> None:
    speaker = words.Speaker("en", "Europe/Copenhagen")
    first = int(datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp())
    assert [speaker.day_and_time(first), speaker.day_and_time(first + 3600)] == [
        "Sunday 25 October at 02:30 (Central European Summer Time)",
        "Sunday 25 October at 02:30 (Central European Standard Time)",
    ]
