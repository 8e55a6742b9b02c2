"""`/console/`: where the bank's people work. Page modules define their routes on `console` and are imported below."""

from __future__ import annotations

from flask import Blueprint

console = Blueprint(
    "console",
    __name__,
    url_prefix="/console",
    static_folder="static",
    static_url_path="/static",
    template_folder="templates",
)

# Each of these has routes of `console`. A page of the navigation also has its line in `navigation.py`.
from app.web.console import (  # noqa: E402
    account,  # noqa: F401
    audit,  # noqa: F401
    callbacks,  # noqa: F401
    composer,  # noqa: F401
    factor,  # noqa: F401
    figures,  # noqa: F401
    home,  # noqa: F401
    hours,  # noqa: F401
    hours_words,  # noqa: F401
    live,  # noqa: F401
    password,  # noqa: F401
    people,  # noqa: F401
    queue,  # noqa: F401
    replies,  # noqa: F401
    search,  # noqa: F401
    settings,  # noqa: F401
    sign_in,  # noqa: F401
    status,  # noqa: F401
    talk,  # noqa: F401
    talk_acts,  # noqa: F401
)
