"""The page of one's own account."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from app.web.console import console
from app.web.console.doors import EVERYBODY, needs


@console.get("/account")
@needs(*EVERYBODY)
def account() -> ResponseReturnValue:
    return render_template("console/account.html")
