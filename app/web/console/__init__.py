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
from app.web.console import home  # noqa: E402, F401
from app.web.console.calls import callbacks, figures  # noqa: E402, F401
from app.web.console.care import plans, programmes, results, templates, templates_edit  # noqa: E402, F401
from app.web.console.desk import composer, queue, talk, talk_acts, talk_guides  # noqa: E402, F401
from app.web.console.entry import account, factor, password, sign_in, status  # noqa: E402, F401
from app.web.console.live import stream  # noqa: E402, F401
from app.web.console.office import audit, checks, hours, hours_words, people, replies, search, settings  # noqa: E402, F401
