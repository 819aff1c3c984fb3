"""The command line: what an operator types, what is answered, and that the service stops when it is told to."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from handover.__main__ import COMMANDS, main
from handover.settings import load_or_make_secret
from handover.store import accounts, meta, sessions
from handover.store.sqlite import SqliteStore
from tests.processes import ROOT, Service

HOSPITAL = ("organisation", "add", "hospital", "Sygehus", "--country", "DK", "--phone", "+45 74 18 00 00")
ASTRID = (
    "user",
    "add",
    "astrid@ward.example",
    "--name",
    "Astrid Lund",
    "--role",
    "ward",
    "--organisation",
    "Sygehus",
)


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("HANDOVER_")]:
        monkeypatch.delenv(name)


def run(*arguments: str, status: int = 0) -> Result:
    answer = CliRunner().invoke(main, arguments)
    assert answer.exit_code == status, answer.output
    assert "Traceback" not in answer.output
    return answer


def refusal(*arguments: str) -> str:
    """The one sentence on stderr of a command that is refused."""
    answer = run(*arguments, status=1)
    assert answer.stdout == ""
    assert answer.stderr.startswith("Error: ") and answer.stderr.count("\n") == 1
    return answer.stderr


@pytest.fixture
def opened() -> Iterator[SqliteStore]:
    """The database in the folder, as the commands made it."""
    run(*HOSPITAL, "--unit", "Afsnit A")
    store = SqliteStore("handover.db")
    yield store
    store.close_now()


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[Service]]:
    running: list[Service] = []
    yield running
    for service in running:
        service.end()


def test_help_names_every_command_without_reading_any() -> None:
    code = "import sys; from handover.__main__ import main; main(['--help'], standalone_mode=False); print(list(sys.modules))"  # noqa: E501
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    for command in COMMANDS:
        assert command in done.stdout
    for heavy in ("aiohttp", "sqlite_utils", "jinja2", "aiortc"):
        assert f"'{heavy}'" not in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    group = main.get_command(click.Context(main), command)
    parts = list(group.commands) if isinstance(group, click.Group) else []
    for words in ((command,), *((command, part) for part in parts)):
        help_text = run(*words, "--help").output
        assert help_text.startswith("Usage:")
        assert f"handover {command}" in help_text.partition("Example")[2], words


def test_unknown_command_and_missing_argument_are_told_without_a_traceback() -> None:
    assert "No such command" in run("frobnicate", status=2).output
    assert "Missing" in run("organisation", "add", status=2).output


def test_organisation_is_added_once_and_listed() -> None:
    made = run(*HOSPITAL, "--unit", "Afsnit A", "--unit", "Afsnit B").stdout.strip()
    assert run("organisation", "list").stdout == f"{made}\thospital\tSygehus\tAfsnit A, Afsnit B\n"
    assert "already" in refusal(*HOSPITAL)
    wrong = (
        "organisation",
        "add",
        "municipality",
        "X",
        "--country",
        "DK",
        "--phone",
        "1",
        "--municipality",
        "0000",
    )
    assert "no municipality" in refusal(*wrong)


def test_user_gets_a_link_and_stdout_has_nothing_else(opened: SqliteStore) -> None:
    answer = run(*ASTRID, "--unit", "Afsnit A")
    assert re.fullmatch(r"http://127\.0\.0\.1:8080/password/[\w-]{43}\n", answer.stdout)
    account = opened.read_now(accounts.by_email, "astrid@ward.example")
    assert account is not None and account["password_hash"] is None
    assert "already" in refusal(*ASTRID)
    assert "no ward or team" in refusal(*ASTRID[:2], "b@ward.example", *ASTRID[3:], "--unit", "Afsnit C")
    assert "no organisation" in refusal(*ASTRID[:-1], "Nowhere")


def test_reset_and_disable_sign_out(opened: SqliteStore) -> None:
    run(*ASTRID)
    account = opened.read_now(accounts.by_email, "astrid@ward.example")
    assert account is not None
    opened.write_now(sessions.open_session, "session", account["id"], now=1, expires_at=2**40)
    assert "/password/" in run("user", "reset", "astrid@ward.example").stdout
    assert opened.read_now(sessions.staff_behind, "session", now=2, idle=60) is None
    assert "Closed" in run("user", "disable", "astrid@ward.example").stdout
    assert "closed already" in refusal("user", "disable", "astrid@ward.example")
    assert "no account" in refusal("user", "reset", "nobody@ward.example")


def test_token_stands_alone_on_stdout_and_works(opened: SqliteStore) -> None:
    answer = run(
        "token", "create", "--organisation", "Sygehus", "--scope", "talks:read", "--scope", "talks:write"
    )
    token = answer.stdout.strip()
    assert re.fullmatch(r"[A-Za-z0-9_-]{32,}", token) and answer.stdout == f"{token}\n"
    program = opened.read_now(sessions.program_behind, token)
    assert program is not None and program.rights == {"talks:read", "talks:write"}
    assert "no organisation" in refusal("token", "create", "--organisation", "X", "--scope", "talks:read")
    run("token", "create", "--organisation", "Sygehus", "--scope", "everything", status=2)


def test_catalogue_goes_out_and_comes_back_in_both_kinds(opened: SqliteStore, tmp_path: Path) -> None:
    starting = str(ROOT / "handover" / "data" / "offers.json")
    assert "New: " in run("offers", "import", starting).stdout
    for name in ("offers.csv", "offers.json"):
        run("offers", "export", name)
        assert run("offers", "import", name).stdout.startswith("New: 0. Changed: 0.")
    assert "cannot be read" in refusal("offers", "import", "nowhere.csv")
    assert ".csv or .json" in refusal("offers", "export", "offers.xls")
    (tmp_path / "broken.json").write_text("{")
    refusal("offers", "import", "broken.json")


def test_commands_without_a_database_say_how_to_make_one() -> None:
    assert "handover serve" in refusal("organisation", "list")
    assert not Path("handover.db").exists()


def test_file_that_is_no_database_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "handover.db").write_text("not a database at all, but long enough to be read as one")
    assert "cannot be opened" in refusal("organisation", "list")


def test_settings_that_are_unsafe_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDOVER_BASE_URL", "http://talks.hospital.example")
    assert "https://" in refusal("serve")


def test_check_stops_at_the_first_red(opened: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = run("check", status=1).stdout
    assert [line.split()[1] for line in missing.splitlines()] == [
        "database",
        "mail",
        "TURN",
        "clock",
        "secrets",
    ]
    assert missing.splitlines()[-1].startswith("RED")
    load_or_make_secret(Path("secret.key"))
    good = run("check").stdout
    assert [line.split()[0] for line in good.splitlines()] == ["ok"] * 6
    monkeypatch.setenv("HANDOVER_MAIL", f"smtp://127.0.0.1:{_closed_port()}")
    assert run("check", status=1).stdout.splitlines()[-1].startswith("RED  mail")


def test_somebody_who_edits_the_trail_is_found_out(opened: SqliteStore) -> None:
    def edit(tx: object) -> None:
        tx.run("drop trigger audit_no_update")  # type: ignore[attr-defined]
        tx.run("update audit set actor_name = 'nobody' where seq = 1")  # type: ignore[attr-defined]

    opened.write_now(edit)
    assert "event 1" in run("check", status=1).stdout


def test_first_start_prints_a_link_that_works_and_stops_in_time(
    tmp_path: Path, started: list[Service]
) -> None:
    service = Service(tmp_path, "serve", "--port", "0")
    started.append(service)
    link = service.until("/set-up/").split()[-1]
    with urllib.request.urlopen(link) as page:
        assert page.status == 200
    # A browser's connection that stays open must not hold the service up.
    host, port = re.search(r"//([\d.]+):(\d+)", link).groups()  # type: ignore[union-attr]
    with socket.create_connection((host, int(port))) as idle:
        idle.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200" in idle.recv(1000)
        assert service.stop() == 0
    log = (tmp_path / "stderr").read_text()
    assert "GET /set-up/{token} 200" in log
    assert link.rpartition("/")[2] not in log
    assert oct((tmp_path / "secret.key").stat().st_mode)[-3:] == "600"


def test_port_that_is_taken_is_told_in_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert "--port" in refusal("serve", "--port", str(taken.getsockname()[1]))


def test_demo_is_ready_with_its_people_and_stops_on_ctrl_c(tmp_path: Path, started: list[Service]) -> None:
    service = Service(tmp_path, "demo", "--port", "0", "--data", "here")
    started.append(service)
    address = service.until("Ready: ").split()[1]
    assert "demo-demo-demo" in service.until("Sign in")
    with urllib.request.urlopen(f"{address}sign-in?lang=en") as page:
        text = page.read().decode()
    for email in ("astrid@ward.example", "bo@kommune.example", "admin@kommune.example"):
        assert email in text
    assert service.stop(signal.SIGINT) == 0
    assert (tmp_path / "here" / "handover.db").exists()
    assert oct((tmp_path / "here").stat().st_mode)[-3:] == "700"


def test_real_service_refuses_a_demos_database_and_the_demo_a_real_one(tmp_path: Path) -> None:
    run(*HOSPITAL)
    run(*ASTRID)
    (tmp_path / "real").mkdir()
    for path in tmp_path.glob("handover.db*"):
        path.rename(tmp_path / "real" / path.name)
    assert "real database" in refusal("demo", "--data", "real", "--port", "0")
    store = SqliteStore("handover.db")
    store.write_now(meta.put, "demo", "1")
    store.close_now()
    assert "demo's database" in refusal("serve", "--port", "0")


def _closed_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port
