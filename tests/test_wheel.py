"""The wheel, installed in an environment of its own and run from `/`, has every page, style, module and language."""

from __future__ import annotations

import os
import site
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("handover", "signaling", "calendars", "templates")
PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")


@cache
def in_the_source() -> frozenset[str]:
    """What has to be in the wheel: every file that git would ship under the four packages."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", *PACKAGES],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return frozenset(name for name in listed.split("\0") if name and (ROOT / name).is_file())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    # A copy of the listed files alone: a `build/` left over here must not bring anything along.
    for name in in_the_source() | {"setup.cfg", "pyproject.toml", "README.md", "LICENSE"}:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((ROOT / name).read_bytes())
    run(*PIP, "wheel", "--no-build-isolation", "--no-deps", "--wheel-dir", str(folder), str(source))
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and this one's libraries, and nothing of the source tree.

    The libraries are lent, not installed again: a file that names their folder stands there under its path, and the
    editable install that lies among them is left unread, since only `.pth` files of a site folder itself are.
    """
    folder = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", "--without-pip", str(folder))
    python = folder / "bin" / "python"
    run(*PIP, "--python", str(python), "install", "--no-deps", "--no-index", str(wheel))
    own = Path(ask(python, "import site; print(site.getsitepackages()[0])"))
    (own / "zz-lent-libraries.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    return python


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "HANDOVER"))}
    return {**kept, "PYTHONUNBUFFERED": "1"}


def run(*command: str) -> str:
    done = subprocess.run(command, cwd="/", env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def ask(python: Path, program: str) -> str:
    return run(str(python), "-c", program).strip()


def test_wheel_holds_every_file(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        names = {name for name in packed.namelist() if not name.partition("/")[0].endswith(".dist-info")}
    assert names == in_the_source()
    kinds = {Path(name).suffix for name in names}
    assert {".py", ".html", ".txt", ".css", ".js", ".svg", ".mo", ".csv", ".json", ".md", ".typed"} <= kinds


def test_every_module_can_be_imported_from_anywhere(python: Path) -> None:
    modules = sorted(
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in in_the_source()
        if name.endswith(".py") and not name.endswith("__main__.py")
    )
    places = ask(
        python, f"import importlib\nfor name in {modules!r}: print(importlib.import_module(name).__file__)"
    )
    assert len(places.splitlines()) == len(modules)
    assert [place for place in places.splitlines() if not place.startswith(str(python.parents[1]))] == []


def test_every_template_can_be_read_and_every_language_spoken(python: Path) -> None:
    program = """
from jinja2 import Environment, PackageLoader
from handover import words
print(*sorted(Environment(loader=PackageLoader("templates", "")).list_templates()))
print(*[type(words.translations(language)).__name__ for language in words.LANGUAGES])
"""
    templates, languages = ask(python, program).splitlines()
    shipped = (Path(name) for name in in_the_source() if name.startswith("templates/"))
    assert templates.split() == sorted(str(path.relative_to("templates")) for path in shipped)
    assert len(languages.split()) == 3


@pytest.fixture(scope="module")
def address(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`handover demo` of the installed wheel, started in `/`; the address it says it is ready at."""
    command = [
        str(python.parent / "handover"),
        "demo",
        "--port",
        "0",
        "--data",
        str(tmp_path_factory.mktemp("demo")),
    ]
    with subprocess.Popen(
        command, cwd="/", env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as demo:
        assert demo.stdout is not None
        said = []
        for line in demo.stdout:
            said.append(line)
            if line.startswith("Ready: "):
                break
        else:
            pytest.fail("the demo ended before it was ready:\n" + "".join(said))
        yield line.split()[1]
        demo.terminate()
        demo.communicate()


def fetch(address: str) -> tuple[int, str]:
    with urllib.request.urlopen(address) as answer:
        return answer.status, answer.read().decode("utf-8")


@pytest.mark.parametrize(("language", "word"), [("da", "Log ind"), ("nb", "Logg inn"), ("en", "Sign in")])
@pytest.mark.parametrize("page", ["", "sign-in"])
def test_installed_demo_answers_in_every_language(address: str, page: str, language: str, word: str) -> None:
    status, text = fetch(f"{address}{page}?lang={language}")
    assert status == 200
    assert f'<html lang="{language}"' in text
    assert word in text


def test_installed_demo_has_its_styles_and_scripts(address: str) -> None:
    _, text = fetch(f"{address}sign-in")
    styles = [
        part.partition('"')[0] for part in text.split('href="')[1:] if part.partition('"')[0].endswith(".css")
    ]
    assert styles
    for style in styles:
        status, content = fetch(address.rstrip("/") + style)
        assert status == 200
        assert content.strip()
