"""Real-time text among three: every letter and every deletion, whose it is, and nothing kept but on the page."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.calls import in_the_call
from tests.browser.conftest import Site, axe, until
from tests.browser.rooms import axe_at_the_end, book_ellens_talk, guest_inside, staff_inside
from tests.cast import Cast


async def test_every_letter_and_deletion_is_seen_and_finished_lines_stay(site: Site, cast: Cast) -> None:
    talk = book_ellens_talk(site, cast)
    bo = await staff_inside(site, talk, "bo@kommune.example")
    astrid = await staff_inside(site, talk, "astrid@ward.example")
    dag = await guest_inside(bo, site, talk, "Dag")
    readers = (astrid, bo)
    for reader in readers:
        await expect(reader.locator("[data-texts]")).to_be_hidden()

    await dag.get_by_role("button", name="Tekst").click()
    await expect(dag.get_by_role("textbox", name="Skriv her")).to_be_focused()
    for key, line in (("J", "J"), ("a", "Ja"), ("k", "Jak"), ("Backspace", "Ja"), ("!", "Ja!")):
        await dag.keyboard.press(key)
        for reader in readers:
            writing = reader.locator("[data-unfinished] .said")
            await expect(writing.locator("[data-text]")).to_have_text(line)
            await expect(writing.locator(".who")).to_have_text("Dag Hansen")
    # What is still being written is not read aloud, or it would be read letter by letter.
    assert await bo.locator("[aria-live] [data-text], [role=log] [data-text]").count() == 0
    assert await axe(bo) == []
    await dag.keyboard.press("Enter")
    for reader in readers:
        await expect(reader.locator("[role=log][aria-live=polite] [data-text]")).to_have_text(["Ja!"])
        await expect(reader.locator("[data-unfinished] .said")).to_have_count(0)

    # A line that is deleted altogether leaves nothing.
    await dag.keyboard.type("x")
    await expect(bo.locator("[data-unfinished] [data-text]")).to_have_text("x")
    await dag.keyboard.press("Backspace")
    await expect(bo.locator("[data-unfinished] [data-text]")).to_have_text("")
    await dag.keyboard.type("Tak")

    # One's own lines stand apart by name, side and colour.
    await bo.get_by_role("textbox", name="Write here").fill("It is free")
    await bo.get_by_role("button", name="New line").click()
    own = bo.locator("[role=log] .said.own")
    await expect(own.locator(".who")).to_have_text("You")
    theirs = dag.locator("[role=log] .said:not(.own)")
    await expect(theirs.locator("[data-text]")).to_have_text("It is free")
    await expect(theirs.locator(".who")).to_have_text("Bo Madsen")
    sides = "one => one.getBoundingClientRect().left - one.parentElement.getBoundingClientRect().left"
    assert await own.evaluate(sides) > 20 and await theirs.evaluate(sides) == 0
    assert await axe_at_the_end(dag) == []

    # Half a line is kept when its writer goes; a page that is loaded anew has forgotten all.
    await expect(bo.locator("[data-unfinished] [data-text]")).to_have_text("Tak")
    await dag.reload()
    await dag.get_by_role("button", name="Jeg er klar").click()
    await in_the_call(dag)
    assert await dag.locator("[data-text]").count() == 0
    await dag.get_by_role("button", name="Tekst").click()
    await dag.keyboard.type("Igen")
    await expect(bo.locator("[data-unfinished] [data-text]")).to_have_text("Igen")
    await expect(bo.locator("[role=log] [data-text]")).to_have_text(["Ja!", "It is free", "Tak"])
    await dag.get_by_role("button", name="Forlad").click()
    await until(bo, "() => document.querySelectorAll('video[data-participant]').length === 1")
    await expect(bo.locator("[role=log] [data-text]")).to_have_text(["Ja!", "It is free", "Tak", "Igen"])
