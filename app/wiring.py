"""The one place where parts meet: settings become a `Service`."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import requests

from app.bank.http import HttpBank
from app.bank.port import Bank
from app.bank.tables import TableBank
from app.care.routes import route_of
from app.companions.email import Smtp, post_of
from app.companions.port import Mailer, SecondChannel
from app.companions.webhook import Bridge
from app.config import Settings
from app.flows.catalogue import CATALOGUE
from app.gateways import catalogue as gateways
from app.gateways.port import Gateway
from app.gateways.simulator import SimulatorGateway
from app.handlers.service import Lane, Service, nobody_to_wake
from app.rules.calendars import calendar_for
from app.rules.hours import WorkingHours, parse_periods
from app.rules.pressure import Capacity
from app.rules.purpose import Purpose
from app.store import people
from app.store.database import Database

INSTANCE = Path("instance")
WORKERS = 30
"""Threads of a worker that use the database at once: its lanes, those that ask the bank, look up, settle, and send
what goes beside texts."""
PROBE_SECONDS = 5.0
DEMO_NAMES = {"示例银行": "Demo Bank"}  # the default bank has an English name; a real one is never called by it


def utc_now() -> datetime:
    return datetime.now(UTC)


def clock_of(settings: Settings) -> Callable[[], datetime]:
    """The time, in UTC; in a trial that much later than it is."""
    if not settings.clock_ahead:
        return utc_now
    ahead = timedelta(hours=settings.clock_ahead)
    return lambda: utc_now() + ahead


def build_service(
    settings: Settings,
    *,
    clock: Callable[[], datetime] | None = None,
    wake: Callable[[Lane], None] | None = None,
    gateway: Gateway | None = None,
    standby: Gateway | None = None,
    bank: Bank | None = None,
    mailer: Mailer | None = None,
    second: SecondChannel | None = None,
) -> Service:
    """Puts the parts together. `gateway`, `standby`, `bank`, `mailer` and `second` replace those that the settings
    name, in tests.

    Raises ValueError with a sentence when the settings do not suffice for the gateway.
    """
    clock = clock or clock_of(settings)
    # Who sends holds no connection, however many texts are on their way: lanes claim them, and one thread settles them.
    database = Database(settings.database_url, threads=settings.web_threads + WORKERS)
    customers_at_once = 200 if database.on_sqlite else 1_000  # with one writer customers' texts wait meanwhile
    secret = secret_key(settings)
    return Service(
        database=database,
        gateway=gateway or build_gateway(settings, secret, clock),
        mailer=mailer or build_mailer(settings, clock),
        second=second or build_second(settings, clock),
        bank=bank or build_bank(settings, database, clock),
        catalogue=CATALOGUE,
        hours=WorkingHours(parse_periods(settings.working_hours), calendar_for(settings.timezone), settings.zone),
        clock=clock,
        zone=settings.zone,
        language=settings.default_language,
        bank_name=settings.bank_name,
        bank_name_en=settings.bank_name_en or DEMO_NAMES.get(settings.bank_name, ""),
        hotline=settings.bank_hotline,
        caller=settings.callback_caller,
        secret=secret,
        base_url=settings.base_url,
        info_link=settings.info_link,
        link_url=settings.short_links,
        trial=settings.trial,
        link_domains=frozenset(settings.link_domains),
        api_tokens=settings.tokens,
        code_digits=settings.code_digits,
        codes_per_day=settings.codes_per_day,
        callback_capacity=settings.callback_capacity,
        own_numbers=frozenset(number for number in (settings.twilio_from, settings.standby_twilio_from) if number),
        standby=standby or build_standby(settings, clock),
        carried=frozenset(cast("tuple[Purpose, ...]", settings.standby_carries)),
        keeping=settings.keeping,
        care_consent=settings.care_consent,
        part_price=settings.part_price,
        route=route_of(settings.gateway, settings),
        capacity=Capacity(settings.send_rate, settings.outbox_hours, settings.sender_threads),
        wake=wake or nobody_to_wake,
        customers_at_once=customers_at_once,
        probe=probe,
    )


def probe(url: str) -> str:
    """Why a page does not answer, empty when it does. Follows redirects, to https alone; reads no more than the head of
    the answer."""
    try:
        with requests.Session() as session:
            session.max_redirects = 5
            answer = session.get(url, timeout=PROBE_SECONDS, stream=True, headers={"User-Agent": "Huifu self-check"})
            answer.close()
    except requests.RequestException as error:
        return type(error).__name__
    if any(not step.url.startswith("https://") for step in (*answer.history[1:], answer)):
        return "it leads away from https"
    return "" if answer.status_code < 400 else f"HTTP {answer.status_code}"


def build_carrier(service: Service) -> Callable[[], int] | None:
    """The simulated network's own legs: carries texts and calls our webhooks over HTTP, as a real one would. None with
    a gateway that has a network of its own."""
    if not isinstance(service.gateway, SimulatorGateway):
        return None
    network, session = service.gateway.network, requests.Session()

    def post(path: str, form: Mapping[str, Sequence[str]], headers: Mapping[str, str]) -> int:
        answer = session.post(service.base_url + path, data=form, headers=headers, timeout=15)
        return answer.status_code

    return lambda: network.carry(service.clock(), post, at_once=4)


def build_gateway(settings: Settings, secret: bytes, clock: Callable[[], datetime]) -> Gateway:
    simulated = INSTANCE / "network.db" if settings.database_url != "sqlite://" else None
    if simulated is not None:
        simulated.parent.mkdir(parents=True, exist_ok=True)
    return gateways.build(
        settings.gateway,
        gateways.GatewaySettings(
            public_url=settings.base_url,
            clock=clock,
            connections=settings.sender_threads + 4,
            twilio_account_sid=settings.twilio_account_sid,
            twilio_auth_token=settings.twilio_auth_token,
            twilio_auth_token_secondary=settings.twilio_auth_token_secondary,
            twilio_signing_key=settings.twilio_signing_key,
            twilio_from=settings.twilio_from,
            twilio_messaging_service_sid=settings.twilio_messaging_service_sid,
            twilio_api_url=settings.twilio_api_url,
            simulator_path=simulated,
            simulator_key=hmac.new(secret, b"simulator", hashlib.sha256).hexdigest(),
        ),
    )


def build_standby(settings: Settings, clock: Callable[[], datetime]) -> Gateway | None:
    """The gateway that takes over, under a name of its own; None when there is none."""
    if not settings.standby:
        return None
    told = {
        name.removeprefix("standby_"): getattr(settings, name)
        for name in type(settings).model_fields
        if name.startswith("standby_twilio_")
    }
    return gateways.build(
        settings.standby,
        gateways.GatewaySettings(
            name="standby",
            public_url=settings.base_url,
            clock=clock,
            connections=settings.sender_threads + 4,
            **told,
        ),
    )


def build_mailer(settings: Settings, clock: Callable[[], datetime]) -> Mailer | None:
    if not settings.smtp_url:
        return None
    return Smtp(post_of(settings.smtp_url), settings.email_from, settings.bank_name, clock=clock)


def build_second(settings: Settings, clock: Callable[[], datetime]) -> SecondChannel | None:
    if not settings.second_channel_url:
        return None
    return Bridge(settings.second_channel_url, settings.second_channel_secret, clock=clock)


def build_bank(settings: Settings, database: Database, clock: Callable[[], datetime]) -> Bank:
    """The bank's HTTP service when BANK_URL is set, else the customers that were imported."""
    if settings.bank_url:
        return HttpBank(settings.bank_url, token=settings.bank_token, timeout_seconds=settings.bank_timeout_seconds)

    def find(customer_id: str) -> dict[str, object] | None:
        with database.begin() as connection:
            return people.customer(connection, customer_id)

    return TableBank(find, today=lambda: clock().astimezone(settings.zone).date())


def secret_key(settings: Settings, folder: Path = INSTANCE) -> bytes:
    """SECRET_KEY, or for a first try on one machine a key of our own that is made once and kept."""
    if settings.secret_key:
        return settings.secret_key.encode()
    kept = folder / "secret_key"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / f"secret_key.{secrets.token_hex(4)}"
        fresh.write_text(secrets.token_hex(32), encoding="ascii")
        fresh.chmod(0o600)
        try:
            kept.hardlink_to(fresh)  # of two processes that start at once, one makes the key
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return kept.read_text(encoding="ascii").encode()
