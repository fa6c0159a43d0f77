"""The settings: what is taken, what is refused and in which words. Files (home, key) are in tests/integration/test_settings_files.py."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import ValidationError

from engine.errors import SettingsError
from engine.redaction import Redactor
from engine.settings import Settings, masked, settings_table, variable

KEY = "correct-horse-battery-staple-0123456789"
HOME = {"HOOKLINE_HOME": "/srv/hookline"}


def refused(**given: str) -> str:
    with pytest.raises(SettingsError) as raised:
        Settings.load({f"HOOKLINE_{name}": value for name, value in given.items()})
    return str(raised.value)


def test_without_any_setting_everything_is_embedded() -> None:
    settings = Settings.load({})
    assert settings.home == Path.cwd() / ".hookline"
    assert settings.database_path == settings.home / "hookline.db"
    assert settings.is_embedded_database
    assert settings.redis_url is None
    assert settings.celery_url is None
    assert (settings.host, settings.port, settings.health_port) == ("127.0.0.1", 8480, None)
    assert settings.public_url == "http://127.0.0.1:8480"
    assert settings.worker_threads == 8
    assert (settings.log_format, settings.log_level) == (None, "info")
    assert settings.egress_allow == ()


def test_another_port_is_where_the_webhooks_are_reached_unless_said_otherwise() -> None:
    assert Settings.load({"HOOKLINE_PORT": "9000"}).public_url == "http://127.0.0.1:9000"


def test_all_settings_are_read() -> None:
    settings = Settings.load(
        {
            **HOME,
            "HOOKLINE_DATABASE_URL": "postgres://hookline:pw@db:5432/hookline",
            "HOOKLINE_REDIS_URL": "rediss://:pw@cache:6380/2",
            "HOOKLINE_PUBLIC_URL": "https://hooks.example.com/",
            "HOOKLINE_SECRET_KEY": f" {KEY}\n",
            "HOOKLINE_EGRESS_ALLOW": "10.20.0.0/16, fd00::/8",
            "HOOKLINE_HOST": "0.0.0.0",
            "HOOKLINE_PORT": "80",
            "HOOKLINE_HEALTH_PORT": "8481",
            "HOOKLINE_WORKER_THREADS": "32",
            "HOOKLINE_LOG_FORMAT": "JSON",
            "HOOKLINE_LOG_LEVEL": "debug",
        }
    )
    assert settings.database_url == "postgresql://hookline:pw@db:5432/hookline"
    assert settings.database_path is None
    assert not settings.is_embedded_database
    assert settings.redis_url == settings.celery_url == "rediss://:pw@cache:6380/2"
    assert settings.public_url == "https://hooks.example.com"
    assert settings.secret_key_text() == KEY
    assert settings.egress_allow == (ip_network("10.20.0.0/16"), ip_network("fd00::/8"))
    assert (settings.host, settings.port, settings.health_port, settings.worker_threads) == ("0.0.0.0", 80, 8481, 32)
    assert (settings.log_format, settings.log_level) == ("json", "debug")


def test_other_variables_empty_values_and_the_tests_own_are_left_alone() -> None:
    settings = Settings.load({"PATH": "/bin", "HOOKLINE_REDIS_URL": "", "HOOKLINE_PORT": " ", "HOOKLINE_TEST_X": "1"})
    assert settings.port == 8480


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings.load({}).port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("sqlite:////var/lib/x.db", Path("/var/lib/x.db")),
        ("sqlite:///data/x.db", Path.cwd() / "data/x.db"),
        ("sqlite:////a%20b/x.db", Path("/a b/x.db")),
    ],
)
def test_a_sqlite_file_may_lie_anywhere_and_its_path_becomes_absolute(given: str, path: Path) -> None:
    settings = Settings.load({**HOME, "HOOKLINE_DATABASE_URL": given})
    assert settings.database_path == path
    assert not settings.is_embedded_database


def test_a_sqlite_file_in_the_home_is_embedded_even_when_it_is_named() -> None:
    assert Settings.load({**HOME, "HOOKLINE_DATABASE_URL": "sqlite:////srv/hookline/own.db"}).is_embedded_database


def test_a_home_with_signs_that_mean_something_in_urls_is_kept() -> None:
    assert Settings.load({"HOOKLINE_HOME": "/a b%?#c"}).database_path == Path("/a b%?#c/hookline.db")


@pytest.mark.parametrize(
    ("given", "celery"),
    [
        ("unix:///run/redis.sock?db=3", "redis+socket:///run/redis.sock?virtual_host=3"),
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock?virtual_host=0"),
        ("redis://cache/1", "redis://cache/1"),
    ],
)
def test_celery_gets_the_redis_url_in_its_own_spelling(given: str, celery: str) -> None:
    assert Settings.load({"HOOKLINE_REDIS_URL": given}).celery_url == celery


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DATABASE_URL", "mysql://db/x", "sqlite:///FILE or postgresql://"),
        ("DATABASE_URL", "postgresql+psycopg2://db/x", "sqlite:///FILE or postgresql://"),
        ("DATABASE_URL", "x.db", "sqlite:///FILE or postgresql://"),
        ("DATABASE_URL", "sqlite://", "sqlite:///FILE"),
        ("DATABASE_URL", "sqlite:///", "the path of one file"),
        ("DATABASE_URL", "sqlite:///:memory:", "the path of one file"),
        ("DATABASE_URL", "sqlite:////x.db?mode=ro", "without options"),
        ("DATABASE_URL", "postgresql://u@db", "the name of a database"),
        ("DATABASE_URL", "postgresql://u:p@db:port/x", "a number from 1 to 65535"),
        ("REDIS_URL", "cache:6379", "redis://HOST:PORT/DB"),
        ("REDIS_URL", "redis://", "redis://HOST:PORT/DB"),
        ("REDIS_URL", "redis://cache:0/1", "a number from 1 to 65535"),
        ("REDIS_URL", "redis://[::1", "brackets"),
        ("REDIS_URL", "unix://run/redis.sock", "unix:///SOCKET"),
        ("PUBLIC_URL", "hooks.example.com", "https://HOST"),
        ("PUBLIC_URL", "ftp://hooks.example.com", "https://HOST"),
        ("PUBLIC_URL", "https://hooks.example.com/x", "without user, path"),
        ("PUBLIC_URL", "https://hooks.example.com?a=1", "without user, path"),
        ("PUBLIC_URL", "https://hooks.example.com#a", "without user, path"),
        ("PUBLIC_URL", "https://u:p@hooks.example.com", "without user, path"),
        ("PUBLIC_URL", "https://hooks.example.com:99999", "a number from 1 to 65535"),
        ("EGRESS_ALLOW", "10.0.0.1/8", "did you mean 10.0.0.0/8?"),
        ("EGRESS_ALLOW", "10.0.0.0/8,intranet", "which 'intranet' is not"),
        ("HOST", "two words", "a host name"),
        ("PORT", "0", "from 1 to 65535"),
        ("PORT", "65536", "from 1 to 65535"),
        ("PORT", "84٠", "from 1 to 65535"),
        ("WORKER_THREADS", "-1", "from 1 to 256"),
        ("LOG_FORMAT", "xml", "one of text, json"),
        ("LOG_LEVEL", "loud", "one of debug, info, warning, error"),
        ("HOME", "~no-such-user-here/x", "a user of this machine"),
    ],
)
def test_a_wrong_value_is_refused_with_its_setting_and_what_is_expected(name: str, value: str, expected: str) -> None:
    message = refused(**{name: value})
    assert message.startswith(f"HOOKLINE_{name}: given ")
    assert expected in message


def test_all_mistakes_are_told_at_once() -> None:
    assert refused(PORT="x", LOG_LEVEL="x").count("expected") == 2


def test_a_wrong_home_is_told_alone_and_not_as_a_wrong_database() -> None:
    assert refused(HOME="~no-such-user-here").count("HOOKLINE_") == 1


@pytest.mark.parametrize(
    ("name", "meant"), [("PROT", "HOOKLINE_PORT"), ("DATABASE", "HOOKLINE_DATABASE_URL"), ("SECRET_KEY_FIEL", "HOOKLINE_SECRET_KEY_FILE")]
)  # fmt: skip
def test_an_unknown_setting_is_refused_with_the_one_that_was_meant(name: str, meant: str) -> None:
    assert refused(**{name: "1"}) == f"HOOKLINE_{name}: there is no such setting; did you mean {meant}?"


def test_an_unknown_setting_that_resembles_none_is_refused_without_a_guess() -> None:
    assert refused(ZZZZZZ="1") == "HOOKLINE_ZZZZZZ: there is no such setting"


def test_the_key_may_be_given_in_one_way_only() -> None:
    message = refused(SECRET_KEY=KEY, SECRET_KEY_FILE="/etc/key")
    assert "both set" in message
    assert KEY not in message


def test_without_a_key_a_database_elsewhere_is_refused_with_how_to_make_one() -> None:
    settings = Settings.load({**HOME, "HOOKLINE_DATABASE_URL": "postgresql://db/hookline"})
    with pytest.raises(SettingsError, match="HOOKLINE_SECRET_KEY is not set") as raised:
        settings.secret_key_text()
    assert "secrets.token_urlsafe" in str(raised.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgresql://user:geheim@db:x/y"),
        ("DATABASE_URL", "mysql://user:geheim@db/y"),
        ("DATABASE_URL", "postgresql+x://db/y?password=geheim"),
        ("REDIS_URL", "rediss://:geheim@cache:x"),
        ("SECRET_KEY", "geheim"),
    ],
)
def test_a_refused_value_does_not_show_its_secret(name: str, value: str) -> None:
    assert "geheim" not in refused(**{name: value})


def test_what_is_said_of_the_key_survives_the_hiding_of_secrets() -> None:
    message = refused(SECRET_KEY="geheim")
    assert message.startswith("HOOKLINE_SECRET_KEY holds no usable key, expected at least 32 random characters")
    assert Redactor().text(message) == message


def test_settings_can_be_printed_without_their_secrets() -> None:
    settings = Settings.load(
        {
            **HOME,
            "HOOKLINE_DATABASE_URL": "postgresql://u:geheim@db/x",
            "HOOKLINE_REDIS_URL": "redis://:geheim@cache",
            "HOOKLINE_SECRET_KEY": f"geheim{KEY}",
        }
    )
    assert "geheim" not in repr(settings)
    assert "geheim" not in str(settings)


def test_a_password_that_should_have_been_encoded_is_masked_whole() -> None:
    assert masked("postgresql://user:ge@heim/geheim@db/x") == "postgresql://user:***@db/x"


def test_a_masked_url_keeps_what_is_not_secret() -> None:
    assert masked("postgresql://user:pw@db:5432/x?sslmode=require") == "postgresql://user:***@db:5432/x?sslmode=require"
    assert masked("redis://cache:6379/0") == "redis://cache:6379/0"


def test_every_setting_is_documented_with_its_default() -> None:
    table = settings_table()
    for name, field in Settings.model_fields.items():
        (row,) = [row for row in table.splitlines() if f"| `{variable(name)}` |" in row]
        assert field.description
        assert field.description in row
    assert "None" not in table
    assert "Undefined" not in table
