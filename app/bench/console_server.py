"""`application`: the service as it is, with its statements counted, and a path that changes a ticket and says when that
was committed. Its clock is the machine's monotonic one, which other processes read too."""

from __future__ import annotations

from time import perf_counter

from flask import request

from app import create_app
from app.bench.counter import Counter
from app.bench.queue import PATH, change
from app.config import load_settings

settings = load_settings()
application = create_app(settings)
service = application.extensions["huifu"]
counter = Counter()
counter.watch(service.database.engine)
counter.show_in(application)


@application.post(PATH)
def change_a_ticket() -> str:
    change(service.database, int(request.args["ticket"]), service.clock())
    committed = perf_counter()
    service.wake("console")
    return repr(committed)
