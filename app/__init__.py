"""Huifu 回复: a two-way SMS service for banks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from app.config import Settings
    from app.handlers.service import Service


class _Huifu(Flask):
    def log_exception(self, exc_info: tuple[Any, ...]) -> None:
        """Where it broke, and not with what: the message of a database error quotes the customer's words (law 11)."""
        rule = str(request.url_rule) if request.url_rule else ""
        structlog.get_logger().error("request_failed", path=rule, error=exc_info[0].__name__, exc_info=True)


def create_app(settings: Settings | None = None, service: Service | None = None) -> Flask:
    """The web application. Raises `BadSettings`; `service` replaces the one that the settings lead to, in tests."""
    from app.config import load_settings
    from app.logs import set_up_logs
    from app.web.console.live import stream
    from app.web.faces import register
    from app.web.turnstile import Turnstile
    from app.web.webhooks import MOST_BODY, MOST_PARTS
    from app.wiring import build_service
    from app.worker.wakes import build_wakes, wakes_of

    settings = settings or load_settings()
    set_up_logs(settings.log_level)
    app = _Huifu("huifu", static_folder=None, static_url_path="/static", template_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=MOST_BODY, MAX_FORM_PARTS=MOST_PARTS, REDIS_URL=settings.redis_url)
    app.extensions["huifu"] = service or build_service(settings, wake=build_wakes(settings.redis_url))
    wakes = wakes_of(app.extensions["huifu"])
    stream.set_up(app, lambda seconds: wakes.wait("console", seconds), wakes.sweep_seconds, settings.console_pages)
    register(app)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    app.wsgi_app = Turnstile(app.wsgi_app, settings.web_threads)  # type: ignore[method-assign]
    return app
