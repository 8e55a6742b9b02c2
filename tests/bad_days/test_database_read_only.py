"""The database takes no writes, as after a switch to a standby: all is refused in time, said, and goes on by itself."""

from __future__ import annotations

import threading

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.engine import make_url

from app.store import tables
from app.worker.lanes import Lanes, attempt
from app.worker.once import work_once
from tests.bad_days.house import House, phone, until
from tests.servers.service import free_port
from tests.web.line import Line

pytestmark = pytest.mark.postgres


def read_only(url: str, wanted: bool) -> None:
    """For new sessions; the old ones are ended, as by a server that changes its part."""
    name = make_url(url).database
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(False), autocommit=True) as admin:
        admin.execute("SET default_transaction_read_only = off")
        admin.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {"on" if wanted else "off"}')
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def address(line: Line) -> str:
    return line.service.database.url.render_as_string(False)


def test_nothing_is_acknowledged_and_the_same_texts_are_taken_afterwards(line: Line) -> None:
    assert line.text("怎么还钱").status_code == 200
    forms = [line.form("帮助", From=phone(number)) for number in range(5)]
    read_only(address(line), True)
    assert [line.post(form).status_code for form in forms] == [503] * 5
    ready = line.web.get("/health/ready")
    assert ready.status_code == 503
    assert ready.json
    assert "the database takes no writes: it is read-only" in ready.json["reasons"]
    read_only(address(line), False)
    assert [line.post(form).status_code for form in forms] == [200] * 5
    assert line.web.get("/health/ready").status_code == 200
    line.pump()
    assert len(line.rows(tables.Inbound)) == 6
    assert len(line.twilio.requests) == 6


def test_no_job_spins_and_none_dies(line: Line) -> None:
    """Each finds nothing to do, so that its thread waits for the next sweep, and asks the database a few times only."""
    assert line.text("怎么还钱").status_code == 200
    read_only(address(line), True)
    asked = 0

    def count(*_: object) -> None:
        nonlocal asked
        asked += 1

    event.listen(line.service.database.engine, "before_cursor_execute", count)
    lanes = Lanes(line.service, 4, threading.Event())
    assert [attempt(name, job.run) for name, job in lanes.jobs.items()] == [0] * len(lanes.jobs)
    assert asked < 50
    lanes.close()
    assert line.twilio.requests == []
    read_only(address(line), False)
    attempt("everything", lambda: work_once(line.service))  # meets the connection that was ended
    line.pump()
    assert len(line.twilio.requests) == 1


def test_processes_say_so_and_go_on_by_themselves(house: House, line: Line) -> None:
    """`huifu web` and `huifu worker`: pages of the console show a sentence, the log stays short."""
    house.settings["DATABASE_URL"] = address(line)
    web = house.start("web", port=free_port())
    worker = house.start("worker")
    assert house.text(web, "怎么还钱", phone(1)) == 200
    until(lambda: len(house.sent_to(phone(1))) == 1, "the first answer did not leave")
    read_only(address(line), True)
    until(lambda: house.ask(web, "/health/ready").status == 503, "health does not see it")
    sids = [house.sid() for _ in range(50)]
    assert {house.text(web, "帮助", phone(2), sid) for sid in sids} == {503}
    page = house.ask(web, "/console/login")
    assert page.status in {200, 503}
    assert b"Traceback" not in page.data
    until(lambda: "job_failed" in worker.log, "the worker is silent")
    read_only(address(line), False)
    until(lambda: house.ask(web, "/health/ready").status == 200, "it stays unwell")
    assert house.text(web, "帮助", phone(2), sids[0]) == 200
    until(lambda: len(house.sent_to(phone(2))) == 1, "nothing leaves any more")
    for process in (web, worker):
        assert process.process.poll() is None
        assert process.log.count("\n") < 150, process.log
