"""What an answer to one of our texts means: its own menu, kept with the occasion as it was told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """`key`: what the text tells the customer to send, a digit or short word (`1`, `办理`). `words`: others that mean
    the same. It leads into `flow` with `slots`."""

    key: str
    flow: str
    words: tuple[str, ...] = ()
    slots: Mapping[str, str] = field(default_factory=dict)

    def kept(self) -> dict[str, Any]:
        """As plain data, for a row."""
        return {"key": self.key, "flow": self.flow, "words": list(self.words), "slots": dict(self.slots)}


def to_row(replies: tuple[Reply, ...]) -> dict[str, Any]:
    """The `menu` of an occasion."""
    return {"replies": [reply.kept() for reply in replies]} if replies else {}


def from_row(menu: Mapping[str, Any]) -> tuple[Reply, ...]:
    """What `to_row` kept."""
    return tuple(
        Reply(one["key"], one["flow"], tuple(one.get("words", ())), dict(one.get("slots", {})))
        for one in menu.get("replies", ())
    )
