"""Which language a browser is spoken to in."""

from __future__ import annotations

from dataclasses import replace

from handover.settings import Settings
from handover.store.sqlite import SqliteStore
from tests.cast import Cast
from tests.conftest import Clock, Serve, service
from tests.visitor import signed_in


async def test_who_asks_for_nothing_we_speak_gets_the_installations_language(
    serve: Serve, settings: Settings, store: SqliteStore, clock: Clock
) -> None:
    norwegian = service(replace(settings, language="nb"), store, clock)
    for asked, language in (("fr, pl;q=0.5", "nb"), ("", "nb"), ("fr, da;q=0.1", "da"), ("en", "en")):
        visitor = await serve(norwegian, **{"Accept-Language": asked})
        visitor.http.session.cookie_jar.clear()
        page = await visitor.get("/sign-in")
        assert f'<html lang="{language}"' in page.text, asked


async def test_what_was_chosen_wins_over_the_account_and_the_account_over_the_browser(
    serve: Serve, settings: Settings, store: SqliteStore, clock: Clock, cast: Cast
) -> None:
    store.write_now(lambda tx: tx.run("update accounts set language = 'nb' where id = :id", id=cast.bo.actor))
    visitor = await serve(service(settings, store, clock), **{"Accept-Language": "da"})
    visitor.http.session.cookie_jar.clear()
    assert '<html lang="da"' in (await visitor.get("/help")).text
    bo = await signed_in(visitor, "bo@kommune.example")
    assert '<html lang="nb"' in (await bo.get("/")).text
    assert '<html lang="en"' in (await bo.get("/?lang=en")).text
    assert '<html lang="en"' in (await bo.get("/talks")).text
    assert '<html lang="en"' in (await bo.get("/talks?lang=xx")).text
