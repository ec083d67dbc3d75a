"""The configuration: what is refused, and with which sentence."""

from pathlib import Path

import pytest

from app import config
from app.config import Refused, settings


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"GREFFE_PROT": "1"}, "GREFFE_PROT is not a setting"),
        ({"GREFFE_PORT": "http"}, "wrong form"),
        ({"GREFFE_PORT": "0"}, "between 1 and 65535"),
        ({"GREFFE_THREADS": "0"}, "between 1 and 64"),
        ({"GREFFE_LANGUAGE": "de"}, "fr or en"),
        ({"GREFFE_ZONE": "Europe/Paname"}, "name of a time zone"),
        ({"GREFFE_DATABASE_URL": "mysql://x/y"}, "must begin with postgresql://"),
        ({"GREFFE_DATABASE_URL": "nothing at all"}, "not an address of a database"),
        ({"GREFFE_HOST": "0.0.0.0"}, "put a proxy with TLS in front"),  # noqa: S104
        ({"GREFFE_PUBLIC_URL": "http://greffe.example"}, "put a proxy with TLS in front"),
        ({"GREFFE_PUBLIC_URL": "ftp://greffe.example"}, "address such as https://"),
        ({"GREFFE_PROXIES": "-1"}, "0 for none"),
        ({"GREFFE_IDENTITY_KIND": "stamp"}, "seal (the legal person) or signature"),
        ({"GREFFE_IDENTITY_KIND": "signature"}, "give GREFFE_IDENTITY_QUALITY"),
        (
            {"GREFFE_IDENTITY_KIND": "signature", "GREFFE_IDENTITY_QUALITY": "directrice"},
            "give GREFFE_IDENTITY.",
        ),
        ({"GREFFE_SMTP_HOST": "mail.example"}, "give GREFFE_SMTP_FROM"),
        ({"GREFFE_SMTP_FROM": "Avis <avis@ponant.example>"}, "GREFFE_SMTP_FROM is an address"),
        ({"GREFFE_SMTP_SECURITY": "ssl"}, "starttls, tls or none"),
        (
            {
                "GREFFE_SMTP_HOST": "mail.example",
                "GREFFE_SMTP_FROM": "avis@ponant.example",
                "GREFFE_SMTP_SECURITY": "none",
            },
            "would cross the network unprotected",
        ),
        ({"GREFFE_SMTP_PORT": "99999"}, "GREFFE_SMTP_PORT"),
        ({"GREFFE_SMTP_USER": "greffe"}, "given together"),
        ({"GREFFE_SMTP_USER": "greffe", "GREFFE_SMTP_PASSWORD": "é"}, "written in ASCII"),
        ({"GREFFE_SMTP2_SECURITY": "ssl"}, "GREFFE_SMTP2_SECURITY is starttls, tls or none"),
        ({"GREFFE_SMTP2_HOST": "relay.example"}, "give GREFFE_SMTP_HOST"),
        ({"GREFFE_WEBHOOK_PRIVATE": "yes"}, "on or off"),
        ({"GREFFE_WORKER": "no"}, "on or off"),
        ({"GREFFE_REDIS_URL": "redis.example"}, "such as redis://"),
        ({"GREFFE_MASTER_KEY": "short"}, "at least 32 characters"),
        ({"GREFFE_BACKUP_PASSPHRASE": "short"}, "at least 12 characters"),
        ({"GREFFE_MASTER_KEY_FILE": "/nonexistent"}, "cannot be read"),
        ({"GREFFE_MASTER_KEY_FILE": "/dev/null", "GREFFE_MASTER_KEY": "x" * 32}, "given twice"),
    ],
)
def test_what_is_unknown_or_unsafe_is_refused(variables, sentence):
    with pytest.raises(Refused) as raised:
        settings(variables)
    assert sentence in str(raised.value)


def test_every_setting_can_be_given_as_a_file(tmp_path):
    secret = tmp_path / "key"
    secret.write_text("x" * 40 + "\n")
    assert settings({"GREFFE_MASTER_KEY_FILE": str(secret)}).master_key == "x" * 40


def test_behind_a_proxy_with_tls_it_may_listen_anywhere():
    found = settings(
        {
            "GREFFE_HOST": "0.0.0.0",  # noqa: S104
            "GREFFE_PUBLIC_URL": "https://greffe.example/",
            "GREFFE_PROXIES": "1",
        }
    )
    assert found.address == "https://greffe.example"


def test_mail_to_this_machine_needs_no_tls():
    found = settings(
        {
            "GREFFE_SMTP_HOST": "localhost",
            "GREFFE_SMTP_FROM": "avis@ponant.example",
            "GREFFE_SMTP_SECURITY": "none",
        }
    )
    assert found.sender == "avis@ponant.example"
    assert settings({}).sender == "no-reply@localhost"


def test_left_out_it_is_sqlite_in_a_folder_of_its_own(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    found = settings({})
    assert found.home == tmp_path / "greffe"
    assert found.url.database == str(tmp_path / "greffe" / "greffe.db")
    assert config.sample_home() != found.home


def test_addresses_are_absolute(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert Path(settings({"GREFFE_HOME": "data"}).url.database).is_absolute()


def test_postgresql_is_reached_with_psycopg_3():
    found = settings({"GREFFE_DATABASE_URL": "postgresql://greffe@db/greffe"})
    assert found.url.drivername == "postgresql+psycopg"
    assert not found.sqlite
