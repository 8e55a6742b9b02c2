"""`application`: that of `ours`, and a path that changes a ticket and says when that was committed. Its clock is the
machine's monotonic one, which other processes read too."""

from __future__ import annotations

from time import perf_counter

from flask import request

from app.bench.ours import application, service
from app.bench.queue import PATH, change


@application.post(PATH)
def change_a_ticket() -> str:
    change(service.database, int(request.args["ticket"]), service.clock())
    committed = perf_counter()
    service.wake("console")
    return repr(committed)
