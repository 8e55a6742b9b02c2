"""Settings one by one: each has a wrong value that stops the start, and each is documented with its true default."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from app.config import Settings, load_settings

CHECKOUT = Path(__file__).resolve().parents[2]

TWILIO = {
    "GATEWAY": "twilio",
    "TWILIO_ACCOUNT_SID": "AC0",
    "TWILIO_AUTH_TOKEN": "token",
    "TWILIO_FROM": "+15005550006",
    "PUBLIC_URL": "https://sms.example.com",
    "SECRET_KEY": "key",
}

WRONG = [
    ("DATABASE_URL", "huifu.db", "is not a database URL"),
    ("DATABASE_URL", "mysql://root@localhost/huifu", "mysql is not supported; use sqlite or postgresql"),
    ("REDIS_URL", "localhost:6379", "must be a URL like redis://localhost:6379/0"),
    ("REDIS_URL", "redis://localhost/cache", "must be a URL like redis://localhost:6379/0"),
    ("GATEWAY", "pigeon", "must be 'simulator' or 'twilio', not 'pigeon'"),
    ("PUBLIC_URL", "sms.example.com", "must be a full URL like https://sms.example.com"),
    ("PUBLIC_URL", "https://sms.example.com/?a=b", "must have no query"),
    ("HOST", "http://0.0.0.0", "must be an address or a name"),
    ("PORT", "http", "must be a whole number, not 'http'"),
    ("PORT", "0", "must be at least 1, not '0'"),
    ("PORT", "65536", "must be at most 65535"),
    ("SECRET_KEY", "key ", "begins or ends with a space"),
    ("BANK_NAME", "【】", "must have 1 to 20 characters"),
    ("BANK_NAME", "银" * 21, "must have 1 to 20 characters"),
    ("BANK_NAME_EN", "示例银行", "plain Latin characters"),
    ("BANK_HOTLINE", "call us", "must be a phone number as customers dial it"),
    ("TIMEZONE", "Beijing", "'Beijing' is not a time zone; write it like Asia/Shanghai"),
    ("DEFAULT_LANGUAGE", "fr", "must be 'zh-CN' or 'en', not 'fr'"),
    ("TWILIO_ACCOUNT_SID", "AC 0", "has a space"),
    ("TWILIO_AUTH_TOKEN", "tok en", "has a space"),
    ("TWILIO_AUTH_TOKEN_SECONDARY", "token\n", "has a space, a line break"),
    ("TWILIO_FROM", "+0", "must be a number like +15005550006"),
    ("TWILIO_MESSAGING_SERVICE_SID", "AC0", "must begin with MG"),
    ("TWILIO_SIGNING_KEY", "钥匙", "has a space, a line break or a character that no key has"),
    ("TWILIO_API_URL", "api.twilio.com", "must be a full URL"),
    ("BANK_URL", "ftp://bank.example.com", "must be a full URL"),
    ("BANK_TOKEN", "Bearer token", "has a space"),
    ("BANK_TIMEOUT_SECONDS", "soon", "must be a number, not 'soon'"),
    ("BANK_TIMEOUT_SECONDS", "0", "must be more than 0"),
    ("BANK_TIMEOUT_SECONDS", "31", "must be at most 30"),
    ("SEND_RATE", "-1", "must be at least 0"),
    ("SEND_RATE", "fast", "must be a number, not 'fast'"),
    ("CODE_DIGITS", "5", "must be 4 or 6"),
    ("CODES_PER_DAY", "0", "must be at least 1"),
    ("CODES_PER_DAY", "51", "must be at most 50"),
    ("WORKING_HOURS", "9 to 5", "has '9 to 5', which is not a period"),
    ("CALLBACK_CAPACITY", "0", "must be at least 1"),
    ("CALLBACK_CALLER", "us", "must be a phone number"),
    ("INFO_LINK", "http://bank.example.com", "must be an https:// link"),
    ("TRUSTED_PROXIES", "6", "must be at most 5"),
    ("WEB_THREADS", "0", "must be at least 1"),
    ("CONSOLE_PAGES", "-1", "must be at least 0"),
    ("SENDER_THREADS", "1000", "must be at most 256"),
    ("LOG_LEVEL", "LOUD", "must be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
]

MISSING = [
    ("TWILIO_ACCOUNT_SID", {"TWILIO_ACCOUNT_SID": ""}, "is not set; GATEWAY=twilio needs it"),
    ("TWILIO_ACCOUNT_SID", {"TWILIO_ACCOUNT_SID": "SK0"}, "must begin with AC"),
    ("TWILIO_AUTH_TOKEN", {"TWILIO_AUTH_TOKEN": ""}, "is not set; GATEWAY=twilio needs it"),
    ("PUBLIC_URL", {"PUBLIC_URL": ""}, "is not set; GATEWAY=twilio needs it"),
    ("TWILIO_FROM", {"TWILIO_FROM": ""}, "or TWILIO_MESSAGING_SERVICE_SID must be set"),
    ("SECRET_KEY", {"SECRET_KEY": ""}, "is not set; make one with"),
]


def stopped(settings: dict[str, str]) -> list[str]:
    """The lines that a command leaves behind when it stops because of a setting."""
    done = CliRunner().invoke(main, ["migrate"], env=settings)
    assert done.exit_code == 2, done.output
    assert done.stdout == ""
    return done.stderr.splitlines()


@pytest.mark.parametrize(("name", "value", "sentence"), WRONG)
def test_a_wrong_setting_stops_with_a_sentence_that_names_it(name: str, value: str, sentence: str) -> None:
    (line,) = stopped({name: value})
    assert line.startswith(f"{name} ")
    assert sentence in line
    assert line.endswith(".")


@pytest.mark.parametrize(("name", "without", "sentence"), MISSING)
def test_what_twilio_needs_is_asked_for(name: str, without: dict[str, str], sentence: str) -> None:
    (line,) = stopped(TWILIO | without)
    assert line.startswith(f"{name} ")
    assert sentence in line


def test_twilio_is_content_with_what_it_needs() -> None:
    load_settings({name.lower(): value for name, value in TWILIO.items()})


def test_every_setting_was_tried_with_a_wrong_value() -> None:
    assert {name for name, _, _ in WRONG} == {name.upper() for name in Settings.model_fields}


def test_several_faults_are_told_at_once() -> None:
    assert [line.split()[0] for line in stopped({"PORT": "x", "LOG_LEVEL": "x"})] == ["PORT", "LOG_LEVEL"]


@pytest.mark.parametrize("name", ["SECRET_KEY", "TWILIO_AUTH_TOKEN", "TWILIO_SIGNING_KEY", "BANK_TOKEN"])
def test_a_secret_is_never_repeated(name: str) -> None:
    (line,) = stopped({name: "hush hush "})
    assert "hush" not in line


def test_every_default_can_be_written_as_a_value() -> None:
    """What .env.example shows must be what the environment takes."""
    assert load_settings({name: value for name, value in example().items() if value}) == load_settings()


def test_a_file_in_the_folder_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=1111\nBANK_NAME=江南银行\n", encoding="utf-8")
    told = "from app.config import load_settings as s; print(s().port, s().bank_name)"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKOUT), "PYTHONUTF8": "1", "PORT": "2222"}
    done = subprocess.run(
        [sys.executable, "-c", told], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "2222 江南银行\n"


# ---- documents ---------------------------------------------------------------------------------------------


def example() -> dict[str, str]:
    lines = (CHECKOUT / ".env.example").read_text(encoding="utf-8").splitlines()
    found = [re.fullmatch(r"#?([A-Z_]+)=(.*)", line) for line in lines]
    return {match[1].lower(): match[2] for match in found if match}


def defaults() -> dict[str, str]:
    plain = {name: field.default for name, field in Settings.model_fields.items()}
    return {name: ",".join(value) if isinstance(value, tuple) else str(value) for name, value in plain.items()}


def test_the_example_has_every_setting_with_its_default() -> None:
    assert example() == defaults()


def test_the_page_has_every_setting_with_its_default() -> None:
    page = (CHECKOUT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([A-Z_]+)` \| (?:`(.*?)`|–) \| \S", page, flags=re.MULTILINE)
    assert {name.lower(): default for name, default in rows} == defaults()
    assert len(rows) == len(defaults())
