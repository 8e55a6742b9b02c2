"""Settings from the environment and `.env`: frozen, and checked at start with one sentence per fault."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app import setting_checks as checks
from app.care.routes import route_of
from app.rules.retention import LEAST, Keeping


class BadSettings(ValueError):
    """One or more settings are missing or wrong; `str()` gives a sentence for each, a line apart."""


Telephone = Annotated[str, AfterValidator(checks.telephone)]
Token = Annotated[str, AfterValidator(checks.token)]


LISTS = ("working_hours", "standby_carries", "link_domains", "api_tokens")
"""Settings of several values, commas between them."""
STANDBY = ("standby_twilio_account_sid", "standby_twilio_from", "standby_twilio_messaging_service_sid")
"""Whoever sets one of these means to have a standby."""


class Settings(BaseSettings):
    """Everything that can be set from outside. Read once at start; nothing else reads the environment."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True)

    database_url: Annotated[str, AfterValidator(checks.database)] = "sqlite:///instance/huifu.db"
    redis_url: Annotated[str, AfterValidator(checks.redis)] = ""
    gateway: Literal["simulator", "twilio"] = "simulator"
    public_url: Annotated[str, AfterValidator(checks.base_url)] = ""
    host: Annotated[str, AfterValidator(checks.host)] = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    secret_key: Annotated[str, AfterValidator(checks.key)] = ""

    bank_name: Annotated[str, AfterValidator(checks.bank_name)] = "示例银行"
    bank_name_en: Annotated[str, AfterValidator(checks.english_name)] = ""
    bank_hotline: Telephone = "95500"
    timezone: Annotated[str, AfterValidator(checks.zone)] = "Asia/Shanghai"
    default_language: Literal["zh-CN", "en"] = "zh-CN"

    twilio_account_sid: Token = ""
    twilio_auth_token: Token = ""
    twilio_auth_token_secondary: Token = ""
    twilio_from: Annotated[str, AfterValidator(checks.sender)] = ""
    twilio_messaging_service_sid: Annotated[str, AfterValidator(checks.service_sid)] = ""
    twilio_signing_key: Token = ""
    twilio_api_url: Annotated[str, AfterValidator(checks.base_url)] = "https://api.twilio.com"

    standby: Literal["", "twilio"] = ""
    standby_carries: Annotated[tuple[str, ...], NoDecode, AfterValidator(checks.carried)] = ("answer", "code")
    standby_send_rate: float = Field(default=0.0, ge=0, le=100_000, allow_inf_nan=False)
    standby_twilio_account_sid: Token = ""
    standby_twilio_auth_token: Token = ""
    standby_twilio_auth_token_secondary: Token = ""
    standby_twilio_from: Annotated[str, AfterValidator(checks.sender)] = ""
    standby_twilio_messaging_service_sid: Annotated[str, AfterValidator(checks.service_sid)] = ""
    standby_twilio_signing_key: Token = ""
    standby_twilio_api_url: Annotated[str, AfterValidator(checks.base_url)] = "https://api.twilio.com"

    bank_url: Annotated[str, AfterValidator(checks.base_url)] = ""
    bank_token: Token = ""
    bank_timeout_seconds: float = Field(default=3.0, gt=0, le=30)

    code_digits: Annotated[Literal[4, 6], BeforeValidator(checks.whole)] = 6
    codes_per_day: int = Field(default=5, ge=1, le=50)

    working_hours: Annotated[tuple[str, ...], NoDecode] = ("09:00-12:00", "13:30-18:00")
    callback_capacity: int = Field(default=4, ge=1, le=1000)
    callback_caller: Telephone = "95500"
    info_link: Annotated[str, AfterValidator(checks.https)] = "https://bank.example.com/info"
    link_url: Annotated[str, AfterValidator(checks.short_link_base)] = ""
    link_domains: Annotated[tuple[str, ...], NoDecode, AfterValidator(checks.domains)] = ()
    api_tokens: Annotated[tuple[str, ...], NoDecode, AfterValidator(checks.api_tokens)] = ()

    retention: Literal["off", "daily"] = "off"
    retention_months: int = Field(default=Keeping().texts, ge=LEAST["texts"], le=1200)
    retention_consent_months: int = Field(default=Keeping().consents, ge=LEAST["consents"], le=1200)
    retention_audit_months: int = Field(default=Keeping().audit, ge=LEAST["audit"], le=1200)

    care_consent: Literal["granted", "not_refused"] = "granted"
    smtp_url: Annotated[str, AfterValidator(checks.smtp)] = ""
    email_from: Annotated[str, AfterValidator(checks.mailbox)] = ""
    second_channel_url: Annotated[str, AfterValidator(checks.bridge)] = ""
    second_channel_secret: Annotated[str, AfterValidator(checks.webhook_secret)] = ""
    part_price: Decimal = Field(default=Decimal("0.05"), ge=0, le=10, max_digits=6)

    clock_ahead: float = Field(default=0.0, ge=0, le=9_000, allow_inf_nan=False)
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    web_threads: int = Field(default=8, ge=1, le=256)
    console_pages: int = Field(default=64, ge=0, le=1000)
    sender_threads: int = Field(default=64, ge=1, le=256)
    send_rate: float = Field(default=0.0, ge=0, le=100_000, allow_inf_nan=False)
    route: str = ""
    route_templates: str = ""
    outbox_hours: float = Field(default=4.0, gt=0, le=48)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @model_validator(mode="before")
    @classmethod
    def _split_lists(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        lists = {name: given[name] for name in LISTS if isinstance(given.get(name), str)}
        return {**given, **{name: tuple(filter(None, map(str.strip, told.split(",")))) for name, told in lists.items()}}

    @model_validator(mode="after")
    def _periods(self) -> Settings:
        from app.rules.hours import parse_periods

        try:
            parse_periods(self.working_hours)
        except ValueError as error:
            raise ValueError(f"WORKING_HOURS {error}") from error
        return self

    @model_validator(mode="after")
    def _known_route(self) -> Settings:
        route_of(self.gateway, self)
        return self

    @model_validator(mode="after")
    def _true_clock(self) -> Settings:
        if self.clock_ahead and (self.gateway != "simulator" or self.standby):
            raise ValueError("CLOCK_AHEAD is for a trial with GATEWAY=simulator; real texts leave by the true time")
        return self

    @model_validator(mode="after")
    def _complete_twilio(self) -> Settings:
        if self.gateway == "twilio":
            self._require_twilio("", "GATEWAY=twilio")
        return self

    @model_validator(mode="after")
    def _complete_standby(self) -> Settings:
        if not self.standby:
            if forgotten := next((name for name in STANDBY if getattr(self, name)), ""):
                raise ValueError(f"{forgotten.upper()} is set and STANDBY is not; write STANDBY=twilio as well")
            return self
        self._require_twilio("standby_", "STANDBY=twilio")
        if self.gateway == "twilio" and self._sends_as("") == self._sends_as("standby_"):
            raise ValueError("STANDBY has the same account and sender as GATEWAY; it could not take anything over")
        return self

    @model_validator(mode="after")
    def _complete_companions(self) -> Settings:
        for pair in (("smtp_url", "email_from"), ("second_channel_url", "second_channel_secret")):
            for name, needs in (pair, pair[::-1]):
                if getattr(self, name) and not getattr(self, needs):
                    raise ValueError(f"{needs.upper()} is not set; {name.upper()} needs it")
        return self

    def _require_twilio(self, prefix: str, why: str) -> None:
        for name in (f"{prefix}twilio_account_sid", f"{prefix}twilio_auth_token", "public_url"):
            if not getattr(self, name):
                raise ValueError(f"{name.upper()} is not set; {why} needs it")
        account, sender, service = self._sends_as(prefix)
        prefix = prefix.upper()
        if not account.startswith("AC"):
            raise ValueError(f"{prefix}TWILIO_ACCOUNT_SID must begin with AC; you may have copied an API key (SK…)")
        if not (sender or service):
            names = f"{prefix}TWILIO_FROM or {prefix}TWILIO_MESSAGING_SERVICE_SID"
            raise ValueError(f"{names} must be set; texts need a sender")
        if not self.secret_key:
            raise ValueError("SECRET_KEY is not set; make one with: openssl rand -hex 32")

    def _sends_as(self, prefix: str) -> tuple[str, str, str]:
        names = ("account_sid", "from", "messaging_service_sid")
        account, sender, service = (getattr(self, f"{prefix}twilio_{name}") for name in names)
        return account, sender, service

    @property
    def base_url(self) -> str:
        """What gateways call and sign: PUBLIC_URL, or this machine's address when there is none."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def short_links(self) -> str:
        """The base of short links: LINK_URL, or PUBLIC_URL. With the simulator at an http address of no trial, the gate
        would let no link of ours out: then they have the name of the bank's page, and can be read but not followed."""
        if self.link_url or self.gateway != "simulator" or self.base_url.startswith("https://") or self.trial:
            return self.link_url or self.base_url
        return f"https://{urlsplit(self.info_link).hostname}"

    @property
    def trial(self) -> str:
        """The http address at which the product is tried, with the simulator on this machine alone; else empty."""
        found = urlsplit(self.base_url)
        plain = self.gateway == "simulator" and found.scheme == "http"
        return self.base_url if plain and checks.is_loopback(found.hostname or "") else ""

    @property
    def tokens(self) -> dict[str, str]:
        """API_TOKENS by name."""
        return dict(pair.split(":", 1) for pair in self.api_tokens)

    @property
    def keeping(self) -> Keeping:
        months = self.retention_months, self.retention_consent_months, self.retention_audit_months
        return Keeping(*months, daily=self.retention == "daily")

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
