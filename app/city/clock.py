"""The city's clock: real time, but faster, and the same in every process that is told of it, until one goes wrong."""

from __future__ import annotations

import mmap
import struct
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2026, 6, 10, 7, 40, tzinfo=UTC)
"""15:40 in Shanghai on a working Wednesday: the bank is open, commercial texts may leave, and those of programmes for
twenty minutes more, so that their window ends while everything breaks. In New York it is night."""
SECONDS = struct.Struct("d")


@dataclass(frozen=True, slots=True)
class FastClock:
    """`origin` is the second of `time.time()` at which it was `START`; `speed` is seconds of the city in a real one."""

    origin: float
    speed: float

    def __call__(self) -> datetime:
        return self.at(time.time())

    def at(self, moment: float) -> datetime:
        """What this clock showed at a second of `time.time()`, aware."""
        return START + timedelta(seconds=(moment - self.origin) * self.speed)

    def real(self, seconds: float) -> float:
        """How many real seconds so many of the city take."""
        return seconds / self.speed


class ProcessClock:
    """One process's own: `right`, plus the seconds that stand in a file, which may change at any moment."""

    def __init__(self, right: FastClock, file: Path) -> None:
        self._right = right
        with file.open("rb") as opened:
            self._wrong = mmap.mmap(opened.fileno(), SECONDS.size, access=mmap.ACCESS_READ)

    def __call__(self) -> datetime:
        return self._right() + timedelta(seconds=SECONDS.unpack_from(self._wrong)[0])


def set_wrong(file: Path, seconds: float) -> None:
    """Puts the clocks of all who read the file wrong, in place: they see the same bytes."""
    with file.open("r+b" if file.exists() else "wb") as opened:
        opened.write(SECONDS.pack(seconds))
