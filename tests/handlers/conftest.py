from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clock import Clock
from tests.rig import Rig, sqlite_url


@pytest.fixture
def make_rig(tmp_path: Path, clock: Clock) -> Iterator[Callable[..., Rig]]:
    """`make_rig(setting=…)` gives a bench; all are closed with the test."""
    made: list[Rig] = []

    def make(**settings: Any) -> Rig:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Rig(sqlite_url(folder), clock, **settings))
        return made[-1]

    yield make
    for rig in made:
        rig.close()


@pytest.fixture
def rig(make_rig: Callable[..., Rig]) -> Rig:
    return make_rig()
