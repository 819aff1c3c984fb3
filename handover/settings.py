"""How this installation is set up: flags win over `HANDOVER_*`, which win over the settings file.

The only reader of the environment and of `handover.toml`. Every setting is described in docs/settings.md.
"""

from __future__ import annotations

import os
import secrets
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from handover.settings_values import (
    LANGUAGES,
    PARSERS,
    Network,
    SettingsError,
    bracketed,
    is_loopback,
    stays_here,
)

__all__ = ["LANGUAGES", "NAMES", "Settings", "SettingsError", "load_or_make_secret"]

# Texts people copy from examples. A service that starts with one of them can be entered by everybody who read it.
SAMPLE_SECRETS = frozenset(
    {"change-me", "changeme", "default", "example", "password", "sample", "secret", "turn-secret"}
)
SHORTEST_TURN_SECRET = 16
KEY_BYTES = 32


@dataclass(frozen=True)
class Settings:
    """Everything an operator decides. Fields are the settings of docs/settings.md in lower case."""

    base_url: str = "http://127.0.0.1:8080"
    host: str = "127.0.0.1"
    port: int = 8080
    database: str = "sqlite:///handover.db"
    mail: str = field(default="folder:mail", repr=False)
    mail_ca: Path | None = None
    mail_from: str = "handover@localhost"
    turn: tuple[str, ...] = ()
    turn_secret: str = field(default="", repr=False)
    guests_relay_only: bool = False
    trusted_proxies: tuple[Network, ...] = ()
    secret_file: Path | None = None
    timezone: str = "Europe/Copenhagen"
    language: str = "da"
    demo: bool = False

    @classmethod
    def load(
        cls, flags: Mapping[str, object] | None = None, environ: Mapping[str, str] | None = None
    ) -> Settings:
        """Settings from `flags` (None means not given), the environment and the settings file, checked.

        `demo` can be given as a flag only: nothing that lies about in an environment may open a demo's doors.
        """
        environ = os.environ if environ is None else environ
        given: dict[str, object] = {**_from_file(environ), **_from_environment(environ)}
        given.update({name: value for name, value in (flags or {}).items() if value is not None})
        settings = _parsed(given)
        settings._refuse_what_would_hurt()
        return settings

    @classmethod
    def of_demo(
        cls, data: Path, flags: Mapping[str, object] | None = None, environ: Mapping[str, str] | None = None
    ) -> Settings:
        """The settings of a demo that lives in the folder `data`, with database, key and mail of its own.

        The environment may say where it listens and what it is called. Database, key, settings file and a mail server
        elsewhere are left aside: a demo begun beside the real service must not touch it, and no mail leaves it.
        """
        environ = os.environ if environ is None else environ
        told = {name: value for name, value in _from_environment(environ).items() if name in OF_A_DEMO}
        if not stays_here(str(told.get("mail", ""))):
            told.pop("mail", None)
        own = {
            "database": f"sqlite:///{data.absolute() / 'handover.db'}",
            "mail": f"folder:{data.absolute() / 'mail'}",
            "mail_from": "handover@demo.example",
        }
        given = {name: value for name, value in (flags or {}).items() if value is not None}
        return _parsed({**own, **told, **given, "demo": True})

    @property
    def secure(self) -> bool:
        """People reach the service by https, so cookies may be bound to it."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def origin(self) -> str:
        """What a browser sends as `Origin`: scheme and host, the port only where it is not the scheme's own."""
        return self.base_url

    @property
    def loopback(self) -> bool:
        """The address people use never leaves this machine."""
        return is_loopback(urlsplit(self.base_url).hostname or "")

    @property
    def cookie_prefix(self) -> str:
        """`__Host-` pins a cookie to this very host; browsers accept it over https alone."""
        return "__Host-" if self.secure else ""

    @property
    def database_path(self) -> Path:
        """The SQLite file."""
        return Path(self.database.removeprefix("sqlite:///"))

    @property
    def secret_path(self) -> Path:
        """The file with the key that join links are made from: beside the database, never inside it."""
        return self.secret_file or self.database_path.parent / "secret.key"

    @property
    def mail_folder(self) -> Path | None:
        """The folder that mail is written to instead of being sent, or None."""
        return Path(self.mail.removeprefix("folder:")) if self.mail.startswith("folder:") else None

    def listening_on(self, port: int) -> Settings:
        """The same settings once the operating system has chosen a port for port 0."""
        address = urlsplit(self.base_url)
        if address.port != 0:
            return replace(self, port=port)
        host = bracketed(address.hostname or "")
        return replace(self, port=port, base_url=f"{address.scheme}://{host}:{port}")

    def _refuse_what_would_hurt(self) -> None:
        if self.demo:
            return
        if not self.secure and not self.loopback:
            raise SettingsError(
                "HANDOVER_BASE_URL must begin with https:// unless it is on this machine only: "
                "without it names and join links travel readable."
            )
        if self.loopback and not is_loopback(self.host):
            raise SettingsError(
                "HANDOVER_HOST opens the service to the network, so HANDOVER_BASE_URL must say "
                "the https:// address that people will use."
            )
        if not self.turn:
            return
        if self.turn_secret.lower() in SAMPLE_SECRETS or len(self.turn_secret) < SHORTEST_TURN_SECRET:
            raise SettingsError(
                "HANDOVER_TURN_SECRET is missing, too short or copied from an example; "
                "use the random text that the TURN server was given (openssl rand -hex 32 makes one)."
            )


OF_A_DEMO = frozenset(
    {"base_url", "host", "port", "mail", "mail_from", "turn", "turn_secret", "guests_relay_only"}
    | {"trusted_proxies", "timezone", "language"}
)
YES_OR_NO = frozenset({"guests_relay_only"})
NAMES = tuple(one.name for one in fields(Settings) if one.name != "demo")


def load_or_make_secret(path: Path) -> bytes:
    """The installation's key from `path`, made there at the first start; the second start reads the same.

    Whoever can read the file can make join links, so one that others may read is refused, not repaired: it may
    have been copied already.
    """
    if not path.exists():
        _make_secret(path)
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        text = path.read_text(encoding="ascii").strip()
        key = bytes.fromhex(text)
    except OSError as error:
        raise SettingsError(f"The secret file {path} cannot be read: {error.strerror}.") from error
    except ValueError:
        key = b""
    if mode & 0o077:
        raise SettingsError(
            f"Others on this machine may read the secret file {path}; allow its owner alone: chmod 600 {path}"
        )
    if len(key) < KEY_BYTES or len(set(key)) < KEY_BYTES // 4:
        raise SettingsError(
            f"The secret file {path} does not hold a random key; "
            f"put the one from your safe back, or make a new one with: openssl rand -hex {KEY_BYTES} > {path}"
        )
    return key


def _make_secret(path: Path) -> None:
    """Write a new key whole under another name first, so that no start ever meets half a key."""
    half = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(half)
    except FileExistsError:
        pass  # another process started at the same moment; both go on with the key that was there first
    except FileNotFoundError as error:
        raise SettingsError(
            f"There is no folder {path.parent.absolute()} for the database and the secret file; "
            "make it first (an absolute HANDOVER_DATABASE has four slashes: sqlite:////var/lib/handover/handover.db)."
        ) from error
    except OSError as error:
        raise SettingsError(f"The secret file {path} cannot be made: {error.strerror}.") from error
    finally:
        half.unlink(missing_ok=True)


def _from_environment(environ: Mapping[str, str]) -> dict[str, object]:
    variables = ((name, environ.get(f"HANDOVER_{name.upper()}", "")) for name in NAMES)
    return {name: value for name, value in variables if value}


def _from_file(environ: Mapping[str, str]) -> dict[str, object]:
    named = environ.get("HANDOVER_CONFIG", "")
    path = Path(named or "handover.toml")
    if not named and not path.exists():
        return {}
    try:
        with path.open("rb") as file:
            given = tomllib.load(file)
    except OSError as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {path} is not valid TOML: {error}.") from error
    for name in given:
        if name not in NAMES:
            raise SettingsError(
                f"The settings file {path} has no setting called {name}; docs/settings.md lists them."
            )
    return given


def _parsed(given: Mapping[str, object]) -> Settings:
    values: dict[str, Any] = {name: _text(name, value) for name, value in given.items() if name != "demo"}
    for name in values:
        if name in PARSERS:
            values[name] = PARSERS[name](values[name])
    if "base_url" not in values:
        host = values.get("host", Settings.host)
        port = values.get("port", Settings.port)
        values["base_url"] = f"http://{bracketed(host) if is_loopback(host) else '127.0.0.1'}:{port}"
    settings = Settings(**values, demo=bool(given.get("demo")))
    if settings.guests_relay_only and not settings.turn:
        raise SettingsError(
            "HANDOVER_GUESTS_RELAY_ONLY needs a TURN server in HANDOVER_TURN: without one no guest could take part."
        )
    return settings


def _text(name: str, value: object) -> str:
    if isinstance(value, list | tuple):
        return ",".join(str(part) for part in value)
    if isinstance(value, bool) and name in YES_OR_NO:
        return "yes" if value else "no"
    if isinstance(value, bool) or not isinstance(value, str | int | Path):
        raise SettingsError(f"The setting {name} must be text, a number or a list of texts.")
    return str(value).strip()
