"""`/health/live`: the process answers. `/health/ready`: it can do its work, with the reasons when it cannot."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify

from app.handlers.health import faults

health = Blueprint("health", __name__, url_prefix="/health")


@health.get("/live")
def live() -> Response:
    return jsonify(status="live")


@health.get("/ready")
def ready() -> tuple[Response, int]:
    reasons = faults(current_app.extensions["huifu"])
    return jsonify(status="not ready" if reasons else "ready", reasons=reasons), 503 if reasons else 200
