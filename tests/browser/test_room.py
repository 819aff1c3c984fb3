"""The room in real browsers: two staff and a relative, a second tab, a refused camera."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from handover.domain.talks import Talk
from tests.browser.calls import in_the_call, sees_moving_pictures
from tests.browser.conftest import Site, axe, overflow, until
from tests.browser.rooms import book_ellens_talk, link_of
from tests.cast import NOW, Cast


@pytest.fixture
def talk(site: Site, cast: Cast) -> Talk:
    """Ellen's talk, five minutes before it begins."""
    return book_ellens_talk(site, cast)


async def test_staff_and_a_relative_see_each_other_and_the_offer_that_is_shown(
    site: Site, talk: Talk
) -> None:
    astrid = await site.staff("astrid@ward.example", language="en")
    bo = await site.staff("bo@kommune.example", language="en")
    dag = await site.visitor(phone=True)
    for staff in (astrid, bo):
        await staff.goto(f"{site.base}/talks/{talk.id}/room")
        assert await staff.get_by_role("button", name="Join", exact=True).count() == 1
        await staff.get_by_role("button", name="Join", exact=True).click()
        await in_the_call(staff)
    await dag.goto(link_of(site, talk, "Dag"))
    assert await dag.get_by_label("Dit navn").input_value() == "Dag Hansen"
    await dag.get_by_role("button", name="Jeg er klar").click()
    await until(dag, "() => document.documentElement.dataset.phase === 'waiting'")
    assert await dag.locator("video[data-participant]").count() == 0
    assert "Bo Madsen" not in await dag.inner_text("body")
    await astrid.get_by_role("button", name="Let in").click()
    for page in (astrid, bo, dag):
        await sees_moving_pictures(page, 2)

    first = bo.locator("[data-finder] article", has_text="Physical rehabilitation at the health centre")
    await first.get_by_role("button", name="Show").click()
    shown = dag.locator("[data-shown] article")
    await shown.wait_for()
    await expect(shown.locator("h3")).to_be_in_viewport()  # on a phone it lies below the picture
    second = bo.locator("[data-finder] article", has_text="Talks with a psychologist")
    await second.get_by_role("button", name="Show").click()
    await expect(shown).to_have_count(2)
    await second.get_by_role("button", name="Take it off the screens").click()
    await expect(shown).to_have_count(1)
    assert await shown.locator("h3").inner_text() == "Genoptræning på sundhedscenteret"
    await dag.reload()
    await dag.get_by_role("button", name="Jeg er klar").click()
    await in_the_call(dag)  # let in once: no second knock
    assert await shown.locator("h3").inner_text() == "Genoptræning på sundhedscenteret"
    for page in (bo, dag):
        assert await axe(page) == []
        assert await overflow(page) == 0

    await dag.get_by_role("button", name="Forlad").click()
    await until(dag, "() => document.documentElement.dataset.phase === 'over'")
    await until(bo, "() => document.querySelectorAll('video[data-participant]').length === 1")


async def test_a_second_tab_takes_the_seat_and_the_first_says_why(site: Site, talk: Talk) -> None:
    bo = await site.staff("bo@kommune.example", language="en")
    await bo.goto(f"{site.base}/talks/{talk.id}/room")
    await bo.get_by_role("button", name="Join", exact=True).click()
    await in_the_call(bo)
    first = await site.visitor(language="en")
    await first.goto(link_of(site, talk, "Dag") + "?lang=en")
    await first.get_by_role("button", name="I am ready").click()
    await bo.get_by_role("button", name="Let in").click()
    await in_the_call(first)
    second = await first.context.new_page()
    await second.goto(link_of(site, talk, "Dag"))
    await second.get_by_role("button", name="I am ready").click()
    await in_the_call(second)
    await until(first, "() => document.documentElement.dataset.phase === 'over'")
    assert await first.locator("[data-over-title]").inner_text() == "You are here from another window"
    assert await first.evaluate("document.querySelector('[data-check] .preview video').srcObject") is None
    await sees_moving_pictures(bo, 1)
    await first.get_by_role("button", name="Connect again").click()
    await first.get_by_role("button", name="I am ready").click()
    await in_the_call(first)
    await until(second, "() => document.documentElement.dataset.phase === 'over'")


async def test_a_refused_camera_is_said_in_plain_words_and_one_can_join_all_the_same(
    site: Site, talk: Talk
) -> None:
    bo = await site.staff("bo@kommune.example", language="en")
    await bo.goto(f"{site.base}/talks/{talk.id}/room")
    await bo.get_by_role("button", name="Join", exact=True).click()
    dag = await site.visitor(phone=True)
    await dag.add_init_script(
        "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); }"
    )
    await dag.goto(link_of(site, talk, "Dag"))
    said = dag.locator("[data-problem-text]")
    await until(dag, "() => !document.querySelector('[data-problem]').hidden")
    assert "Tillad" in await said.inner_text()
    assert "NotAllowedError" not in await dag.inner_text("body")
    assert await axe(dag) == []
    await dag.get_by_role("button", name="Jeg er klar").click()
    await bo.get_by_role("button", name="Let in").click()
    await in_the_call(dag)
    await sees_moving_pictures(dag, 1)


async def test_sound_only_and_back_leaves_a_camera_off_that_was_off(site: Site, talk: Talk) -> None:
    bo = await site.staff("bo@kommune.example", language="en")
    await bo.goto(f"{site.base}/talks/{talk.id}/room")
    await bo.get_by_role("button", name="Join", exact=True).click()
    await in_the_call(bo)
    await bo.get_by_role("button", name="Turn camera off").click()
    await bo.get_by_role("button", name="Turn camera on").wait_for()
    sound_only = bo.get_by_role("button", name="Sound only")
    for _ in range(2):
        await sound_only.click()
    await until(bo, "() => document.querySelector('[data-control=sound-only]').ariaPressed === 'false'")
    assert await bo.locator(".tile.self.no-picture").count() == 1
    await bo.get_by_role("button", name="Turn camera on").click()
    await until(bo, "() => !document.querySelector('.tile.self.no-picture')")


async def test_each_way_a_camera_fails_has_a_sentence_of_its_own(site: Site, talk: Talk) -> None:
    said = {}
    for failure in ("NotAllowedError", "NotFoundError", "NotReadableError", "TypeError"):
        dag = await site.visitor(phone=True)
        await dag.add_init_script(
            f"navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('no', '{failure}'); }}"
        )
        await dag.goto(link_of(site, talk, "Dag"))
        await until(dag, "() => !document.querySelector('[data-problem]').hidden")
        said[failure] = await dag.inner_text("[data-problem-text]")
        assert failure not in said[failure]
        assert await dag.get_by_role("button", name="Jeg er klar").is_enabled()
    assert len(set(said.values())) == 4
    web_view = await site.visitor(phone=True, user_agent="Mozilla/5.0 (iPhone) AppleWebKit/605 [FBAN/FBIOS]")
    await web_view.add_init_script("Object.defineProperty(navigator, 'mediaDevices', {value: undefined})")
    await web_view.goto(link_of(site, talk, "Dag"))
    await until(web_view, "() => !document.querySelector('[data-copy-link]').hidden")
    assert "Safari" in await web_view.inner_text("[data-problem-text]")


async def test_pressing_twice_takes_one_seat(site: Site, talk: Talk) -> None:
    bo = await site.staff("bo@kommune.example", language="en")
    await bo.goto(f"{site.base}/talks/{talk.id}/room")
    await bo.get_by_role("button", name="Join", exact=True).dblclick()
    await in_the_call(bo)
    dag = await site.visitor(phone=True)
    await dag.goto(link_of(site, talk, "Dag"))
    await dag.get_by_role("button", name="Jeg er klar").dblclick()
    await bo.get_by_role("button", name="Let in").click()
    await in_the_call(dag)
    await sees_moving_pictures(bo, 1)
    assert await bo.locator("[data-people] li").count() == 2


async def test_a_link_before_its_time_says_when_to_come_back(site: Site, talk: Talk) -> None:
    site.clock.now = NOW
    dag = await site.visitor(phone=True)
    await dag.goto(link_of(site, talk, "Dag"))
    assert "Linket åbner kl. 09.30" in await dag.inner_text("main")
    assert await dag.get_by_role("button", name="Jeg er klar").count() == 0
    assert (await axe(dag), await overflow(dag)) == ([], 0)
