"""Settings from the environment and `.env`: frozen, and checked at start with one sentence per fault."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError


class BadSettings(ValueError):
    """One or more settings are missing or wrong; `str()` gives a sentence for each, a line apart."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except Exception as error:
        raise ValueError(f"{name!r} is not a time zone; write it like Asia/Shanghai") from error
    return name


def _database(url: str) -> str:
    try:
        driver = make_url(url).get_backend_name()
    except ArgumentError as error:
        raise ValueError("is not a database URL; write sqlite:///instance/huifu.db or postgresql://…") from error
    if driver not in {"sqlite", "postgresql"}:
        raise ValueError(f"{driver} is not supported; use sqlite or postgresql")
    return url


def _redis(url: str) -> str:
    # Never quoted in the sentence: it may hold a password.
    if url and not re.fullmatch(r"rediss?://[^/\s]+(?::\d{1,5})?(?:/\d*)?(?:\?\S*)?|unix://(?:[^/\s]*@)?/\S+", url):
        raise ValueError("must be a URL like redis://localhost:6379/0, rediss://… or unix:///run/redis.sock")
    return url


def _base_url(url: str) -> str:
    if not url:
        return url
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be a full URL like https://sms.example.com, as the gateway calls it")
    if parts.query or parts.fragment or parts.username:
        raise ValueError("must have no query, fragment or user name: gateways sign the plain URL")
    return url.rstrip("/")


def _https(url: str) -> str:
    if urlsplit(url).scheme != "https" or not urlsplit(url).hostname:
        raise ValueError("must be an https:// link: customers are told to trust no other")
    return url


def _bank_name(name: str) -> str:
    name = name.strip().strip("【】[]").strip()
    if not 1 <= len(name) <= 20:
        raise ValueError("must have 1 to 20 characters: every text begins with it in 【】")
    return name


def _english_name(name: str) -> str:
    if not re.fullmatch(r"[ -~]{0,20}", name):
        raise ValueError("must have at most 20 plain Latin characters: others double the parts of English texts")
    return name


def _host(name: str) -> str:
    if not re.fullmatch(r"[^\s/@]+", name):
        raise ValueError("must be an address or a name like 0.0.0.0, without http:// and without a path")
    return name


def _telephone(number: str) -> str:
    if not re.fullmatch(r"\+?[0-9][0-9-]{2,18}", number):
        raise ValueError("must be a phone number as customers dial it, like 95500 or +862155550000")
    return number


def _sender(sender: str) -> str:
    if not re.fullmatch(r"(?:\+[1-9][0-9]{6,14}|[0-9]{3,8}|[A-Za-z0-9 ]{1,11})?", sender):
        raise ValueError("must be a number like +15005550006, a short code, or a name of up to 11 letters")
    return sender


def _service_sid(sid: str) -> str:
    if sid and not sid.startswith("MG"):
        raise ValueError("must begin with MG")
    return sid


def _token(secret: str) -> str:
    # Never quoted in the sentence: what is wrong here may be right but for a space.
    if not re.fullmatch(r"[!-~]*", secret):
        raise ValueError("has a space, a line break or a character that no key has; it was probably not copied well")
    return secret


def _key(secret: str) -> str:
    if secret != secret.strip():
        raise ValueError("begins or ends with a space or line break; it was probably not copied well")
    return secret


def _whole(number: Any) -> Any:
    """The environment holds text, and a choice among numbers does not read it as one."""
    return int(number) if isinstance(number, str) and number.isdecimal() else number


Telephone = Annotated[str, AfterValidator(_telephone)]
Token = Annotated[str, AfterValidator(_token)]


class Settings(BaseSettings):
    """Everything that can be set from outside. Read once at start; nothing else reads the environment."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True)

    database_url: Annotated[str, AfterValidator(_database)] = "sqlite:///instance/huifu.db"
    redis_url: Annotated[str, AfterValidator(_redis)] = ""
    gateway: Literal["simulator", "twilio"] = "simulator"
    public_url: Annotated[str, AfterValidator(_base_url)] = ""
    host: Annotated[str, AfterValidator(_host)] = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    secret_key: Annotated[str, AfterValidator(_key)] = ""

    bank_name: Annotated[str, AfterValidator(_bank_name)] = "示例银行"
    bank_name_en: Annotated[str, AfterValidator(_english_name)] = ""
    bank_hotline: Telephone = "95500"
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    default_language: Literal["zh-CN", "en"] = "zh-CN"

    twilio_account_sid: Token = ""
    twilio_auth_token: Token = ""
    twilio_auth_token_secondary: Token = ""
    twilio_from: Annotated[str, AfterValidator(_sender)] = ""
    twilio_messaging_service_sid: Annotated[str, AfterValidator(_service_sid)] = ""
    twilio_signing_key: Token = ""
    twilio_api_url: Annotated[str, AfterValidator(_base_url)] = "https://api.twilio.com"

    bank_url: Annotated[str, AfterValidator(_base_url)] = ""
    bank_token: Token = ""
    bank_timeout_seconds: float = Field(default=3.0, gt=0, le=30)

    code_digits: Annotated[Literal[4, 6], BeforeValidator(_whole)] = 6
    codes_per_day: int = Field(default=5, ge=1, le=50)

    working_hours: Annotated[tuple[str, ...], NoDecode] = ("09:00-12:00", "13:30-18:00")
    callback_capacity: int = Field(default=4, ge=1, le=1000)
    callback_caller: Telephone = "95500"
    info_link: Annotated[str, AfterValidator(_https)] = "https://bank.example.com/info"

    trusted_proxies: int = Field(default=0, ge=0, le=5)
    web_threads: int = Field(default=8, ge=1, le=256)
    console_pages: int = Field(default=64, ge=0, le=1000)
    sender_threads: int = Field(default=8, ge=1, le=256)
    send_rate: float = Field(default=0.0, ge=0, le=100_000, allow_inf_nan=False)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @model_validator(mode="before")
    @classmethod
    def _split_hours(cls, given: Any) -> Any:
        if isinstance(given, dict) and isinstance(given.get("working_hours"), str):
            periods = tuple(period.strip() for period in given["working_hours"].split(",") if period.strip())
            given = {**given, "working_hours": periods}
        return given

    @model_validator(mode="after")
    def _periods(self) -> Settings:
        from app.rules.hours import parse_periods

        try:
            parse_periods(self.working_hours)
        except ValueError as error:
            raise ValueError(f"WORKING_HOURS {error}") from error
        return self

    @model_validator(mode="after")
    def _complete_twilio(self) -> Settings:
        if self.gateway != "twilio":
            return self
        for name in ("twilio_account_sid", "twilio_auth_token", "public_url"):
            if not getattr(self, name):
                raise ValueError(f"{name.upper()} is not set; GATEWAY=twilio needs it")
        if not self.twilio_account_sid.startswith("AC"):
            raise ValueError("TWILIO_ACCOUNT_SID must begin with AC; you may have copied an API key (SK…)")
        if not (self.twilio_from or self.twilio_messaging_service_sid):
            raise ValueError("TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID must be set; texts need a sender")
        if not self.secret_key:
            raise ValueError("SECRET_KEY is not set; make one with: openssl rand -hex 32")
        return self

    @property
    def base_url(self) -> str:
        """What gateways call and sign: PUBLIC_URL, or this machine's address when there is none."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def on_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")


def load_settings(overrides: Mapping[str, Any] | None = None) -> Settings:
    """Reads the environment; `overrides` (lower-case names) win. Raises `BadSettings`."""
    try:
        return Settings(**dict(overrides or {}))
    except ValidationError as error:
        raise BadSettings("\n".join(_sentence(fault) for fault in error.errors())) from None


def _sentence(fault: Any) -> str:
    name = ".".join(str(part) for part in fault["loc"][:1]).upper()
    reason = str(fault["msg"]).removeprefix("Value error, ")
    # Only these quote what was given: they are choices and numbers, never secrets.
    if said := _SAID.get(fault["type"]):
        reason = f"must be {said.format(**fault.get('ctx', {}))}, not {fault['input']!r}"
    return f"{name} {reason}".strip().rstrip(".") + "."


_SAID = {
    "literal_error": "{expected}",
    "int_parsing": "a whole number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
}
