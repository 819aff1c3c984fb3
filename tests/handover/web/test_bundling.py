"""One file for a page's script: scopes stay apart, order holds, comments go, and what is not known is refused."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from handover.web.assets import Assets
from handover.web.bundling import COMMENTS, Unbundled, bundle

MODULES = {
    "a/pages/page.js": '// @ts-check\nimport { twice, SOON as late } from "../ui/numbers.js";\n'
    'import { Line } from "../../b/line.js";\nconst EVERY = 1;\nconsole.log(twice(late), new Line(), EVERY);\n',
    "a/ui/numbers.js": "/** Numbers. */\nexport const SOON = 5;\nconst EVERY = 2;\n\n/**\n * Twice as much.\n */\n"
    "export function twice(/** @type {number} */ one) {\n  // for two\n  return one * EVERY; // said at the end\n}\n",
    "b/line.js": 'import { twice } from "../a/ui/numbers.js";\n\nexport class Line {\n'
    '  later = () => import("./far.js");\n  two = twice(1);\n}\n',
}


def test_page_gets_everything_once_in_the_order_in_which_it_is_needed() -> None:
    assert bundle("a/pages/page.js", MODULES) == (
        "const m0 = (() => {\nconst SOON = 5;\nconst EVERY = 2;\n\nfunction twice(one) {\n"
        "  return one * EVERY; // said at the end\n}\nreturn { SOON, twice };\n})();\n"
        "const m1 = (() => {\nconst { twice } = m0;\n\nclass Line {\n"
        '  later = () => import("../../b/far.js");\n  two = twice(1);\n}\nreturn { Line };\n})();\n'
        "const m2 = (() => {\nconst { twice, SOON: late } = m0;\nconst { Line } = m1;\nconst EVERY = 1;\n"
        "console.log(twice(late), new Line(), EVERY);\nreturn {  };\n})();"
    )


@pytest.mark.parametrize(
    "line",
    [
        'import "./other.js";',
        'import * as other from "./other.js";',
        'import other from "./other.js";',
        "export default 1;",
        "export let one = 1;",
        "export { one };",
        'export * from "./other.js";',
    ],
)
def test_form_it_does_not_know_is_refused_by_name(line: str) -> None:
    with pytest.raises(Unbundled, match=re.escape(f"page.js: {line}")):
        bundle("page.js", {"page.js": f"{line}\n"})


def test_circle_and_a_module_that_is_not_there_are_refused() -> None:
    circle = {"a.js": 'import { b } from "./b.js";\n', "b.js": 'import { a } from "./a.js";\n'}
    with pytest.raises(Unbundled, match="imports itself"):
        bundle("a.js", circle)
    with pytest.raises(Unbundled, match=r"imports b\.js, which is not there"):
        bundle("a.js", {"a.js": 'import { b } from "./b.js";\n'})


def test_no_script_of_ours_has_a_text_that_could_be_taken_for_a_comment() -> None:
    """A text over several lines, or a slash and a star in one, would lose something on the way."""
    for package, folder in (("handover", "static"), ("signaling", "browser")):
        for script in (files(package) / folder).rglob("*.js"):  # type: ignore[attr-defined]
            code = COMMENTS.sub("", script.read_text(encoding="utf-8"))
            assert [line for line in code.splitlines() if line.count("`") % 2 or "/*" in line] == [], script


def test_only_a_pages_own_script_is_bundled() -> None:
    assets = Assets()
    page, module = assets.get("handover/pages/join.js"), assets.get("handover/ui/call.js")
    assert page is not None and module is not None and page.packed is not None
    assert b'} from "' not in page.content and b"new RTCPeerConnection" in page.content
    assert module.content.count(b'} from "') > 10
    assert len(page.packed) <= 32_000  # two seconds on a poor line
