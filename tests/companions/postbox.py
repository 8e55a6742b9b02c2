"""A real SMTP server on this machine (aiosmtpd) that takes letters, or does one of the things that servers do."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult

USER, PASSWORD = "huifu", "only for/tests@"


@dataclass
class Postbox:
    """`at_rcpt`, `at_data`: what it answers there instead of taking the letter. `hangs_up`: it takes the letter and
    is gone before it says so; `sleeps`: it says nothing at all until the test has ended."""

    letters: list[EmailMessage] = field(default_factory=list)
    asked: int = 0
    at_rcpt: str = ""
    at_data: str = ""
    hangs_up: bool = False
    sleeps: bool = False
    port: int = 0
    awake: Event = field(default_factory=Event)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.asked += 1
        if self.at_rcpt:
            return self.at_rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.at_data:
            return self.at_data
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        if self.hangs_up:
            server.transport.abort()
        if self.sleeps:
            await server.loop.run_in_executor(None, self.awake.wait, 30)
        return "250 taken"


@contextmanager
def postbox(tls: ssl.SSLContext | None = None, scheme: str = "smtp") -> Iterator[Postbox]:
    """With `tls` letters are taken from USER alone, behind STARTTLS or (`smtps`) TLS from the first byte."""
    box = Postbox()

    def let_in(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()))

    guarded = {"authenticator": let_in, "auth_required": True} if tls else {}
    if tls and scheme == "starttls":
        guarded |= {"tls_context": tls, "require_starttls": True}
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def listen() -> asyncio.Server:
        make = partial(SMTP, box, hostname="localhost", auth_require_tls=scheme == "starttls", **guarded)
        return await loop.create_server(make, "127.0.0.1", 0, ssl=tls if scheme == "smtps" else None)

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(60)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        box.awake.set()
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(60)


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A certificate for localhost that is its own authority: for the server, and for whoever trusts it."""
    made = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    named = "-addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem"
    subprocess.run(
        ["openssl", *made.split(" "), *named.split(" ")],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return server, ssl.create_default_context(cafile=str(folder / "cert.pem"))
