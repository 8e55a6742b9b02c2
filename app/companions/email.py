"""E-mail by SMTP (RFC 5321): one connection a letter, TLS as the address says, at most once when nobody can tell."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from app.companions.port import Letter, Never, NotNow, Outcome, Taken, Unknown

PORTS = {"smtp": 25, "starttls": 587, "smtps": 465}
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}")
"""What we write to: plain addresses only. A line break or a second address in one would forge a header."""
SHUT = frozenset({421, 454, 530, 534, 535, 538})
"""Codes that tell of the server or of our account there, and not of one letter."""


@dataclass(frozen=True, slots=True, repr=False)
class Post:
    """Where letters are handed in. `scheme`: `smtps` (TLS from the first byte), `starttls` (TLS, or nothing is sent) or
    `smtp` (none)."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = ""


def post_of(url: str) -> Post:
    """Raises ValueError with the rest of a sentence that begins with the setting's name, and quotes no password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("has a port that is no number from 1 to 65535") from None
    if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("must be like starttls://user:password@mail.example.com:587, smtps://… or smtp://…")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ValueError("has a user without a password, or the other way round; percent-encode @ : and / in them")
    if password and parts.scheme == "smtp" and parts.hostname not in LOCAL:
        raise ValueError("would send its password for everybody to read; write starttls:// or smtps://")
    return Post(parts.scheme, parts.hostname, port or PORTS[parts.scheme], user, password)


def is_address(address: str) -> bool:
    return ADDRESS.fullmatch(address) is not None


class Smtp:
    """A `Mailer`. Safe for threads: each letter has a connection of its own."""

    def __init__(
        self,
        post: Post,
        sender: str,
        sender_name: str,
        *,
        clock: Callable[[], datetime],
        timeout_seconds: float = 20.0,
        trust: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        """`timeout_seconds` bounds each step of the talk."""
        self._post, self._sender, self._name = post, sender, sender_name
        self._us = sender.rpartition("@")[2]  # else every letter would look our own name up
        self._clock, self._timeout, self._trust = clock, timeout_seconds, trust

    def send(self, letter: Letter) -> Outcome:
        if not is_address(letter.to):
            return Never("address")
        written = self._written(letter).as_bytes(policy=SMTP)
        try:
            server = self._open()
        except smtplib.SMTPResponseException as error:
            return NotNow(f"smtp_{error.smtp_code}", channel=True)
        except ssl.SSLCertVerificationError:
            return NotNow("certificate", channel=True)
        except smtplib.SMTPNotSupportedError:
            return NotNow("not_supported", channel=True)
        except (OSError, smtplib.SMTPException):
            return NotNow("no_connection", channel=True)
        try:
            return _hand_over(server, self._sender, letter.to, written)
        finally:
            server.close()

    def _open(self) -> smtplib.SMTP:
        post = self._post
        if post.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                post.host, post.port, self._us, timeout=self._timeout, context=self._trust()
            )
        else:
            server = smtplib.SMTP(post.host, post.port, self._us, timeout=self._timeout)
        try:
            if post.scheme == "starttls":
                server.starttls(context=self._trust())
            if post.user:
                _log_in(server, post)
            else:
                server.ehlo_or_helo_if_needed()
        except BaseException:
            server.close()
            raise
        return server

    def _written(self, letter: Letter) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        mail["From"] = Address(self._name, addr_spec=self._sender)
        mail["To"] = Address(addr_spec=letter.to)
        mail["Subject"] = letter.subject
        mail["Date"] = format_datetime(self._clock())
        mail["Message-ID"] = f"<{letter.key}@{self._us}>"
        mail["Content-Language"] = letter.language
        # RFC 3834: no out-of-office answers to a machine.
        mail["Auto-Submitted"] = "auto-replied"
        mail.set_content(letter.text, cte="base64")
        mail.add_alternative(letter.html, subtype="html", cte="base64")
        return mail


def _log_in(server: smtplib.SMTP, post: Post) -> None:
    try:
        server.login(post.user, post.password)
    except smtplib.SMTPServerDisconnected:
        # Some hang up on whoever they do not know, instead of saying so.
        raise smtplib.SMTPAuthenticationError(535, b"") from None


def _hand_over(server: smtplib.SMTP, sender: str, to: str, written: bytes) -> Outcome:
    """Until the last line of DATA is on its way nobody has the letter; between that and the answer nobody can tell."""
    try:
        code, _ = server.mail(sender)
        if code < 300:
            code, _ = server.rcpt(to)
    except (OSError, smtplib.SMTPException):
        return NotNow("hung_up", channel=True)
    if not 200 <= code < 300:
        return _refused(code)
    try:
        code, _ = server.data(written)
    except smtplib.SMTPDataError as error:
        return _refused(error.smtp_code)
    except (OSError, smtplib.SMTPException):
        return Unknown("no_answer")
    with suppress(OSError, smtplib.SMTPException):
        server.putcmd("quit")  # nobody waits for the goodbye
    if code < 400:
        return Taken() if code >= 200 else Unknown("no_answer")
    return _refused(code)


def _refused(code: int) -> Outcome:
    """Of a letter that surely was not taken (RFC 5321 4.2.1): 4xx may be tried again, 5xx may not."""
    reason = f"smtp_{code}"
    if code < 500 or code in SHUT:
        return NotNow(reason, channel=code in SHUT)
    return Never(reason)
