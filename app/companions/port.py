"""What goes beside a text, and how that can end. Nothing here knows a customer, a table or a setting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one reader. `key` makes it one of a kind: it becomes the `Message-ID`, so that a mail system that got
    it twice can tell."""

    key: str
    to: str
    subject: str
    text: str
    html: str
    language: str


@dataclass(frozen=True, slots=True)
class Taken:
    """The other side has it."""


@dataclass(frozen=True, slots=True)
class NotNow:
    """It surely has it not, and may take it later. `channel`: the channel is at fault and not this one companion.
    `seconds`: when it asked to be tried again."""

    reason: str
    channel: bool = False
    seconds: float = 0


@dataclass(frozen=True, slots=True)
class Never:
    """It has it not and will not take it. `reason` is a code: neither an address nor the other side's words."""

    reason: str
    channel: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can tell whether it has it. A mail is not sent again then; a webhook is, with the same id."""

    reason: str


Outcome = Taken | NotNow | Never | Unknown


class Mailer(Protocol):
    """Safe for threads; raises nothing."""

    def send(self, letter: Letter) -> Outcome: ...


class SecondChannel(Protocol):
    """Safe for threads. `tell` raises nothing; `read` raises `Forged` or `Malformed`."""

    def tell(self, key: str, content: Mapping[str, Any]) -> Outcome: ...

    def read(self, headers: Mapping[str, str], body: bytes) -> Verdict: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a confirmation. `token`: ours, as it was told. `said`: confirmed · declined · undeliverable."""

    token: str
    said: str


class Forged(ValueError):
    """Not signed with our secret, or signed too long ago; the message says which, and quotes nothing."""


class Malformed(ValueError):
    """Signed, and still not what the contract says."""
