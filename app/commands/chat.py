"""`huifu chat`: a phone in the terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import click
import phonenumbers

from app import create_app
from app.commands.opening import opened
from app.commands.stops import Misused
from app.config import Settings, load_settings
from app.gateways.network import HandsetOff, Network
from app.gateways.network_file import HandsetText
from app.gateways.parts import measure
from app.gateways.simulator import SimulatorGateway
from app.handlers.service import Service
from app.store import waits
from app.worker.once import work_once

DEMO_PHONE = "15400000001"
PATIENCE = 6.0  # seconds that an answer may take: a slow bank is asked twice
QUIET = 0.4  # seconds without work or texts after which nothing more is expected
HELP = "/twice TEXT  the same text delivered twice · /off, /on  the handset · /quit"


@click.command("chat", short_help="Text the bot from the terminal.")
@click.option("--phone", default=DEMO_PHONE, show_default=True, help="Whose handset it is: +… or 11 digits.")
def chat(phone: str) -> None:
    """Text the bot from the terminal, as the customer of a number. Answers arrive as on the handset.

    It does all work by itself, so nothing else needs to run; while `huifu run` does, they share it. Lines can be piped
    in. /twice TEXT delivers a text twice, /off and /on switch the handset, /quit or Ctrl-D ends.

    \b
    Example:
      huifu demo-data
      huifu chat --phone 15400000001
      printf '额度\\nTD\\n' | huifu chat
    """
    settings = load_settings()
    if settings.gateway != "simulator":
        raise Misused(f"GATEWAY is {settings.gateway}: the terminal phone needs the simulator.")
    number = _number(phone)
    with opened(settings):
        pass
    app = create_app(settings)
    service: Service = app.extensions["huifu"]
    assert isinstance(service.gateway, SimulatorGateway)
    client = app.test_client()

    def post(path: str, form: Mapping[str, Sequence[str]], headers: Mapping[str, str]) -> int:
        sent = {name: list(values) for name, values in form.items()}
        return client.post(path, data=sent, headers=headers).status_code

    network = service.gateway.network
    talk = Talk(settings, service, network, number, lambda: network.carry(service.clock(), post))
    try:
        talk.go_on(_lines(number))
    finally:
        service.database.close()
        network.close()


class Talk:
    """One handset, and the work that its texts cause. `carry` moves the simulated network on."""

    def __init__(
        self, settings: Settings, service: Service, network: Network, number: str, carry: Callable[[], int]
    ) -> None:
        self._settings, self._service, self._network = settings, service, network
        self._number, self._carry = number, carry
        self._seen = max((text.id for text in network.texts(number)), default=0)

    def go_on(self, lines: Iterator[str]) -> None:
        for line in lines:
            word, _, rest = line.partition(" ")
            if word == "/quit":
                return
            if word == "/help":
                click.echo(HELP)
            elif word in {"/off", "/on"}:
                self._network.switch(self._number, word == "/on")
                self._show_what_comes()
            else:
                self._send(rest if word == "/twice" else line, 2 if word == "/twice" else 1)

    def _send(self, text: str, copies: int) -> None:
        try:
            sid = self._network.text_in(self._number, text)
            for _ in range(copies - 1):
                self._network.text_in(self._number, text, sid=sid)
        except HandsetOff:
            click.echo("The handset is off: /on switches it on.")
            return
        self._show_what_comes()

    def _show_what_comes(self) -> None:
        """Works and waits until nothing more comes for a moment."""
        started = quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < QUIET and time.monotonic() - started < PATIENCE:
            if work_once(self._service) + self._carry() + self._show_new():
                quiet_since = time.monotonic()
            elif self._is_expecting():
                quiet_since = max(quiet_since, time.monotonic() - QUIET / 2)
            time.sleep(0.02)

    def _is_expecting(self) -> bool:
        due = self._network.next_due()
        if due is not None and (due - self._service.clock()).total_seconds() < QUIET:
            return True
        with self._service.database.begin() as connection:
            return waits.is_asked(connection, self._number)

    def _show_new(self) -> int:
        new = [text for text in self._network.texts(self._number) if text.id > self._seen and text.to_handset]
        for text in new:
            self._seen = max(self._seen, text.id)
            click.echo(_shown(text))
        return len(new)


def _shown(text: HandsetText) -> str:
    size = measure(text.body)
    parts = "1 part" if size.parts == 1 else f"{size.parts} parts"
    return f"{text.body}\n{click.style(f'    {parts}, {size.units} units', dim=True)}"


def _lines(number: str) -> Iterator[str]:
    if not sys.stdin.isatty():
        yield from (line.rstrip("\n") for line in sys.stdin if line.strip())
        return
    click.echo(f"You are {number}. {HELP}")
    while True:
        try:
            line = input("> ").strip()
        except (EOFError, KeyboardInterrupt):
            click.echo()
            return
        if line:
            yield line


def _number(phone: str) -> str:
    try:
        parsed = phonenumbers.parse(phone, "CN")
    except phonenumbers.NumberParseException:
        raise Misused(f"--phone {phone!r} is no phone number; write it like +8615400000001 or 15400000001.") from None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
