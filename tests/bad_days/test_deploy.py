"""A deploy in the middle of traffic: the old process ends while a new one takes over, and no caller hears a failure."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import urllib3

from app.store import tables
from tests.bad_days.house import INBOUND, House, Process, phone, signed, until
from tests.servers.service import free_port
from tests.web.line import Line

pytestmark = pytest.mark.postgres
CALLERS = 6
GRACE = 30.0


class Front:
    """What stands before our processes, as nginx does: connections are kept, and a call that never reached a process
    goes to the next one; so does one that was cut off, since a text takes effect once (law 2, `deploy/Caddyfile`)."""

    def __init__(self, *processes: Process) -> None:
        self.processes = list(processes)
        self._http = urllib3.PoolManager(maxsize=CALLERS, retries=False)

    def post(self, body: bytes, headers: dict[str, str]) -> int:
        for attempt in range(4):
            process = self.processes[attempt % len(self.processes)]  # as they are now: one may have come meanwhile
            try:
                answer = self._http.request("POST", process.url + INBOUND, body=body, headers=headers, timeout=60)
            except urllib3.exceptions.HTTPError:
                continue
            return int(answer.status)
        return 502


def test_texts_go_on_while_a_web_process_is_replaced(house: House, line: Line) -> None:
    house.settings["DATABASE_URL"] = line.service.database.url.render_as_string(False)
    house.start("worker")
    front = Front(house.start("web", port=free_port()))
    over = threading.Event()
    codes: list[int] = []

    def call(caller: int) -> int:
        sent = 0
        while not over.is_set():
            codes.append(front.post(*signed("帮助", f"SM{caller:08x}{sent:024x}", phone(caller * 1000 + sent))))
            sent += 1
        return sent

    with ThreadPoolExecutor(CALLERS) as crowd:
        callers = [crowd.submit(call, caller) for caller in range(CALLERS)]
        until(lambda: len(codes) > 100, "no traffic")
        old = front.processes[0]
        front.processes.append(house.start("web", port=free_port()))
        old.ask_to_end()
        assert old.process.wait(GRACE) == 0
        assert "Traceback" not in old.log
        front.processes.remove(old)
        until(lambda before=len(codes): len(codes) > before + 100, "no traffic after it")
        over.set()
        sent = sum(one.result() for one in callers)
    assert set(codes) == {200}, {code: codes.count(code) for code in set(codes)}
    assert len(line.rows(tables.Inbound)) == sent
    until(lambda: len(house.twilio.messages) == sent, "not every text was answered")


def test_a_worker_lets_sends_that_take_long_end(house: House, line: Line) -> None:
    """The gateway takes its time for each text; asked to end, the worker notes what it had begun and begins no more."""
    house.settings["DATABASE_URL"] = line.service.database.url.render_as_string(False)
    web = house.start("web", port=free_port())
    taking = threading.Semaphore(0)
    take = house.twilio.take

    def slowly(*arguments: object, **changes: object) -> object:
        taking.release()
        time.sleep(5)  # of the gateway: what is tested is that we wait for it
        return take(*arguments, **changes)  # type: ignore[arg-type]

    house.twilio.take = slowly  # type: ignore[method-assign, assignment]
    worker = house.start("worker")
    for number in range(4):
        assert house.text(web, "帮助", phone(number)) == 200
    assert taking.acquire(timeout=60)
    worker.ask_to_end()
    assert worker.process.wait(GRACE) == 0
    states = [row.state for row in line.rows(tables.Message)]
    assert "sending" not in states, "a send that had begun was not waited for"
    assert len(house.twilio.messages) == states.count("handed")
