"""What the hostile gateway does to each text and callback, drawn from the seed: one stream a number and kind."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

SENDS = {
    "ok": 800,
    "slow": 60,  # taken after a while
    "silent": 40,  # taken, and the connection ends without an answer
    "taken 500": 20,  # taken, and the answer is an error
    "taken garbled": 10,  # taken, and the answer cannot be read
    "lost 500": 20,  # not taken, and the answer does not say so
    "429": 40,  # not taken, come again
    "21610": 4,  # not taken: the handset has refused us
}
CALLBACKS = {"ok": 70, "twice": 10, "reversed": 8, "late": 5, "one lost": 4, "lost": 3}
INBOUND = {"once": 76, "twice at once": 8, "twice": 8, "late": 8}

Step = tuple[float, str]


@dataclass
class Faults:
    """`calm`: from now on nothing goes wrong any more."""

    seed: int
    calm: bool = False
    _streams: dict[str, random.Random] = field(default_factory=dict)

    def send(self, phone: str) -> str:
        """A key of `SENDS`."""
        return "ok" if self.calm else _draw(self._stream("send", phone), SENDS)

    def callbacks(self, phone: str) -> list[Step]:
        """Seconds after the text was taken, and the status that is told then."""
        chance = self._stream("callbacks", phone)
        last = "undelivered" if chance.random() < 0.03 else "delivered"
        steps: list[Step] = [(0.05, "sent"), (0.15, last)]
        kind = "ok" if self.calm else _draw(chance, CALLBACKS)
        if kind == "twice":
            return steps + [(seconds + 0.02, status) for seconds, status in steps]
        if kind == "reversed":
            return [(0.05, last), (0.2, "sent")]
        if kind == "late":
            return [(seconds + 3, status) for seconds, status in steps]
        if kind == "one lost":
            return [chance.choice(steps)]
        return [] if kind == "lost" else steps

    def inbound(self, phone: str) -> list[float]:
        """After how many seconds each copy of a customer's text is delivered."""
        chance = self._stream("inbound", phone)
        kind = "once" if self.calm else _draw(chance, INBOUND)
        if kind == "once":
            return [0.0]
        if kind == "late":
            return [chance.uniform(0.05, 0.5)]
        return [0.0, 0.0 if kind == "twice at once" else chance.uniform(0.1, 3)]

    def look_up_fails(self, phone: str) -> bool:
        return not self.calm and self._stream("look-ups", phone).random() < 0.15

    def _stream(self, kind: str, phone: str) -> random.Random:
        return self._streams.setdefault(f"{kind}:{phone}", random.Random(f"{self.seed}:{kind}:{phone}"))


def _draw(chance: random.Random, weights: dict[str, int]) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]
