"""Settings one by one: each has a wrong value that stops the start, and each is documented with its true default."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from app.config import Settings, load_settings
from app.wiring import build_service, clock_of

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
    ("OUTBOX_HOURS", "0", "must be more than 0"),
    ("STANDBY", "pigeon", "must be '' or 'twilio', not 'pigeon'"),
    ("STANDBY_CARRIES", "answer,commercial", "must not hold commercial"),
    ("STANDBY_CARRIES", "answers", "must be some of answer, code, reminder and service"),
    ("STANDBY_SEND_RATE", "-1", "must be at least 0"),
    ("STANDBY_TWILIO_ACCOUNT_SID", "AC 0", "has a space"),
    ("STANDBY_TWILIO_ACCOUNT_SID", "AC0", "is set and STANDBY is not; write STANDBY=twilio as well"),
    ("STANDBY_TWILIO_AUTH_TOKEN", "tok en", "has a space"),
    ("STANDBY_TWILIO_AUTH_TOKEN_SECONDARY", "tok en", "has a space"),
    ("STANDBY_TWILIO_FROM", "+0", "must be a number like +15005550006"),
    ("STANDBY_TWILIO_MESSAGING_SERVICE_SID", "AC0", "must begin with MG"),
    ("STANDBY_TWILIO_SIGNING_KEY", "钥匙", "has a space, a line break or a character that no key has"),
    ("STANDBY_TWILIO_API_URL", "api.twilio.com", "must be a full URL"),
    ("CODE_DIGITS", "5", "must be 4 or 6"),
    ("CODES_PER_DAY", "0", "must be at least 1"),
    ("CODES_PER_DAY", "51", "must be at most 50"),
    ("WORKING_HOURS", "9 to 5", "has '9 to 5', which is not a period"),
    ("CALLBACK_CAPACITY", "0", "must be at least 1"),
    ("CALLBACK_CALLER", "us", "must be a phone number"),
    ("INFO_LINK", "http://bank.example.com", "must be an https:// link"),
    ("LINK_URL", "http://s.bank.example", "must be an https:// address"),
    ("LINK_URL", "s.bank.example", "must be an https:// address"),
    ("LINK_DOMAINS", "www.bank.example,https://m.bank.example", "has 'https://m.bank.example', which is no host name"),
    ("API_TOKENS", "core:short", "must be name:token pairs"),
    ("API_TOKENS", f"core:{'t' * 32},core:{'u' * 32}", "has a name or a token twice"),
    ("CARE_CONSENT", "nobody", "must be 'granted' or 'not_refused', not 'nobody'"),
    ("PART_PRICE", "-1", "must be at least 0"),
    ("SMTP_URL", "mail.bank.example", "must be like starttls://user:password@mail.example.com:587"),
    ("SMTP_URL", "smtp://mail.bank.example:mail", "has a port that is no number"),
    ("SMTP_URL", "smtps://service@mail.bank.example", "has a user without a password"),
    ("SMTP_URL", "smtp://us:hush@mail.bank.example", "would send its password for everybody to read"),
    ("EMAIL_FROM", "Bank <service@bank.example>", "must be a plain address"),
    ("EMAIL_FROM", "service@bank.example\nBcc: x@y.cn", "must be a plain address"),
    ("SECOND_CHANNEL_URL", "http://wechat.bank.example", "must be an https:// address"),
    ("SECOND_CHANNEL_URL", "https://us:hush@wechat.bank.example", "must be a full URL"),
    ("SECOND_CHANNEL_SECRET", "hush", "must be whsec_ and base64 of 24 to 64 bytes"),
    ("SECOND_CHANNEL_SECRET", "whsec_aHVzaA==", "must be whsec_ and base64 of 24 to 64 bytes"),
    ("ROUTE", "pigeon", "'pigeon' is not known; use one of simulator, twilio"),
    ("ROUTE_TEMPLATES", "birthday_offer=1", "has 'birthday_offer=1'; write birthday_offer@2/zh-CN=SMS_123"),
    ("CLOCK_AHEAD", "-1", "must be at least 0"),
    ("RETENTION", "weekly", "must be 'off' or 'daily', not 'weekly'"),
    ("RETENTION_MONTHS", "4", "must be at least 5"),
    ("RETENTION_CONSENT_MONTHS", "4", "must be at least 5"),
    ("RETENTION_AUDIT_MONTHS", "5", "must be at least 6"),
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

STANDBY = TWILIO | {
    "STANDBY": "twilio",
    "STANDBY_TWILIO_ACCOUNT_SID": "AC1",
    "STANDBY_TWILIO_AUTH_TOKEN": "token",
    "STANDBY_TWILIO_FROM": "+15005550007",
}
MISSING_FOR_STANDBY = [
    ("STANDBY_TWILIO_ACCOUNT_SID", {"STANDBY_TWILIO_ACCOUNT_SID": ""}, "is not set; STANDBY=twilio needs it"),
    ("STANDBY_TWILIO_ACCOUNT_SID", {"STANDBY_TWILIO_ACCOUNT_SID": "SK0"}, "must begin with AC"),
    ("STANDBY_TWILIO_AUTH_TOKEN", {"STANDBY_TWILIO_AUTH_TOKEN": ""}, "is not set; STANDBY=twilio needs it"),
    ("STANDBY_TWILIO_FROM", {"STANDBY_TWILIO_FROM": ""}, "or STANDBY_TWILIO_MESSAGING_SERVICE_SID must be set"),
    ("PUBLIC_URL", {"GATEWAY": "simulator", "PUBLIC_URL": ""}, "is not set; STANDBY=twilio needs it"),
    ("STANDBY", {"STANDBY_TWILIO_ACCOUNT_SID": "AC0", "STANDBY_TWILIO_FROM": "+15005550006"}, "the same account"),
]
HALF = [
    ("EMAIL_FROM", {"SMTP_URL": "smtps://mail.bank.example"}, "is not set; SMTP_URL needs it"),
    ("SMTP_URL", {"EMAIL_FROM": "service@bank.example"}, "is not set; EMAIL_FROM needs it"),
    ("SECOND_CHANNEL_SECRET", {"SECOND_CHANNEL_URL": "https://wechat.bank.example"}, "SECOND_CHANNEL_URL needs it"),
    ("SECOND_CHANNEL_URL", {"SECOND_CHANNEL_SECRET": f"whsec_{'A' * 32}"}, "SECOND_CHANNEL_SECRET needs it"),
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


@pytest.mark.parametrize(("name", "without", "sentence"), MISSING_FOR_STANDBY)
def test_what_a_standby_needs_is_asked_for(name: str, without: dict[str, str], sentence: str) -> None:
    (line,) = stopped(STANDBY | without)
    assert line.startswith(f"{name} ")
    assert sentence in line


def test_a_standby_is_content_with_what_it_needs() -> None:
    load_settings({name.lower(): value for name, value in STANDBY.items()})


def test_twilio_is_content_with_what_it_needs() -> None:
    load_settings({name.lower(): value for name, value in TWILIO.items()})


def test_only_a_trial_has_a_clock_of_its_own() -> None:
    (line,) = stopped(TWILIO | {"CLOCK_AHEAD": "1"})
    assert line.startswith("CLOCK_AHEAD is for a trial with GATEWAY=simulator")
    assert clock_of(load_settings({"clock_ahead": 30}))() - datetime.now(UTC) > timedelta(hours=29)


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:8123", "http://localhost:8000", "http://[::1]:8000"])
def test_a_trial_on_this_machine_has_plain_links(url: str) -> None:
    settings = load_settings({"public_url": url})
    assert settings.trial == settings.short_links == settings.base_url


@pytest.mark.parametrize(
    ("settings", "links"),
    [
        ({"public_url": "http://sms.bank.test"}, "https://bank.example.com"),
        ({"public_url": "http://192.168.1.7:8000"}, "https://bank.example.com"),
        ({"host": "0.0.0.0"}, "https://bank.example.com"),
        ({"public_url": "https://127.0.0.1"}, "https://127.0.0.1"),
        (
            {name.lower(): value for name, value in TWILIO.items()} | {"public_url": "http://127.0.0.1:8000"},
            "http://127.0.0.1:8000",
        ),
    ],
)
def test_elsewhere_no_plain_link_is_taken(settings: dict[str, str], links: str) -> None:
    found = load_settings(settings)
    assert (found.trial, found.short_links) == ("", links)
    assert build_service(found).trial == ""


def test_every_setting_was_tried_with_a_wrong_value() -> None:
    assert {name for name, _, _ in WRONG} == {name.upper() for name in Settings.model_fields}


def test_several_faults_are_told_at_once() -> None:
    assert [line.split()[0] for line in stopped({"PORT": "x", "LOG_LEVEL": "x"})] == ["PORT", "LOG_LEVEL"]


@pytest.mark.parametrize(("name", "settings", "sentence"), HALF)
def test_half_a_companion_channel_stops_the_start(name: str, settings: dict[str, str], sentence: str) -> None:
    (line,) = stopped(settings)
    assert line.startswith(f"{name} is not set")
    assert sentence in line


def test_no_password_of_an_address_is_repeated() -> None:
    for told in ("smtp://us:hush@mail.bank.example", "smtps://us:hush@mail.bank.example:x", "pigeon://us:hush@there"):
        (line,) = stopped({"SMTP_URL": told})
        assert "hush" not in line


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
