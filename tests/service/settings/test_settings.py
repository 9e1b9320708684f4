"""Settings: each wrong value is refused at the start, by the name of its variable."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from service.settings import SettingsError, describe, load, secret_keys

GOOD_KEY = "kQ3v8Zp1Lx7Rn5Wc9Yt2Bm4Hd6Gf0Js8"
WRONG = [
    ("TILLPAID_BASE_URL", "files.example.com"),
    ("TILLPAID_BASE_URL", "ftp://files.example.com"),
    ("TILLPAID_BASE_URL", "https://files.example.com/below"),
    ("TILLPAID_BASE_URL", "https://"),
    ("TILLPAID_TRUSTED_PROXIES", "10.0.0.0/8, proxy.local"),
    ("TILLPAID_TRUSTED_PROXIES", "10.0.0.300"),
    ("TILLPAID_METRICS_TOKEN", "short"),
    ("TILLPAID_DOWNLOADS", "free"),
    ("TILLPAID_SESSION_DAYS", "0"),
    ("TILLPAID_SESSION_DAYS", "366"),
    ("TILLPAID_SESSION_DAYS", "a month"),
    ("TILLPAID_SMTP_URL", "mail.example.com:25"),
    ("TILLPAID_SMTP_URL", "http://mail.example.com"),
    ("TILLPAID_SMTP_URL", "smtp://"),
    ("TILLPAID_SMTP_URL", "smtp://mail.example.com:99999"),
    ("TILLPAID_SMTP_URL", "smtp://mail.example.com:port"),
    ("TILLPAID_MAIL_FROM", "nobody"),
    ("TILLPAID_MAX_FILE_MIB", "0"),
    ("TILLPAID_MAX_FILE_MIB", "1.5"),
    ("TILLPAID_STUDIO_QUOTA_MIB", "-1"),
    ("TILLPAID_RESUME_HOURS", "0"),
    ("TILLPAID_WORKERS", "-1"),
    ("TILLPAID_WORKERS", "many"),
    ("TILLPAID_SANDBOX_MEMORY_MIB", "64"),
    ("TILLPAID_SANDBOX_SECONDS", "0"),
    ("TILLPAID_SANDBOX_REQUIRE", "landlock, apparmor"),
    ("TILLPAID_MAX_PAGES", "0"),
    ("TILLPAID_SCRUB_DAYS", "-1"),
    ("TILLPAID_LOG_FORMAT", "xml"),
    ("TILLPAID_SECRET_KEYS", ","),
    ("TILLPAID_SECRET_KEYS", "short"),
    ("TILLPAID_SECRET_KEYS", "a" * 64),
    ("TILLPAID_SECRET_KEYS", "abcabcabc" * 8),
    ("TILLPAID_SECRET_KEYS", f"{GOOD_KEY},changeme"),
    ("TILLPAID_TRACE_KEYS", f"{GOOD_KEY},changeme"),
]
FREE = {"TILLPAID_DATA_DIR", "TILLPAID_DATABASE_URL", "TILLPAID_STORAGE_URL", "TILLPAID_RENDITIONS_URL"}
"""Checked by what opens them, not here."""


@pytest.mark.parametrize(("name", "value"), WRONG, ids=[f"{name}={value[:30]}" for name, value in WRONG])
def test_a_wrong_value_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load({name: value})


def test_every_variable_has_a_value_that_is_refused() -> None:
    assert {name for name, _default, _doc in describe()} - FREE == {name for name, _value in WRONG}


def test_a_refused_secret_is_not_repeated() -> None:
    with pytest.raises(SettingsError) as caught:
        load({"TILLPAID_SECRET_KEYS": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_with_nothing_set_everything_is_in_one_folder(tmp_path: Path) -> None:
    settings = load({}, data_dir=tmp_path)
    assert settings.database == f"sqlite:///{tmp_path}/tillpaid.db"
    assert settings.storage == (tmp_path / "vault").as_uri()
    assert settings.work.worker_count >= 1


def test_an_empty_variable_is_as_good_as_none() -> None:
    assert load({"TILLPAID_SESSION_DAYS": " ", "TILLPAID_BASE_URL": ""}) == load({})


def test_values_are_read_in_their_types(tmp_path: Path) -> None:
    environ = {"TILLPAID_SESSION_DAYS": "7", "TILLPAID_DATA_DIR": str(tmp_path), "TILLPAID_WORKERS": " 3 "}
    settings = load(environ)
    assert (settings.web.session_days, settings.data_dir, settings.work.worker_count) == (7, tmp_path, 3)


def test_the_command_line_goes_before_the_environment(tmp_path: Path) -> None:
    assert load({"TILLPAID_DATA_DIR": "/elsewhere"}, data_dir=tmp_path).data_dir == tmp_path


def test_each_variable_is_described_once() -> None:
    listed = describe()
    names = [name for name, _default, _doc in listed]
    assert len(set(names)) == len(names)
    assert all(name.startswith("TILLPAID_") and doc.endswith(".") for name, _default, doc in listed)


def test_keys_are_made_once_and_only_their_owner_may_read_them(tmp_path: Path) -> None:
    settings = load({}, data_dir=tmp_path / "new")
    first = secret_keys(settings)
    assert secret_keys(settings) == first
    assert len(first[0]) == 64
    assert stat.S_IMODE((tmp_path / "new" / "secret_keys").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_two_installations_have_two_keys(tmp_path: Path) -> None:
    assert secret_keys(load({}, data_dir=tmp_path / "a")) != secret_keys(load({}, data_dir=tmp_path / "b"))


def test_the_environments_keys_go_before_the_file(tmp_path: Path) -> None:
    settings = load({"TILLPAID_SECRET_KEYS": f"{GOOD_KEY}, {GOOD_KEY[::-1]}"}, data_dir=tmp_path / "none")
    assert secret_keys(settings) == [GOOD_KEY, GOOD_KEY[::-1]]
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("content", ["", "weak\n", "\n\n"])
def test_a_broken_key_file_stops_the_start(tmp_path: Path, content: str) -> None:
    (tmp_path / "secret_keys").write_text(content)
    with pytest.raises(SettingsError, match="secret_keys"):
        secret_keys(load({}, data_dir=tmp_path))
