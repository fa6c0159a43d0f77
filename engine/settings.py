"""The settings. Owns their names, defaults and documentation, and the key's file; is the only reader of the environment.

It reads no other configuration, opens no connection, and touches the disk only when it is asked to (``prepare_home``,
``secret_key_text``). Every mistake is a SettingsError that names the setting, what was given (secrets masked) and what is expected.
"""

from __future__ import annotations

import difflib
import os
import re
import secrets
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeAlias
from urllib.parse import quote, unquote

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from engine import setting_values
from engine.errors import SettingsError
from engine.retention import Retention, retention
from engine.setting_values import MAKE_KEY, Network, masked

__all__ = ["PREFIX", "Network", "Settings", "masked", "settings_table", "variable"]

PREFIX = "HOOKLINE_"
_TESTS_ONLY = PREFIX + "TEST_"


Port: TypeAlias = Annotated[int, BeforeValidator(setting_values.whole_number(1, 65535))]


class Settings(BaseModel):
    """All settings, checked. Make it with ``Settings.load``; a field ``x_y`` is the variable ``HOOKLINE_X_Y``, described as documented."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    home: Annotated[Path, BeforeValidator(setting_values.path)] = Field(
        default_factory=lambda: setting_values.path(".hookline"),
        description="The folder for everything that Hookline keeps on this machine: the SQLite database, the key, the bundled Redis' data. One user, one home.",
        json_schema_extra={"default": "`.hookline` in the current folder"},
    )
    database_url: Annotated[str, BeforeValidator(setting_values.database_url)] = Field(
        default_factory=lambda data: f"sqlite:///{quote(str(data['home'] / 'hookline.db'))}",
        description="The journal: `sqlite:///FILE`, or `postgresql://USER:PASSWORD@HOST/DATABASE` when there is more than one machine.",
        json_schema_extra={"default": "`hookline.db` in the home"},
        repr=False,
    )
    redis_url: Annotated[str, BeforeValidator(setting_values.redis_url)] | None = Field(
        default=None,
        description="`redis://`, `rediss://` or `unix://`. Redis 6.2 or later, or Valkey, with `maxmemory-policy noeviction`. All processes must name the same one.",
        json_schema_extra={"default": "the bundled server, else one on PATH"},
        repr=False,
    )
    secret_key: Annotated[SecretStr, BeforeValidator(setting_values.secret_key)] | None = Field(
        default=None,
        description="The key that seals tokens and signing keys in the database: 32 random bytes in base64 or hex. Several, comma-separated, to change it: the first seals, each opens.",
        json_schema_extra={"default": "made in the home when the database is there too; else required"},
    )
    secret_key_file: Annotated[Path, BeforeValidator(setting_values.path)] | None = Field(
        default=None,
        description="A file that holds the key, instead of `HOOKLINE_SECRET_KEY`. Others must not be able to read or change it (mode 0600 or 0640).",
        json_schema_extra={"default": "none"},
    )
    egress_allow: Annotated[tuple[Network, ...], BeforeValidator(setting_values.networks)] = Field(
        default=(),
        description="Private networks that connections may reach, by plain http too: CIDRs, comma-separated, such as `10.20.0.0/16,127.0.0.0/8`.",
        json_schema_extra={"default": "none: public addresses over https only"},
    )
    host: Annotated[str, BeforeValidator(setting_values.host)] = Field(
        default="127.0.0.1",
        description="The address that `hookline web` listens on. Leave it behind a proxy that ends TLS; in a container, `0.0.0.0`.",
    )
    port: Port = Field(default=8480, description="The port that `hookline web` listens on.")
    public_url: Annotated[str, BeforeValidator(setting_values.public_url)] = Field(
        default_factory=lambda data: f"http://127.0.0.1:{data.get('port', 8480)}",
        description="Where services reach this installation's webhooks: an origin such as `https://hooks.example.com`, without a path.",
        json_schema_extra={"default": "`http://127.0.0.1:` and the port: this machine only"},
    )
    health_port: Port | None = Field(
        default=None,
        description="When set, `hookline web`, `worker` and `scheduler` serve `/healthz`, `/readyz` and `/metrics` on `HOOKLINE_HOST` and this port, which nobody outside should reach.",
        json_schema_extra={"default": "off"},
    )
    worker_threads: Annotated[int, BeforeValidator(setting_values.whole_number(1, 256))] = Field(
        default=8, description="How many runs one worker process executes at the same time."
    )
    retain: Annotated[Retention, BeforeValidator(retention)] = Field(
        default_factory=Retention,
        description="For how long what is over is kept, then purged: runs by the status with which they ended, events to which no run refers any more, the audit log. "
        "Pairs such as `failed=90d,uncertain=forever` (`w`, `d`, `h`, `m`, `s`); what is not named keeps its default. `off`: nothing is purged.",
        json_schema_extra={"default": f"`{Retention()}`"},
    )
    log_format: Annotated[Literal["text", "json"], BeforeValidator(setting_values.one_of("text", "json"))] | None = (
        Field(
            default=None,
            description="`text` for people, `json` for machines: one line per record, on standard error.",
            json_schema_extra={"default": "`text` on a terminal, else `json`"},
        )
    )
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        BeforeValidator(setting_values.one_of("debug", "info", "warning", "error")),
    ] = Field(
        default="info",
        description="The least important records that are written: `debug`, `info`, `warning` or `error`.",
    )

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read and check ``environ`` (default: the process's). An empty value counts as not set. Raises SettingsError with all mistakes."""
        environ = os.environ if environ is None else environ
        given = {
            name.removeprefix(PREFIX).lower(): value
            for name, value in environ.items()
            if name.startswith(PREFIX) and not name.startswith(_TESTS_ONLY) and value.strip()
        }
        if unknown := [_unknown(variable(field)) for field in given if field not in cls.model_fields]:
            raise SettingsError("\n".join(unknown))
        try:
            settings = cls.model_validate(given)
        except ValidationError as error:
            raise SettingsError("\n".join(_mistakes(error, given))) from None
        if settings.secret_key and settings.secret_key_file:
            raise SettingsError("HOOKLINE_SECRET_KEY and HOOKLINE_SECRET_KEY_FILE are both set, expected one of them")
        return settings

    @property
    def database_path(self) -> Path | None:
        """The SQLite file, None for PostgreSQL."""
        scheme, _, path = self.database_url.partition(":///")
        return Path(unquote(path)) if scheme == "sqlite" else None

    @property
    def is_embedded_database(self) -> bool:
        """True when the database is a SQLite file in the home."""
        return self.database_path is not None and self.home in self.database_path.parents

    @property
    def celery_url(self) -> str | None:
        """``redis_url`` as Celery spells it, None when Redis is embedded."""
        if self.redis_url is None or not self.redis_url.startswith("unix://"):
            return self.redis_url
        path, _, query = self.redis_url.removeprefix("unix://").partition("?")
        database = re.search(r"(?:^|&)db=(\d+)", query)
        return f"redis+socket://{path}?virtual_host={database[1] if database else 0}"

    def prepare_home(self) -> Path:
        """Make the home, for this user only. Raises SettingsError when that cannot be."""
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(
                f"HOOKLINE_HOME: given {str(self.home)!r}, expected a folder that can be made and written ({error.strerror})"
            ) from None
        if not os.access(self.home, os.W_OK | os.X_OK):
            raise SettingsError(
                f"HOOKLINE_HOME: given {str(self.home)!r}, expected a folder that this user can write",
                remedy=f"It is that of {user_of(self.home)}: run the command as that user, or set HOOKLINE_HOME.",
            )
        return self.home

    def secret_key_text(self) -> str:
        """The key. With an embedded database and no key set, makes one in the home at first use. Raises SettingsError."""
        if self.secret_key:
            return self.secret_key.get_secret_value()
        if self.secret_key_file:
            return _read_key(self.secret_key_file)
        if not self.is_embedded_database:
            raise SettingsError(
                "HOOKLINE_SECRET_KEY is not set, expected it or HOOKLINE_SECRET_KEY_FILE, because the database is not in the home",
                remedy=MAKE_KEY,
            )
        self.prepare_home()
        if self.makes_key:
            _make_key(self.made_key_file)
        return _read_key(self.made_key_file)

    @property
    def made_key_file(self) -> Path:
        """Where the key is kept that is made when none is set."""
        return self.home / "secret.key"

    @property
    def makes_key(self) -> bool:
        """Whether ``secret_key_text`` would make a new key now."""
        given = self.secret_key is not None or self.secret_key_file is not None
        return not given and self.is_embedded_database and not self.made_key_file.exists()


def armed_failpoints(environ: Mapping[str, str] | None = None) -> str:
    """What a test wants to fail (``engine.failpoints``); empty outside of tests."""
    return (os.environ if environ is None else environ).get(_TESTS_ONLY + "FAILPOINT", "")


def variable(field: str) -> str:
    """The variable of a field of Settings."""
    return PREFIX + field.upper()


def user_of(path: Path) -> str:
    """Whose file or folder it is, in words for a person."""
    try:
        return f"the user {path.owner()}"
    except (KeyError, OSError):
        return "another user"


def settings_table() -> str:
    """All settings as a markdown table, for the generated part of the documentation."""
    rows = [
        f"| `{variable(name)}` | {_shown_default(name)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| setting | default | meaning |", "|---|---|---|", *rows])


def _shown_default(name: str) -> str:
    field = Settings.model_fields[name]
    extra = field.json_schema_extra
    return str(extra["default"]) if isinstance(extra, dict) else f"`{field.default}`"


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name.removeprefix(PREFIX).lower(), Settings.model_fields, n=1)
    return f"{name}: there is no such setting" + (f"; did you mean {variable(near[0])}?" if near else "")


def _mistakes(error: ValidationError, given: Mapping[str, str]) -> Iterator[str]:
    for detail in error.errors(include_url=False, include_input=False):
        field = str(detail["loc"][0])
        expected = detail["msg"].removeprefix("Value error, ")
        if field not in given:
            continue
        if field == "secret_key":
            # No colon after its name: what follows that would be hidden as a secret wherever this is printed.
            yield f"{variable(field)} holds no usable key, expected {expected}"
        else:
            yield f"{variable(field)}: given {masked(given[field])[:200]!r}, expected {expected}"


def _make_key(file: Path) -> None:
    """Write a new key so that it appears whole or not at all; when two processes do so at once, both go on with the first."""
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as handle:
            handle.write(secrets.token_urlsafe(32) + "\n")
            handle.flush()
            os.fsync(handle.fileno())
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _read_key(file: Path) -> str:
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        key = file.read_text(encoding="ascii")
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingsError(f"the key file {file} cannot be read: {reason}", remedy=MAKE_KEY) from None
    if mode & 0o037:
        raise SettingsError(
            f"the key file {file} has the mode {mode:04o}, expected 0600 or 0640: others can read or change it",
            remedy=f"chmod 600 {file}",
        )
    try:
        return setting_values.secret_key(key).get_secret_value()
    except ValueError as error:
        raise SettingsError(f"the key file {file} holds no usable key, expected {error}") from None
