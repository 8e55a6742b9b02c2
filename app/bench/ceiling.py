"""`application`: the barest service that does a turn's work by hand. It shows what this machine can give at best.

One Flask view checks the signature with Twilio's own validator, then runs as many SQL statements as our turn did,
against the same tables with rows like ours, in one transaction, through the bare driver. It decides nothing.
"""

from __future__ import annotations

import json
import os

from flask import Flask, Response, request
from twilio.request_validator import RequestValidator

from app.bench.by_hand import Steps, transactions, values
from app.bench.counter import Counter
from app.bench.script import PATH, PUBLIC_URL, TOKEN

ACKNOWLEDGEMENT = '<?xml version="1.0" encoding="UTF-8"?><Response />'

application = Flask("ceiling", static_folder=None, template_folder=None)
validator = RequestValidator(TOKEN)
transaction = transactions(os.environ["DATABASE_URL"])
plan: dict[str, Steps] = json.loads(os.environ["BENCH_PLAN"])
"""Body of a text -> the statements that our turn needed for it."""
counter = Counter()
counter.show_in(application)


@application.get("/health/live")
def live() -> str:
    return "live"


@application.post(PATH)
def inbound() -> Response:
    form = request.form
    if not validator.validate(PUBLIC_URL + PATH, form, request.headers.get("X-Twilio-Signature", "")):
        return Response("forged", status=403, content_type="text/plain")
    steps = plan[form["Body"]]
    transaction(steps, values(form, form.to_dict(flat=False)))
    counter.add(len(steps))
    return Response(ACKNOWLEDGEMENT, content_type="text/xml")
