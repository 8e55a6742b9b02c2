"""Every face that the service shows over HTTP. A new one adds its line here."""

from __future__ import annotations

from flask import Flask

from app.web.console.frame import furnish
from app.web.health import health
from app.web.metrics import metrics
from app.web.webhooks import webhooks


def register(app: Flask) -> None:
    for face in (webhooks, health, metrics):
        app.register_blueprint(face)
    furnish(app)
    if app.extensions["huifu"].gateway.name == "simulator":
        from app.web.phone import phone

        app.register_blueprint(phone)
