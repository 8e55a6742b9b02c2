"""A console with six weeks of texts behind it, served to a real browser by this process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

from werkzeug.serving import make_server

from app.care.programmes import shipped
from app.handlers.accounts.digests import digest
from app.handlers.care import stops, trials
from app.store import agents
from tests.clock import Clock
from tests.handlers.care.campaign import switch_on
from tests.handlers.care.outcomes import text
from tests.rig import Rig, sqlite_url

PASSWORD = "竹林深处有一只白鹤在散步"
OPERATOR, AUDITOR = "运营", "审计"
FATES = (("chosen",), ("asked",), ("agreed",), (), (), (), (), (), (), ())
COMPARED = "unused_quota"
"""The programme of the release that has two arms."""
ARMS = shipped()[COMPARED].arms
SEGMENTS = ("employee", "owner", "vip", "")


@contextmanager
def running_results(folder: Path) -> Iterator[str]:
    """The address of the console. A comparison has ended, and `birthday_offer` has stopped itself."""
    rig = Rig(sqlite_url(folder), Clock())
    try:
        with rig.service.database.begin() as connection:
            for name, role in ((OPERATOR, "operator"), (AUDITOR, "auditor")):
                agents.add(connection, name, role, digest(PASSWORD), rig.clock())
        _live(rig)
        server = make_server("127.0.0.1", 0, rig.app, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/console"
        finally:
            server.shutdown()
            thread.join()
    finally:
        rig.close()


def _live(rig: Rig) -> None:
    chance, database = Random(3), rig.service.database
    switch_on(rig, "birthday_offer")
    trials.declare(rig.service, OPERATOR, COMPARED, "engaged", 0.25, 0.35)
    rig.clock.advance(minutes=1)
    start = rig.clock()
    for place in range(240):
        at = start + timedelta(days=place // 20, hours=place % 4)
        arm = ARMS[place % 2]
        answers = FATES[(place * 7) % 10] if arm.name == "A" else FATES[(place * 3) % 5]
        text(
            database,
            at,
            COMPARED,
            variant=arm.name,
            template=arm.template,
            segment=SEGMENTS[place % 4],
            language="en" if place % 12 == 0 else "zh-CN",
            zone="America/New_York" if place % 15 == 0 else "",
            answers=answers,
            followed=timedelta(hours=1) if chance.random() < 0.1 else None,
            event=("drawn", timedelta(days=2)) if chance.random() < 0.05 else None,
        )
    for place in range(230):
        answers = ("refused",) if place % 12 == 0 else ("chosen",) if place % 9 == 0 else ()
        text(database, start + timedelta(days=place // 30), "birthday_offer", answers=answers)
    for place in range(30):
        reason = ("stale", "refused", "gate")[place % 3]
        text(database, start + timedelta(days=place), COMPARED, state="held", reason=reason)
    rig.clock.advance(days=9)
    stops.stop_if_refused(rig.service)
    rig.clock.advance(days=18)
