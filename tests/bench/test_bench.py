"""`huifu bench`, run for a second: what it tells, and that both sides do the same work. Never how fast."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner
from twilio.request_validator import RequestValidator

from app.bench import by_hand, script
from app.bench.figures import CEILING, OURS, Rounds, Sample
from app.bench.load import Load, Refusing, closed_loop, open_loop
from app.cli import main

TINY = ("bench", "--seconds", "1", "--rounds", "1", "--rates", "20", "--connections", "4")


def run(*words: str) -> str:
    done = CliRunner().invoke(main, [*TINY, *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_both_sides_do_the_same_work(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    told = json.loads(run("--database", database, "--json"))
    assert set(told) == {"machine", "options", "databases"}
    assert set(told["databases"]) == {database}
    figures = told["databases"][database]
    observed = sum(figures["statements_of_each_text"].values()) / len(script.SCRIPT)
    for load in (figures["closed"], *figures["open"]):
        assert load[CEILING]["statements_per_turn"] == pytest.approx(observed, abs=0.001)
        # When a thread stalls, a number's second text can meet its first one, and both try to make the conversation.
        assert load[OURS]["statements_per_turn"] == pytest.approx(observed, rel=0.01)
        for side in (OURS, CEILING):
            assert load[side]["turns"] > 0 and load[side]["lost"] == 0
            for figure in ("turns_per_second", "p50_ms", "p99_ms"):
                assert 0 < load[side][figure]["least"] <= load[side][figure]["median"] <= load[side][figure]["most"]
        assert set(load["ratio_turns_per_second"]) == {"median", "least", "most"}
    assert [load["rate"] for load in figures["open"]] == [20.0]
    # Every text was stored once and answered: the load was turns, not refusals.
    rows = figures["rows"]
    assert rows["inbound"] == rows["messages"] == rows["trace"]
    assert rows["inbound"] >= figures["closed"][OURS]["turns"] + figures["open"][0][OURS]["turns"]


@pytest.mark.slow
def test_a_terminal_is_shown_a_table_with_the_ratio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = run("--database", "sqlite", "--with-worker", "--rates", "")
    assert "SQL statements a turn: ours 7.5" in " ".join(shown.split())
    assert "ratio" in shown and "with worker" in shown


def test_a_wrong_rate_is_one_sentence() -> None:
    done = CliRunner().invoke(main, ["bench", "--rates", "fast"])
    assert done.exit_code == 2 and "--rates" in done.stderr and "Traceback" not in done.stderr


def test_signatures_are_twilios() -> None:
    form = script.form(7, 1)
    assert RequestValidator(script.TOKEN).validate(script.PUBLIC_URL + script.PATH, form, script.signature(form))


def test_every_customer_says_every_line_once_and_in_order() -> None:
    said: dict[int, list[int]] = {}
    for customer, line in script.texts(range(5, 55), 20):
        said.setdefault(customer, []).append(line)
    assert said == {customer: [0, 1, 2, 3] for customer in range(5, 55)}


def test_some_customers_send_two_texts_at_once_and_the_others_none() -> None:
    order = [customer for customer, _ in script.texts(range(100), 20)]
    twice = {one for one, two in pairwise(order) if one == two}
    assert len(twice) == 100 // script.IN_A_HURRY


def test_a_statement_that_the_ceiling_cannot_do_stops_the_measurement() -> None:
    with pytest.raises(by_hand.NotByHand, match="DELETE of timers"):
        by_hand.check([["SELECT", "conversations"], ["DELETE", "timers"]])


def test_ratios_are_taken_round_by_round() -> None:
    rounds = Rounds()
    for ours, ceiling in ((60.0, 100.0), (40.0, 50.0), (30.0, 60.0)):
        rounds.add(OURS, Sample(10, ours, 1.0, 2.0, 3.0, 70))
        rounds.add(CEILING, Sample(10, ceiling, 1.0, 2.0, None, 70))
    ratio = rounds.ratio("turns_per_second")
    assert ratio is not None
    assert (ratio.median, ratio.least, ratio.most) == (0.6, 0.5, 0.8)
    assert rounds.ratio("processor_ms") is None
    assert rounds.statements_per_turn(OURS) == 7.0


def test_what_was_lost_counts_as_the_longest_wait() -> None:
    load = Load(1.0, lost=2)
    load.latencies.extend([0.001] * 98)
    assert load.percentile_ms(50) == 1.0
    assert load.percentile_ms(99) == 15_000.0


@contextmanager
def serving(status: int) -> Iterator[int]:
    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", "12")
            self.end_headers()
            self.wfile.write(b"<Response />")

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_each_text_is_offered_once_and_timed() -> None:
    with serving(200) as port:
        texts = script.requests(range(5), 5, "bench")
        assert closed_loop(port, texts, 1, 30).answered == 20
        offered = open_loop(port, texts, 1, 200.0)
    assert offered.answered == 20 and offered.lost == 0 and math.isfinite(offered.per_second)


def test_a_refusal_ends_the_load() -> None:
    with serving(403) as port, pytest.raises(Refusing, match="403"):
        closed_loop(port, script.requests(range(1), 1, "bench"), 1, 5)
