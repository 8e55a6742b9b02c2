"""`/health/live`: the process answers. `/health/ready`: it can do its work, with the reasons when it cannot."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from flask import Blueprint, Response, current_app, jsonify
from flask.blueprints import BlueprintSetupState
from prometheus_client import REGISTRY

from app.handlers.care.companions import notes as beside
from app.handlers.health import faults
from app.handlers.sender_told import notes

NAME = "huifu_health"
PATIENCE = 3.0
"""Seconds that a look at the database may take. Whoever asks for our health waits no longer, and asks again."""
REMEMBERED = 30.0
"""Seconds for which it counts that texts could not be stored, unless others were stored since."""

health = Blueprint("health", __name__, url_prefix="/health")


class Look:
    """Looks by a thread of its own, one at a time however many ask: a database that hangs must not hang them too."""

    def __init__(self, look: Callable[[], list[str]]) -> None:
        self._look = look
        self._lock = threading.Lock()
        self._running: tuple[threading.Event, list[str]] | None = None

    def faults(self, seconds: float) -> list[str]:
        with self._lock:
            if self._running is None:
                self._running = (threading.Event(), [])
                threading.Thread(target=self._run, args=self._running, name="huifu-health", daemon=True).start()
            done, found = self._running
        if not done.wait(seconds):
            return [f"the database has not answered for {seconds:g} seconds"]
        return found

    def _run(self, done: threading.Event, found: list[str]) -> None:
        try:
            found.extend(self._look())
        except Exception as error:
            found.append(f"its health cannot be told ({type(error).__name__})")
        with self._lock:
            self._running = None
        done.set()


class Losses:
    """Whether texts can be stored, by what became of those since the last look: a full disk is seen by nothing else."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen = _stored_and_lost()
        self._since: float | None = None

    def faults(self) -> list[str]:
        before, self._seen = self._seen, _stored_and_lost()
        stored, lost = (now - then for now, then in zip(self._seen, before, strict=True))
        if lost > stored:
            self._since = self._clock()
        elif stored:
            self._since = None
        if self._since is None or self._clock() - self._since > REMEMBERED:
            return []
        return ["texts could not be stored just now: the log says why"]


def _stored_and_lost() -> tuple[float, float]:
    counted = {
        outcome: REGISTRY.get_sample_value("huifu_inbound_total", {"outcome": outcome}) or 0.0
        for outcome in ("taken", "later", "kept", "repeat", "lost")
    }
    lost = counted.pop("lost")
    return sum(counted.values()), lost


@health.record
def _watch(joining: BlueprintSetupState) -> None:
    service = joining.app.extensions["huifu"]
    joining.app.extensions[NAME] = (
        Look(lambda: faults(service)),
        Look(lambda: notes(service) + beside(service)),
        Losses(),
    )


@health.get("/live")
def live() -> Response:
    return jsonify(status="live")


@health.get("/ready")
def ready() -> tuple[Response, int]:
    look, sending, losses = current_app.extensions[NAME]
    reasons = look.faults(PATIENCE) + losses.faults()
    said = {"status": "not ready" if reasons else "ready", "reasons": reasons}
    if not reasons and (notes_of_sending := sending.faults(PATIENCE)):
        said["notes"] = notes_of_sending
    return jsonify(said), 503 if reasons else 200
