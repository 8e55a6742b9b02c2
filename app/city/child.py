"""`python -m app.city.child run|web|worker`: the command of that name, on the city's clock."""

from __future__ import annotations

import os
from functools import partial

from app import wiring
from app.city.clock import FastClock

VARIABLE = "HUIFU_CITY_CLOCK"


def main() -> None:
    from app.cli import main as huifu

    # The one thing that differs from the service in use: every lease, promise and code lives by a faster clock.
    clock = FastClock.read(os.environ[VARIABLE])
    vars(wiring)["build_service"] = partial(wiring.build_service, clock=clock)
    huifu(prog_name="huifu")


if __name__ == "__main__":
    main()
