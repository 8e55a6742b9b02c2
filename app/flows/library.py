"""What a set of flows is: the flows, what opens them, and their words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.flows.reading.meaning import Meaning
from app.flows.table import Flow
from app.flows.texts import Texts
from app.flows.vocabulary import Slots


@dataclass(frozen=True, slots=True)
class Opener:
    """Where a meaning leads when it stands at the beginning: a flow, with slots."""

    flow: str
    slots: Slots


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All flows, what opens them, and their words."""

    flows: Mapping[str, Flow]
    openers: Mapping[Meaning, Opener]
    texts: Texts

    def named(self, slots: Slots, name: str) -> Opener:
        """The flow in the slot `name`: the one that a meaning of that name opens, or the flow of that name with the
        slots `<name>:…`, without this prefix."""
        told, prefix = slots[name], f"{name}:"
        along = {key.removeprefix(prefix): value for key, value in slots.items() if key.startswith(prefix)}
        return self.openers.get(told) or Opener(told, along)  # type: ignore[call-overload]
