"""The files operators copy: no token in a log, no port open by accident, no setting that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from handover.settings import NAMES, Settings, SettingsError

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
KNOWN = {f"HANDOVER_{name.upper()}" for name in NAMES} | {"HANDOVER_CONFIG"}


def read(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def example() -> dict[str, str]:
    lines = (line for line in read("handover.env.example").splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def test_every_setting_in_a_deployed_file_or_document_exists() -> None:
    files = [*sorted(DEPLOY.iterdir()), *sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"]
    named = {
        path.name: set(re.findall(r"HANDOVER_[A-Z_]*[A-Z]", path.read_text(encoding="utf-8")))
        for path in files
    }
    assert {name: settings - KNOWN for name, settings in named.items() if settings - KNOWN} == {}
    assert named["handover.env.example"]


def test_example_does_not_start_until_its_sample_secret_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match="HANDOVER_TURN_SECRET"):
        Settings.load({}, example())
    settings = Settings.load({}, {**example(), "HANDOVER_TURN_SECRET": "5d0c1f6b8f3f4c19a0a6"})
    assert settings.secure
    assert settings.cookie_prefix == "__Host-"


def test_proxy_writes_no_path_into_its_logs() -> None:
    text = read("nginx.conf")
    formats = re.findall(r"^log_format (\w+) '([^']*)'", text, re.MULTILINE)
    assert [name for name, _ in formats] == ["handover"]
    assert not re.search(r"\$(request(?!_method|_time)\w*|uri|args|http_referer|document_uri)", formats[0][1])
    assert set(re.findall(r"access_log \S+(.*);", text)) == {" handover"}
    assert set(re.findall(r"error_log \S+(.*);", text)) == {" emerg"}
    assert text.count("access_log ") == text.count("error_log ") == text.count("server {") == 2


def test_proxy_does_not_pass_on_where_a_visitor_claims_to_come_from() -> None:
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in read("nginx.conf")
    assert "$proxy_add_x_forwarded_for" not in read("nginx.conf")


def test_proxy_hangs_up_on_slow_senders_and_keeps_sockets_open() -> None:
    text = read("nginx.conf")
    assert int(re.search(r"client_header_timeout (\d+)s;", text)[1]) <= 15  # type: ignore[index]
    assert "proxy_set_header Upgrade $http_upgrade;" in text
    sockets = text[text.index("location /rooms/") :]
    assert int(re.search(r"proxy_read_timeout (\d+)s;", sockets)[1]) > 2 * 15  # type: ignore[index]


def test_only_the_proxy_is_open_to_the_network() -> None:
    text = read("compose.yaml")
    assert re.findall(r'^\s+- "(\d+:\d+)"', text, re.MULTILINE) == ["80:80", "443:443"]
    service = text[text.index("\n  handover:") :]
    assert "ports:" not in service
    assert 'network_mode: "service:nginx"' in service
    assert "HANDOVER_HOST" not in service


def test_relay_lets_nobody_in_before_its_secret_is_filled_in() -> None:
    lines = read("coturn.conf").splitlines()
    assert "use-auth-secret" in lines
    assert [line for line in lines if "static-auth-secret" in line] == ["#static-auth-secret="]
    assert not re.search(
        r"^(allow-loopback-peers|no-auth|verbose|Verbose|user=|cli-|web-admin)", read("coturn.conf"), re.M
    )
    # What stands behind a value is part of the value to coturn.
    assert [line for line in lines if not line.startswith("#") and "#" in line] == []


def test_relay_has_one_address_of_ipv4_to_send_from() -> None:
    relay_ip = [line for line in read("coturn.conf").splitlines() if line.startswith("relay-ip=")]
    assert len(relay_ip) == 1 and re.fullmatch(r"relay-ip=\d+\.\d+\.\d+\.\d+", relay_ip[0])


def test_image_and_unit_start_the_service_without_rights_of_root() -> None:
    assert read("Containerfile").splitlines()[-1] == 'CMD ["handover", "serve"]'
    assert "\nUSER handover\n" in read("Containerfile")
    unit = read("handover.service")
    assert "\nUser=handover\n" in unit
    assert "\nExecStart=/opt/handover/bin/handover serve\n" in unit
    assert "\nNoNewPrivileges=yes\n" in unit


def test_unit_lets_the_echo_of_the_connection_test_learn_its_own_addresses() -> None:
    """`getifaddrs` asks the kernel over a netlink socket; refused, no test of the connection gets an answer."""
    (families,) = re.findall(r"(?m)^RestrictAddressFamilies=(.*)$", read("handover.service"))
    assert set(families.split()) == {"AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK"}


def test_every_file_the_readme_and_documents_point_at_exists() -> None:
    for page in [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
            assert (page.parent / target).exists(), f"{page.name} points at {target}"
