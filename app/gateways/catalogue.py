"""Every gateway by name, and how it is built. A new one adds its file, one function and one line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from app.gateways.port import Gateway


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """What gateways can be told: plain values, empty when unset. Each builder takes what concerns it.

    `clock` gives the present as an aware datetime; only the simulator asks it. `timeout` is in seconds. `name`:
    what this one is called in webhooks and rows when it is not the only one of its kind.
    """

    public_url: str
    clock: Callable[[], datetime]
    timeout: float = 10.0
    connections: int = 64
    name: str = ""
    twilio_account_sid: str = ""
    twilio_auth_token: str = ""
    twilio_auth_token_secondary: str = ""
    twilio_signing_key: str = ""
    twilio_from: str = ""
    twilio_messaging_service_sid: str = ""
    twilio_api_url: str = "https://api.twilio.com"
    simulator_path: Path | None = None
    simulator_key: str = ""


def _twilio(settings: GatewaySettings) -> Gateway:
    # Imported here: the SDK costs half a second, which the simulator need not wait for.
    from app.gateways.twilio import TwilioGateway

    return TwilioGateway(
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token,
        auth_token_secondary=settings.twilio_auth_token_secondary or None,
        signing_keys=(settings.twilio_signing_key,),
        sender=settings.twilio_from or None,
        messaging_service_sid=settings.twilio_messaging_service_sid or None,
        api_url=settings.twilio_api_url,
        timeout=settings.timeout,
        connections=settings.connections,
        name=settings.name or "twilio",
    )


def _simulator(settings: GatewaySettings) -> Gateway:
    from app.gateways.network import Network
    from app.gateways.simulator import SimulatorGateway

    network = Network(
        settings.simulator_path,
        clock=settings.clock,
        key=settings.simulator_key,
        public_url=settings.public_url,
    )
    return SimulatorGateway(network, settings.simulator_key)


CATALOGUE: Final[dict[str, Callable[[GatewaySettings], Gateway]]] = {
    "simulator": _simulator,
    "twilio": _twilio,
}


def build(name: str, settings: GatewaySettings) -> Gateway:
    """Raises ValueError, with a sentence, for a name that is unknown or settings that do not suffice."""
    builder = CATALOGUE.get(name)
    if builder is None:
        raise ValueError(f"there is no gateway {name!r}; there are {', '.join(sorted(CATALOGUE))}")
    return builder(settings)
