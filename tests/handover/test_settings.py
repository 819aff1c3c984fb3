"""What an operator may say, in which of three places, and what the service refuses to start with."""

from __future__ import annotations

import ipaddress
import re
import stat
import threading
from pathlib import Path

import pytest

from handover.settings import NAMES, Settings, SettingsError, load_or_make_secret

ROOT = Path(__file__).parents[2]
PUBLIC = {"HANDOVER_BASE_URL": "https://talks.example.org", "HANDOVER_HOST": "0.0.0.0"}
GOOD_TURN_SECRET = "4f1c9b7e2d8a4f1c9b7e2d8a"


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refusal(environ: dict[str, str], **flags: object) -> str:
    with pytest.raises(SettingsError) as refused:
        Settings.load(flags, environ)
    assert refused.value.code == "settings-unusable"
    return str(refused.value)


def test_nothing_given_serves_this_machine_only() -> None:
    assert Settings.load({}, {}) == Settings()
    assert Settings().loopback
    assert not Settings().secure


def test_flags_win_over_environment_which_wins_over_file(tmp_path: Path) -> None:
    (tmp_path / "handover.toml").write_text('port = 1001\nhost = "127.0.0.2"\nlanguage = "nb"\n')
    environ = {"HANDOVER_PORT": "1002", "HANDOVER_HOST": "127.0.0.3"}
    settings = Settings.load({"port": 1003, "host": None}, environ)
    assert (settings.port, settings.host, settings.language) == (1003, "127.0.0.3", "nb")


def test_a_demo_keeps_its_own_things_and_lets_the_environment_say_where_it_listens(tmp_path: Path) -> None:
    (tmp_path / "handover.toml").write_text('language = "nb"\n')
    environ = {
        "HANDOVER_PORT": "1002",
        "HANDOVER_HOST": "127.0.0.3",
        "HANDOVER_BASE_URL": "http://demo.example",
        "HANDOVER_DATABASE": "sqlite:///real.db",
        "HANDOVER_SECRET_FILE": "real.key",
        "HANDOVER_MAIL": "smtp://user:password@mail.hospital.example:587",
    }
    settings = Settings.of_demo(tmp_path / "demo", {"port": 1003, "host": None}, environ)
    assert (settings.port, settings.host, settings.base_url) == (1003, "127.0.0.3", "http://demo.example")
    assert settings.demo and settings.language == "da"
    assert settings.database_path == tmp_path / "demo" / "handover.db"
    assert settings.secret_path == tmp_path / "demo" / "secret.key"
    assert settings.mail_folder == tmp_path / "demo" / "mail"


@pytest.mark.parametrize(
    ("mail", "counts"),
    [
        ("smtp://127.0.0.1:2525", True),
        ("smtp://localhost:2525", True),
        ("folder:elsewhere", True),
        ("smtps://mail.hospital.example", False),
        ("smtp://[", False),
    ],
)
def test_no_mail_leaves_a_demo(tmp_path: Path, mail: str, counts: bool) -> None:
    settings = Settings.of_demo(tmp_path, {}, {"HANDOVER_MAIL": mail})
    assert (settings.mail == mail) == counts


def test_file_named_in_environment_is_read_instead_of_the_one_here(tmp_path: Path) -> None:
    (tmp_path / "handover.toml").write_text("port = 1001\n")
    other = tmp_path / "other.toml"
    other.write_text('port = 1004\ntrusted_proxies = ["10.0.0.1", "192.168.0.0/24"]\n')
    settings = Settings.load({}, {"HANDOVER_CONFIG": str(other)})
    assert settings.port == 1004
    assert settings.trusted_proxies == (
        ipaddress.ip_network("10.0.0.1"),
        ipaddress.ip_network("192.168.0.0/24"),
    )


def test_file_that_is_missing_broken_or_misspelt_is_told_in_a_sentence(tmp_path: Path) -> None:
    environ = {"HANDOVER_CONFIG": str(tmp_path / "here.toml")}
    assert "cannot be read" in refusal(environ)
    (tmp_path / "here.toml").write_text("port = \n")
    assert "not valid TOML" in refusal(environ)
    (tmp_path / "here.toml").write_text("prot = 8080\n")
    assert "no setting called prot" in refusal(environ)
    (tmp_path / "here.toml").write_text("demo = true\n")
    assert "no setting called demo" in refusal(environ)


def test_demo_cannot_be_switched_on_by_the_environment() -> None:
    assert Settings.load({}, {"HANDOVER_DEMO": "1"}).demo is False
    assert Settings.load({"demo": True}, {}).demo is True


def test_empty_variable_counts_as_not_given() -> None:
    assert Settings.load({}, {"HANDOVER_PORT": "", "HANDOVER_TURN": ""}) == Settings()


def test_everything_a_hospital_sets() -> None:
    settings = Settings.load(
        {},
        {
            "HANDOVER_BASE_URL": "https://Talks.Example.org:443/",
            "HANDOVER_HOST": "0.0.0.0",
            "HANDOVER_PORT": "9000",
            "HANDOVER_DATABASE": "sqlite:////var/lib/handover/handover.db",
            "HANDOVER_MAIL": "smtps://talks:p%40ss@mail.example.org",
            "HANDOVER_MAIL_CA": "/etc/ssl/hospital.pem",
            "HANDOVER_MAIL_FROM": "talks@example.org",
            "HANDOVER_TURN": "turn:turn.example.org:3478?transport=udp, turns:turn.example.org:443?transport=tcp",
            "HANDOVER_TURN_SECRET": GOOD_TURN_SECRET,
            "HANDOVER_TIMEZONE": "Europe/Oslo",
            "HANDOVER_LANGUAGE": "nb",
        },
    )
    assert settings == Settings(
        base_url="https://talks.example.org",
        host="0.0.0.0",
        port=9000,
        database="sqlite:////var/lib/handover/handover.db",
        mail="smtps://talks:p%40ss@mail.example.org",
        mail_ca=Path("/etc/ssl/hospital.pem"),
        mail_from="talks@example.org",
        turn=("turn:turn.example.org:3478?transport=udp", "turns:turn.example.org:443?transport=tcp"),
        turn_secret=GOOD_TURN_SECRET,
        timezone="Europe/Oslo",
        language="nb",
    )
    assert settings.secure
    assert not settings.loopback
    assert settings.origin == "https://talks.example.org"
    assert settings.cookie_prefix == "__Host-"
    assert settings.database_path == Path("/var/lib/handover/handover.db")
    assert settings.secret_path == Path("/var/lib/handover/secret.key")
    assert settings.mail_folder is None
    assert Settings().mail_folder == Path("mail")


def test_port_chosen_by_the_system_reaches_the_address() -> None:
    assert Settings.load({"port": 0}, {}).listening_on(4321).origin == "http://127.0.0.1:4321"
    assert Settings.load({"port": 0, "host": "::1"}, {}).listening_on(4321).origin == "http://[::1]:4321"
    behind_proxy = Settings.load({"port": 0}, PUBLIC).listening_on(4321)
    assert (behind_proxy.origin, behind_proxy.port) == ("https://talks.example.org", 4321)


def test_http_is_refused_unless_it_stays_on_this_machine() -> None:
    assert "https://" in refusal({"HANDOVER_BASE_URL": "http://talks.example.org"})
    assert Settings.load({}, {"HANDOVER_BASE_URL": "http://localhost:8080"}).loopback
    assert Settings.load({"demo": True}, {"HANDOVER_BASE_URL": "http://tablet.local:8080"}).demo


def test_listening_to_the_network_needs_to_know_its_address() -> None:
    assert "HANDOVER_BASE_URL" in refusal({"HANDOVER_HOST": "0.0.0.0"})
    assert Settings.load({"demo": True, "host": "0.0.0.0"}, {}).origin == "http://127.0.0.1:8080"
    assert Settings.load({}, PUBLIC).secure


@pytest.mark.parametrize("secret", ["", "change-me", "Secret", "short"])
def test_sample_turn_secret_is_refused(secret: str) -> None:
    environ = {**PUBLIC, "HANDOVER_TURN": "turn:turn.example.org", "HANDOVER_TURN_SECRET": secret}
    assert "HANDOVER_TURN_SECRET" in refusal(environ)


def test_guests_can_be_kept_to_the_relay_only_where_there_is_one(tmp_path: Path) -> None:
    alone = {**PUBLIC, "HANDOVER_GUESTS_RELAY_ONLY": "yes"}
    assert "HANDOVER_TURN" in refusal(alone)
    with pytest.raises(SettingsError, match="HANDOVER_TURN"):
        Settings.of_demo(tmp_path, {}, alone)
    relay = {"HANDOVER_TURN": "turn:turn.example.org", "HANDOVER_TURN_SECRET": GOOD_TURN_SECRET}
    assert Settings.load({}, {**alone, **relay}).guests_relay_only
    assert not Settings.load({}, {**PUBLIC, **relay}).guests_relay_only
    (tmp_path / "handover.toml").write_text("guests_relay_only = true\n")
    assert Settings.load({}, {**PUBLIC, **relay}).guests_relay_only
    assert not Settings.load({}, {**PUBLIC, **relay, "HANDOVER_GUESTS_RELAY_ONLY": "No"}).guests_relay_only


@pytest.mark.parametrize(
    "server",
    [
        "turn:turn.example.org",
        "turn:192.0.2.10:3478",
        "turn:[2001:db8::10]:3478?transport=tcp",
        "turns:turn.example.org:443?transport=tcp",
    ],
)
def test_turn_server_is_what_browsers_can_read(server: str) -> None:
    relay = {**PUBLIC, "HANDOVER_TURN_SECRET": GOOD_TURN_SECRET}
    assert Settings.load({}, {**relay, "HANDOVER_TURN": server}).turn == (server,)
    for wrong in (
        f"stun{server[4:]}",
        f"{server} x",
        f"{server}?transport=tls",
        server.replace(":", "://", 1),
    ):
        assert "HANDOVER_TURN must be" in refusal({**relay, "HANDOVER_TURN": wrong})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GUESTS_RELAY_ONLY", "perhaps"),
        ("BASE_URL", "talks.example.org"),
        ("BASE_URL", "https://example.org/talks"),
        ("BASE_URL", "https://example.org:port"),
        ("PORT", "eighty"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("DATABASE", "postgresql://localhost/handover"),
        ("DATABASE", "sqlite:///"),
        ("MAIL", "mail.example.org"),
        ("MAIL", "folder:"),
        ("MAIL_FROM", "Talks <talks@example.org>"),
        ("MAIL_FROM", "talks"),
        ("TURN", "stun:stun.example.org"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TIMEZONE", "Europe/Nowhere"),
        ("TIMEZONE", "../../etc/passwd"),
        ("LANGUAGE", "sv"),
    ],
)
def test_value_that_cannot_be_used_is_named(name: str, value: str) -> None:
    assert f"HANDOVER_{name}" in refusal({f"HANDOVER_{name}": value})


def test_no_secret_is_repeated_in_complaints_or_printed() -> None:
    assert "hunter" not in refusal({"HANDOVER_MAIL": "mail://talks:hunter2@mail.example.org"})
    settings = Settings.load(
        {}, {"HANDOVER_MAIL": "smtp://talks:hunter2@mail.example.org", "HANDOVER_TURN_SECRET": "hunter2"}
    )
    assert "hunter" not in repr(settings)


def test_secret_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    key = load_or_make_secret(path)
    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_or_make_secret(path) == key
    assert list(tmp_path.iterdir()) == [path]


def test_two_first_starts_at_once_agree_on_one_secret(tmp_path: Path) -> None:
    keys: list[bytes] = []
    together = threading.Barrier(8)

    def start() -> None:
        together.wait()
        keys.append(load_or_make_secret(tmp_path / "secret.key"))

    starts = [threading.Thread(target=start) for _ in range(8)]
    for one in starts:
        one.start()
    for one in starts:
        one.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1


@pytest.mark.parametrize("text", ["", "change-me", "00" * 32, "ab" * 32, "4f1c9b7e" * 3])
def test_secret_that_anybody_could_guess_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secret.key"
    path.touch(mode=0o600)
    path.write_text(text)
    with pytest.raises(SettingsError, match="does not hold a random key"):
        load_or_make_secret(path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_secret_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret.key"
    load_or_make_secret(path)
    path.chmod(mode)
    with pytest.raises(SettingsError, match="chmod 600"):
        load_or_make_secret(path)


def test_secret_in_a_missing_folder_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="four slashes"):
        load_or_make_secret(tmp_path / "nowhere" / "secret.key")


def test_every_setting_is_documented_and_nothing_else() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `HANDOVER_([A-Z_]+)`", text, re.MULTILINE))
    assert told == {name.upper() for name in NAMES} | {"CONFIG"}
    mentioned = set(re.findall(r"HANDOVER_([A-Z_]+)", text))
    assert mentioned <= told


def test_documented_defaults_are_the_real_ones() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `HANDOVER_([A-Z_]+)` \| ([^|]*) \|", text, re.MULTILINE)
    told = {name.lower(): default.strip().strip("`") for name, default in rows}
    real = Settings()
    for name in ("host", "port", "database", "mail", "mail_from", "timezone", "language"):
        assert told[name] == str(getattr(real, name))
