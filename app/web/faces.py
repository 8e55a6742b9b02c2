"""Every face that the service shows over HTTP. A new one adds its line here."""

from __future__ import annotations

from flask import Flask

from app.web.api import furnish_api
from app.web.console.frame import furnish
from app.web.health import health
from app.web.links import furnish_links
from app.web.metrics import metrics
from app.web.second_channel import second_channel
from app.web.webhooks import Webhooks


def register(app: Flask) -> None:
    for face in (health, metrics, second_channel):
        app.register_blueprint(face)
    furnish(app)
    furnish_links(app)
    furnish_api(app)
    app.wsgi_app = Webhooks(app.wsgi_app, app.extensions["huifu"])  # type: ignore[method-assign]
    if app.extensions["huifu"].gateway.name == "simulator":
        from app.web.phone import phone

        app.register_blueprint(phone)
